"""What is called impossible or certain is so: by examples, and against the naive reference over random stores."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.language.conditions import parse_condition
from engine.language.conditions.solve import certain, possible
from tests.planning.random_conditions import FIELDS, MODEL, NOWS, WORDS, comparisons, conditions, stores
from tests.planning.reference import Reference

QUIET = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
NEVER = [
    [{"household_size": {"above": 3}}, {"household_size": {"below": 4}}],
    [{"household_size": {"above": 3, "is": 3}}],
    [{"household_size": 3}, {"household_size": {"is_not": 3}}],
    [{"household_size": {"between": [5, 2]}}],
    [{"household_size": {"at_least": 3, "at_most": 3, "is_not": 3}}],
    [{"household_size": {"at_least": 3}}, {"none_of": [{"household_size": {"between": [2, 9]}}, {"household_size": {"above": 8}}]}],
    [{"status": "prospect"}, {"status": "former"}],
    [{"status": "prospect"}, {"none_of": [{"status": ["prospect", "former"]}]}],
    [{"member": True}, {"member": {"is_not": True}}],
    [{"member": {"missing": False}}, {"member": {"is_not": True}}, {"member": {"is_not": False}}],
    [{"city": {"missing": True}}, {"city": {"contains": "x"}}],
    [{"referred_by": {"missing": True}}, {"referred_by.city": "Ulm"}],
    [{"referred_by": {"missing": True}}, {"referred_by.visits": {"some": []}}],
    [{"birthday": {"after": "2020-01-01", "before": "2020-01-02"}}],
    [{"recorded_on": {"before": "3 months ago"}}, {"recorded_on": {"after": "2 months ago"}}],
    [{"recorded_on": {"before": "3 months ago"}}, {"recorded_on": {"on_or_after": "3 months ago"}}],
    [{"recorded_on": {"after": "in 3 business days"}}, {"recorded_on": "today"}],
    [{"recorded_on": {"after": {"field": "birthday"}}}, {"not": {"recorded_on": {"after": {"field": "birthday"}}}}],
    [{"tagged": "reklamation"}, {"not": {"tagged": "reklamation"}}],
    [{"tagged": {"kind": "reklamation", "after": "3 months ago"}}, {"not": {"tagged": "reklamation"}}],
    [{"tagged": {"kind": "reklamation", "after": "today", "before": "30 days ago"}}],
    [{"visits": {"some": [{"kind": "workshop"}, {"amount": {"above": "9.00 EUR"}}]}}, {"visits": {"no": [{"kind": "workshop"}]}}],
    [{"visits": {"count": {"at_least": 3}}}, {"visits": {"count": {"below": 3}}}],
    [{"visits": {"count": {"below": 0}}}],
    [{"visits": {"latest": {"by": "visited_on", "where": [{"kind": "workshop"}], "is": [{"kind": {"is_not": "workshop"}}]}}}],
    [{"visits": {"sum": {"of": "amount", "where": [{"kind": "workshop"}], "above": "1.00 EUR"}}}, {"visits": {"no": []}}],
    [{"any": [{"phase": 1}, {"phase": 2}]}, {"none_of": [{"phase": 2}, {"phase": 1}]}],
]
MAYBE = [
    [{"household_size": {"above": 3}}, {"household_size": {"below": 5}}],
    [{"status": {"is_not": "prospect"}}, {"status": {"is_not": "former"}}],
    [{"member": {"is_not": True}}, {"member": {"is_not": False}}],
    [{"birthday": {"before": "2020-01-01"}}, {"birthday": {"after": "30 days ago"}}],
    [{"recorded_on": {"before": "1 month ago"}}, {"recorded_on": {"after": "32 days ago"}}],
    [{"recorded_on": {"after": "10 business days ago"}}, {"recorded_on": {"before": "10 days ago"}}],
    [{"tagged": "reklamation"}, {"not": {"tagged": {"kind": "reklamation", "after": "3 months ago"}}}],
    [{"visits": {"some": [{"kind": "workshop"}]}}, {"visits": {"some": [{"kind": "shop"}]}}],
    [{"visits": {"count": {"at_least": 3}}}, {"visits": {"count": {"where": [{"kind": "workshop"}], "below": 3}}}],
    [{"name": {"contains": "a"}}, {"name": {"is_not": "a"}}],
]
ALWAYS = [
    [{"any": [{"city": "Ulm"}, {"city": {"is_not": "Ulm"}}]}],
    [{"any": [{"household_size": {"above": 3}}, {"household_size": {"at_most": 5}}, {"household_size": {"missing": True}}]}],
    [{"any": [{"visits": {"some": [{"kind": "workshop"}]}}, {"visits": {"all": [{"kind": {"is_not": "workshop"}}]}}]}],
    [{"any": [{"recorded_on": {"missing": True}}, {"recorded_on": {"before": "in 1 month"}}, {"recorded_on": {"after": "today"}}]}],
]


def node_of(data, entity="customer"):
    node, problems = parse_condition(data, entity, WORDS)
    assert not problems, problems
    return node


@pytest.mark.parametrize("data", NEVER, ids=str)
def test_it_can_never_hold(data):
    assert not possible(node_of(data))
    assert certain(node_of([{"not": data}]))


@pytest.mark.parametrize("data", MAYBE, ids=str)
def test_it_may_hold(data):
    assert possible(node_of(data))


@pytest.mark.parametrize("data", ALWAYS, ids=str)
def test_it_always_holds(data):
    assert certain(node_of(data))


@st.composite
def crowded(draw):
    """Several tests of one field, nested at will: where contradictions are likely."""
    path = draw(st.sampled_from(["household_size", "berth_fee", "status", "city", "member", "birthday", "recorded_on", "seen_at"]))
    field = MODEL["customer"].fields[path]
    one = comparisons(field, ("customer",), aggregate=False).map(lambda spec: {path: spec})
    nested = st.recursive(
        one,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda items: {"any": items}),
            st.lists(inner, min_size=1, max_size=3).map(lambda items: {"none_of": items}),
            inner.map(lambda item: {"not": item}),
        ),
        max_leaves=5,
    )
    return draw(st.lists(nested, min_size=2, max_size=4))


@st.composite
def doubled(draw):
    """A condition beside another of the same parts: quantifiers that exclude each other come up."""
    some = draw(st.lists(conditions(("customer",)), min_size=1, max_size=3))
    again = draw(st.lists(st.sampled_from(some), min_size=1, max_size=2))
    return [*some, draw(st.sampled_from([{"none_of": again}, {"any": again}, {"not": again}]))]


@settings(QUIET, max_examples=400)
@given(data=st.one_of(crowded(), crowded(), doubled(), conditions(("customer",))), now=st.sampled_from(NOWS), more=st.data())
def test_what_is_said_for_sure_is_true_of_every_record(data, now, more):
    node = node_of(data)
    never, always = not possible(node), certain(node)
    if not never and not always:
        return
    assert not (never and always)
    rows = more.draw(stores(now))
    tables = {entity: dict(enumerate(rows[entity])) for entity in FIELDS}
    found = Reference(MODEL, tables, now).ids("customer", data)
    assert found == ([] if never else sorted(tables["customer"])), data
