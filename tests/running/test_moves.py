"""Open work moves with the date it was made for."""

from datetime import date, datetime, timedelta

import pytest

from engine.effects import EFFECTS
from engine.running import held
from engine.running.tick import tick
from tests.running.test_tick import MORNING, people, site_of

RULES = {
    "contract.promised_on": {"date": "5 days before contract.promised_on", "do": {"a": {"activity": "resubmission", "due": "the date"}}},
    "planned_at": {"date": "5 days before planned_at", "do": {"a": {"activity": "resubmission", "due": "the date"}}},
    "its own": {"date": "5 days before planned_at", "do": {"a": {"activity": "resubmission", "due": "2 days before contract.promised_on"}}},
}


def delivery(store):
    _, ana, branch = people(store)
    with store.session(write=True), store.context(quiet=True):
        customer = store.insert_many("customer", [{"number": 1, "branch": branch, "kind": "person"}])[0]
        car = store.insert_many("vehicle", [{"vin": "V"}])[0]
        case = {"customer": customer, "vehicle": car, "salesperson": ana, "branch": branch}
        contract = store.insert_many("contract", [{"number": "C", **case, "promised_on": date(2024, 3, 4)}])[0]
        row = {"number": "D", **case, "contract": contract, "planned_at": datetime(2024, 3, 4, 10)}
        return contract, store.insert_many("delivery", [row])[0]


def setting_of(store, rule):
    return site_of(store, {"site.r": {"for": "delivery", "catch_up": "all", **rule}})


def promise(store, contract, row, day):
    with store.session(write=True):
        store.update_many("contract", [{"id": contract, "promised_on": day}])
        store.update_many("delivery", [{"id": row, "planned_at": day and datetime(day.year, day.month, day.day, 10)}])


def work(store):
    return [(row[0], str(row[1])) for row in store.rows("SELECT status, due_on FROM activity ORDER BY id", [])]


@pytest.mark.parametrize(
    ("anchor", "before", "after"),
    [("contract.promised_on", "02-28", "03-06"), ("planned_at", "02-28", "03-06"), ("its own", "03-04", "03-11")],
)
@pytest.mark.parametrize("status", ["open", "blocked"])
def test_work_moves_with_every_kind_of_anchor_and_blocked_work_too(store, anchor, before, after, status):
    contract, row = delivery(store)
    setting = setting_of(store, RULES[anchor])
    tick(setting, MORNING)
    assert work(store) == [("open", f"2024-{before}")]
    with store.session(write=True):
        store.run("UPDATE activity SET status = ?", [status])
        store.run("UPDATE occurrence SET status = ?", ["done" if status == "open" else "blocked"])
    promise(store, contract, row, date(2024, 3, 11))
    for hours in (1, 2):
        tick(setting, MORNING + timedelta(hours=hours))
    assert work(store) == [(status, f"2024-{after}")]
    assert store.rows("SELECT COUNT(*) FROM decision WHERE verdict = 'moved'", [])[0][0] == 1
    promise(store, contract, row, None)
    if anchor != "its own":
        tick(setting, MORNING + timedelta(hours=3))
        assert work(store)[0][0] == "cancelled"


def test_a_due_date_of_its_own_moves_alone_and_one_set_by_hand_is_flagged(store):
    contract, row = delivery(store)
    setting = setting_of(store, RULES["its own"])
    tick(setting, MORNING)
    with store.session(write=True):
        store.update_many("contract", [{"id": contract, "promised_on": date(2024, 3, 20)}])
    tick(setting, MORNING + timedelta(hours=1))
    assert work(store) == [("open", "2024-03-18")]
    with store.session(write=True):
        store.run("UPDATE activity SET due_by_hand = ?", [True])
    promise(store, contract, row, date(2024, 4, 1))
    for hours in (2, 3):
        tick(setting, MORNING + timedelta(hours=hours))
    assert work(store) == [("open", "2024-03-18")]
    assert [row[0] for row in store.rows("SELECT reason FROM decision WHERE verdict = 'skipped'", [])] == [
        "planned_at moved to 2024-04-01, but the date was set by hand"
    ]


def test_work_that_failed_moves_and_the_move_names_its_cause(store, monkeypatch):
    contract, row = delivery(store)
    setting = setting_of(store, RULES["contract.promised_on"])

    def broken(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(EFFECTS["activity"], "apply", broken)
        tick(setting, MORNING)
    with store.session(write=True):
        store.run("UPDATE occurrence SET status = 'held'", [])
    promise(store, contract, row, date(2024, 3, 11))
    tick(setting, MORNING + timedelta(hours=1))
    held.release(setting, "site.r", MORNING + timedelta(hours=2))
    assert work(store) == [("open", "2024-03-06")]
    with store.session(write=True):
        store.run('DELETE FROM "change"', [])
    promise(store, contract, row, date(2024, 3, 18))
    seen = []
    real = store.context
    monkeypatch.setattr(store, "context", lambda cause="", depth=0, quiet=False: seen.append(cause) or real(cause, depth, quiet))
    tick(setting, MORNING + timedelta(hours=3))
    assert "run 4: site.r" in seen
    assert work(store) == [("open", "2024-03-13")]
