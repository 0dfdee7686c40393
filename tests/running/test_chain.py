"""The chain of causes behind a record, and the values a decision was taken on, on both databases."""

from datetime import date, datetime, timedelta

import pytest

from engine.running.asking import ask
from engine.running.chain import Link, chain_of
from engine.running.compiling import compile_sections
from engine.running.present import present_of, run_of
from engine.running.record_told import told_of
from engine.running.tick import tick

NOW = datetime(2024, 3, 4, 9)
EVENTS = {
    "visit.recorded": {"entity": "visit", "when": "created"},
    "visit.wanted": {"entity": "visit"},
    "customer.moved": {"entity": "customer", "when": {"city": "changes"}},
}
CALLS = {"call": {"activity": "phone_call"}}
RULES = {
    "t.visit": {"for": "visit", "purpose": "internal", "on": "visit.recorded", "where": [{"kind": "workshop"}], "do": {"tell": {"event": "visit.wanted"}}},
    "t.call": {"for": "visit", "purpose": "service", "ground": "visit.customer", "on": "visit.wanted", "do": {"work": {"activity": "errand"}}},
    "t.date": {"for": "visit", "purpose": "internal", "date": "3 days after visited_on", "catch_up": "10 days", "do": {"work": {"activity": "check"}}},
    "t.city": {"for": "customer", "purpose": "internal", "date": "birthday", "catch_up": "all", "do": {"move": {"set": {"city": "Köln"}}}},
    "t.moved": {"for": "customer", "purpose": "internal", "on": "customer.moved", "do": {"mark": {"tag": "umzug"}}},
    "t.edge": {
        "for": "customer",
        "purpose": "internal",
        "when": [{"city": "Köln"}, {"visits": {"some": []}}],
        "at_start": "act",
        "do": {"mark": {"tag": "nah"}},
    },
}
SECTIONS = {
    "events": EVENTS,
    "activities": {"errand": {"label": "E"}, "check": {"label": "C"}},
    "tags": {"umzug": {"label": "U"}, "nah": {"label": "N"}},
    "rules": {name: rule for name, rule in RULES.items() if name != "t.call"} | {"t.call": {**RULES["t.call"], "purpose": "internal"}},
}
SECTIONS["rules"]["t.call"].pop("ground")


@pytest.fixture
def setting(store):
    return compile_sections(SECTIONS).over(store)


def a_visit(store, cause="", quiet=False):
    with store.session(write=True), store.context(cause=cause, quiet=quiet):
        customer = store.insert_many("customer", [{"number": 7, "name": "Müller", "city": "Bonn", "birthday": date(2024, 3, 1)}])[0]
        return customer, store.insert_many("visit", [{"number": "V1", "customer": customer, "kind": "workshop", "visited_on": date(2024, 3, 1)}])[0]


def chain(setting, entity, row):
    links = chain_of(setting, entity, row, Link(entity, f"{entity}:{row}", None, "itself"))
    return [(link.kind, link.definition) for link in links], [link.says for link in links]


def made(store, definition):
    return next(tuple(row) for row in store.rows("SELECT made_entity, made_id FROM occurrence WHERE definition = ? ORDER BY id", [definition]))


def test_through_the_rule_that_raised_the_event_back_to_the_import(store, setting):
    tick(setting, NOW - timedelta(days=1))
    a_visit(store, "import of visits.csv")
    tick(setting, NOW)
    kinds, says = chain(setting, *made(store, "t.call"))
    assert kinds == [("activity", ""), ("decision", "t.call"), ("event", ""), ("decision", "t.visit"), ("event", ""), ("written", "")]
    assert says[1].startswith("t.call did 'work' for visit:V1 (Müller), in run ")
    assert (says[2].partition(",")[0], says[4].partition(",")[0], says[5]) == (
        "visit.wanted of visit:V1 (Müller)",
        "visit.recorded of visit:V1 (Müller)",
        "import of visits.csv",
    )


def test_back_to_the_date_and_what_it_was_counted_from(store, setting):
    tick(setting, NOW - timedelta(days=1))
    a_visit(store)
    tick(setting, NOW)
    _, says = chain(setting, *made(store, "t.date"))
    assert says[-1] == "`3 days after visited_on` fell on 2024-03-04, counted from 2024-03-01"


def test_through_what_a_rule_wrote_into_a_field(store, setting):
    tick(setting, NOW - timedelta(days=1))
    a_visit(store)
    tick(setting, NOW)
    kinds, says = chain(setting, *made(store, "t.moved"))
    assert kinds == [("tag", ""), ("decision", "t.moved"), ("event", ""), ("decision", "t.city"), ("date", "")]
    assert says[-1] == "`birthday` fell on 2024-03-01, counted from 2024-03-01"
    kinds, says = chain(setting, *made(store, "t.edge"))
    assert ("condition", "t.edge") in kinds
    assert kinds[-1] == ("date", "")
    assert "its condition became true through what the same run did before" in says


def test_what_nobody_looked_at_yet_and_what_no_rule_made(store, setting):
    _, visit = a_visit(store, "recorded by ana")
    assert chain(setting, "visit", visit)[1][-1] == "recorded by ana; no run has looked at it yet"
    tick(setting, NOW)
    assert chain(setting, "visit", visit)[1][-1] == "recorded by ana"
    customer = store.rows("SELECT id FROM customer", [])[0][0]
    assert "origin unknown: no rule made it" in chain(setting, "customer", customer)[1][-1]


