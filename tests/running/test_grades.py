"""School grades of three countries in tags and in conditions (requirements.md A2)."""

from datetime import date, datetime

import pytest

from engine.language.conditions import parse_condition
from engine.planning.query import QueryContext, ids
from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2026, 3, 2, 9)
RULE = {
    "label": "R",
    "for": "questionnaire_response",
    "purpose": "internal",
    "on": "site.answered",
    "do": {"mark": {"tag": "zufriedenheit", "grade": "grade"}},
}
EVENT = {"site.answered": {"entity": "questionnaire_response", "label": "A", "when": "created"}}


@pytest.fixture
def graded(store):
    """Customers of DE, AT, CH, FR and of nowhere, each with a 5 given by a rule that names no scale."""
    setting = site_of(store, {"site.r": RULE}, events=EVENT)
    with store.session(write=True):
        customers = store.insert_many("customer", [{"number": n, "country": country} for n, country in enumerate(("DE", "AT", "CH", "FR", None), start=1)])
        row = {"questionnaire": "Auslieferung", "completed_on": date(2026, 3, 1), "grade": 5}
        store.insert_many("questionnaire_response", [{**row, "customer": customer} for customer in customers])
    tick(setting, NOW)
    return setting


def asked(setting, **spec):
    node, problems = parse_condition([{"tagged": {"kind": "zufriedenheit", **spec}}], "customer", setting.vocabulary)
    assert not problems
    return ids(setting.store, "customer", node, QueryContext(NOW, setting.calendar))


@pytest.mark.req("S0.13")
def test_a_grade_without_a_scale_is_on_the_scale_of_the_customers_country(graded):
    found = graded.store.rows("SELECT scale, grade, grade_score FROM tag ORDER BY customer", [])
    assert [tuple(row) for row in found] == [("DE", 5, 200), ("AT", 5, 0), ("CH", 5, 800), ("DE", 5, 200), ("DE", 5, 200)]


def test_a_grade_is_compared_on_each_postings_own_scale_or_on_the_one_that_is_said(graded):
    assert asked(graded, at_least_as_good_as=2) == [3]
    assert asked(graded, at_least_as_good_as=4) == [3]
    assert asked(graded, at_least_as_good_as=5) == [1, 2, 3, 4, 5]
    assert asked(graded, at_least_as_good_as=6) == [1, 4, 5]
    assert asked(graded, at_least_as_good_as=2, scale="DE") == [3]
    assert asked(graded, at_least_as_good_as=2, scale="CH") == [1, 3, 4, 5]


def test_a_grade_that_no_scale_has_is_refused(graded):
    _, problems = parse_condition([{"tagged": {"kind": "zufriedenheit", "at_least_as_good_as": 7}}], "customer", graded.vocabulary)
    assert [problem.message for problem in problems] == ["grade 7 is not on the DE scale"]
