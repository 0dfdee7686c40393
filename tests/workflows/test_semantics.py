"""What workflow.md §2 promises, row by row."""

import random
from datetime import date, datetime, timedelta
from itertools import permutations

import pytest

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.planning.workflows.stimuli import Due, Happened
from engine.running import hands
from engine.running.cases import admin
from engine.running.cases.drive import Pending
from engine.running.cases.rows import as_instant
from engine.running.compiling import soundness
from engine.running.tick import tick
from tests.workflows.play import MONDAY, Play, flow_text

WORDS = """
activities:
  call: {label: Call, outcomes: [reached, no_answer, given_up]}
  a: {label: A, outcomes: [done]}
  b: {label: B, outcomes: [done]}
  c: {label: C, outcomes: [done]}
events:
  opportunity.asked: {entity: opportunity, when: {asked_for: changes}}
"""


def played(steps, head="", more=""):
    play = Play(WORDS + flow_text(steps, head) + more)
    wrong = [one.message for problems in soundness(play.compiled.flows).values() for one in problems if one.severity == "error"]
    assert wrong == []
    return play


def begun(steps, head="", more="", **values):
    play = played(steps, head, more)
    play.opportunity(**values)
    play.tick(minutes=1)
    assert play.incidents() == []
    return play


def due(play, name="wait over"):
    return as_instant(play.rows("SELECT due_at FROM timer WHERE name = ? ORDER BY id", name)[-1][0])


def local(instant):
    return Calendar().local(instant).replace(tzinfo=None)


# -- time -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchor", "months", "wanted"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 6, 30), 32, date(2029, 2, 28)),
        (date(2024, 2, 29), 32, date(2026, 10, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
    ],
)
def test_months_count_from_the_anchor_and_are_clamped(anchor, months, wanted):
    play = begun(f"pause: {{wait: {{until: {months} months after closed_on}}}}", closed_on=anchor)
    assert local(due(play)) == datetime(wanted.year, wanted.month, wanted.day, 6)


@pytest.mark.parametrize(
    ("wait", "wanted"),
    [
        ("for: 1 day", datetime(2027, 3, 28, 4)),
        ("for: 24 hours", datetime(2027, 3, 28, 8, 1)),
        ("until: 1 day after closed_on at 02:30", datetime(2027, 3, 28, 1)),
        ("until: 1 day after closed_on at 01:30", datetime(2027, 3, 28, 0, 30)),
    ],
)
def test_days_are_local_hours_have_passed_when_the_clock_goes_forward(wait, wanted):
    play = played(f"pause: {{wait: {{{wait}}}}}")
    play.now = datetime(2027, 3, 27, 8)
    play.opportunity(closed_on=date(2027, 3, 27))
    play.tick(minutes=1)
    assert due(play) == wanted


@pytest.mark.parametrize(
    ("wait", "wanted"),
    [
        ("for: 1 day", datetime(2027, 10, 31, 5)),
        ("for: 24 hours", datetime(2027, 10, 31, 8, 1)),
        ("until: 1 day after closed_on at 02:30", datetime(2027, 10, 31, 0, 30)),
    ],
)
def test_days_are_local_hours_have_passed_when_the_clock_goes_back(wait, wanted):
    play = played(f"pause: {{wait: {{{wait}}}}}")
    play.now = datetime(2027, 10, 30, 8)
    play.opportunity(closed_on=date(2027, 10, 30))
    play.tick(minutes=1)
    assert due(play) == wanted


def test_after_forty_days_of_standstill_each_reminder_comes_once():
    play = begun("work: {activity: a, due: 10 days, remind: [3 days before, on the day, 2 days after]}")
    play.tick(days=40)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(3,)]
    play.tick(hours=1)
    assert (play.rows("SELECT COUNT(*) FROM reminder"), play.armed()) == ([(3,)], [])


def test_a_chain_of_waits_drains_after_a_standstill():
    play = begun("one: {wait: {for: 2 days}, next: two}\ntwo: {wait: {for: 2 days}, next: work}\nwork: {activity: a}")
    play.tick(days=40)
    assert play.steps() == ["two"], "the second wait counts from when it was reached"
    play.tick(days=2)
    assert play.steps() == ["work"]


