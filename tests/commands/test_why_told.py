"""`why` tells of the past with what was found then, of what was stopped and how to free it, and what led to a record."""

import json
from datetime import date

import pytest

from engine.commands import run
from engine.site import load_site
from tests.commands.calling import typing

RULES = """
events:
  visit.recorded: {entity: visit, when: created}
rules:
  call: {label: C, for: visit, purpose: internal, on: visit.recorded, where: [{kind: workshop}], do: {a: {tag: stammkunde}}}
  monday: {label: M, for: customer, purpose: internal, every: monday at 07:30, where: [{city: Köln}], do: {a: {tag: stammkunde}}}
  few: {label: L, for: customer, purpose: internal, every: monday at 07:30, limit: 1 per run, do: {a: {tag: stammkunde}}}
  away:
    label: A
    for: customer
    purpose: internal
    every: monday at 07:30
    where: [{visits: {no: [{visited_on: {after: 1 month ago}}]}}]
    do: {a: {tag: stammkunde}}
  due: {label: D, for: visit, purpose: internal, date: 10 days after visited_on, where: [{customer.city: Köln}], do: {a: {tag: stammkunde}}}
  once: {label: O, for: customer, purpose: internal, every: monday at 07:30, again: never, do: {a: {tag: stammkunde}}}
  offer: {label: W, for: customer, purpose: advertising, every: monday at 07:30, do: {a: {activity: phone_call}}}
  stops: {label: S, for: customer, purpose: internal, while: [{city: Köln}], do: {a: {set: {advertising_suspended: true}}}}
  off: {label: O, for: customer, purpose: internal, enabled: false, when: [{city: Köln}], do: {a: {tag: stammkunde}}}
campaigns:
  winter:
    label: W
    from: 03-01
    until: 03-31
    spread: 1 per day
    limit: 1 per run
    where: []
    purpose: internal
    do: {a: {tag: stammkunde}}
  summer: {label: X, enabled: false, from: 06-01, until: 06-30, where: [], purpose: internal, do: {a: {tag: stammkunde}}}
"""
SUNDAY, MONDAY = "2024-03-03T09:00", "2024-03-04T09:00"


@pytest.fixture
def site(tmp_path, capsys):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    (folder / "regelwerk.yaml").write_text("pack: site\nlanguage: en\npacks: [standard]\n", "utf-8")
    (folder / "rules" / "own.yaml").write_text(RULES, "utf-8")
    assert run(["check", "--site", str(folder)]) == 0, capsys.readouterr()
    store = load_site(folder).open_store()
    with store.session(write=True), store.context(quiet=True):
        rows = [{"number": n, "name": name, "city": city, "mobile": "+49170"} for n, name, city in ((1, "Müller", "Köln"), (2, "Huber", "Bonn"))]
        one, two = store.insert_many("customer", rows)
        rows = [{"number": f"V{n}", "customer": who, "kind": "shop", "visited_on": date(2024, 2, 28)} for n, who in ((1, one), (2, two))]
        store.insert_many("visit", rows)
    store.close()
    return folder


@pytest.fixture
def at(capsys, site):
    """Commands at a time: `at(MONDAY)("why", ...)`."""
    return lambda now: typing(capsys, site, ("--now", now))


def edit(site, old, new):
    path = site / "rules" / "own.yaml"
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def last(text):
    return text.splitlines()[-1]


