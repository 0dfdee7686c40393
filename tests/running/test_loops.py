"""Rules that wake each other are cut; causes are kept along a chain; two levels share a tag. On both databases."""

from datetime import datetime, timedelta

import pytest

from engine.running import tick as ticking
from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2026, 3, 2, 9)
HEAD = {"label": "R", "for": "customer", "purpose": "internal"}
PING = {"site.ping": {"entity": "customer", "label": "P"}, "site.pong": {"entity": "customer", "label": "P"}}


def told(store, name="site.ping"):
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1}])[0]
        store.insert_many("event", [{"name": name, "subject_entity": "customer", "subject_id": anna, "happened_at": NOW, "recorded_at": NOW}])
    return anna


def ping_pong(store):
    return site_of(
        store,
        {"site.a": HEAD | {"on": "site.ping", "do": {"b": {"event": "site.pong"}}}, "site.b": HEAD | {"on": "site.pong", "do": {"a": {"event": "site.ping"}}}},
        events=PING,
    )


def test_a_chain_of_causes_is_cut_at_its_depth_and_recorded(store):
    setting = ping_pong(store)
    told(store)
    report = tick(setting, NOW)
    assert report.rounds < ticking.MAX_ROUNDS
    assert report.tally.total("failed") == 1
    cut = store.rows("SELECT definition, subject_entity, reason FROM decision WHERE verdict = 'failed'", [])
    assert [row[1:] for row in map(tuple, cut)] == [("customer", f"a chain of causes deeper than {ticking.MAX_DEPTH} was cut at site.pong")]
    assert cut[0][0].startswith("site.")  # whose event it was
    assert store.rows("SELECT MAX(depth) FROM event", [])[0][0] == ticking.MAX_DEPTH + 1
    assert store.rows("SELECT COUNT(*) FROM event WHERE NOT taken", [])[0][0] == 0
    assert tick(setting, NOW + timedelta(hours=1)).tally.by_definition == {}


def test_rounds_without_end_are_cut_and_the_next_tick_goes_on(store, monkeypatch):
    monkeypatch.setattr(ticking, "MAX_ROUNDS", 3)
    setting = ping_pong(store)
    told(store)
    assert tick(setting, NOW).rounds == 3
    cut = store.rows("SELECT definition, reason FROM decision WHERE verdict = 'failed'", [])
    assert [tuple(row) for row in cut] == [("engine", "too many rounds: rules keep waking each other")]
    assert store.rows("SELECT COUNT(*) FROM occurrence", [])[0][0] == 3
    tick(setting, NOW + timedelta(hours=1))
    assert store.rows("SELECT COUNT(*) FROM occurrence", [])[0][0] == 6


def test_a_change_of_an_effect_raises_its_event_with_its_cause_and_depth(store):
    setting = site_of(
        store,
        {
            "site.first": HEAD | {"on": "site.ping", "do": {"write": {"set": {"profession": "five"}}}},
            "site.again": HEAD | {"on": "site.changed", "do": {"write": {"set": {"profession": "six"}}}},
        },
        events={**PING, "site.changed": {"entity": "customer", "label": "C", "when": {"profession": "changes"}}},
    )
    told(store)
    report = tick(setting, NOW)
    events = store.rows("SELECT name, cause, depth, taken FROM event ORDER BY id", [])
    run = f"run {report.run}"
    assert [(row[0], row[1], row[2] or 0, bool(row[3])) for row in events] == [
        ("site.ping", None, 0, True),
        ("site.changed", f"{run}: site.first", 1, True),
        ("site.changed", f"{run}: site.again", 2, True),
    ]
    assert store.rows("SELECT profession FROM customer", [])[0][0] == "six"
    occurrences = store.rows("SELECT definition, cause, depth FROM occurrence ORDER BY id", [])
    assert [row[2] for row in occurrences] == [0, 1, 2]
    assert all(str(row[1]).startswith("event ") for row in occurrences)


@pytest.mark.parametrize("first", ["moved", "deceased"])
def test_a_tag_of_two_levels_stands_as_long_as_one_of_them_holds(store, first):
    level = {"do": {"mark": {"tag": "stammkunde"}}}
    setting = site_of(store, {"site.a": HEAD | level | {"while": [{"moved": True}]}, "site.b": HEAD | level | {"while": [{"deceased": True}]}})
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1, "moved": True, "deceased": True}])[0]

    def standing(hours, **values):
        if values:
            with store.session(write=True):
                store.update_many("customer", [{"id": anna, **values}])
        tick(setting, NOW + timedelta(hours=hours))
        return store.rows("SELECT COUNT(*) FROM tag WHERE kind = 'stammkunde' AND taken_back_on IS NULL", [])[0][0]

    second = "deceased" if first == "moved" else "moved"
    assert [standing(1), standing(2, **{first: False}), standing(3), standing(4, **{second: False}), standing(5)] == [2, 1, 1, 0, 0]
    assert standing(6, **{first: True}) == 1