def test_a_reminder_whose_time_is_past_is_left_out_and_said():
    play = begun("work: {activity: a, due: 1 day, remind: [3 days before, 1 hour after]}")
    assert play.noted() == ["remind: its time was already past"]
    assert play.armed() == ["remind 1"]
    play.tick(days=3)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(1,)]


def test_a_clock_that_goes_back_does_nothing_until_its_time_comes():
    play = begun("pause: {wait: {for: 2 hours}, next: work}\nwork: {activity: a}")
    play.tick(hours=3)
    assert play.open_work() == ["a"]
    assert tick(play.setting, play.now - timedelta(hours=1)).stopped_code == "clock_back"
    assert play.open_work() == ["a"]
    play.tick(hours=1)
    assert play.open_work() == ["a"]


def test_a_clock_far_ahead_fires_nothing_until_it_is_confirmed():
    play = begun("pause: {wait: {for: 2 hours}, next: work}\nwork: {activity: a}")
    far = play.now + timedelta(days=3650)
    assert tick(play.setting, far).stopped_code == "clock_jump"
    assert play.steps() == ["pause"]
    tick(play.setting, far, confirm_jump=True)
    assert play.steps() == ["work"]


def test_a_wait_whose_day_is_missing_begins_to_count_when_it_is_set():
    play = begun("pause: {wait: {until: 10 days after closed_on}, next: work}\nwork: {activity: a}")
    play.tick(days=30)
    assert play.steps() == ["pause"]
    play.change("opportunity", 1, closed_on=play.now.date())
    play.tick(hours=1)
    assert play.steps() == ["pause"]
    play.tick(days=10)
    assert play.steps() == ["work"]


def test_no_two_reminders_for_one_moment_however_often_it_ticks():
    play = begun("work: {activity: a, due: 3 days, remind: [1 day before, on the day]}")
    for _ in range(24 * 5):
        play.tick(hours=1)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(2,)]


# -- order ----------------------------------------------------------------------------------------------------------

RACE = """
race: {wait: {sent: {event: offer.sent, next: by_event}, over: {for: 2 hours, next: by_timer}}}
by_event: {activity: a}
by_timer: {activity: b}
"""


@pytest.mark.parametrize(("minutes", "winner"), [(119, "a"), (120, "a"), (121, "b")])
def test_an_event_beats_a_timer_at_the_same_instant(minutes, winner):
    play = begun(RACE)
    start = play.now
    play.add("offer", number="X", customer=1, opportunity=1, sent_at=start + timedelta(minutes=minutes))
    play.tick(hours=4)
    assert (play.open_work(), play.armed()) == ([winner], [])


def test_the_order_of_what_comes_at_one_instant_is_always_the_same():
    one = [Pending(MONDAY, order, number, 1, Due(number)) for order in (0, 1) for number in range(5)]
    one += [Pending(MONDAY - timedelta(hours=1), 1, 9, 1, Happened("x", "offer", 1, 9))]
    wanted = sorted(one, key=lambda pending: pending.key)
    for seed in range(1000):
        mixed = random.Random(seed).sample(one, len(one))
        assert sorted(mixed, key=lambda pending: pending.key) == wanted


THREE = """
all:
  branches:
    x: {wait: {event: offer.sent}}
    y: {wait: {event: contract.signed}}
    z: {wait: {event: trade_in.recorded}}
  join: all
  next: work
work: {activity: a}
"""
COMES = {
    "offer": lambda play: play.add("offer", number="X", customer=1, opportunity=1, sent_at=play.now),
    "contract": lambda play: play.add("contract", number="X", customer=1, opportunity=1, signed_on=play.now.date()),
    "trade_in": lambda play: play.add("trade_in", number="X", customer=1, opportunity=1, recorded_on=play.now.date()),
}


@pytest.mark.parametrize("order", list(permutations(COMES)))
@pytest.mark.parametrize("apart", [True, False])
def test_events_may_come_in_any_order(order, apart):
    play = begun(THREE)
    for name in order:
        assert play.open_work() == []
        COMES[name](play)
        if apart:
            play.tick(hours=1)
    play.tick(hours=1)
    assert (play.open_work(), play.steps()) == (["a"], ["work"])


