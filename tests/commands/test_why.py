"""`why` says what `run` does: trigger by trigger, with the subject's own calendar."""

import json
from datetime import date

import pytest

from engine.commands import run
from engine.site import load_site

RULES = """
events:
  visit.recorded: {entity: visit, when: created}
rules:
  a_year: {label: J, for: delivery, purpose: internal, date: 12 months after delivered_on, catch_up: 10 days, do: {a: {tag: stammkunde}}}
  birthday: {label: G, for: customer, purpose: internal, date: every year on birthday, do: {a: {tag: stammkunde}}}
  opens: {label: A, for: delivery, purpose: internal, date: 3 business days after delivered_on, catch_up: 30 days, do: {a: {tag: stammkunde}}}
  rich: {label: R, for: customer, purpose: internal, when: [{city: Köln}], at_start: act, do: {a: {tag: stammkunde}}}
  new: {label: R, for: customer, purpose: internal, when: [{city: Köln}], do: {a: {tag: stammkunde}}}
  stays_away:
    {label: F, for: customer, purpose: internal, when: [{visits: {no: [{visited_on: {after: 3 months ago}}]}}], at_start: act, do: {a: {tag: stammkunde}}}
  again_each_month:
    label: W
    for: customer
    purpose: internal
    when: [{city: Köln}]
    at_start: act
    again: {not_before: 1 month}
    do: {a: {tag: stammkunde}}
  as_long: {label: S, for: customer, purpose: internal, while: [{city: Köln}], do: {a: {tag: reklamation}}}
  monday: {label: M, for: customer, purpose: internal, every: monday at 07:30, where: [{city: Köln}], do: {a: {tag: stammkunde}}}
  few: {label: L, for: customer, purpose: internal, every: monday at 07:30, limit: 1 per run, do: {a: {tag: stammkunde}}}
  visited: {label: V, for: visit, purpose: internal, on: visit.recorded, where: [{kind: workshop}], do: {a: {tag: stammkunde, to: customer}}}
  dear: {label: D, for: offer, purpose: internal, when: [{amount: {between: [100.00 EUR, 200.50 EUR]}}], do: {a: {tag: stammkunde}}}
  off: {label: O, for: customer, purpose: internal, enabled: false, when: [{city: Köln}], do: {a: {tag: stammkunde}}}
"""
SETTINGS = """
pack: site
packs: [standard]
branches:
  MUC: {closed: [2024-03-05, 2024-03-06]}
"""
PLAIN = "2024-03-04T09:00"  # a Monday


@pytest.fixture
def site(tmp_path, capsys):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    (folder / "regelwerk.yaml").write_text(SETTINGS, "utf-8")
    (folder / "rules" / "own.yaml").write_text(RULES, "utf-8")
    assert run(["check", "--site", str(folder)]) == 0, capsys.readouterr()
    store = load_site(folder).open_store()
    with store.session(write=True), store.context(quiet=True):
        branch = store.insert_many("branch", [{"code": "MUC"}])[0]
        rows = [{"number": 1, "city": "Köln", "birthday": date(1980, 2, 29), "branch": None}, {"number": 2, "city": "Bonn", "birthday": None, "branch": branch}]
        one, two = store.insert_many("customer", rows)
        dates = [(1, one, None, date(2023, 3, 4)), (2, two, branch, date(2024, 3, 1)), (3, one, None, date(2023, 1, 1)), (4, one, None, None)]
        rows = [{"number": f"D{n}", "customer": who, "branch": at, "delivered_on": day} for n, who, at, day in dates]
        store.insert_many("delivery", rows)
        store.insert_many("visit", [{"number": "V1", "customer": one, "kind": "workshop", "visited_on": date(2024, 1, 10)}])
    store.close()
    return folder


def change(site, *statements):
    store = load_site(site).open_store()
    with store.session(write=True):
        for statement in statements:
            store.run(statement, [])
    store.close()


def call(capsys, site, *arguments, now=PLAIN):
    capsys.readouterr()
    code = run([*arguments, "--site", str(site), "--now", now])
    assert code == 0, capsys.readouterr()
    return capsys.readouterr().out


def why(capsys, site, rule, subject, now=PLAIN):
    data = json.loads(call(capsys, site, "why", f"site.{rule}", subject, "--json", now=now))
    return data, call(capsys, site, "why", f"site.{rule}", subject, now=now)


def reasons(data):
    return [reason["code"] for reason in data["why_not"]]


def verdicts(data):
    return [one["verdict"] for one in data["now"]]


def test_a_date_that_has_come(capsys, site):
    data, text = why(capsys, site, "a_year", "delivery:D1")
    assert data["dates"] == [
        {
            "name": "date",
            "phrase": "12 months after delivered_on",
            "anchor": "2023-03-04",
            "day": "2024-03-04",
            "state": "due",
            "occurrence": None,
            "next": None,
        }
    ]
    assert verdicts(data) == ["done"]
    assert text == (
        "site.a_year for delivery:D1\n"
        "acts on a date: 12 months after delivered_on; catch_up 10 days\n"
        "date                                counted from  on          state  done as\n"
        "date: 12 months after delivered_on  2023-03-04    2024-03-04  due\n"
        "it has no condition beyond its trigger\n"
        "nothing has been decided for it yet\n"
        "a run now: a (date#1) done\n"
        "next time: the next run\n"
    )