@pytest.mark.parametrize(
    ("rule", "subject", "now", "says"),
    [
        ("monday", "customer:1", SUNDAY, "next time: 2024-03-04 07:30"),
        (
            "monday",
            "customer:2",
            SUNDAY,
            "next time: not by time alone; it comes on 2024-03-04 07:30, but as things stand the condition will not hold then: city is Köln, found Bonn",
        ),
        ("away", "customer:1", SUNDAY, "next time: 2024-04-01 07:30"),
        ("away", "customer:1", "2024-04-01T09:00", "next time: 2024-04-08 07:30"),
        ("due", "visit:V1", SUNDAY, "next time: 2024-03-09 06:00"),
        (
            "due",
            "visit:V2",
            SUNDAY,
            "next time: not by time alone; it comes on 2024-03-09 06:00, but as things stand the condition will not hold then: customer.city is Köln, found Bonn",
        ),
        ("due", "visit:V1", "2024-03-09T09:00", "next time: the next run"),
        ("call", "visit:V1", SUNDAY, "next time: at the next `visit.recorded`"),
    ],
)
def test_when_it_next_acts_if_nothing_changes(at, rule, subject, now, says):
    at("2024-03-02T09:00")("run")
    assert last(at(now)("why", rule, subject)) == says


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("none_of: [{city: [Bonn, Köln]}]", "not: city is Köln, found Köln"),
        ("none_of: [{any: [{name: Huber}, {any: [{city: Köln}]}]}]", "not: city is Köln, found Köln"),
        ("none_of: [{city: {is: Köln, starts_with: K}}]", "not: (city is Köln and city starts_with K), found Köln, Köln"),
        ("none_of: [{none_of: [{city: Bonn}, {name: Huber}]}]", "not: not: (city is Bonn or name is Huber), found Köln, Müller"),
    ],
)
def test_what_may_not_hold_and_does_is_named_to_the_last_word(site, at, condition, says):
    edit(site, "where: [{city: Köln}], do", f"where: [{{{condition}}}], do")
    said = at(MONDAY)("why", "monday", "customer:1")
    assert f"it does not hold now: {says}\n" in said
    assert f"a run now does nothing: the condition does not hold: {says.partition(', found')[0]}\n" in said


def test_what_became_of_another_effect_is_no_reason_not_to_make_a_record_anew(site, at):
    edit(site, "do: {a: {activity: phone_call}}", "do: {a: {activity: phone_call}, b: {tag: motorradclub}}")
    at(SUNDAY)("run")
    at(MONDAY)("run")
    reasons = {one["code"] for one in json.loads(at(MONDAY)("why", "offer", "customer:2", "--json"))["why_not"]}
    assert reasons == {"blocked", "no-slot"}
    present = json.loads(at(MONDAY)("why", "tag:motorradclub", "customer:2", "--json"))["present"]
    assert (present["definition"], {one["code"] for one in present["why_not"]}) == ("site.offer", {"no-slot"})


def test_at_a_later_time_it_is_what_a_run_then_would_do(at):
    at("2024-03-02T09:00")("run")
    later = json.loads(at("2024-03-09T09:00")("why", "due", "visit:V1", "--json"))
    assert ([one["verdict"] for one in later["now"]], later["holds"], later["dates"][0]["state"]) == (["done"], True, "due")
    then = json.loads(at("2024-04-01T09:00")("why", "away", "customer:2", "--json"))
    assert ([one["verdict"] for one in then["now"]], then["conditions"]["holds"]) == (["done"], True)
    assert json.loads(at(MONDAY)("why", "away", "customer:2", "--json"))["conditions"]["holds"] is False
    at("2024-03-09T09:00")("run")
    done = json.loads(at("2024-03-09T10:00")("why", "due", "visit:V1", "--json"))
    assert [(one["occurrence"], one["verdict"]) for one in done["decisions"]] == [("date#1", "done")]


def test_what_was_decided_once_is_told_with_what_was_found_then(at, site):
    at(SUNDAY)("run")
    at(MONDAY)("run")
    at(MONDAY)("record", "customer", "--set", "1", "city=Ulm")
    edit(site, "every: monday at 07:30, where: [{city: Köln}]", "every: monday at 07:30, where: [{city: Ulm}]")
    text = at("2024-03-05T09:00")("why", "monday", "customer:1")
    assert "found then (2024-03-04T07:30, done): city = Köln" in text
    assert "decided as the rule was then; since then: where" in text
    data = json.loads(at("2024-03-05T09:00")("why", "monday", "customer:1", "--json"))["decisions"][0]
    assert (data["found"], data["version"] is not None, data["made"][:4]) == ({"city": "Köln"}, True, "tag:")
    assert at("2024-03-11T09:00")("why", "once", "customer:1").count("as things stand nothing will be done then") == 1