# -- events that come early, late, twice ----------------------------------------------------------------------------

WAITS = """
first: {activity: a, next: wait}
wait: {wait: {event: offer.sent, early: EARLY}, next: second}
second: {activity: b}
"""


@pytest.mark.parametrize(
    ("early", "status", "goes_on"), [("keep 30 days", "kept", True), ("keep 1 day", "kept", False), ("drop", "dropped", False), ("refuse", "refused", False)]
)
def test_an_event_before_anybody_waits(early, status, goes_on):
    play = begun(WAITS.replace("EARLY", early))
    COMES["offer"](play)
    play.tick(hours=1)
    assert play.rows("SELECT status FROM received") == [(status,)]
    assert any("came early" in reason for reason in play.noted())
    play.tick(days=5)
    play.done("a", "done")
    assert play.steps() == (["second"] if goes_on else ["wait"])


def test_a_late_event_is_noted_and_moves_nothing():
    play = begun(RACE)
    play.tick(hours=3)
    assert play.open_work() == ["b"]
    COMES["offer"](play)
    play.tick(hours=1)
    assert (play.open_work(), play.rows("SELECT status FROM received")) == (["b"], [("late",)])
    assert play.noted() == ["offer.sent came late; noted"]


def test_an_early_event_is_the_matter_of_the_step_it_is_early_for():
    steps = """
one: {wait: {event: offer.sent, early: drop}, next: two}
two: {activity: a, next: three}
three: {wait: {event: offer.sent, early: keep 10 days}, next: four}
four: {activity: b}
"""
    play = begun(steps)
    COMES["offer"](play)
    play.tick(hours=1)
    assert play.steps() == ["two"]
    play.add("offer", number="Z", customer=1, opportunity=1, sent_at=play.now)
    play.tick(hours=1)
    play.done("a", "done")
    assert play.steps() == ["four"]


def test_an_event_that_does_not_fit_is_noted_and_the_wait_goes_on():
    play = begun("one: {wait: {event: offer.sent, where: [{kind: finance}]}, next: two}\ntwo: {activity: a}")
    play.add("offer", number="X", customer=1, opportunity=1, sent_at=play.now, kind="vehicle")
    play.tick(hours=1)
    assert (play.steps(), play.noted()) == (["one"], ["offer.sent is not what is waited for"])
    play.add("offer", number="Z", customer=1, opportunity=1, sent_at=play.now, kind="finance")
    play.tick(hours=1)
    assert play.steps() == ["two"]


def test_an_event_delivered_again_counts_once():
    play = begun("one: {wait: {event: offer.sent}, next: two}\ntwo: {wait: {event: offer.sent}, next: work}\nwork: {activity: a}")
    COMES["offer"](play)
    play.tick(hours=1)
    for _ in range(3):
        with play.store.session(write=True):
            play.store.run("UPDATE event SET taken = ? WHERE name = 'offer.sent'", [False])
        play.tick(hours=1)
        assert play.steps() == ["two"]


def test_an_event_of_the_tick_that_starts_the_case_is_heard():
    play = played(WAITS.replace("EARLY", "keep 30 days"))
    play.opportunity()
    COMES["offer"](play)
    play.tick(minutes=1)
    play.done("a", "done")
    assert play.steps() == ["second"]


def test_a_case_that_begins_after_all_is_lost_ends_at_once():
    play = played("work: {activity: a}\nlost: {end: lost}", "on: {lost: {event: opportunity.lost, next: lost}}")
    play.opportunity(status="lost")
    play.tick(minutes=1)
    assert (play.cases(), play.open_work()) == ([("done", "lost")], [])


# -- people ---------------------------------------------------------------------------------------------------------


def test_completing_twice_is_one_answer():
    play = begun("one: {activity: a, next: two}\ntwo: {activity: b}")
    with play.store.session(write=True):
        assert hands.complete(play.setting, 1, "done", play.now) is True
        assert hands.complete(play.setting, 1, "done", play.now) is False
    play.tick(hours=1)
    assert play.open_work() == ["b"]


LOSES = (
    "work: {activity: call, outcomes: {reached: {next: two}, no_answer: {next: two}}}\ntwo: {activity: b}\nlost: {end: lost}",
    "on: {lost: {event: opportunity.lost, next: lost}}",
)


