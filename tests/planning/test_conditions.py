"""Compiled conditions against the naive reference, over random stores and random conditions, on both databases."""

import random
from datetime import date, datetime, timedelta

import pytest

from engine.language.calendars import Calendar
from engine.language.conditions import parse_condition
from engine.language.vocabulary import Vocabulary
from engine.planning.compiled import compile_condition
from engine.planning.query import QueryContext, ids
from engine.store.model import ENTITIES
from engine.store.store import Store
from tests.planning.reference import Reference

NOW = datetime(2026, 11, 24, 9)
CONTEXT = QueryContext(NOW, Calendar())
WORDS = Vocabulary(ENTITIES, tags={"inspektionskunde": "", "reklamation": ""})
TODAY = date(2026, 11, 24)


def random_store(rng):
    days = [None, TODAY, *(TODAY - timedelta(days=n) for n in (1, 30, 180, 365, 455, 456, 457, 700, 1000)), date(2024, 2, 29), TODAY + timedelta(days=20)]
    texts = [None, "Müller", "ÄRGER", "ärmel", "x' or 1=1 --", "a%b_c", "Ford", "BMW"]

    def some(n, make):
        return [make() for _ in range(rng.randrange(n))]

    rows = {
        "customer": some(7, lambda: {"name": rng.choice(texts), "birthday": rng.choice(days), "household_size": rng.choice([None, 0, 1, 4]),
                                     "deceased": rng.random() < 0.3, "status": rng.choice([None, "customer", "prospect"])})
    }  # fmt: skip
    n = len(rows["customer"])
    for number, row in enumerate(rows["customer"]):
        row["number"] = number
    one = lambda table: rng.randrange(len(rows[table])) + 1 if rows[table] else None  # noqa: E731
    rows["vehicle"] = [
        {"vin": f"V{i}", "kind": rng.choice(["car", "motorcycle", None]), "owner": rng.choice([None, one("customer")]), "brand": rng.choice(texts)}
        for i in range(rng.randrange(5))
    ]
    if n:
        rows["visit"] = [
            {"number": f"B{i}", "customer": one("customer"), "vehicle": rng.choice([None, one("vehicle")]), "visited_on": rng.choice(days),
             "kind": rng.choice(["workshop", "shop", None]), "amount": rng.choice([None, 0, 10000, 150000])}
            for i in range(rng.randrange(12))
        ]  # fmt: skip
        rows["tag"] = [
            {"customer": one("customer"), "kind": rng.choice(["inspektionskunde", "reklamation"]), "valid_until_on": rng.choice(days),
             "taken_back_on": rng.choice([None, None, TODAY]), "posted_on": rng.choice(days), "grade_score": rng.choice([None, 200, 1000])}
            for _ in range(rng.randrange(8))
        ]  # fmt: skip
        rows["delivery"] = [
            {"number": f"D{i}", "customer": one("customer"), "vehicle": rng.choice([None, one("vehicle")]), "delivered_on": rng.choice(days)}
            for i in range(rng.randrange(6))
        ]
        instants = [None, NOW, datetime(2026, 11, 23, 23, 0), datetime(2026, 11, 23, 22, 59), datetime(2025, 1, 1)]
        rows["activity"] = [{"kind": "x", "customer": one("customer"), "completed_at": rng.choice(instants)} for _ in range(rng.randrange(5))]
    return rows


def random_condition(rng, entity, depth=0):
    kind = rng.random()
    if depth < 3 and kind < 0.25:
        word = rng.choice(["any", "none_of", "all"])
        items = [random_condition(rng, entity, depth + 1) for _ in range(rng.randrange(1, 4))]
        return items if word == "all" else {word: items}
    if depth < 3 and kind < 0.32:
        return {"not": random_condition(rng, entity, depth + 1)}
    return rng.choice(LEAVES[entity])(rng, depth)


def phrase(rng):
    return rng.choice(["15 months ago", "today", "in 6 weeks", "start of month", "2025-11-24", "30 days ago", "3 business days ago"])


def day_test(rng):
    return {rng.choice(["before", "after", "on_or_before", "on_or_after", "is", "is_not"]): phrase(rng)}


def text_test(rng):
    return rng.choice(
        [{"contains": "ä"}, {"starts_with": "Ä"}, "Müller", "x' or 1=1 --", {"is_not": "Ford"}, {"missing": True}, ["Ford", "BMW"], {"contains": "%"}]
    )


def inner(rng, entity, depth):
    return [random_condition(rng, entity, depth + 1)] if depth < 3 else []


