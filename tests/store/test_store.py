from datetime import date, datetime

import pytest

from engine.language.findings import RegelwerkError
from engine.store.store import Store


def changes(store):
    return store.rows('SELECT row_entity, row_id, operation, changed, cause, depth, quiet FROM "change" ORDER BY id', [])


def one_customer(store, **values):
    with store.session(write=True):
        return store.insert_many("customer", [{"number": 1, "name": "Müller", **values}])[0]


def fail_after_writing(store, number):
    with store.session(write=True):
        store.insert_many("customer", [{"number": number}])
        raise ZeroDivisionError


def test_every_way_of_writing_is_seen(store):
    row = one_customer(store)
    with store.session(write=True):
        store.entities["customer"][row].name = "Ärmel"
    with store.session(write=True):
        store.run("UPDATE customer SET birthday = ? WHERE id = ?", [date(2000, 2, 29), row])
    with store.session(write=True):
        store.update_many("customer", [{"id": row, "name": "Ärmel"}])
    with store.session(write=True):
        store.run("DELETE FROM customer WHERE id = ?", [row])
    assert [(entry[0], entry[1], entry[2]) for entry in changes(store)] == [("customer", row, what) for what in ("insert", "update", "update", "delete")]
    assert '"Ärmel"' in changes(store)[1][3]


def test_a_row_that_replaces_another_is_seen_as_both(tmp_path):
    store = Store.open(tmp_path / "s.db", create=True)
    row = one_customer(store)
    with store.session(write=True):
        store.run("INSERT OR REPLACE INTO customer (id, number, name, deceased, moved) SELECT id + 1, number, name, deceased, moved FROM customer", [])
    assert [(entry[1], entry[2]) for entry in changes(store)] == [(row, "insert"), (row, "delete"), (row + 1, "insert")]
    store.close()


def test_a_table_cannot_be_emptied_unseen(pg_dsn):
    store = Store.open(pg_dsn, create=True)
    one_customer(store)
    with pytest.raises(Exception, match="TRUNCATE leaves no trace"), store.session(write=True):
        store.run("TRUNCATE customer CASCADE", [])
    assert store.rows("SELECT COUNT(*) FROM customer", [])[0][0] == 1
    store.close()


def test_changes_carry_their_context(store):
    with store.session(write=True), store.context(cause="import 7", depth=2, quiet=True):
        store.insert_many("customer", [{"number": 1}])
    with store.session(write=True):
        store.insert_many("customer", [{"number": 2}])
    assert [(entry[4], entry[5], bool(entry[6])) for entry in changes(store)] == [("import 7", 2, True), (None, 0, False)]


def test_a_failed_session_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError):
        fail_after_writing(store, 1)
    assert store.rows("SELECT COUNT(*) FROM customer", [])[0][0] == 0


def numbers(store):
    return [row[0] for row in store.rows("SELECT number FROM customer ORDER BY number", [])]


def test_a_failed_session_inside_another_takes_back_its_own_rows_only(store):
    with store.session(write=True):
        one_customer(store)
        with pytest.raises(ZeroDivisionError):
            fail_after_writing(store, 2)
        with store.session(write=True):
            store.insert_many("customer", [{"number": 3}])
            with pytest.raises(ZeroDivisionError):
                fail_after_writing(store, 4)
    assert numbers(store) == [1, 3]


def test_a_statement_that_fails_inside_leaves_the_outer_session_usable(store):
    with store.session(write=True), store.context(cause="outer", depth=1):
        one_customer(store)
        with pytest.raises(Exception, match=r"(?i)unique"), store.session(write=True), store.context(cause="inner"):
            store.insert_many("customer", [{"number": 1}])
        store.insert_many("customer", [{"number": 2}])
    assert numbers(store) == [1, 2]
    assert [(entry[4], entry[5]) for entry in changes(store)] == [("outer", 1), ("outer", 1)]


def test_nothing_is_written_inside_a_reading_session(store):
    with store.session():
        with pytest.raises(AssertionError, match="write=True"):
            one_customer(store)
        assert numbers(store) == []
    one_customer(store)
    assert numbers(store) == [1]