def test_cancelled_work_cannot_be_completed():
    play = begun(*LOSES)
    play.change("opportunity", 1, status="lost")
    play.tick(hours=1)
    with pytest.raises(RegelwerkError, match="activity 1 is cancelled"), play.store.session(write=True):
        hands.complete(play.setting, 1, "reached", play.now)
    assert (play.cases(), play.open_work()) == ([("done", "lost")], [])


def test_work_completed_before_the_cancelling_tick_stays_done():
    play = begun(*LOSES)
    play.change("opportunity", 1, status="lost")
    play.done("call", "reached")
    assert play.open_work() == ["b"]
    play.tick(hours=1)
    assert play.rows("SELECT kind, status FROM activity ORDER BY id") == [("call", "done"), ("b", "cancelled")]
    assert play.cases() == [("done", "lost")]


def test_work_that_is_cancelled_from_elsewhere_ends_its_branch():
    play = begun("both:\n  branches: {x: {activity: a}, y: {activity: b}}\n  join: all\n  next: work\nwork: {activity: c}")
    play.change("activity", 1, status="cancelled", outcome="not wanted")
    play.done("b", "done")
    play.tick(hours=1)
    assert play.open_work() == ["c"]


def test_a_steps_work_is_cancelled_by_hand_only_where_the_step_says_what_follows():
    play = begun(
        "work: {activity: call, outcomes: {reached: {next: two}}}\ntwo: {activity: b, outcomes: {given: {}, cancelled: {next: three}}}\nthree: {activity: c}"
    )
    with pytest.raises(RegelwerkError, match="is the step 'work' of case 1, which has no outcome 'cancelled'") as caught, play.store.session(write=True):
        hands.cancel(play.setting, 1, "", play.now)
    assert caught.value.hint == "end it with `regelwerk done 1 OUTCOME` (reached), or the case with `regelwerk workflow stop 1`"
    play.done("call", "reached")
    with play.store.session(write=True):
        hands.cancel(play.setting, 2, "not wanted", play.now)
    assert play.rows("SELECT status, outcome FROM activity WHERE kind = 'b'") == [("cancelled", "not wanted")]
    assert play.open_work() == ["c"]
    play.tick(hours=1)
    assert play.open_work() == ["c"]


def test_a_deadline_withdraws_the_work_and_leads_on():
    play = begun("work: {activity: a, due: 2 days, deadline: {after: 1 day, next: other}}\nother: {activity: b}")
    play.tick(days=2)
    assert play.open_work() == ["a"]
    play.tick(days=3)
    assert play.open_work() == ["b"]
    assert play.rows("SELECT status, outcome FROM activity WHERE kind = 'a'") == [("cancelled", "deadline")]


def test_work_done_in_time_has_no_deadline_any_more():
    play = begun("work: {activity: a, due: 2 days, deadline: {after: 1 day, next: other}, next: third}\nother: {activity: b}\nthird: {activity: c}")
    play.done("a", "done")
    play.tick(days=10)
    assert (play.open_work(), play.armed()) == (["c"], [])


def test_work_not_done_goes_up_to_a_role_then_to_the_manager():
    steps = "work: {activity: a, due: 2 days, assign: [owner], escalate: {lead: {after: 1 day, to: sales_manager}, top: {after: 3 days, to: manager}}}"
    play = played(steps)
    play.add("employee", initials="eva", branch=1)
    play.change("employee", 2, manager=3)
    play.opportunity()
    play.tick(minutes=1)
    assert play.rows("SELECT assignee FROM activity") == [(1,)]
    play.tick(days=3, hours=1)
    assert play.rows("SELECT assignee, assigned_because FROM activity") == [(2, "escalated to sales_manager, role sales_manager")]
    play.tick(days=2)
    assert play.rows("SELECT assignee FROM activity") == [(3,)]
    assert play.noted() == ["escalated to sales_manager", "escalated to manager"]


def test_with_nobody_above_it_stays_and_is_said():
    play = begun("work: {activity: a, due: 1 day, assign: [owner], escalate: {after: 1 day, to: manager}}")
    play.tick(days=5)
    assert (play.rows("SELECT assignee FROM activity"), play.noted()) == ([(1,)], ["nobody to escalate to (manager)"])


