"""What an edit of a workflow does to its running cases, and how they are moved to another version (workflow.md §2)."""

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.running import hands
from engine.running.cases import admin
from engine.running.cases.migrate import migrate, plan_migration
from engine.store.store import Store
from tests.support import postgres
from tests.workflows.play import Play, compiled, flow_text
from tests.workflows.test_random import Killed, dying
from tests.workflows.test_semantics import WORDS


def text(steps, head=""):
    return WORDS + flow_text(steps, head)


def begun(steps, head="", store=None, number=1):
    play = Play(text(steps, head), store)
    for one in range(1, number + 1):
        play.opportunity(f"O{one}")
    play.tick(minutes=1)
    assert play.incidents() == []
    return play


def edit(play, steps, head="", **sections):
    """The workflow as it is from now on; what no longer compiles is left out, as a site does."""
    made = compiled(text(steps, head), **sections)
    assert not made.problems, made.problems
    play.setting = made.over(play.store, Calendar())


def moved(play, timers="keep", **mapping):
    mapping = {old.replace("__", "."): new.replace("__", ".") for old, new in mapping.items()}
    plan = plan_migration(play.setting, "case", mapping)
    return plan, migrate(play.setting, plan, play.now, timers=timers)


def versions_of(play):
    return play.rows("SELECT version, COUNT(*) FROM instance GROUP BY version ORDER BY version")


OLD = "one: {activity: a, due: 5 days, remind: on the day, next: two}\ntwo: {activity: b, next: over}\nover: {end: old}"
NEW = "one: {activity: a, due: 5 days, remind: on the day, next: extra}\nextra: {activity: c, next: two}\ntwo: {activity: b, next: over}\nover: {end: new}"


def test_an_edit_changes_none_of_a_thousand_running_cases_until_they_are_moved(store):
    play = begun(OLD, store=store, number=1000)
    edit(play, NEW)
    play.opportunity("fresh")
    play.tick(days=1)
    assert versions_of(play) == [(1, 1000), (2, 1)]
    with play.store.session(write=True):
        for activity in (1, 500, 1000, 1001):
            hands.complete(play.setting, activity, "done", play.now)
    play.tick(hours=1)
    open_work = play.rows("SELECT kind, COUNT(*) FROM activity WHERE status = 'open' GROUP BY kind ORDER BY kind")
    assert open_work == [("a", 997), ("b", 3), ("c", 1)]
    plan, number = moved(play)
    assert (number, plan.there, plan.stuck) == (1000, 1, {})
    assert plan.moves == {(1, "one", "one"): 997, (1, "two", "two"): 3}
    assert versions_of(play) == [(2, 1001)]
    assert play.rows("SELECT kind, COUNT(*) FROM activity WHERE status = 'open' GROUP BY kind ORDER BY kind") == open_work
    with play.store.session(write=True):
        hands.complete(play.setting, 2, "done", play.now)
        hands.complete(play.setting, 1002, "done", play.now)
    assert play.rows("SELECT kind, COUNT(*) FROM activity WHERE status = 'open' GROUP BY kind ORDER BY kind") == [("a", 996), ("b", 2), ("c", 2)]
    assert play.rows("SELECT result FROM instance WHERE status = 'done'") == [("new",)]
    assert moved(play)[1] == 0


def test_labels_reach_running_cases_at_once_and_are_the_same_version():
    play = begun(OLD)
    edit(play, OLD.replace("one: {", "one: {label: Erster, note: 'Bitte {customer.name} anrufen', "))
    play.tick(hours=1)
    assert (versions_of(play), play.rows("SELECT COUNT(*) FROM definition_version")) == ([(1, 1)], [(1,)])
    assert "Erster" in str(play.rows("SELECT data FROM definition_version"))
    assert plan_migration(play.setting, "case", {}).there == 1


@pytest.mark.parametrize("name", ["note", "label", "enabled"])
def test_a_step_may_be_called_what_a_text_is_called(name):
    steps = f"one: {{activity: a, next: {name}}}\n{name}: {{activity: KIND}}"
    play = begun(steps.replace("KIND", "b"))
    edit(play, steps.replace("KIND", "c"))
    play.tick(hours=1)
    assert play.rows("SELECT COUNT(*) FROM definition_version") == [(2,)]
    play.done("a", "done")
    assert play.open_work() == ["b"]


