"""Moments to the minute: what `set` writes, what a condition asks."""

from datetime import datetime, timedelta

import pytest

from engine.language.calendars import Calendar
from engine.language.conditions import parse_condition
from engine.planning.explain import explain, outline
from engine.planning.query import QueryContext, ids
from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2026, 11, 2, 9, 17)


def tickets(store):
    """Opened 3 hours ago, 1 hour ago, this minute, in an hour."""
    with store.session(write=True):
        (anna,) = store.insert_many("customer", [{"number": 1}])
        rows = [{"number": f"T{n}", "customer": anna, "opened_at": NOW + timedelta(hours=n)} for n in (-3, -1, 0, 1)]
        return store.insert_many("ticket", rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"before": "2 hours ago"}, [0]),
        ({"after": "2 hours ago"}, [1, 2, 3]),
        ({"after": "in 30 minutes"}, [3]),
        ({"before": "now"}, [0, 1]),
        ({"on_or_before": "now"}, [0, 1, 2]),
        ({"after": "now"}, [3]),
        ({"on_or_after": "now"}, [2, 3]),
        ({"between": ["1 hours ago", "now"]}, [1, 2]),
        ({"between": ["2 hours ago", "in 30 minutes"]}, [1, 2]),
        ({"on_or_after": "today"}, [0, 1, 2, 3]),
    ],
)
def test_a_moment_is_asked_to_the_minute(store, asked, found):
    made = tickets(store)
    words = site_of(store, {}).vocabulary
    node, problems = parse_condition([{"opened_at": asked}], "ticket", words)
    assert not problems
    context = QueryContext(NOW, Calendar())
    assert ids(store, "ticket", node, context) == [made[n] for n in found]


@pytest.mark.parametrize(("field", "other"), [("due_on", "created_at"), ("due_on", "agreed_at"), ("due_at", "created_at"), ("completed_at", "due_on")])
@pytest.mark.parametrize(("operator", "found"), [("before", [0]), ("on_or_before", [0, 1]), ("is", [1]), ("on_or_after", [1, 2]), ("after", [2])])
def test_days_after_another_day_are_counted_to_the_day(store, field, other, operator, found):
    plus = timedelta(days=0 if other == "due_on" else 7)
    with store.session(write=True):
        rows = [{"kind": "x", "created_at": NOW, "agreed_at": NOW, "due_on": (NOW + timedelta(days=7)).date()} for _ in range(3)]
        for number, row in enumerate(rows):
            moment = NOW + timedelta(days=6 + number)
            row[field] = moment.date() if field == "due_on" else moment
        made = store.insert_many("activity", rows)
    node, problems = parse_condition(
        [{field: {operator: {"field": other, **({"plus": f"{plus.days} days"} if plus else {})}}}], "activity", site_of(store, {}).vocabulary
    )
    assert not problems
    assert ids(store, "activity", node, QueryContext(NOW, Calendar())) == [made[number] for number in found]


@pytest.mark.parametrize(("operator", "found"), [("before", [0]), ("on_or_before", [0, 1]), ("is", [1]), ("on_or_after", [1, 2]), ("after", [2])])
def test_a_week_after_a_day_is_that_day(store, operator, found):
    with store.session(write=True):
        (anna,) = store.insert_many("customer", [{"number": 1}])
        rows = [{"number": f"K{n}", "customer": anna, "first_promised_on": NOW.date(), "promised_on": (NOW + timedelta(days=6 + n)).date()} for n in range(3)]
        made = store.insert_many("contract", rows)
    asked = {"promised_on": {operator: {"field": "first_promised_on", "plus": "1 week"}}}
    node, problems = parse_condition([asked], "contract", site_of(store, {}).vocabulary)
    assert not problems
    assert ids(store, "contract", node, QueryContext(NOW, Calendar())) == [made[number] for number in found]


def test_why_names_the_minute(store):
    made = tickets(store)
    node, _ = parse_condition([{"opened_at": {"after": "in 2 hours"}}], "ticket", site_of(store, {}).vocabulary)
    assert "2026-11-02 12:17" in "\n".join(outline(explain(store, "ticket", node, QueryContext(NOW, Calendar()), made[0])))


def test_now_is_written_to_the_minute_and_taken_back(store):
    mark = {"set": {"closed_at": "now"}}
    setting = site_of(store, {"site.shut": {"label": "L", "for": "ticket", "purpose": "internal", "while": [{"subject": "shut"}], "do": {"mark": mark}}})
    row = tickets(store)[0]
    for text, written in (("shut", str(NOW)), (None, "None")):
        with store.session(write=True):
            store.update_many("ticket", [{"id": row, "subject": text}])
        tick(setting, NOW if text else NOW + timedelta(hours=1))
        assert str(store.rows("SELECT closed_at FROM ticket WHERE id = ?", [row])[0][0])[:19] == written
