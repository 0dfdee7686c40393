"""A renamed rule: what it did, what stands for it and its switches go along."""

from datetime import date, datetime, timedelta

import pytest

from engine.running.tick import tick
from tests.running.test_tick import MORNING, site_of

RULES = {
    "date": {"date": "every year on birthday", "do": {"a": {"activity": "resubmission"}, "b": {"history": {"action": "mailing"}}}},
    "edge": {"when": [{"moved": True}], "at_start": "act", "do": {"a": {"activity": "resubmission"}}},
    "level": {"while": [{"moved": True}], "do": {"a": {"tag": "stammkunde"}}},
    "held": {"when": [{"moved": True}], "do": {"a": {"activity": "resubmission"}}},
}
COUNTS = ("occurrence", "standing", "activity", "tag", "history_entry")


def counts(store):
    return [store.rows(f"SELECT COUNT(*) FROM {table}", [])[0][0] for table in COUNTS]


def customer(store):
    with store.session(write=True), store.context(quiet=True):
        return store.insert_many("customer", [{"number": 1, "moved": True, "birthday": date(1970, 2, 28)}])[0]


@pytest.mark.parametrize("kind", RULES)
def test_a_renamed_rule_does_nothing_twice(store, kind):
    row = customer(store)
    rule = RULES[kind]
    tick(site_of(store, {"site.old": rule}), datetime(2024, 2, 28, 8))
    before = counts(store)
    assert before[0]
    renamed = site_of(store, {"site.new": {**rule, "formerly": "old"}})
    for hours in (24, 25):
        tick(renamed, datetime(2024, 2, 28, 8) + timedelta(hours=hours))
    assert counts(store) == before
    for table, column in (
        ("occurrence", "definition"),
        ("standing", "definition"),
        ("decision", "definition"),
        ("activity", "definition"),
        ("history_entry", "source"),
    ):
        assert not store.rows(f"SELECT 1 FROM {table} WHERE {column} = 'site.old'", [])
    if kind == "level":
        with store.session(write=True):
            store.update_many("customer", [{"id": row, "moved": False}])
        tick(renamed, MORNING + timedelta(days=1))
        assert store.rows("SELECT taken_back_on FROM tag", [])[0][0] is not None


def test_a_renamed_rule_stays_paused_and_takes_over_once(store):
    customer(store)
    with store.session(write=True):
        store.set_switch("pause:site.old", "on", "", MORNING)
    renamed = site_of(store, {"site.new": {**RULES["level"], "formerly": "site.old"}})
    tick(renamed, MORNING)
    assert (store.switch("pause:site.new"), store.switch("pause:site.old")) == ("on", None)
    with store.session(write=True):
        store.set_switch("pause:site.old", "on", "", MORNING)
    tick(renamed, MORNING + timedelta(hours=1))
    assert store.switch("pause:site.old") == "on"


def test_an_old_id_that_is_still_a_rule_keeps_what_it_has(store):
    customer(store)
    tick(site_of(store, {"site.old": RULES["level"]}), MORNING)
    tick(site_of(store, {"site.old": RULES["level"], "site.new": {**RULES["level"], "formerly": "site.old"}}), MORNING + timedelta(hours=1))
    assert [row[0] for row in store.rows("SELECT definition FROM standing ORDER BY id", [])] == ["site.old", "site.new"]
