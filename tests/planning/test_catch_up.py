"""`catch_up`, `limit` in percent and `at_start`: what is late, too much, or was true before (language.md, rules)."""

from datetime import date, datetime, timedelta

import pytest

from engine.running import held
from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2024, 3, 20, 9)
HEAD = {"label": "R", "for": "customer", "purpose": "internal"}
DO = {"do": {"note": {"history": {"action": "mailing"}}}}
EVENT = {"site.told": {"entity": "customer", "label": "T", "when": "created"}}


def rule(store, spec, catch_up=None):
    late = {"catch_up": catch_up} if catch_up else {}
    return site_of(store, {"site.r": HEAD | DO | spec | late}, events=EVENT)


def done(store):
    return [str(row[0])[:10] for row in store.rows("SELECT day FROM occurrence WHERE status = 'done' ORDER BY day, id", [])]


def told(store, *moments):
    with store.session(write=True), store.context(quiet=True):
        if not store.rows("SELECT 1 FROM customer", []):
            store.insert_many("customer", [{"number": 1}])
        base = {"name": "site.told", "subject_entity": "customer", "subject_id": 1, "recorded_at": NOW}
        store.insert_many("event", [{**base, "happened_at": moment} for moment in moments])


@pytest.mark.parametrize(
    ("catch_up", "days"),
    [
        (None, ["2023-12-01", "2024-03-10", "2024-03-19", "2024-03-20"]),
        ("all", ["2023-12-01", "2024-03-10", "2024-03-19", "2024-03-20"]),
        ("60 days", ["2024-03-10", "2024-03-19", "2024-03-20"]),
        ("none", ["2024-03-19", "2024-03-20"]),
        ("latest", ["2024-03-20"]),
    ],
)
def test_events(store, catch_up, days):
    setting = rule(store, {"on": "site.told"}, catch_up)
    tick(setting, datetime(2024, 3, 19, 9))
    # 2024-03-18 23:00 is the local start of the 19th: a day without a time is over only at its end
    told(store, datetime(2023, 12, 1, 8), datetime(2024, 3, 10, 8), datetime(2024, 3, 18, 23), datetime(2024, 3, 20, 8))
    tick(setting, NOW)
    assert done(store) == days


def test_an_event_before_the_last_tick_is_late_though_recorded_after_it(store):
    setting = rule(store, {"on": "site.told"}, "none")
    tick(setting, datetime(2024, 3, 20, 8))
    told(store, datetime(2024, 3, 20, 7, 30), datetime(2024, 3, 20, 8, 30))
    tick(setting, NOW)
    assert store.rows("SELECT COUNT(*) FROM occurrence", [])[0][0] == 1


def test_of_events_with_latest_an_older_one_that_comes_later_is_skipped(store):
    setting = rule(store, {"on": "site.told"}, "latest")
    told(store, datetime(2024, 3, 10, 8))
    tick(setting, NOW)
    told(store, datetime(2024, 3, 5, 8))
    tick(setting, NOW + timedelta(hours=1))
    told(store, datetime(2024, 3, 15, 8), datetime(2024, 3, 12, 8))
    tick(setting, NOW + timedelta(hours=2))
    assert done(store) == ["2024-03-10", "2024-03-15"]


TWO_DATES = {"date": {"later": "20 days after birthday", "early": "10 days after birthday"}}


@pytest.mark.parametrize(
    ("catch_up", "days"),
    [
        (None, ["2024-03-20"]),
        ("none", ["2024-03-20"]),
        ("all", ["2023-12-11", "2023-12-21", "2024-03-10", "2024-03-20"]),
        ("60 days", ["2024-03-10", "2024-03-20"]),
        ("latest", ["2023-12-21", "2024-03-20"]),
    ],
)
def test_dates(store, catch_up, days):
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1, "birthday": date(2024, 2, 29)}, {"number": 2, "birthday": date(2023, 12, 1)}])
    setting = rule(store, TWO_DATES, catch_up)
    for hours in (0, 1, 24):
        tick(setting, NOW + timedelta(hours=hours))
    assert done(store) == days


def test_latest_of_two_dates_takes_a_new_date_when_the_anchor_moves_on(store):
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1, "birthday": date(2023, 12, 1)}])
    setting = rule(store, TWO_DATES, "latest")
    tick(setting, NOW)
    with store.session(write=True):
        store.run("UPDATE customer SET birthday = ?", [date(2024, 3, 11)])
    for days in range(1, 13):
        tick(setting, NOW + timedelta(days=days))
    assert done(store) == ["2023-12-21", "2024-03-21", "2024-03-31"]


@pytest.mark.parametrize(
    ("catch_up", "slots"),
    [
        (None, ["2024-03-20T08:00"]),
        ("none", ["2024-03-20T08:00"]),
        ("latest", ["2024-03-20T08:00"]),
        ("60 days", ["2024-03-20T08:00"]),
        ("all", ["2024-03-18T08:00", "2024-03-19T08:00", "2024-03-20T08:00"]),
    ],
)
def test_schedules(store, catch_up, slots):
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1}])
    setting = rule(store, {"every": "day at 08:00"}, catch_up)
    tick(setting, datetime(2024, 3, 17, 9))
    tick(setting, NOW)
    assert [row[0] for row in store.rows("SELECT occurrence FROM occurrence WHERE day > ? ORDER BY occurrence", [date(2024, 3, 17)])] == slots


@pytest.mark.parametrize(("catch_up", "number"), [(None, 1), ("latest", 1), ("all", 1), ("60 days", 1), ("1 day", 0), ("none", 0)])
def test_a_slot_of_an_earlier_day_is_late(store, catch_up, number):
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1}])
    setting = rule(store, {"every": "monday at 08:00"}, catch_up)
    tick(setting, datetime(2024, 3, 17, 9))
    tick(setting, NOW + timedelta(days=1))
    assert store.rows("SELECT COUNT(*) FROM occurrence WHERE day > ?", [date(2024, 3, 17)])[0][0] == number


@pytest.mark.parametrize(("percent", "late"), [("50 % per run", 0), ("49 % per run", 2)])
def test_a_limit_in_percent_counts_all_subjects(store, percent, late):
    with store.session(write=True):
        store.insert_many("customer", [{"number": n, "birthday": date(2024, 3, 20) if n < 3 else None} for n in range(1, 5)])
    setting = rule(store, {"date": "birthday", "limit": percent})
    tick(setting, NOW)
    assert sum(row[2] for row in held.held_counts(store)) == late
    assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == 2 - late


@pytest.mark.parametrize(("at_start", "notes", "waiting"), [("act", 2, 0), ("ignore", 0, 0), ("hold", 0, 2), (None, 0, 2)])
def test_what_was_true_before_the_rule_was_switched_on(store, at_start, notes, waiting):
    with store.session(write=True):
        store.insert_many("customer", [{"number": n, "moved": n < 3} for n in range(1, 5)])
    setting = rule(store, {"when": [{"moved": True}]} | ({"at_start": at_start} if at_start else {}))
    for hours in (0, 1):
        tick(setting, NOW + timedelta(hours=hours))
        assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == notes
        assert sum(row[2] for row in held.held_counts(store)) == waiting
    with store.session(write=True):
        store.run("UPDATE customer SET moved = ? WHERE number >= 3", [True])
    tick(setting, NOW + timedelta(hours=2))
    assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == notes + 2