def test_an_open_step_that_is_gone_must_be_mapped():
    play = begun(OLD, number=2)
    play.done("a", "done")
    edit(play, OLD.replace("one", "first"))
    before = contents(play.store)
    plan = plan_migration(play.setting, "case", {})
    assert plan.stuck == {"step one is open and has no place: add --map one=STEP": [2]}
    assert plan.cases == [1]
    assert contents(play.store) == before, "a plan changes nothing"
    plan, number = moved(play, one="first")
    assert (number, plan.stuck) == (2, {})
    assert play.steps() == ["two", "first"]
    play.done("a", "done")
    assert play.open_work() == ["b", "b"]
    with pytest.raises(RegelwerkError, match="case has no step 'frist'"):
        plan_migration(play.setting, "case", {"one": "frist"})


BLOCK = "both:\n  branches: {x: {activity: a}, y: {activity: b}}\n  join: all\n  next: last\nlast: {activity: c}"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (OLD, OLD.replace("one: {activity: a, due: 5 days, remind: on the day, next: two}", "one: {wait: {for: 1 day}, next: two}"), "step one is a step of kind activity, one of kind wait"),
        (BLOCK, BLOCK.replace("y: {activity: b}", "z: {activity: b}"), "step both.y is open and has no place: add --map both.y=STEP"),
        (BLOCK, "both: {activity: a}\nlast: {activity: c}", "step both is a step of kind branches, both of kind activity"),
    ],
)  # fmt: skip
def test_what_cannot_move_stays_and_says_why(old, new, why):
    play = begun(old)
    edit(play, new)
    plan, number = moved(play)
    assert (number, list(plan.stuck)) == (0, [why])
    assert versions_of(play) == [(1, 1)]


def test_a_step_cannot_be_mapped_into_another_block():
    play = begun(BLOCK)
    edit(play, BLOCK.replace("both", "all"))
    assert moved(play, both="all", both__x="all__x", both__y="last")[0].stuck == {"step both.y is open inside both.y, last lies at the top": [1]}
    assert moved(play, both="all", both__x="all__x", both__y="all__y")[1] == 1
    play.done("a", "done")
    play.done("b", "done")
    assert play.open_work() == ["c"]


TIMED = "one: {activity: a, due: 5 days, MORE next: two}\ntwo: {activity: b}"


def test_what_fired_is_not_armed_again_and_what_is_new_is_armed():
    play = begun(TIMED.replace("MORE", "remind: 3 days before,"))
    play.tick(days=5)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(1,)]
    edit(play, TIMED.replace("MORE", "remind: [3 days before, 1 day after], escalate: {after: 2 days, to: sales_manager},"))
    moved(play)
    assert sorted(play.armed()) == ["escalate ", "remind 1"]
    assert moved(play)[1] == 0
    play.tick(days=6)
    assert play.rows("SELECT COUNT(*) FROM reminder") == [(2,)]
    edit(play, TIMED.replace("MORE", ""))
    moved(play)
    assert play.armed() == []


@pytest.mark.parametrize(("timers", "days"), [("keep", 2), ("recompute", 4)])
def test_moments_stay_unless_they_are_to_be_reckoned_anew(timers, days):
    play = Play(text("pause: {wait: {until: 2 days after closed_on}, next: work}\nwork: {activity: a}"))
    play.opportunity(closed_on=date(2026, 11, 10))
    play.tick(minutes=1)
    edit(play, "pause: {wait: {until: 4 days after closed_on}, next: work}\nwork: {activity: a}")
    moved(play, timers)
    assert play.rows("SELECT substr(due_at, 1, 10) FROM timer WHERE status = 'armed'") == [(f"2026-11-{10 + days}",)]


@pytest.mark.parametrize(("timers", "days"), [("keep", 2), ("recompute", 4)])
def test_a_pause_reckoned_anew_counts_from_its_opening(timers, days):
    play = begun("pause: {wait: {for: 2 days}, next: work}\nwork: {activity: a}")
    edit(play, "pause: {wait: {for: 4 days}, next: work}\nwork: {activity: a}")
    play.tick(days=1)
    moved(play, timers)
    assert play.rows("SELECT substr(due_at, 1, 10) FROM timer WHERE status = 'armed'") == [(f"2026-11-{2 + days:02}",)]


