"""A tick that dies before any of its transactions, and is run again, ends in the same store as an undisturbed one."""

import itertools
import re
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

from engine.running import apply
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from engine.store.store import Store
from tests.running.sites import shipped_sections

NOW = datetime(2024, 2, 29, 8)
TWO = {"a": {"activity": "resubmission"}, "b": {"history": {"action": "mailing"}}}
RULES = {
    "date": {"for": "customer", "date": "1 day after recorded_on", "do": TWO},
    "date_limited": {"for": "customer", "date": "1 day after recorded_on", "limit": "3 per run", "do": TWO},
    "date_never": {"for": "customer", "date": "1 day after recorded_on", "again": "never", "do": TWO},
    "date_at_most": {"for": "customer", "date": "1 day after recorded_on", "again": {"at_most": 1}, "do": TWO},
    "yearly": {"for": "customer", "date": "every year on birthday", "do": TWO},
    "when": {"for": "customer", "when": [{"moved": True}], "at_start": "act", "do": TWO},
    "when_held": {"for": "customer", "when": [{"moved": True}], "do": TWO},
    "when_ignored": {"for": "customer", "when": [{"moved": True}], "at_start": "ignore", "do": TWO},
    "when_counted": {"for": "customer", "when": [{"moved": True}], "at_start": "act", "again": {"not_before": "3 months", "at_most": 2}, "do": TWO},
    "while": {"for": "customer", "while": [{"moved": True}], "do": {"a": {"tag": "stammkunde"}, "b": {"list": "never_in_workshop"}}},
    "while_no_longer": {"for": "customer", "while": [{"number": {"above": 100}}], "do": {"a": {"tag": "oldtimer"}, "b": {"tag": "cabrio"}}},
    "every": {"for": "customer", "every": "day at 08:00", "do": TWO},
    "event": {"for": "customer", "on": "customer.mail_returned", "do": TWO},
    "event_never": {"for": "customer", "on": "customer.mail_returned", "again": "never", "do": TWO},
    "chain": {"for": "customer", "on": "customer.mail_returned", "do": {"a": {"set": {"household_size": 3}}, "b": {"event": "site.told"}}},
    "chained": {"for": "customer", "on": "site.told", "do": TWO},
}
TABLES = {
    "occurrence": "definition, subject_id, occurrence, effect, target, status, reason, day",
    "decision": "definition, subject_id, occurrence, effect, target, verdict, reason",
    "activity": "kind, customer, definition, status, due_on",
    "activity_reason": "definition, occurrence",
    "history_entry": "customer, source, action",
    "tag": "kind, customer, source, taken_back_on",
    "list_entry": "list, customer, taken_off_at",
    "standing": "definition, subject_id, stands, episode",
    "event": "name, subject_id, taken",
    "customer": "number, household_size",
}


def prepared(store):
    sections = shipped_sections()
    kinds = sections["tags"]
    kinds |= {name: {"label": name, "number": 200 + n} for n, name in enumerate(("oldtimer", "cabrio")) if name not in kinds}
    sections["events"] = {**sections["events"], "site.told": {"entity": "customer", "label": "T"}}
    sections["rules"] = {f"site.{name}": {"label": name, "purpose": "internal", **rule} for name, rule in RULES.items()}
    compiled = compile_sections(sections)
    assert not compiled.problems, compiled.problems
    setting = compiled.over(store)
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n} for n in range(101, 104)])
    tick(setting, NOW - timedelta(days=1))
    with store.session(write=True):
        store.run("UPDATE customer SET number = number - 60", [])
        new = {"moved": True, "recorded_on": date(2024, 2, 28), "birthday": date(1980, 2, 29), "mail_returned_on": date(2024, 2, 28)}
        store.insert_many("customer", [{"number": n, **new} for n in range(1, 6)])
    return setting


def contents(store):
    """What is in the store, events told apart by what they say: their numbers depend on what was written in between."""
    events = {f"event {row[0]}'": f"{row[1]} of {row[2]}'" for row in store.rows("SELECT id, name, subject_id FROM event", [])}

    def readable(row):
        return re.sub(r"event \d+'", lambda found: events[found.group()], repr(tuple(row)))

    return {table: sorted(map(readable, store.rows(f'SELECT {columns} FROM "{table}"', []))) for table, columns in TABLES.items()}


class Killed(BaseException):
    pass


def dying(store, monkeypatch, number):
    """Let the store write so many transactions, then die."""
    real = store.session
    left = itertools.count(number, -1)

    @contextmanager
    def session(write=False):
        if write and not store._depth and next(left) <= 0:
            raise Killed
        with real(write):
            yield

    monkeypatch.setattr(store, "session", session)


def assert_killed_runs_end_alike(monkeypatch, open_store, steps):
    """Kill a run at each of these steps and run it again; the first step beyond the last transaction, None where there is none."""
    monkeypatch.setattr(apply, "BATCH", 2)
    undisturbed = open_store()
    tick(prepared(undisturbed), NOW)
    wanted = contents(undisturbed)
    undisturbed.close()
    assert wanted["activity"]
    for number in steps:
        store = open_store()
        setting = prepared(store)
        with monkeypatch.context() as patch:
            dying(store, patch, number)
            try:
                tick(setting, NOW)
                return number
            except Killed:
                pass
        tick(setting, NOW)
        found = contents(store)
        differs = {table: (set(found[table]) ^ set(wanted[table])) or "a row twice" for table in wanted if found[table] != wanted[table]}
        assert not differs, number
        store.close()
    return None


def test_killed_before_any_transaction(monkeypatch):
    last = assert_killed_runs_end_alike(monkeypatch, lambda: Store.open(":memory:", create=True), itertools.count())
    assert last > 50


@pytest.mark.parametrize("number", [3, 17, 40])
def test_and_the_same_on_postgresql(monkeypatch, pg_dsn, number, pg_server):
    from tests.support import postgres

    fresh = (postgres.fresh_database(pg_server, f"killed_{number}_{n}") for n in itertools.count())
    last = assert_killed_runs_end_alike(monkeypatch, lambda: Store.open(next(fresh), create=True), [number])
    assert last is None, "it was killed"