def many(rng, path, entity, depth, by):
    kind = rng.choice(["some", "no", "all", "count", "latest"])
    if kind == "count":
        return {path: {"count": {"where": inner(rng, entity, depth), rng.choice(["at_least", "at_most", "is"]): rng.randrange(4)}}}
    if kind == "latest":
        return {path: {"latest": {"by": by, "where": inner(rng, entity, depth), "is": inner(rng, entity, depth)}}}
    return {path: {kind: inner(rng, entity, depth)}}


LEAVES = {
    "customer": [
        lambda r, d: {"name": text_test(r)},
        lambda r, d: {"birthday": r.choice([day_test(r), {"anniversary": "today"}, {"between": ["2024-01-01", "today"]}])},
        lambda r, d: {"household_size": {r.choice(["above", "at_least", "below", "at_most"]): r.randrange(4)}},
        lambda r, d: {"deceased": r.random() < 0.5},
        lambda r, d: {"status": {"missing": r.random() < 0.5}},
        lambda r, d: many(r, "visits", "visit", d, "visited_on"),
        lambda r, d: many(r, "vehicles", "vehicle", d, "available_on"),
        lambda r, d: {"visits": {"sum": {"of": "amount", r.choice(["above", "at_most"]): "100.00 EUR", "where": inner(r, "visit", d)}}},
        lambda r, d: {"visits": {r.choice(["max", "min"]): {"of": "visited_on", r.choice(["before", "after"]): phrase(r)}}},
        lambda r, d: {"tagged": r.choice(["inspektionskunde", {"kind": "reklamation", "after": "30 days ago"}, {"kind": "reklamation", "at_least_as_good_as": 2}])},
        lambda r, d: {"phase": r.choice([1, 2, 3])},
        lambda r, d: {"activities": {"some": [{"completed_at": day_test(r)}]}},
    ],
    "visit": [
        lambda r, d: {"visited_on": day_test(r)},
        lambda r, d: {"kind": r.choice(["workshop", ["workshop", "shop"], {"is_not": "shop"}])},
        lambda r, d: {"amount": {r.choice(["above", "at_most", "is_not"]): "100.00 EUR"}},
        lambda r, d: {"vehicle.kind": r.choice(["car", {"is_not": "car"}, {"missing": True}, {"missing": False}])},
        lambda r, d: {"vehicle.owner": {r.choice(["is", "is_not"]): {"field": "customer"}}},
        lambda r, d: {"customer.deceased": False},
        lambda r, d: many(r, "customer.tags", "tag", d, "posted_on"),
        lambda r, d: {"customer.deliveries": {r.choice(["some", "no"]): [{"delivered_on": {"after": {"field": "^.visited_on", "plus": "7 days"}}}]}},
        lambda r, d: many(r, "vehicle.visits", "visit", d, "visited_on"),
    ],
    "vehicle": [lambda r, d: {"brand": text_test(r)}, lambda r, d: {"owner.name": text_test(r)}, lambda r, d: many(r, "visits", "visit", d, "visited_on")],
    "tag": [lambda r, d: {"kind": {"starts_with": "rek"}}, lambda r, d: {"posted_on": day_test(r)}],
}  # fmt: skip


def fill(store, rows):
    tables = {}
    with store.session(write=True):
        for entity in ("customer", "vehicle", "visit", "tag", "delivery", "activity"):
            made = store.insert_many(entity, rows.get(entity, []))
            tables[entity] = dict(zip(made, rows.get(entity, []), strict=True))
    return tables


def assert_same(store, seed, conditions):
    rng = random.Random(seed)
    tables = fill(store, random_store(rng))
    reference = Reference(tables, CONTEXT)
    for _ in range(conditions):
        entity = rng.choice(["customer", "visit"])
        data = random_condition(rng, entity)
        node, problems = parse_condition(data, entity, WORDS)
        assert not problems, (data, problems)
        wanted = reference.ids(entity, node)
        everybody = list(tables.get(entity, {})) or [1]
        for form, only in (("full", None), ("narrow", None), ("narrow", everybody)):
            assert ids(store, entity, node, CONTEXT, only=only, form=form) == wanted, (seed, form, data, compile_condition(node, entity, form).text)


@pytest.mark.req("S0.28", "S0.33")
@pytest.mark.parametrize("seed", range(25))
def test_compiled_conditions_mean_what_the_reference_says(seed):
    store = Store.open(":memory:", create=True)
    assert_same(store, seed, 12)
    store.close()


@pytest.mark.parametrize("seed", range(1000, 1004))
def test_and_the_same_on_postgresql(seed, pg_dsn):
    store = Store.open(pg_dsn, create=True)
    assert_same(store, seed, 40)
    store.close()


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