def test_a_context_gives_back_the_one_around_it(store):
    with store.session(write=True), store.context(cause="outer", depth=3, quiet=True):
        with store.context(cause="inner", depth=1):
            store.insert_many("customer", [{"number": 1}])
        store.insert_many("customer", [{"number": 2}])
        with pytest.raises(ZeroDivisionError), store.context(cause="failing"):
            raise ZeroDivisionError
        store.insert_many("customer", [{"number": 3}])
    one_customer(store, number=4)
    labels = [(entry[4], entry[5], bool(entry[6])) for entry in changes(store)]
    assert labels == [("inner", 1, False), ("outer", 3, True), ("outer", 3, True), (None, 0, False)]


def test_what_is_thrown_away_leaves_nothing(store):
    one_customer(store)
    with store.throwaway() as copy:
        with copy.session(write=True):
            copy.insert_many("customer", [{"number": 2}])
        with pytest.raises(ZeroDivisionError):
            fail_after_writing(copy, 3)
        assert [row[0] for row in copy.rows("SELECT number FROM customer ORDER BY number", [])] == [1, 2]
    assert [row[0] for row in store.rows("SELECT number FROM customer", [])] == [1]


def test_empty_text_is_missing_and_umlauts_stay(store):
    row = one_customer(store, city="", street="Großer Öhrweg")
    assert store.rows("SELECT city, street FROM customer WHERE id = ?", [row])[0] == (None, "Großer Öhrweg")


def test_an_occurrence_has_one_name(store):
    row = {"definition": "a.b", "subject_entity": "customer", "subject_id": 1, "occurrence": "event 1", "effect": "x", "status": "done"}
    with store.session(write=True):
        store.insert_many("occurrence", [row])
    with pytest.raises(Exception, match=r"(?i)unique"), store.session(write=True):
        store.insert_many("occurrence", [row])


def test_several_stores_are_open_at_once(tmp_path):
    one, two = (Store.open(tmp_path / name, create=True) for name in ("1.db", "2.db"))
    one_customer(one)
    assert (one.rows("SELECT COUNT(*) FROM customer", [])[0][0], two.rows("SELECT COUNT(*) FROM customer", [])[0][0]) == (1, 0)


def test_a_store_that_is_none_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "text.db").write_text("this is no database at all")
    for name, hint in (("none.db", "init"), ("text.db", "backup")):
        with pytest.raises(RegelwerkError, match=hint):
            Store.open(tmp_path / name)


def test_a_newer_store_is_refused(tmp_path):
    store = Store.open(tmp_path / "a.db", create=True)
    with store.session(write=True):
        store.run("UPDATE schema_version SET version = ?", [99])
    store.close()
    with pytest.raises(RegelwerkError, match="newer"):
        Store.open(tmp_path / "a.db")


@pytest.mark.req("S2.2", "S2.3", "S2.4", "S2.5", "S4.17", "S1.4", "S1.6")
def test_companies_have_a_hierarchy_and_people_of_their_own(store):
    with store.session(write=True):
        store.insert_many("employee", [{"initials": "ana"}])
        parent = store.insert_many("customer", [{"number": 1, "kind": "company", "name": "Mutter AG"}])[0]
        branch = store.insert_many("customer", [{"number": 2, "kind": "company", "name": "Regional", "parent": parent}])[0]
        boss = store.insert_many("contact_person", [{"customer": branch, "last_name": "Groß", "department": "Einkauf"}])[0]
        store.insert_many("contact_person", [{"customer": branch, "last_name": "Klein", "superior": boss, "department": "Einkauf"}])
    with store.session():
        company = store.entities["customer"].get(number=1)
        below = list(company.subsidiaries)[0]
        assert sorted(person.last_name for person in below.contact_persons) == ["Groß", "Klein"]
        assert next(p for p in below.contact_persons if p.last_name == "Klein").superior.last_name == "Groß"


def test_switches(store):
    with store.session(write=True):
        store.set_switch("pause:", "on", "ana", datetime(2026, 1, 1))
        store.set_switch("pause:", None, "ana", datetime(2026, 1, 2))
    assert store.switch("pause:") is None
