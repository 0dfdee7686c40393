"""Days at the ends of time, as exports use them for "never" and "unknown", stop nothing."""

from datetime import date, datetime

from engine.running.tick import tick
from tests.running.sites import shipped

DAYS = (date(1, 1, 1), date(1900, 1, 1), date(2024, 2, 29), date(9999, 12, 31))
ENTITIES = (
    "delivery", "finance_contract", "warranty", "offer", "contract", "visit", "purchase", "competitor_contract",
    "insurance_policy", "trade_in", "storage_contract", "dunning", "ticket", "wish",
)  # fmt: skip


def row(entity, number, day, customer, vehicle):
    moments = {"date": day, "datetime": datetime(day.year, day.month, day.day, 23, 59)}
    filled = {field.name: moments[field.type] for field in entity.fields.values() if field.type in moments and field.name != "vanished_on"}
    known = {"number": f"{entity.name}{number}", "customer": customer, "vehicle": vehicle}
    return filled | {name: value for name, value in known.items() if name in entity.fields}


def test_every_shipped_rule_lives_with_them(store):
    setting = shipped(store)
    with store.session(write=True):
        base = [{"number": n, "birthday": day, "recorded_on": day, "mail_returned_on": day} for n, day in enumerate(DAYS)]
        customers = store.insert_many("customer", base)
        cars = [
            {"vin": f"V{n}", "kind": "car", "owner": customers[n], "available_on": day, "next_inspection_on": day, "last_service_on": day}
            for n, day in enumerate(DAYS)
        ]
        vehicles = store.insert_many("vehicle", cars)
        for name in ENTITIES:
            store.insert_many(name, [row(store.model[name], n, day, customers[n], vehicles[n]) for n, day in enumerate(DAYS)])
    for now in (datetime(2026, 11, 24, 9), datetime(2026, 11, 25, 9)):
        assert tick(setting, now).tally.total("failed") == 0
    assert tick(setting, datetime(2026, 11, 25, 9)).tally.by_definition == {}