def test_a_new_time_of_a_pause_counts_from_its_opening():
    play = begun("pause: {wait: {event: offer.sent}, next: work}\nwork: {activity: a}")
    play.tick(days=1)
    edit(play, "pause: {wait: {came: {event: offer.sent}, late: {for: 4 days}}, next: work}\nwork: {activity: a}")
    moved(play)
    assert play.rows("SELECT substr(due_at, 1, 10) FROM timer WHERE status = 'armed'") == [("2026-11-06",)]


def test_the_journal_names_who_moved_it():
    play = begun(OLD)
    edit(play, NEW)
    play.setting = replace(play.setting, user="ana")
    plan, _ = moved(play)
    assert play.rows("SELECT occurrence, verdict, reason FROM decision WHERE verdict = 'moved'") == [
        ("case 1", "moved", f"migrated from version 1 to 2 (plan {plan.digest}) by ana")
    ]


# -- killed -----------------------------------------------------------------------------------------------------------

TABLES = {
    "instance": "id, (SELECT digest FROM definition_version v WHERE v.id = instance.version), status, counts",
    "token": "instance, number, step, branch, status, activity",
    "timer": "instance, token, name, due_at, anchor, status",
    "activity": "kind, status, due_at",
    "decision": "definition, subject_id, occurrence, verdict, reason",
    "definition_version": "definition, digest",
    "reminder": "activity, reminded_at",
}


def contents(store):
    """All rows but for the versions' numbers: a sequence of PostgreSQL does not take back what a killed run took."""
    found = {table: sorted(repr(tuple(row)) for row in store.rows(f'SELECT {columns} FROM "{table}"', [])) for table, columns in TABLES.items()}
    return {table: [re.sub(r"version [0-9]+ to [0-9]+", "version", row) for row in rows] for table, rows in found.items()}


def assert_killed_moves_end_alike(monkeypatch, open_store, numbers):
    """Move cases, killed before a statement and begun again; the first number beyond the last statement."""
    monkeypatch.setattr("engine.running.cases.migrate.BATCH", 2)
    wanted, old = None, compiled(text(TIMED.replace("MORE", "remind: 3 days before,")))
    more = "remind: [3 days before, 1 day after], escalate: {after: 2 days, to: sales_manager},"
    new = compiled(text(TIMED.replace("MORE", more).replace("one:", "first:")))
    for number in itertools.chain([10_000], numbers):
        store = open_store()
        play = Play(old, store)
        for one in range(5):
            play.opportunity(f"O{one}")
        play.tick(days=5)
        play.setting = new.over(store, Calendar(), user="ana")
        try:
            with dying(store, number):
                moved(play, one="first")
            died = False
        except Killed:
            died = True
            moved(play, one="first")
        found = contents(store)
        store.close()
        if wanted is None:
            wanted = found
        elif not died:
            return number
        assert found == wanted, number
    return None


def test_killed_at_any_statement_and_moved_again(monkeypatch):
    last = assert_killed_moves_end_alike(monkeypatch, lambda: Store.open(":memory:", create=True), itertools.count())
    assert last > 15


def test_killed_and_moved_again_on_postgresql(monkeypatch, pg_dsn, pg_server):
    fresh = (postgres.fresh_database(pg_server, f"moved{n}") for n in itertools.count())
    last = assert_killed_moves_end_alike(monkeypatch, lambda: Store.open(next(fresh), create=True), [4, 11])
    assert last is None, "it was killed each time"


# -- definitions that are gone ----------------------------------------------------------------------------------------

LOST_FIELD = "one: {wait: {for: 1 day}, next: two}\ntwo: {decide: {x: {where: [{shade: red}], next: three}, else: {next: three}}}\nthree: {activity: a}"
SHADE = {"fields": {"opportunity": {"shade": {"type": "text", "label": "Shade"}}}}


def unreadable(play):
    """The stored version names a field that nobody knows any more."""
    with play.store.session(write=True):
        play.store.run("UPDATE definition_version SET data = replace(data, 'asked_for', 'shade')", [])
    edit(play, OLD)


