"""`set` in `while` rules: what was there comes back, on both databases."""

from datetime import date, datetime, timedelta

import pytest

from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2024, 3, 1, 8)


def level(condition, **fields):
    return {"label": "L", "for": "customer", "purpose": "internal", "while": [condition], "do": {"mark": {"set": fields}}}


@pytest.fixture
def world(store):
    return World(store)


class World:
    def __init__(self, store):
        self.store = store
        self.setting = site_of(
            store,
            {
                "site.a": level({"moved": True}, profession="five", mail_returned_on="2024-01-05"),
                "site.b": level({"deceased": True}, profession="seven", mail_returned_on="2024-01-05"),
            },
        )
        with store.session(write=True):
            row = {"number": 1, "profession": "two", "mail_returned_on": date(2024, 1, 2)}
            self.anna = store.insert_many("customer", [row])[0]
        self.ticks = 0

    def now(self, **values):
        with self.store.session(write=True):
            self.store.update_many("customer", [{"id": self.anna, **values}])
        self.ticks += 1
        tick(self.setting, NOW + timedelta(hours=self.ticks))
        profession, returned = self.store.rows("SELECT profession, mail_returned_on FROM customer", [])[0]
        return profession, str(returned)


def test_what_was_there_comes_back(world):
    assert world.now(moved=True) == ("five", "2024-01-05")
    assert world.now(moved=False) == ("two", "2024-01-02")
    assert world.now(moved=True, profession=None) == ("five", "2024-01-05")
    assert world.now(moved=False) == (None, "2024-01-02")


def test_what_somebody_changed_since_stays(world):
    world.now(moved=True)
    assert world.now(profession="nine") == ("nine", "2024-01-05")
    assert world.now(moved=False) == ("nine", "2024-01-02")


@pytest.mark.parametrize(
    ("first", "left"),
    [({"moved": False}, "seven"), ({"deceased": False}, "five")],
)
def test_of_two_levels_the_others_value_stays_and_the_last_puts_back_what_the_first_found(world, first, left):
    world.now(moved=True)
    assert world.now(deceased=True) == ("seven", "2024-01-05")
    assert world.now(**first) == (left, "2024-01-05")
    assert world.now(moved=False, deceased=False) == ("two", "2024-01-02")


def test_two_levels_that_end_at_once_put_back_what_the_first_found(world):
    world.now(moved=True, deceased=True)
    assert world.now(moved=False, deceased=False) == ("two", "2024-01-02")


def test_a_value_set_by_hand_between_two_levels_is_what_the_second_puts_back(world):
    world.now(moved=True)
    world.now(profession="nine")
    assert world.now(deceased=True)[0] == "seven"
    assert world.now(deceased=False)[0] == "nine"
    assert world.now(moved=False)[0] == "nine"