def test_tries_are_used_up_and_counted_anew_when_the_step_is_reached_again():
    steps = """
call: {activity: call, at_most: 9, outcomes: {no_answer: {tries: [4 hours, 1 day], else: {next: pause}}, reached: {next: won}}}
pause: {wait: {for: 1 day}, next: call}
won: {end: won}
"""
    play = begun(steps)
    for _ in range(2):
        for _ in range(3):
            assert play.steps() == ["call"]
            play.done("call", "no_answer")
        assert play.steps() == ["pause"]
        play.tick(days=1)
    assert play.rows("SELECT COUNT(*) FROM activity") == [(7,)]


def test_a_loop_ends_at_its_limit():
    play = begun("one: {activity: a, at_most: 3, else: {next: over}, next: two}\ntwo: {activity: b, next: one}\nover: {end: enough}")
    for _ in range(3):
        play.done("a", "done")
        play.done("b", "done")
    assert play.cases() == [("done", "enough")]
    assert play.noted() == ["done 3 times, the most that is allowed"]


# -- conditions that change -----------------------------------------------------------------------------------------


def test_stop_when_is_asked_at_the_moment_of_acting():
    play = begun("work: {activity: a, remind: on the day, due: 3 days, next: two}\ntwo: {activity: b}", "stop_when: [{customer.deceased: true}]")
    play.change("customer", 1, deceased=True)
    play.done("a", "done")
    assert (play.cases(), play.open_work(), play.armed()) == ([("stopped", None)], [], [])


def test_stop_when_ends_a_waiting_case_by_itself():
    play = begun("work: {activity: a, remind: on the day, due: 3 days}", "stop_when: [{customer.deceased: true}]")
    play.change("customer", 1, deceased=True)
    play.tick(minutes=1)
    assert (play.cases(), play.open_work(), play.armed()) == ([("stopped", None)], [], [])


MILESTONE = "work: {activity: a, due: 3 days, remind: on the day, only_while: [{status: open}], else: {next: other}, next: two}\nother: {activity: b}\ntwo: {activity: c}"


def test_a_milestone_that_falls_withdraws_the_work():
    play = begun(MILESTONE)
    assert play.open_work() == ["a"]
    play.change("opportunity", 1, status="won")
    play.tick(minutes=1)
    assert (play.open_work(), play.armed()) == (["b"], [])
    play.change("opportunity", 1, status="open")
    play.tick(minutes=1)
    assert play.open_work() == ["b"]


def test_a_milestone_that_does_not_hold_is_passed_by():
    assert begun(MILESTONE, status="won").open_work() == ["b"]


@pytest.mark.parametrize(("later", "work"), [("join", ["a", "a"]), ("ignore", ["a"])])
def test_records_that_come_while_each_is_open(later, work):
    play = played(f"all: {{each: {{offer: {{of: offers, activity: a, later: {later}}}}}, join: all, next: two}}\ntwo: {{activity: b}}")
    play.opportunity()
    play.add("offer", number="X", customer=1, opportunity=1)
    play.tick(minutes=1)
    play.add("offer", number="Z", customer=1, opportunity=1)
    play.tick(minutes=1)
    assert play.open_work() == work
    for _ in work:
        play.done("a", "done")
    assert play.open_work() == ["b"]
    play.add("offer", number="W", customer=1, opportunity=1)
    play.tick(minutes=1)
    assert play.open_work() == ["b"], "its block is over"


# -- slots ----------------------------------------------------------------------------------------------------------


def test_a_slot_has_one_holder_and_a_queue():
    play = played("drive: {activity: a, slot: vehicle, only_while: [{status: open}], else: {next: other}}\nother: {activity: b}")
    play.add("vehicle", vin="DEMO")
    for number in range(1, 5):
        play.opportunity(f"O{number}", vehicle=1)
    play.tick(minutes=1)
    holders = "SELECT instance FROM token WHERE step = 'drive' AND status = 'open'"
    assert (play.open_work(), play.rows(holders)) == (["a"], [(1,)])
    play.change("opportunity", 2, status="lost")
    play.tick(minutes=1)
    assert play.open_work() == ["a", "b"], "who waits in vain leaves the queue"
    play.done("a", "done")
    play.tick(minutes=1)
    assert play.rows(holders) == [(3,)]
    play.change("opportunity", 3, status="lost")
    play.tick(minutes=1)
    assert play.rows(holders) == [(4,)]