def test_a_date_that_is_done(capsys, site):
    call(capsys, site, "run")
    data, text = why(capsys, site, "a_year", "delivery:D1")
    assert ([one["state"] for one in data["dates"]], reasons(data), data["next"]) == (["done"], ["done"], None)
    assert "2024-03-04  done   date#1" in text
    assert "a run now does nothing: date: 2024-03-04 is done already (date#1)\nnext time: not by time alone; when its records change\n" in text


def test_a_date_that_has_not_come_names_itself(capsys, site):
    data, text = why(capsys, site, "a_year", "delivery:D1", "2024-01-15T09:00")
    assert (reasons(data), data["next"]) == (["to-come"], "2024-03-04T06:00:00+01:00")
    assert text.endswith("a run now does nothing: date: 2024-03-04 has not come yet\nnext time: 2024-03-04 06:00\n")


def test_a_date_too_long_ago_and_one_that_is_missing(capsys, site):
    data, text = why(capsys, site, "a_year", "delivery:D3")
    assert (reasons(data), verdicts(data)) == (["too-late"], [])
    assert "date: 2024-01-01 has passed, and `catch_up` goes back to 2024-02-23" in text
    assert reasons(why(capsys, site, "a_year", "delivery:D4")[0]) == ["no-date"]


def test_a_yearly_date_of_29_february(capsys, site):
    data, _ = why(capsys, site, "birthday", "customer:1")
    assert (data["dates"][0]["day"], data["dates"][0]["state"], data["next"]) == ("2024-02-29", "too late", "2025-02-28T06:00:00+01:00")


def test_the_calendar_is_the_branch_s(capsys, site):
    """MUC is closed on the 5th and 6th: three business days after Friday the 1st are the 8th, not the 6th."""
    call(capsys, site, "run")
    data, _ = why(capsys, site, "opens", "delivery:D2", "2024-03-07T09:00")
    assert (data["dates"][0]["day"], reasons(data), verdicts(data)) == ("2024-03-08", ["to-come"], [])
    assert "opens" not in call(capsys, site, "plan", now="2024-03-07T09:00")
    assert verdicts(why(capsys, site, "opens", "delivery:D2", "2024-03-08T09:00")[0]) == ["done"]
    assert "opens" in call(capsys, site, "plan", now="2024-03-08T09:00")


def test_a_condition_that_stands(capsys, site):
    data, _ = why(capsys, site, "rich", "customer:1")
    assert (data["standing"], verdicts(data), data["now"][0]["occurrence"]) == (None, ["done"], "episode 1")
    call(capsys, site, "run")
    data, text = why(capsys, site, "rich", "customer:1")
    assert (data["standing"], reasons(data)) == ({"stands": True, "since": "2024-03-04T09:00:00+01:00", "episode": 1}, ["stands"])
    assert "it has been true since 2024-03-04 09:00 (episode 1); it acts again once that has ended and come anew" in text
    assert reasons(why(capsys, site, "rich", "customer:2")[0]) == ["condition"]


def test_what_a_new_rule_holds(capsys, site):
    data, _ = why(capsys, site, "new", "customer:1")
    assert [(one["verdict"], one["reason"]) for one in data["now"]] == [("held", "was already true when the rule was switched on")]
    call(capsys, site, "run")
    data, text = why(capsys, site, "new", "customer:1")
    assert reasons(data) == ["held", "stands"]
    assert "`regelwerk release` does it" in text


def test_a_condition_that_time_alone_makes_true(capsys, site):
    call(capsys, site, "run")
    data, text = why(capsys, site, "stays_away", "customer:1")
    assert (reasons(data), data["next"]) == (["condition"], "2024-04-10T06:00:00+02:00")
    assert "next time: 2024-04-10 06:00" in text
    assert verdicts(why(capsys, site, "stays_away", "customer:1", "2024-04-10T07:00")[0]) == ["done"]
    assert verdicts(why(capsys, site, "stays_away", "customer:1", "2024-04-09T07:00")[0]) == []


def test_again_says_from_when_on(capsys, site):
    call(capsys, site, "run")
    data, text = why(capsys, site, "again_each_month", "customer:1", "2024-03-20T09:00")
    assert (reasons(data), data["next"]) == (["again"], "2024-04-04T06:00:00+02:00")
    assert "`again`: not before 1 month after 2024-03-04, so not before 2024-04-04" in text


def test_as_long_as(capsys, site):
    assert verdicts(why(capsys, site, "as_long", "customer:1")[0]) == ["done"]
    call(capsys, site, "run")
    assert reasons(why(capsys, site, "as_long", "customer:1")[0]) == ["stands"]
    change(site, "UPDATE customer SET city = 'Bonn'")
    assert verdicts(why(capsys, site, "as_long", "customer:1")[0]) == ["withdrawn"]