def test_what_stopped_a_rule_is_counted_by_reason_with_how_to_free_it(at):
    at(SUNDAY)("run")
    at(SUNDAY)("record", "visit", "number=V9", "customer=2", "kind=shop")
    at(MONDAY)("run")
    text = at(MONDAY)("why", "site.call")
    assert "near miss  the condition did not hold  1      2024-03-04 09:00" in text
    assert "visit:V9 (Huber) event" in text
    assert "near miss: run of 2024-03-04 09:00: event " in at(MONDAY)("why", "call", "visit:V9")
    assert ": kind = shop" in at(MONDAY)("why", "call", "visit:V9")
    data = json.loads(at(MONDAY)("why", "few", "--json"))["stopped"]
    assert [(one["state"], one["reason"], one["times"]) for one in data] == [("held", "2 due, limit 1 per run", 2)]
    assert "`regelwerk release site.few` does it" in data[0]["to_do"]
    assert "nothing was held back" in at(MONDAY)("why", "away")
    at(MONDAY)("pause", "site.away")
    assert "it is paused: `regelwerk resume site.away` goes on" in at(MONDAY)("why", "away")


def test_a_suspension_names_the_rule_that_keeps_it(at):
    at(SUNDAY)("run")
    at(MONDAY)("run")
    data = json.loads(at(MONDAY)("why", "offer", "customer:1", "--json"))["decisions"][0]
    assert (data["verdict"], data["reason"]) == ("blocked", "advertising is suspended")
    assert data["to_do"] == "suspended by site.stops since 2024-03-03 (`regelwerk why site.stops customer:1` says when it ends)"
    other = json.loads(at(MONDAY)("why", "offer", "customer:2", "--json"))["decisions"][0]
    assert (other["verdict"], "`regelwerk consent give`" in other["to_do"]) == ("blocked", True)
    assert "  suspended by site.stops since 2024-03-03" in at(MONDAY)("why", "offer", "customer:1")


def test_a_campaign_s_daily_share_is_a_reason(at):
    now = "2024-03-05T09:00"
    assert [one["verdict"] for one in json.loads(at(now)("why", "winter", "customer:1", "--json"))["now"]] == ["done"]
    second = json.loads(at(now)("why", "winter", "customer:2", "--json"))
    assert (second["now"], [one["code"] for one in second["why_not"]]) == ([], ["spread"])
    assert "`spread`: 1 a day, and today's share goes to records before it" in at(now)("why", "winter", "customer:2")


def test_what_led_to_a_record(at):
    at(SUNDAY)("run")
    at(SUNDAY)("record", "visit", "number=V9", "customer=2", "kind=workshop")
    at(SUNDAY)("run")
    lines = at(SUNDAY)("why", "tag:stammkunde", "customer:2").splitlines()
    assert "for customer:2 (Huber): stammkunde" in lines[0]
    assert lines[0].endswith(" (2024-03-03)")
    assert "because site.call did 'a' for visit:V9 (Huber), in run" in lines[1]
    assert "rules/own.yaml:5" in lines[1]
    assert "because visit.recorded of visit:V9 (Huber)" in lines[2]
    assert "because recorded by nobody named" in lines[3]
    chain = json.loads(at(SUNDAY)("why", "tag:stammkunde", "customer:2", "--json"))["chain"]
    assert [one["kind"] for one in chain] == ["tag", "decision", "event", "written"]
    assert chain[0]["at"] == "2024-03-03"
    number = chain[0]["ref"]
    assert json.loads(at(SUNDAY)("why", number, "--json"))["chain"] == chain
    assert "it was not made yet: that was 2024-03-03" in at("2024-03-02T09:00")("why", number)
    assert "recorded by nobody named" in at(SUNDAY)("why", "visit:V9")