# -- poison ---------------------------------------------------------------------------------------------------------


def test_one_broken_case_among_many_is_set_aside_and_the_others_go_on():
    play = played("pause: {wait: {for: 1 day}, next: work}\nwork: {activity: a}")
    for number in range(200):
        play.opportunity(f"O{number}")
    play.tick(minutes=1)
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = 'gone' WHERE instance = 77", [])
    play.tick(days=2)
    assert len(play.open_work()) == 199
    assert play.incidents() == ["there is no step 'gone'"]
    assert play.rows("SELECT id FROM instance WHERE status = 'parked'") == [(77,)]
    play.tick(days=1)
    assert (len(play.open_work()), len(play.incidents())) == (199, 1)


def test_what_comes_after_the_event_that_breaks_a_case_waits_with_it():
    play = begun("both:\n  branches: {x: {wait: {event: offer.sent}}, y: {wait: {event: contract.signed}}}\n  join: all\n  next: work\nwork: {activity: a}")
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = 'gone' WHERE step = 'both.x'", [])
    COMES["offer"](play)
    COMES["contract"](play)
    play.tick(minutes=1)
    assert play.incidents() == ["there is no step 'gone'"]
    assert play.rows("SELECT name, status FROM received") == [("contract.signed", "waiting")]
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = 'both.x' WHERE step = 'gone'", [])
        admin.retry(play.setting, 1, play.now)
    assert play.open_work() == ["a"]


# -- workflows within workflows -------------------------------------------------------------------------------------

CHILD = """
  care:
    label: Care
    for: customer
    purpose: internal
    steps:
      ask: {activity: call, outcomes: {reached: {next: happy}, no_answer: {next: unhappy}, given_up: {}}}
      happy: {end: happy}
      unhappy: {end: unhappy}
"""
PARENT = """
care: {workflow: care, subject: customer, outcomes: {happy: {next: praise}, unhappy: {next: sorry}}}
praise: {activity: a}
sorry: {activity: b}
"""


@pytest.mark.parametrize(("outcome", "work"), [("reached", "a"), ("no_answer", "b")])
def test_the_result_of_a_workflow_leads_on(outcome, work):
    play = begun(PARENT, more=CHILD)
    assert play.steps() == ["care", "ask"]
    play.done("call", outcome)
    play.tick(minutes=1)
    assert play.open_work() == [work]


@pytest.mark.parametrize(("detached", "left"), [(False, []), (True, ["call"])])
def test_cancelling_a_case_cancels_what_it_waits_for(detached, left):
    steps = PARENT if not detached else "care: {workflow: care, subject: customer, detached: true, next: praise}\npraise: {activity: a}"
    play = begun(steps + "\nlost: {end: lost}", "on: {lost: {event: opportunity.lost, next: lost}}", CHILD)
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert play.open_work() == left
    assert play.cases()[0] == ("done", "lost")


LOST = "on: {lost: {event: opportunity.lost, next: lost}}"


def test_a_workflow_that_another_case_waits_for_too_goes_on():
    play = played(PARENT + "lost: {end: lost}", LOST, CHILD)
    for number in ("O1", "O2"):
        play.opportunity(number)
    play.tick(minutes=1)
    assert play.open_work() == ["call"], "one customer is cared for once"
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert play.open_work() == ["call"]
    play.done("call", "reached")
    play.tick(minutes=1)
    assert (play.open_work(), play.incidents()) == (["a"], [])
    assert play.cases() == [("done", "lost"), ("running", None), ("done", "happy")]


def test_a_workflow_that_ran_before_is_not_cancelled_with_the_case_that_joins_it():
    play = played(PARENT + "lost: {end: lost}", LOST, CHILD)
    with play.store.session(write=True):
        admin.start(play.setting, "care", "customer", 1, play.now)
    play.opportunity()
    play.tick(minutes=1)
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert (play.open_work(), play.cases()) == (["call"], [("running", None), ("done", "lost")])