def test_a_level_that_is_paused_is_not_looked_at(capsys, site):
    call(capsys, site, "pause", "site.as_long")
    data, _ = why(capsys, site, "as_long", "customer:1")
    assert (verdicts(data), reasons(data)) == ([], ["paused"])
    call(capsys, site, "run")
    assert why(capsys, site, "as_long", "customer:1")[0]["decisions"] == []


def test_a_schedule_names_its_next_slot(capsys, site):
    call(capsys, site, "run", now="2024-03-01T09:00")
    data, _ = why(capsys, site, "monday", "customer:1")
    assert (verdicts(data), data["now"][0]["occurrence"], data["next"]) == (["done"], "2024-03-04T07:30", "2024-03-11T07:30:00+01:00")
    call(capsys, site, "run")
    data, text = why(capsys, site, "monday", "customer:1")
    assert (reasons(data), "acts every monday at 07:30" in text) == (["no-slot"], True)
    assert reasons(why(capsys, site, "monday", "customer:2")[0]) == ["no-slot", "condition"]


def test_a_limit_and_a_pause_hold(capsys, site):
    call(capsys, site, "run", now="2024-03-01T09:00")
    assert [one["reason"] for one in why(capsys, site, "few", "customer:1")[0]["now"]] == ["2 due, limit 1 per run"]
    call(capsys, site, "pause", "site.monday")
    assert [(one["verdict"], one["reason"]) for one in why(capsys, site, "monday", "customer:1")[0]["now"]] == [("held", "paused")]
    assert reasons(why(capsys, site, "monday", "customer:2")[0])[0] == "paused"


def test_an_event(capsys, site):
    data, text = why(capsys, site, "visited", "visit:V1")
    assert (reasons(data), data["events"]) == (["no-event"], [])
    assert "next time: at the next `visit.recorded`" in text
    call(capsys, site, "run")
    store = load_site(site).open_store()
    with store.session(write=True):
        store.insert_many(
            "visit", [{"number": f"V{n}", "kind": kind, "customer": 1, "visited_on": date(2024, 3, 4)} for n, kind in ((2, "workshop"), (3, "shop"))]
        )
    store.close()
    assert verdicts(why(capsys, site, "visited", "visit:V2")[0]) == ["done"]
    call(capsys, site, "run")
    data, text = why(capsys, site, "visited", "visit:V2")
    assert ([(one["taken"], one["verdict"]) for one in data["events"]], reasons(data)) == ([(True, "done")], ["no-event"])
    data, text = why(capsys, site, "visited", "visit:V3")
    assert ([(one["taken"], one["verdict"]) for one in data["events"]], reasons(data)) == ([(True, None)], ["no-event", "condition"])
    assert "taken, nothing decided" in text


def test_a_clock_before_the_last_run(capsys, site):
    call(capsys, site, "run")
    assert reasons(why(capsys, site, "rich", "customer:1", "2024-03-03T09:00")[0])[0] == "clock-back"


def test_a_rule_that_is_switched_off_or_left_out_is_named(capsys, site):
    data, text = why(capsys, site, "off", "customer:1")
    assert (data["state"], text) == ("switched_off", "site.off acts on nobody: it is switched off\n`enabled: false` stands at rules/own.yaml:25:62\n")
    own = site / "rules" / "own.yaml"
    own.write_text(own.read_text("utf-8").replace("when: [{city: Köln}], at_start: act, do", "when: [{citty: Köln}], at_start: act, do"), "utf-8")
    data, text = why(capsys, site, "rich", "customer:1")
    assert data["state"] == "left_out"
    assert "did you mean 'city'?" in text


def test_amounts_and_both_ends_are_shown_as_people_write_them(capsys, site):
    change(site, "INSERT INTO offer (number, customer, amount) SELECT 'O1', id, 25099 FROM customer WHERE number = 1")
    assert "- amount between 100.00 EUR and 200.50 EUR  (found: 250.99 EUR)" in why(capsys, site, "dear", "offer:O1")[1]


def test_of_what_may_not_hold_the_one_that_does_is_named(capsys, site):
    more = "  apart: {label: X, for: customer, purpose: internal, every: monday at 07:30, where: [{none_of: [{city: Bonn}, {city: Köln}]}], do: {a: {tag: stammkunde}}}\n"
    (site / "rules" / "own.yaml").write_text(RULES + more, "utf-8")
    data, text = why(capsys, site, "apart", "customer:1")
    assert data["failing"] == "not: city is"
    assert "it does not hold now: not: city is Köln, found Köln" in text


def test_what_was_released_is_no_longer_held(capsys, site):
    call(capsys, site, "run", now="2024-03-01T09:00")
    call(capsys, site, "run")
    assert [one["state"] for one in json.loads(call(capsys, site, "why", "site.few", "--json"))["stopped"]] == ["held"]
    assert "regelwerk release" in why(capsys, site, "few", "customer:1")[1]
    call(capsys, site, "release", "site.few")
    data, text = json.loads(call(capsys, site, "why", "site.few", "--json")), why(capsys, site, "few", "customer:1")[1]
    assert (data["stopped"], "regelwerk release" in text) == ([], False)