def test_an_edit_that_newly_decides_is_named(store):
    rule = {"for": "customer", "purpose": "internal", "when": [{"city": "Köln"}], "at_start": "act", "do": {"mark": {"tag": "nah"}}}

    def with_(city):
        return compile_sections({**SECTIONS, "rules": {"t.edge": {**rule, "when": [{"city": city}]}}}).over(store, digest=city, declared=frozenset({"t.edge"}))

    tick(with_("Köln"), NOW - timedelta(days=1))
    a_visit(store)
    tick(with_("Köln"), NOW)
    assert store.rows("SELECT COUNT(*) FROM occurrence", [])[0][0] == 0
    edited = with_("Bonn")
    tick(edited, NOW + timedelta(days=1))
    kinds, says = chain(edited, *made(store, "t.edge"))
    assert kinds[-1] == ("edit", "t.edge")
    assert "an edit came into force with this very run" in says[-1]
    assert "Köln" in says[-1]
    assert "Bonn" in says[-1]


def test_a_past_decision_keeps_what_was_found_then(store, setting):
    tick(setting, NOW - timedelta(days=1))
    customer, visit = a_visit(store)
    tick(setting, NOW)
    with store.session(write=True):
        store.update_many("customer", [{"id": customer, "city": "Ulm"}])
        store.update_many("visit", [{"id": visit, "kind": "shop"}])
    then = {
        name: [one.found for one in ask(setting, name, entity, row, NOW).decided]
        for name, entity, row in (("t.visit", "visit", visit), ("t.edge", "customer", customer))
    }
    assert then == {"t.visit": [{"kind": "workshop"}], "t.edge": [{"city": "Köln", "visits": 1}]}


def test_of_a_text_that_only_has_to_be_there_no_more_is_kept(store):
    rule = {"for": "customer", "purpose": "internal", "when": [{"email": {"missing": False}}, {"street": {"missing": True}}], "at_start": "act"}
    setting = compile_sections({**SECTIONS, "rules": {"t.edge": {**rule, "do": {"mark": {"tag": "nah"}}}}}).over(store)
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 8, "email": "a@b.example"}])[0]
    tick(setting, NOW)
    assert [one.found for one in ask(setting, "t.edge", "customer", customer, NOW).decided] == [{"email": "present", "street": None}]


def test_an_event_that_came_later_is_not_where_a_record_is_from(setting, store):
    with store.session(write=True), store.context(quiet=True):
        customer = store.insert_many("customer", [{"number": 7, "name": "Müller", "city": "Bonn"}])[0]
    tick(setting, NOW)
    with store.session(write=True), store.context(cause="recorded by ana"):
        store.update_many("customer", [{"id": customer, "city": "Ulm"}])
    tick(setting, NOW + timedelta(hours=1))
    kinds, says = chain(setting, "customer", customer)
    assert kinds == [("customer", ""), ("written", "")]
    assert says[1].startswith("origin unknown: no rule made it, and no event tells of a new customer; declare one with `when: created`")


def test_a_visit_from_before_its_event_was_heard_is_of_unknown_origin(setting, store):
    _, visit = a_visit(store, quiet=True)
    tick(setting, NOW)
    assert chain(setting, "visit", visit)[1][1].startswith("origin unknown: no rule made it and it raised no event")


def test_what_an_event_brought_about_did_not_raise_it(setting, store):
    """A case that only ends work leaves no occurrence in its run; the rule that answered the event did not write it."""
    _, visit = a_visit(store, quiet=True)
    row = {"name": "visit.wanted", "subject_entity": "visit", "subject_id": visit, "happened_at": NOW, "recorded_at": NOW, "cause": "run 1: cases"}
    with store.session(write=True):
        store.insert_many("event", [{**row, "depth": 1, "taken": False}])
    tick(setting, NOW)
    kinds, says = chain(setting, *made(store, "t.call"))
    assert [kind for kind, _ in kinds] == ["activity", "decision", "event", "run"]
    assert says[-1] == "a case wrote it in run 1"


def test_a_record_and_a_rule_are_judged_at_any_moment_and_nothing_stays(setting, store):
    _, visit = a_visit(store)
    assert run_of(setting, "t.date", NOW).decided == [("done", "", 1)]
    assert run_of(setting, "t.date", NOW + timedelta(days=30)).decided == []
    tick(setting, NOW)
    assert run_of(setting, "t.date", NOW - timedelta(days=1)).stopped
    entity, row = made(store, "t.date")
    with store.session(write=True):
        ana = store.insert_many("employee", [{"initials": "ana"}])[0]
        store.insert_many("absence", [{"employee": ana, "from_on": date(2024, 3, 1), "until_on": None}])
        store.update_many("activity", [{"id": row, "assigned_because": "deputy of ana"}])
    assert told_of(setting, entity, row).says.endswith("assigned for: deputy of ana (ana is away from 2024-03-01 to further notice)")
    before = store.rows("SELECT COUNT(*) FROM decision", [])
    later = present_of(setting, entity, row, told_of(setting, entity, row).at, NOW + timedelta(days=3))
    assert (later.due, later.definition, later.would, [one.code for one in later.reasons]) == ("it is open, 3 days late", "t.date", [], ["done"])
    assert present_of(setting, entity, row, told_of(setting, entity, row).at, NOW - timedelta(hours=1)).due.startswith("it was not made yet")
    with store.session(write=True):
        store.update_many("activity", [{"id": row, "status": "done", "completed_at": NOW + timedelta(days=2)}])
    done = f"it is done since {setting.calendar.local(NOW + timedelta(days=2)):%Y-%m-%d %H:%M}"
    assert present_of(setting, entity, row, told_of(setting, entity, row).at, NOW + timedelta(days=1)).due == f"it was still to be done, 1 day late; {done}"
    assert present_of(setting, entity, row, told_of(setting, entity, row).at, NOW + timedelta(days=2)).due == "it is done: nothing of it is due any more"
    assert store.rows("SELECT COUNT(*) FROM decision", []) == before
