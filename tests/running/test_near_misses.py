"""What a tick nearly did is kept by definition and reason, and costs a tick nothing where nothing comes; on both databases."""

from datetime import date, datetime, timedelta

import pytest

from engine.running.compiling import compile_sections
from engine.running.near_misses import EXAMPLES, RUNS, kept
from engine.running.tick import tick

NOW = datetime(2024, 3, 4, 9)
BASE = {"for": "visit", "purpose": "internal", "do": {"a": {"event": "visit.seen"}}}
SECTIONS = {
    "events": {"visit.recorded": {"entity": "visit", "when": "created"}, "visit.seen": {"entity": "visit"}},
    "rules": {
        "t.event": {**BASE, "on": "visit.recorded", "where": [{"kind": "workshop"}, {"customer.city": "Köln"}]},
        "t.late": {**BASE, "on": "visit.recorded", "catch_up": "2 days"},
        "t.date": {**BASE, "date": "3 days after visited_on", "where": [{"kind": "workshop"}]},
        "t.never": {**BASE, "date": {"first": "3 days after visited_on", "second": "4 days after visited_on"}, "again": "never"},
    },
}


def visits(store, days, kind="shop", start=1):
    with store.session(write=True):
        known = store.rows("SELECT id FROM customer", [])
        customer = known[0][0] if known else store.insert_many("customer", [{"number": 1, "city": "Bonn"}])[0]
        rows = [{"number": f"V{start + n}", "customer": customer, "kind": kind, "visited_on": day} for n, day in enumerate(days)]
        return store.insert_many("visit", rows)


def misses(store, definition):
    return [(one.reason, one.number, [(example.row, example.what) for example in one.examples]) for one in kept(store, definition)]


def test_events_and_dates_that_came_for_nothing(store):
    setting = compile_sections(SECTIONS).over(store)
    tick(setting, NOW)
    old, new = visits(store, [date(2024, 2, 1), date(2024, 3, 4)])
    tick(setting, NOW + timedelta(hours=1))
    assert misses(store, "t.event") == [("condition", 2, [(old, "event 1"), (new, "event 2")])]
    assert kept(store, "t.event")[0].examples[1].found == {"kind": "shop", "customer.city": "Bonn"}
    assert misses(store, "t.late") == [("catch_up", 1, [(old, "event 1")])]
    assert misses(store, "t.date") == []
    tick(setting, NOW + timedelta(days=3))
    assert misses(store, "t.date") == [("condition", 1, [(new, "date")])]
    assert misses(store, "t.never") == []
    tick(setting, NOW + timedelta(days=4))
    assert misses(store, "t.never") == [("again", 1, [(new, "second")])]
    assert len(misses(store, "t.date")) == 1


def test_what_is_missed_at_every_tick_pushes_out_nothing_else(store):
    setting = compile_sections(SECTIONS).over(store)
    tick(setting, NOW)
    rare = visits(store, [date(2024, 1, 1)], "workshop")[0]
    tick(setting, NOW + timedelta(minutes=1))
    for n in range(1, RUNS + 5):
        visits(store, [date(2024, 3, 4)] * (EXAMPLES + 2), start=100 * n)
        tick(setting, NOW + timedelta(minutes=1 + n))
    assert [len(kept(store, name)) for name in ("t.event", "t.late")] == [RUNS, 1]
    assert misses(store, "t.late")[0][2] == [(rare, "event 1")]
    assert {(one.number, len(one.examples)) for one in kept(store, "t.event")} == {(EXAMPLES + 2, EXAMPLES)}


def test_what_a_later_round_does_was_not_missed(store):
    late = {**SECTIONS["rules"]["t.date"], "date": "visited_on", "catch_up": "10 days"}
    mends = {**BASE, "when": [{"kind": "shop"}], "at_start": "act", "do": {"a": {"set": {"kind": "workshop"}}}}
    setting = compile_sections({**SECTIONS, "rules": {"t.date": late, "t.edge": mends}}).over(store)
    tick(setting, NOW)
    visit = visits(store, [date(2024, 3, 5)], "shop")[0]
    tick(setting, NOW + timedelta(days=1))
    assert store.rows("SELECT kind FROM visit WHERE id = ?", [visit])[0][0] == "workshop"
    assert [row[0] for row in store.rows("SELECT verdict FROM decision WHERE definition = 't.date'", [])] == ["done"]
    assert misses(store, "t.date") == []


@pytest.mark.parametrize("hours", [1, 2])
def test_a_tick_to_which_nothing_comes_writes_none(store, hours):
    setting = compile_sections(SECTIONS).over(store)
    tick(setting, NOW)
    visits(store, [date(2024, 3, 1)])
    tick(setting, NOW + timedelta(minutes=1))
    before = store.rows("SELECT COUNT(*) FROM near_miss", [])[0][0]
    tick(setting, NOW + timedelta(hours=hours))
    assert store.rows("SELECT COUNT(*) FROM near_miss", [])[0][0] == before > 0


def test_the_second_event_of_one_that_was_served_in_the_same_tick_is_no_near_miss(store):
    sections = {"events": SECTIONS["events"], "rules": {}}
    sections["rules"]["t.tell"] = {**BASE, "on": "visit.recorded", "do": {"a": {"event": "visit.seen"}, "b": {"event": "visit.seen"}}}
    sections["rules"]["t.once"] = {**BASE, "on": "visit.seen", "again": "never", "do": {"a": {"tag": "known", "to": "customer"}}}
    sections["tags"] = {"known": {"number": 300, "label": "Bekannt"}}
    setting = compile_sections(sections).over(store)
    tick(setting, NOW)
    visits(store, [date(2024, 3, 4)])
    tick(setting, NOW + timedelta(hours=1))
    assert store.rows("SELECT COUNT(*) FROM event WHERE name = 'visit.seen'", [])[0][0] == 2
    assert [row[0] for row in store.rows("SELECT verdict FROM decision WHERE definition = 't.once'", [])] == ["done"]
    assert misses(store, "t.once") == []