def test_a_blocked_activity_s_chain_ends_at_the_slot(at):
    at(SUNDAY)("run")
    at(MONDAY)("run")
    text = at(MONDAY)("why", "activity:1")
    assert "blocked: advertising is suspended" in text
    assert "because site.offer would have done 'a' for customer:1 (Müller), blocked: advertising is suspended, in run" in text
    assert "did 'a'" not in text
    assert "because the slot 2024-03-04 07:30 of its schedule" in text


def test_a_rule_with_several_dates_says_so_plainly(at, site):
    edit(site, "date: 10 days after visited_on,", "date: {soon: 10 days after visited_on, late: 1 year after visited_on}, catch_up: 5 days,")
    assert "\nacts on a date; catch_up 5 days\n" in at(SUNDAY)("why", "due", "visit:V1")


def test_the_start_of_a_workflow_is_told_as_it_is_written(at, site):
    text = (
        "workflows:\n  after: {label: A, for: visit, purpose: internal, start: {date: 3 days after visited_on, catch_up: 9 days}, steps: {over: {end: over}}}\n"
    )
    (site / "workflows" / "own.yaml").write_text(text, "utf-8")
    assert "\nacts on a date: 3 days after visited_on; catch_up 9 days\n" in at(SUNDAY)("why", "after", "visit:V1")


def test_how_a_record_stands_is_judged_at_the_moment_asked(at, site):
    edit(site, "do: {a: {activity: phone_call}}", "do: {a: {activity: phone_call, due: in 2 days}}")
    at(SUNDAY)("run")
    at(MONDAY)("run")

    def present(now):
        return [line.partition(": ")[2] for line in at(now)("why", "activity:1").splitlines() if line.startswith("at ")]

    assert present(SUNDAY) == ["it was not made yet: that was 2024-03-04 09:00"]
    assert present(MONDAY)[0] == "it is blocked, due in 2 days"
    assert present(MONDAY)[1].startswith("a run would not make it anew: a (2024-03-04T07:30) is blocked since 2024-03-04 09:00")
    assert present("2024-03-06T09:00")[0] == "it is blocked, due today"
    assert present("2024-03-09T09:00")[0] == "it is blocked, 3 days late"
    assert present("2024-03-11T09:00")[1].startswith("a run would do 'a' of site.offer (2024-03-11T07:30): ")
    data = json.loads(at("2024-03-11T09:00")("why", "activity:1", "--json"))["present"]
    assert (data["at"][:10], data["due"], data["would"][0]["occurrence"], data["why_not"]) == (
        "2024-03-11",
        "it is blocked, 5 days late",
        "2024-03-11T07:30",
        [],
    )
    assert "at 2024-03-11 09:00: no rule made it" in at("2024-03-11T09:00")("why", "visit:V1")
    edit(site, "  offer: {label: W,", "  offer: {enabled: false, label: W,")
    assert "site.offer is not in force: no run would make it" in at(MONDAY)("why", "activity:1")


def test_what_a_run_of_a_rule_would_do_at_the_moment_asked(at):
    at(SUNDAY)("run")
    assert "a run at 2024-03-03 10:00 would decide: nothing" in at("2024-03-03T10:00")("why", "few")
    assert "a run at 2024-03-04 09:00 would decide: 2 held: 2 due, limit 1 per run" in at(MONDAY)("why", "few")
    assert "a run at 2024-03-02 09:00 does nothing: " in at("2024-03-02T09:00")("why", "few")
    data = json.loads(at(MONDAY)("why", "monday", "--json"))
    assert (data["stopped"], data["run"]["would"]) == ([], [{"verdict": "done", "reason": None, "times": 1}])
    assert "nothing has been decided for it yet" in at(MONDAY)("why", "monday", "customer:1")


