"""An old store is upgraded after a backup; what is new is there and watched, what was there is kept."""

import sqlite3

import pytest

from engine.language.findings import RegelwerkError
from engine.store.migrations import upgrade
from engine.store.store import SCHEMA_VERSION, Store

NEW_IN_2 = ("message_attachment", "reminder", "received", "incident", "timer", "token", "instance")


NEW_COLUMNS_IN_3 = (("activity", "agreed_at"), ("customer", "advertising_suspended"))


def to_version_3(path):
    """What version 3 wrote, made of a new store by taking out what came after."""
    with sqlite3.connect(path) as db:
        db.execute("DROP TABLE near_miss")
        db.execute("UPDATE schema_version SET version = 3")


def to_version_2(path):
    """What version 2 wrote, made of a new store by taking out what came after."""
    to_version_3(path)
    with sqlite3.connect(path) as db:
        for table, column in NEW_COLUMNS_IN_3:
            for operation in ("insert", "update", "delete"):
                db.execute(f"DROP TRIGGER log_{table}_{operation}")
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
            for operation in ("insert", "update", "delete"):
                db.execute(f"CREATE TRIGGER log_{table}_{operation} AFTER {operation} ON {table} BEGIN SELECT 1; END")
        db.execute("ALTER TABLE occurrence DROP COLUMN version")
        for column in ("since_at", "until_at"):
            db.execute(f"ALTER TABLE definition_version DROP COLUMN {column}")
        db.execute("ALTER TABLE definition_version RENAME TO workflow_version")
        db.execute("UPDATE schema_version SET version = 2")


def to_version_1(path):
    """What version 1 wrote, made of a new store by taking out what came after."""
    to_version_2(path)
    with sqlite3.connect(path) as db:
        for operation in ("insert", "update", "delete"):
            db.execute(f"DROP TRIGGER log_questionnaire_response_{operation}")
        db.execute("DROP INDEX ix_questionnaire_response_activity")
        db.execute("ALTER TABLE questionnaire_response DROP COLUMN activity")
        for operation in ("insert", "update", "delete"):
            db.execute(f"CREATE TRIGGER log_questionnaire_response_{operation} AFTER {operation} ON questionnaire_response BEGIN SELECT 1; END")
        for table in (*NEW_IN_2, "workflow_version"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE schema_version SET version = 1")


def test_version_1_becomes_the_present_one(tmp_path):
    path = tmp_path / "old.db"
    store = Store.open(path, create=True)
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1, "name": "Müller"}])
    store.close()
    to_version_1(path)
    with pytest.raises(RegelwerkError, match="db upgrade"):
        Store.open(path)
    store = Store.open(path, upgrading=True)
    assert upgrade(store, SCHEMA_VERSION, tmp_path / "before.db") == list(range(2, SCHEMA_VERSION + 1))
    store.close()
    assert sqlite3.connect(tmp_path / "before.db").execute("SELECT MAX(version) FROM schema_version").fetchone() == (1,)
    store = Store.open(path)
    assert [tuple(row) for row in store.rows("SELECT number, name FROM customer", [])] == [(1, "Müller")]
    with store.session(write=True):
        store.run('DELETE FROM "change"', [])
        activity = store.insert_many("activity", [{"kind": "phone_call", "status": "open", "customer": 1}])[0]
        store.insert_many("reminder", [{"activity": activity}])
        store.insert_many("questionnaire_response", [{"questionnaire": "q", "customer": 1, "activity": activity}])
        store.insert_many("instance", [{"definition": "a.b", "subject_entity": "customer", "subject_id": 1, "occurrence": "x"}])
    seen = [row[0] for row in store.rows('SELECT row_entity FROM "change" ORDER BY id', [])]
    assert seen == ["activity", "reminder", "questionnaire_response"]
    with pytest.raises(Exception, match="UNIQUE|unique"), store.session(write=True):
        store.insert_many("instance", [{"definition": "a.b", "subject_entity": "customer", "subject_id": 1, "occurrence": "x"}])
    store.close()


def test_version_2_becomes_version_3(tmp_path):
    path = tmp_path / "old.db"
    store = Store.open(path, create=True)
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1, "name": "Müller"}])
    store.close()
    to_version_2(path)
    store = Store.open(path, upgrading=True)
    assert upgrade(store, 3, None) == [3]
    with store.session(write=True):
        store.run('DELETE FROM "change"', [])
        store.update_many("customer", [{"id": 1, "advertising_suspended": True}])
    assert [row[0] for row in store.rows('SELECT row_entity FROM "change"', [])] == ["customer"]
    assert [tuple(row) for row in store.rows("SELECT name, advertising_suspended FROM customer", [])] == [("Müller", 1)]
    store.close()


def test_version_3_becomes_version_4(tmp_path):
    path = tmp_path / "old.db"
    Store.open(path, create=True).close()
    to_version_3(path)
    with pytest.raises(RegelwerkError, match="db upgrade"):
        Store.open(path)
    store = Store.open(path, upgrading=True)
    assert upgrade(store, 4, None) == [4]
    with store.session(write=True):
        store.insert_many("near_miss", [{"definition": "a.b", "subject_entity": "customer", "reason": "condition", "number": 1}])
    assert "definition_reason" in str(store.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'near_miss'", []))
    store.close()


def test_version_3_becomes_version_4_on_a_server(pg_dsn):
    store = Store.open(pg_dsn, create=True)
    with store.session(write=True):
        store.execute("DROP TABLE near_miss")
        store.run("UPDATE schema_version SET version = 3", [])
    store.close()
    store = Store.open(pg_dsn, upgrading=True)
    assert upgrade(store, 4, None) == [4]
    with store.session(write=True):
        store.insert_many("near_miss", [{"definition": "a.b", "subject_entity": "customer", "reason": "condition", "number": 1}])
    store.close()