def test_cases_whose_version_can_no_longer_be_read_are_set_aside():
    steps = LOST_FIELD.replace("shade", "asked_for")
    play = begun(steps, number=2)
    unreadable(play)
    play.tick(days=2)
    assert play.rows("SELECT status FROM instance") == [("parked",), ("parked",)]
    assert all("its version can no longer be read" in one and "shade" in one for one in play.incidents())
    with play.store.session(write=True):
        assert admin.retry(play.setting, 1, play.now) == "parked"
    assert len(play.incidents()) == 2
    assert play.rows("SELECT id, status FROM incident ORDER BY id") == [(1, "retried"), (2, "open"), (3, "open")]
    with play.store.session(write=True):
        admin.drop(play.setting, 2, "of no use", play.now)
    edit(play, steps)
    play.tick(hours=1)
    with play.store.session(write=True):
        assert admin.retry(play.setting, 3, play.now) == "running"
    play.tick(hours=1)
    assert (play.open_work(), play.incidents()) == (["a"], [])
    assert sorted(play.rows("SELECT status FROM instance")) == [("cancelled",), ("running",)]


def test_cases_of_a_workflow_that_is_gone_go_on_and_none_starts():
    play = begun(OLD)
    made = compiled(WORDS)
    play.setting = made.over(play.store, Calendar())
    play.opportunity("O2")
    play.tick(hours=1)
    assert len(play.cases()) == 1
    play.done("a", "done")
    play.done("b", "done")
    assert play.cases() == [("done", "old")]
    with pytest.raises(RegelwerkError, match="no workflow 'case' that runs"):
        plan_migration(play.setting, "case", {})


def test_one_that_is_switched_off_starts_none():
    play = begun(OLD)
    edit(play, OLD, "enabled: false")
    play.opportunity("O2")
    play.tick(hours=1)
    assert (len(play.cases()), versions_of(play)) == (1, [(1, 1)])
    play.done("a", "done")
    assert play.open_work() == ["b"]
    edit(play, OLD)
    play.opportunity("O3")
    play.tick(hours=1)
    assert len(play.cases()) == 2, "what came while it was off is over"


# -- work done on a parked case ---------------------------------------------------------------------------------------


def parked():
    play = begun(
        "both:\n  branches: {x: {activity: a, next: more, steps: {more: {wait: {for: 1 day}}}}, y: {wait: {for: 2 hours}}}\n  join: all\n  next: last\nlast: {activity: c}"
    )
    break_step(play, "both.y", "gone")
    play.tick(hours=3)
    assert (play.incidents(), play.rows("SELECT status FROM instance")) == (["there is no step 'gone'"], [("parked",)])
    return play


def break_step(play, old, new):
    with play.store.session(write=True):
        play.store.run("UPDATE token SET step = ? WHERE step = ?", [new, old])


def test_work_done_on_a_parked_case_counts_when_it_is_taken_up_again():
    play = parked()
    play.done("a", "done")
    play.tick(hours=1)
    assert (play.rows("SELECT status FROM instance"), play.open_work(), len(play.incidents())) == ([("parked",)], [], 1)
    break_step(play, "gone", "both.y")
    with play.store.session(write=True):
        assert admin.retry(play.setting, 1, play.now) == "running"
    assert play.steps() == ["both", "both.x.more"]
    play.tick(days=1, hours=1)
    assert play.open_work() == ["c"]


def test_one_that_fails_again_stays_set_aside_with_a_new_incident():
    play = parked()
    for number in (1, 2):
        with play.store.session(write=True):
            admin.retry(play.setting, number, play.now)
        play.tick(minutes=1)
        assert play.rows("SELECT status FROM instance") == [("parked",)]
        assert play.rows("SELECT id, status FROM incident ORDER BY id") == [*((n, "retried") for n in range(1, number + 1)), (number + 1, "open")]
    with pytest.raises(RegelwerkError, match="incident 1 is retried already"), play.store.session(write=True):
        admin.retry(play.setting, 1, play.now)
    play.now += timedelta(hours=1)
    break_step(play, "gone", "both.y")
    with play.store.session(write=True):
        admin.retry(play.setting, 3, play.now)
    play.tick(minutes=1)
    assert (play.incidents(), play.open_work()) == ([], ["a"])


def test_a_parked_case_can_be_stopped():
    play = parked()
    with play.store.session(write=True):
        admin.stop(play.setting, 1, "of no use", play.now)
    assert (play.cases(), play.open_work(), play.armed(), play.incidents()) == ([("cancelled", None)], [], [], [])
    assert play.rows("SELECT COUNT(*) FROM timer WHERE status IN ('armed', 'parked')") == [(0,)]
