"""What people record and change by hand: record, consent, activity, absence; who may; the store's own commands."""

import json
import sqlite3
from datetime import date

import pytest

from engine.commands import run
from engine.site import load_site
from engine.store.store import SCHEMA_VERSION
from tests.commands.calling import typing

CLOCK = ["--now", "2026-03-02T10:00"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    store = load_site(folder).open_store()
    with store.session(write=True), store.context(quiet=True):
        ana, bob, eva, mia = store.insert_many("employee", [{"initials": i} for i in ("ana", "bob", "eva", "mia")])
        store.update_many("employee", [{"id": ana, "deputy": bob, "manager": eva}, {"id": bob, "deputy": None, "manager": eva}])
        store.insert_many("employee_role", [{"employee": eva, "role": "sales_manager"}, {"employee": ana, "role": "salesperson"}])
        store.insert_many("customer", [{"number": 4711, "name": "Öhler", "salesperson": ana, "country": "AT"}])
    store.close()
    return folder


@pytest.fixture
def call(capsys, site):
    return typing(capsys, site, CLOCK)


def rows(site, sql):
    store = load_site(site).open_store()
    found = [tuple(row) for row in store.rows(sql, [])]
    store.close()
    return found


@pytest.mark.req("S0.2", "S0.34", "S0.13", "S0.14")
def test_a_tag_by_hand_has_lifetime_poster_and_grade(site, call):
    call("record", "tag", "customer=4711", "kind=motorradclub", "value=MC Köln", "--user", "ana")
    call("record", "tag", "customer=4711", "kind=zufriedenheit", "grade=2", "--user", "ana")
    found = rows(
        site, "SELECT t.kind, t.value, t.posted_on, t.valid_until_on, e.initials, t.scale, t.grade_score FROM tag t JOIN employee e ON e.id = t.posted_by"
    )
    assert found[0][:3] == ("motorradclub", "MC Köln", "2026-03-02")
    assert found[1] == ("zufriedenheit", None, "2026-03-02", "2027-03-02", "ana", "AT", 750)
    assert "the tag 'werbesperre' cannot be posted by hand" in call("record", "tag", "customer=4711", "kind=werbesperre", code=2)
    assert "did you mean 'motorradclub'" in call("record", "tag", "customer=4711", "kind=motorradklub", code=2)
    assert "grade 6 is not on the AT scale" in call("record", "tag", "customer=4711", "kind=zufriedenheit", "grade=6", code=2)


def test_a_single_kind_is_renewed_and_its_past_stays(site, call):
    for _ in range(2):
        call("record", "tag", "customer=4711", "kind=inspektionskunde")
    assert rows(site, "SELECT taken_back_on FROM tag ORDER BY id") == [("2026-03-02",), (None,)]


@pytest.mark.req("S3.4", "S3.15", "S3.16", "S3.17", "S3.21", "S3.22")
def test_history_is_added_changed_and_deleted_by_those_who_may(site, call):
    call("record", "history_entry", "customer=4711", "action=complaint_call", "content=laut", "field5=ja", "--user", "ana")
    assert "is not one of" in call("record", "history_entry", "customer=4711", "action=shouting", code=2)
    assert "bob may not change and delete other people's history entries" in call("record", "history_entry", "--set", "1", "content=x", "--user", "bob", code=1)
    call("record", "history_entry", "--set", "1", "content=leise", "--user", "ana")
    assert "ask somebody with the role sales_manager or service_manager" in call("record", "history_entry", "--delete", "1", "--user", "bob", code=1)
    call("record", "history_entry", "--delete", "1", "--user", "eva")
    found = rows(site, "SELECT h.entered_on, h.action, h.content, h.field5, e.initials FROM history_entry h JOIN employee e ON e.id = h.deleted_by")
    assert found == [("2026-03-02", None, None, 0, "eva")]
    assert "is deleted" in call("record", "history_entry", "--set", "1", "content=x", code=1)
    assert "laut" not in call("customer", "4711")


def test_all_mistakes_are_named_at_once_and_nothing_is_written(site, call):
    said = call("record", "visit", "customer=1", "kindd=workshop", "visited_on=31.02.2026", "amount=viel", "vehicle", code=2)
    assert said.splitlines() == [
        "customer: there is no customer 1; it is known by its number",
        "visit has no field 'kindd'; did you mean 'kind'?",
        "visited_on: '31.02.2026' is no day; write it as dd.mm.yyyy",
        "amount: 'viel' is no number; write e.g. 1234,50",
        "'vehicle' gives no value; write field=value",
    ]
    assert "a visit needs number and customer; add number=... customer=..." in call("record", "visit", code=2)
    assert "did you mean 'visit'?" in call("record", "visitt", code=2)
    assert "is not recorded by hand" in call("record", "occurrence", "definition=x", code=2)
    assert "use `regelwerk consent`" in call("record", "consent", "customer=4711", code=2)
    assert rows(site, "SELECT COUNT(*) FROM visit") == [(0,)]


def test_a_record_is_changed_by_its_key(site, call):
    call("record", "customer", "number=12", "name=Groß", "birthday=29.02.2000", "branch=")
    call("record", "customer", "--set", "12", "name=Größe", "deceased=ja")
    assert rows(site, "SELECT name, birthday, deceased, recorded_on FROM customer WHERE number = 12") == [("Größe", "2000-02-29", 1, "2026-03-02")]
    assert "there is a customer with number 4711 already" in call("record", "customer", "number=4711", code=2)
    assert "there is no customer 99" in call("record", "customer", "--set", "99", "name=x", code=2)
    assert "must not be empty" in call("record", "customer", "--set", "12", "number=", code=2)


def test_nothing_is_recorded_past_the_gate(site, call):
    mail = ["customer=4711", "channel=email", "purpose=advertising", "address=a@example.org"]
    assert "only the engine decides that status is 'queued'; one of accepted, failed, cancelled" in call("record", "message", *mail, "status=queued", code=2)
    assert "accepted needs accepted_at; add accepted_at=..." in call("record", "message", *mail, "status=accepted", code=2)
    assert "the definition of a message is not changed by hand" in call("record", "message", *mail, "definition=standard.birthday", code=2)
    call("record", "message", *mail, "status=accepted", "accepted_at=01.03.2026 08:00")
    assert "the status and address of a message is not changed by hand" in call("record", "message", "--set", "1", "status=failed", "address=b@c.de", code=2)
    call("record", "activity", "kind=phone_call", "customer=4711")
    said = call("record", "activity", "--set", "1", "status=done", "outcome=reached", code=2)
    assert "the status and outcome of an activity is not changed by hand; use `regelwerk done` or `regelwerk activity`" in said


def test_work_is_of_a_declared_kind_and_its_outcome_is_one_of_it(call):
    assert "there is no kind of activity 'phonecall'; did you mean 'phone_call'?" in call("record", "activity", "kind=phonecall", "customer=4711", code=2)
    call("record", "activity", "kind=phone_call", "customer=4711")
    assert "a phone_call never ends with 'nope'" in call("done", "1", "nope", code=2)


@pytest.mark.req("S4.19", "S2.14", "S2.15")
def test_work_is_recorded_moved_given_and_cancelled(site, call):
    call("record", "activity", "kind=phone_call", "customer=4711", "due_on=05.03.2026", "note=Rückruf", "--user", "ana")
    assert call("agenda", "--user", "ana") == "nothing is due\n"
    assert "Rückruf" in call("agenda", "--user", "ana", "--until", "2026-03-05")
    call("activity", "move", "1", "09.03.2026", "--at", "14:30", "--user", "ana")
    assert rows(site, "SELECT due_on, due_at, due_by_hand FROM activity") == [("2026-03-09", "2026-03-09 13:30:00.000000", 1)]
    assert "bob may not move, assign and cancel other people's work" in call("activity", "assign", "1", "bob", "--user", "bob", code=1)
    assert "there is no employee 'bub'" in call("activity", "assign", "1", "bub", code=2)
    call("activity", "assign", "1", "bob", "--user", "eva")
    call("activity", "cancel", "1", "--because", "verkauft", "--user", "bob")
    assert rows(site, "SELECT status, outcome, assigned_because FROM activity") == [("cancelled", "verkauft", "by hand: eva")]
    for command in (["move", "1", "2026-03-10"], ["assign", "1", "ana"], ["cancel", "1"]):
        assert "activity 1 is cancelled (verkauft); only open work can be changed" in call("activity", *command, code=1)
    assert "there is no activity 7" in call("activity", "cancel", "7", code=2)
    assert "is no day" in call("activity", "move", "1", "morgen", code=2)


@pytest.mark.req("S1.57")
def test_an_absence_hands_over_what_is_due_in_it(site, call):
    for day in ("05.03.2026", "20.03.2026"):
        call("record", "activity", "kind=phone_call", "customer=4711", f"due_on={day}", "--user", "ana")
    moved = json.loads(call("absence", "ana", "04.03.2026", "10.03.2026", "--user", "ana", "--json"))["moved"]
    assert moved == [{"activity": 1, "due": "2026-03-05", "to": "bob", "because": "deputy of ana"}]
    assert json.loads(call("absence", "bob", "04.03.2026", "06.03.2026", "--reason", "illness", "--json"))["moved"][0]["to"] == "eva"
    assert json.loads(call("absence", "ana", "04.03.2026", "10.03.2026", "--deputy", "mia", "--json"))["moved"] == []
    assert rows(site, "SELECT COUNT(*) FROM absence") == [(2,)]
    assert "bob may not" in call("absence", "ana", "2026-04-01", "2026-04-02", "--user", "bob", code=1)
    assert "2026-04-01 is before 2026-04-02" in call("absence", "ana", "2026-04-02", "2026-04-01", code=2)


def test_work_that_nobody_is_present_for_stays_with_who_is_away(site, call):
    call("record", "activity", "kind=phone_call", "customer=4711", "due_on=05.03.2026", "--user", "ana")
    for one in [row[0] for row in rows(site, "SELECT initials FROM employee WHERE initials <> 'ana'")]:
        call("absence", one, "01.03.2026", "31.03.2026")
    (moved,) = json.loads(call("absence", "ana", "04.03.2026", "10.03.2026", "--user", "ana", "--json"))["moved"]
    assert (moved["to"], moved["because"]) == ("ana", "nobody is present for it")
    call("run", "--now", "2026-03-05T10:00")
    assert rows(site, "SELECT e.initials FROM activity a JOIN employee e ON e.id = a.assignee") == [("ana",)]


@pytest.mark.req("S1.58")
def test_a_run_moves_the_work_of_those_who_left(site, call):
    call("record", "activity", "kind=phone_call", "customer=4711", "due_on=02.03.2026", "--user", "ana")
    store = load_site(site).open_store()
    with store.session(write=True):
        store.update_many("employee", [{"id": 1, "left_on": date(2026, 3, 1)}])
    store.close()
    call("run")
    assert "deputy of ana" in str(rows(site, "SELECT assigned_because FROM activity"))
    assert "phone_call" in call("agenda", "--user", "bob")


def test_consent_as_typed(site, call):
    proof = ["--text", "v3", "--source", "counter", "--evidence", "form 17"]
    assert "it counts after `regelwerk consent confirm 1`" in call("consent", "give", "4711", "email", *proof, "--user", "ana")
    call("consent", "confirm", "1")
    assert "there is no consent 9" in call("consent", "confirm", "9", code=2)
    assert "form 17" in call("consent", "show", "4711")
    assert call("consent", "object", "4711") == "objection 1 noted\n"
    assert call("consent", "object", "4711", "sms") == "that objection stands already\n"
    assert call("consent", "withdraw", "4711") == "1 ended\n"
    assert "consent 1 was withdrawn" in call("consent", "confirm", "1", code=1)
    assert "there is no customer 12" in call("consent", "show", "12", code=2)


def test_the_law_s_tag_is_not_taken_back_by_hand(site, call):
    call("consent", "object", "4711")
    call("run")
    assert "the tag 'werbesperre' follows from objections" in call("record", "tag", "--set", "1", "taken_back_on=01.03.2026", code=2)


def test_the_law_is_not_paused(call):
    assert "law.werbesperre follows from the law and is not paused" in call("pause", "law.werbesperre", code=2)


def test_a_blocked_call_may_be_done_and_it_is_said(site, call):
    call("record", "activity", "kind=phone_call", "customer=4711")
    store = load_site(site).open_store()
    with store.session(write=True):
        store.update_many("activity", [{"id": 1, "status": "blocked", "blocked_because": "Werbewiderspruch"}])
    store.close()
    assert call("done", "1", "reached") == "activity 1: reached\nit was blocked: Werbewiderspruch\n"


def test_only_those_who_may_release_and_pause(call):
    for command in (["release", "standard.birthday"], ["discard", "standard.birthday"], ["pause"], ["resume"]):
        assert "ana may not release and discard what is held, pause and resume" in call(*command, "--user", "ana", code=1)
        call(*command, "--user", "eva")


def test_the_store_s_own_commands(site, call, tmp_path):
    found = json.loads(call("db", "status", "--json"))
    assert (found["provider"], found["schema"], found["rows"]["employee"]) == ("sqlite", SCHEMA_VERSION, 4)
    assert call("db", "check") == "the store is sound\n"
    call("db", "backup", str(tmp_path / "copy.db"))
    assert sqlite3.connect(tmp_path / "copy.db").execute("SELECT COUNT(*) FROM employee").fetchone() == (4,)
    assert "exists already" in call("db", "backup", str(tmp_path / "copy.db"), code=2)
    assert "there is no folder" in call("db", "backup", str(tmp_path / "no" / "copy.db"), code=2)
    with sqlite3.connect(site / "regelwerk.db") as raw:
        raw.execute("DROP TRIGGER log_visit_insert")
    capsys_text = run(["db", "check", "--site", str(site)])
    assert capsys_text == 1


def test_an_older_store_is_upgraded_after_a_backup(site, call, monkeypatch):
    from engine.commands import stores
    from engine.store import migrations, store

    now = store.SCHEMA_VERSION
    monkeypatch.setattr(store, "SCHEMA_VERSION", now + 1)
    monkeypatch.setattr(stores, "SCHEMA_VERSION", now + 1)
    monkeypatch.setitem(migrations.STEPS, now + 1, lambda opened: opened.execute("CREATE TABLE added (id INTEGER)"))
    assert "run `regelwerk db upgrade`; it makes a backup first" in call("status", code=1)
    assert f"regelwerk.schema-{now}.db" in call("db", "upgrade")
    assert (site / f"regelwerk.schema-{now}.db").exists()
    assert "already" in call("db", "upgrade")
    call("status")


def test_a_failed_upgrade_leaves_the_store_as_it_was(site, call, monkeypatch):
    from engine.commands import stores
    from engine.store import migrations, store

    def broken(opened):
        opened.execute("CREATE TABLE added (id INTEGER)")
        raise RuntimeError

    now = store.SCHEMA_VERSION
    monkeypatch.setattr(store, "SCHEMA_VERSION", now + 1)
    monkeypatch.setattr(stores, "SCHEMA_VERSION", now + 1)
    monkeypatch.setitem(migrations.STEPS, now + 1, broken)
    call("db", "upgrade", code=70)
    monkeypatch.undo()
    call("status")
    assert rows(site, "SELECT COUNT(*) FROM sqlite_master WHERE name = 'added'") == [(0,)]