# -- branches kept when their block is over -------------------------------------------------------------------------

KEPT = """
both:
  branches:
    x: {activity: a, next: further, steps: {further: {activity: call, outcomes: {reached: {next: done}, no_answer: {tries: [1 hour]}}}}}
    y: {activity: b}
  join: first
  rest: keep
  next: work
work: {activity: c}
done: {end: done}
"""


def test_a_kept_branch_goes_on_in_itself_and_leads_nowhere_else():
    play = begun(KEPT)
    play.done("b", "done")
    assert play.open_work() == ["a", "c"]
    play.done("a", "done")
    play.done("call", "no_answer")
    assert play.open_work() == ["c", "call"]
    play.done("call", "reached")
    assert (play.open_work(), play.cases()) == (["c"], [("running", None)])
    assert play.noted() == ["came after its block was over"]


def test_a_jump_closes_kept_branches_too():
    play = begun(KEPT + "lost: {end: lost}", "on: {lost: {event: opportunity.lost, next: lost}}")
    play.done("b", "done")
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert (play.cases(), play.open_work(), play.steps()) == ([("done", "lost")], [], [])


def test_completing_a_block_closes_what_it_would_keep():
    play = begun(KEPT, "on: {enough: {event: opportunity.lost, complete: both}}")
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert (play.open_work(), play.steps()) == (["c"], ["work"])


def test_cancelling_a_block_closes_what_a_block_inside_it_kept():
    steps = """
outer:
  branches:
    x:
      branches: {p: {activity: a}, q: {activity: b}}
      join: first
      rest: keep
      next: more
      steps: {more: {wait: {for: 5 days}}}
    y: {activity: call, outcomes: {reached: {}, given_up: {next: over}, no_answer: {}}}
  join: all
over: {activity: c}
"""
    play = begun(steps)
    play.done("a", "done")
    assert sorted(play.steps()) == ["outer", "outer.x.more", "outer.x.q", "outer.y"]
    play.done("call", "given_up")
    assert (play.open_work(), play.steps()) == (["c"], ["over"])


def test_cancelling_a_branch_cancels_the_step_it_stands_at():
    steps = (
        "both:\n  branches: {x: {activity: a, next: more, steps: {more: {activity: b}}}, y: {activity: call}}\n  join: all\n  next: work\nwork: {activity: c}"
    )
    play = begun(steps, "on: {drop: {event: opportunity.lost, cancel: both.x}}")
    play.done("a", "done")
    play.change("opportunity", 1, status="lost")
    play.tick(minutes=1)
    assert play.open_work() == ["call"]
    play.done("call", "reached")
    assert play.open_work() == ["c"]


# -- found by random workflows (test_random.py) -----------------------------------------------------------------------


def test_work_cancelled_before_the_first_tick_that_sees_it_ends_its_branch():
    play = begun("one: {activity: a, next: two}\ntwo: {activity: b}")
    play.done("a", "done")
    play.change("activity", 2, status="cancelled", outcome="not wanted")
    play.tick(hours=1)
    assert (play.steps(), play.cases()) == ([], [("done", None)])


def test_a_workflow_that_ends_without_a_result_leads_on_and_is_said():
    play = begun(
        "care: {workflow: care, subject: customer, outcomes: {happy: {next: praise}, unhappy: {}}, next: after}\npraise: {activity: a}\nafter: {activity: b}",
        more=CHILD,
    )
    play.change("activity", 1, status="cancelled", outcome="not wanted")
    play.tick(minutes=1)
    assert (play.open_work(), play.incidents()) == (["b"], [])
    assert "care ended without a result" in play.noted()


def test_a_branch_that_ends_the_case_at_once_leaves_no_other_to_be_kept():
    steps = "both:\n  branches: {x: {do: {noted: {history: {action: mailing}}}, next: over}, y: {activity: a}}\n  join: first\n  rest: keep\n  next: work\nwork: {activity: b}\nover: {end: over}"
    play = Play(WORDS + flow_text(steps))
    play.opportunity()
    with play.store.session(write=True):
        admin.start(play.setting, "case", "opportunity", 1, play.now)
    assert (play.cases(), play.open_work(), play.steps()) == ([("done", "over")], [], [])
