"""`assign: owner, to: [next salesperson]`: whose turn it is, in both databases."""

from datetime import date, datetime

import pytest

from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2026, 11, 2, 9)
RULE = {
    "label": "R", "for": "opportunity", "purpose": "internal", "on": "opportunity.recorded",
    "do": {"owner": {"assign": "owner", "to": ["next salesperson", "sales_manager"]}},
}  # fmt: skip


@pytest.fixture
def house(store):
    with store.session(write=True):
        near, far = store.insert_many("branch", [{"code": "A"}, {"code": "B"}])
        names = {"dan": near, "ana": near, "cem": near, "eva": far}
        people = dict(zip(names, store.insert_many("employee", [{"initials": name, "branch": at} for name, at in names.items()]), strict=True))
        store.insert_many("employee_role", [{"employee": one, "role": "salesperson"} for one in people.values()])
        store.insert_many("customer", [{"number": 1}])
    return store, people, near


def recorded(house, *owners, branch=True):
    """Leads recorded at once; whom each went to."""
    store, people, near = house
    with store.session(write=True):
        count = store.rows("SELECT COUNT(*) FROM opportunity", [])[0][0]
        rows = [{"number": f"O{count + n}", "customer": 1, "branch": near if branch else None, "owner": people.get(one)} for n, one in enumerate(owners)]
        made = store.insert_many("opportunity", rows)
    tick(site_of(store, {"site.give": RULE}), NOW)
    names = {number: name for name, number in people.items()}
    found = dict(store.rows_in("SELECT id, owner FROM opportunity WHERE id IN ({})", [], made))
    return [names.get(found[one]) for one in made]


def test_many_at_once_go_round(house):
    assert recorded(house, None, None, None, None) == ["ana", "cem", "dan", "ana"]
    assert recorded(house, None, None) == ["cem", "dan"]


def test_who_brought_one_of_their_own_waits(house):
    store, people, near = house
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("opportunity", [{"number": "own", "customer": 1, "branch": near, "owner": people["ana"]}])
    assert recorded(house, None, None, None) == ["cem", "dan", "ana"]


def test_one_that_is_taken_away_goes_to_the_next_and_never_back(house):
    assert recorded(house, "ana", "cem", "dan") == ["cem", "dan", "ana"]


def test_who_is_away_or_of_another_branch_is_passed_over(house):
    store, people, _ = house
    with store.session(write=True):
        store.insert_many("absence", [{"employee": people["cem"], "from_on": date(2026, 11, 1), "until_on": date(2026, 11, 3), "deputy": people["eva"]}])
    assert recorded(house, "ana", None) == ["dan", "ana"]


def test_without_a_branch_everybody_takes_a_turn(house):
    assert recorded(house, None, None, None, None, branch=False) == ["ana", "cem", "dan", "eva"]


def test_nobody_else_is_there(house):
    store, people, _ = house
    with store.session(write=True):
        store.insert_many("absence", [{"employee": people[one], "from_on": date(2026, 11, 1), "until_on": date(2026, 11, 3)} for one in ("cem", "dan")])
    assert recorded(house, "ana") == ["ana"]
    assert store.rows("SELECT verdict FROM decision WHERE effect = 'owner' ORDER BY id DESC", [])[0][0] == "failed"