def test_an_absence_counts_on_the_day_that_decided(at, site):
    """Another absence, on the day to which somebody moved the work since, is not why it was given away."""
    store = load_site(site).open_store()
    with store.session(write=True):
        bea = store.insert_many("employee", [{"initials": "bea"}])[0]
        ana = store.insert_many("employee", [{"initials": "ana", "deputy": bea}])[0]
        store.insert_many("employee_role", [{"employee": ana, "role": "sales_manager"}])
        spans = [(date(2024, 4, 1), date(2024, 4, 5)), (date(2024, 3, 1), date(2024, 3, 8))]
        store.insert_many("absence", [{"employee": ana, "from_on": first, "until_on": last} for first, last in spans])
    store.close()
    edit(site, "do: {a: {activity: phone_call}}", "do: {a: {activity: phone_call, assign: [sales_manager]}}")
    at(SUNDAY)("run")
    at(MONDAY)("run")
    at(MONDAY)("activity", "move", "1", "2024-04-02")
    assert "(ana is away from 2024-03-01 to 2024-03-08)" in at(MONDAY)("why", "activity:1")


def test_whose_absence_gave_the_work_to_somebody_else(at, site):
    store = load_site(site).open_store()
    with store.session(write=True):
        bea = store.insert_many("employee", [{"initials": "bea"}])[0]
        ana = store.insert_many("employee", [{"initials": "ana", "deputy": bea}])[0]
        store.insert_many("employee_role", [{"employee": ana, "role": "sales_manager"}])
        store.insert_many("absence", [{"employee": ana, "from_on": date(2024, 3, 1), "until_on": date(2024, 3, 8)}])
    store.close()
    edit(site, "do: {a: {activity: phone_call}}", "do: {a: {activity: phone_call, assign: [sales_manager]}}")
    at(SUNDAY)("run")
    at(MONDAY)("run")
    assert "assigned for: deputy of ana" in at(MONDAY)("why", "activity:1")
    assert "(ana is away from 2024-03-01 to 2024-03-08)" in at(MONDAY)("why", "activity:1")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["zz"], "there is no rule, workflow or campaign 'zz'"),
        (["monda"], "there is no rule, workflow or campaign 'monda'; did you mean 'site.monday'?"),
        (["tag:stammkunde"], "whose tag stammkunde?; write `regelwerk why tag:stammkunde customer:4711`"),
        (["tag:stammkund", "customer:1"], "there is no tag 'stammkund'; did you mean 'stammkunde'?"),
        (["tag:stammkunde", "customer:1"], "customer:1 (Müller) never had the tag stammkunde; `regelwerk customer 1` shows the tags"),
        (["tag:stammkunde", "visit:V1"], "tags are for customers, not for a visit; write customer:..."),
        (["visit:V1", "customer:1"], "'visit:V1' is a record already; write `regelwerk why visit:V1`, or a rule in front of customer:1"),
    ],
)
def test_what_cannot_be_asked(at, words, says):
    assert says in at(SUNDAY)("why", *words, code=2)


def test_one_that_is_not_in_force_is_named_with_its_reason_by_its_short_name_too(at):
    assert at(SUNDAY)("why", "off").startswith("site.off acts on nobody: it is switched off\n`enabled: false` stands at rules/own.yaml:")
    off = "is switched off; `enabled: false` stands at rules/own.yaml:"
    assert f"site.off {off}" in at(SUNDAY)("results", "off", code=1)
    assert f"site.summer {off}" in at(SUNDAY)("campaign", "show", "summer", code=1)
    assert f"site.off {off}" in at(SUNDAY)("test", "off", code=1)
    assert "did you mean 'site.winter'?" in at(SUNDAY)("campaign", "show", "wintr", code=2)


def test_results_of_one_that_is_off_by_now_say_so(at, site):
    at(SUNDAY)("run")
    at(MONDAY)("run")
    edit(site, "  monday: {label: M,", "  monday: {enabled: false, label: M,")
    text = at(MONDAY)("results", "monday")
    assert text.startswith("site.monday is switched off: `enabled: false` stands at rules/own.yaml:")
    assert "occurrences" in text
