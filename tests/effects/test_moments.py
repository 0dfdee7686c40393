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
