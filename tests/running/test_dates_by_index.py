"""A rule's dates are found by an index, and whoever has one is asked the rest: the same answers, with what it costs following what is due."""

from datetime import date, datetime, timedelta

import pytest

from engine.planning import candidates
from engine.running.tick import tick
from engine.store.indexes import give_indexes
from tests.running.sites import site_of

NOW = datetime(2024, 3, 20, 9)
DO = {"do": {"note": {"history": {"action": "mailing"}}}}
RULES = {
    "site.sold": {
        "label": "S",
        "for": "vehicle",
        "purpose": "internal",
        "date": "60 days after first_registration_on",
        "where": {"visits": {"no": {"kind": "workshop"}}},
        "catch_up": "60 days",
        **DO,
    },
    "site.owned": {"label": "O", "for": "vehicle", "purpose": "internal", "date": "5 days before owner.birthday", "catch_up": "60 days", **DO},
    "site.born": {"label": "B", "for": "customer", "purpose": "internal", "date": "every year on birthday", **DO},
}


def filled(store):
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": n, "birthday": date(2024, 2, 1) + timedelta(days=n)} for n in range(1, 91)])
        store.insert_many("vehicle", [{"vin": f"V{n}", "owner": n, "first_registration_on": date(2023, 11, 1) + timedelta(days=n)} for n in range(1, 91)])
        store.insert_many(
            "visit", [{"number": str(n), "customer": n, "vehicle": n, "kind": "workshop", "visited_on": date(2024, 1, 5)} for n in range(1, 91, 3)]
        )


def indexes(store):
    sql = "SELECT name FROM sqlite_master WHERE type = 'index'" if store.provider == "sqlite" else "SELECT indexname FROM pg_indexes"
    return {str(row[0]) for row in store.rows(sql, [])}


def test_what_dates_count_from_has_an_index(store):
    filled(store)
    before = indexes(store)
    with store.throwaway() as copy:
        tick(site_of(copy, RULES), NOW, lasting=False)
    assert indexes(store) == before
    tick(site_of(store, RULES), NOW)
    assert indexes(store) - before == {"ix_vehicle_first_registration_on", "ix_customer_birthday"}  # `every year` seeks no days: only `owned` wants the second
    tick(site_of(store, RULES), NOW + timedelta(days=1))
    assert len(indexes(store)) == len(before) + 2


def test_a_name_that_a_database_would_cut_off_is_asked_for_once(store):
    name = "d" * 58 + "_on"
    with store.session(write=True):
        store.execute(f'ALTER TABLE vehicle ADD COLUMN "{name}" DATE')
    assert give_indexes(store, {("vehicle", name)}) == [f"ix_vehicle_{name}"[:63]]
    assert give_indexes(store, {("vehicle", name)}) == []


@pytest.mark.parametrize("few", [0, 10, 1000])
def test_asked_by_number_or_of_the_whole_table_the_same_is_found(store, monkeypatch, few):
    monkeypatch.setattr(candidates, "FEW", few)
    filled(store)
    tick(site_of(store, RULES), NOW)
    found = store.rows("SELECT definition, subject_id, day FROM occurrence WHERE status = 'done'", [])
    since = NOW.date() - timedelta(days=60)
    sold = [n for n in range(1, 91) if n % 3 != 1 and since <= date(2023, 12, 31) + timedelta(days=n) <= NOW.date()]
    owned = [n for n in range(1, 91) if since <= date(2024, 1, 27) + timedelta(days=n) <= NOW.date()]
    assert 20 < len(sold) < len(owned)
    assert sorted(row[1] for row in found if row[0] == "site.sold") == sold
    assert sorted(row[1] for row in found if row[0] == "site.owned") == owned
    assert [row[1] for row in found if row[0] == "site.born"] == [48]
