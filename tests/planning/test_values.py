"""Fields of records on both databases: typed, and nothing lost where a reference leads nowhere."""

from datetime import date, datetime

from engine.planning.values import field_values, load


def two_cars(store):
    with store.session(write=True):
        anna = store.insert_many("customer", [{"number": 1, "name": "Anna", "moved": True}])[0]
        return anna, store.insert_many("vehicle", [{"vin": "A", "owner": anna, "next_inspection_on": date(2024, 2, 29)}, {"vin": "B"}])


def test_values_are_typed_and_a_missing_record_gives_none(store):
    anna, (first, second) = two_cars(store)
    assert load(store, "vehicle", [first, second, first, 99], ["vin", "owner", "next_inspection_on", "owner.name", "owner.moved", "owner.birthday"]) == {
        first: {"vin": "A", "owner": anna, "next_inspection_on": date(2024, 2, 29), "owner.name": "Anna", "owner.moved": True, "owner.birthday": None},
        second: {"vin": "B", "owner": None, "next_inspection_on": None, "owner.name": None, "owner.moved": None, "owner.birthday": None},
    }


def test_moments_and_flags_come_back_as_they_went_in(store):
    with store.session(write=True):
        row = store.insert_many("event", [{"name": "n", "subject_entity": "customer", "subject_id": 1, "happened_at": datetime(2024, 2, 29, 8, 30)}])[0]
    assert field_values(store, "event", [row], ["happened_at", "taken", "cause"]) == {row: (datetime(2024, 2, 29, 8, 30), False, None)}


def test_all_fields_are_read_at_once(store, monkeypatch):
    _, cars = two_cars(store)
    asked = []
    real = type(store).rows
    monkeypatch.setattr(type(store), "rows", lambda self, sql, args: asked.append(sql) or real(self, sql, args))
    load(store, "vehicle", cars, ["vin", "brand", "model", "owner.name", "owner.birthday"])
    assert len(asked) == 2


def test_many_records_are_no_value(store):
    anna, _ = two_cars(store)
    assert load(store, "customer", [anna], ["vehicles"]) == {anna: {"vehicles": None}}
