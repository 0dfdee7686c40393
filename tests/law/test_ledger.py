"""The consent ledger on both databases (P18 to P26), and the tag that follows from it (built-in tag 160)."""

from datetime import date, datetime, timedelta

import pytest

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.law import ledger
from engine.law.digests import digest
from engine.law.gate import decide, facts
from engine.running.tick import tick
from engine.store.imports import load_file
from tests.running.sites import shipped

NOW = datetime(2026, 3, 2, 9)
PROOF = ledger.Evidence("v3", "counter", "form 17")


@pytest.fixture
def anna(store):
    with store.session(write=True):
        row = {"number": 1, "email": "Anna@Beispiel.de", "mobile": "0171 / 2345", "country": "DE", "street": "Weg 1", "city": "Köln"}
        return store.insert_many("customer", [row])[0]


def allowed(store, customer, channel="email", now=NOW):
    return decide(facts(store, [customer])[customer], "advertising", channel, now).allowed


def test_p18_p19_consent_counts_when_documented_and_an_e_mail_s_when_confirmed(store, anna):
    with store.session(write=True), pytest.raises(RegelwerkError, match="does not count"):
        ledger.give(store, anna, "email", ledger.Evidence("v3", "", "form"), NOW)
    with store.session(write=True):
        entry = ledger.give(store, anna, "email", PROOF, NOW)
    assert not allowed(store, anna)
    with store.session(write=True):
        ledger.confirm(store, entry, NOW)
        ledger.confirm(store, entry, NOW + timedelta(days=1))
    assert allowed(store, anna)
    assert str(store.rows("SELECT confirmed_at FROM consent", [])[0][0])[:10] == "2026-03-02"


def test_p21_withdrawal_ends_consent_and_cancels_what_is_queued(store, anna):
    with store.session(write=True):
        ledger.give(store, anna, "sms", PROOF, NOW)
        ledger.give(store, anna, "phone", PROOF, NOW)
        rows = [
            {"customer": anna, "status": "queued", "channel": c, "purpose": p}
            for c, p in (("sms", "advertising"), ("sms", "service"), ("letter", "advertising"))
        ]
        store.insert_many("message", rows)
    assert allowed(store, anna, "sms")
    with store.session(write=True):
        assert ledger.withdraw(store, anna, "sms", NOW) == 1
    assert not allowed(store, anna, "sms")
    assert allowed(store, anna, "phone")
    assert [row[0] for row in store.rows("SELECT status FROM message ORDER BY id", [])] == ["cancelled", "queued", "queued"]
    with store.session(write=True):
        assert ledger.withdraw(store, anna, None, NOW) == 1
        assert ledger.withdraw(store, anna, None, NOW) == 0


def test_p25_an_objection_holds_until_new_consent_for_its_channel(store, anna):
    with store.session(write=True):
        assert ledger.object_to(store, anna, None, date(2026, 3, 2), source="letter")
        assert ledger.object_to(store, anna, "email", date(2026, 3, 3)) is None
        ledger.give(store, anna, "phone", PROOF, NOW)
    assert allowed(store, anna, "phone")
    assert not allowed(store, anna, "letter")
    standing = store.rows("SELECT channel, source FROM objection WHERE lifted_on IS NULL ORDER BY channel", [])
    assert [tuple(row) for row in standing] == [(channel, "letter") for channel in ("email", "letter", "messenger", "sms")]
    with store.session(write=True):
        entry = ledger.give(store, anna, "email", PROOF, NOW)
    assert not allowed(store, anna)
    with store.session(write=True):
        ledger.confirm(store, entry, NOW)
    assert allowed(store, anna)


def test_p26_a_suppressed_address_stays_suppressed_however_it_comes_in_again(store, anna):
    with store.session(write=True):
        assert ledger.suppress(store, anna, date(2026, 3, 2)) == 3
        assert ledger.suppress(store, anna, date(2026, 3, 3)) == 0
        store.run("DELETE FROM customer WHERE id = ?", [anna])
        again = store.insert_many("customer", [{"number": 2, "email": " anna@beispiel.DE", "mobile": "+491712345", "country": "DE"}])[0]
        ledger.give(store, again, "sms", PROOF, NOW)
    assert facts(store, [again])[again].suppressed == {"email", "sms", "messenger", "phone"}
    assert not allowed(store, again, "sms")
    assert "Anna" not in str(store.rows("SELECT digest FROM suppression", []))


@pytest.mark.parametrize(("one", "other"), [("0171 2345", "+49 171-2345"), ("0049(0)171/2345", "+491712345")])
def test_a_number_has_one_digest_however_it_is_written(one, other):
    assert digest("phone", one) == digest("sms", other)
    assert digest("phone", one, "AT") != digest("phone", one, "DE") or one.startswith("00")


def test_tag_160_follows_from_objections_alone_and_cannot_be_switched_off(store, anna):
    setting = shipped(store, "birthday")
    with store.session(write=True):
        ledger.object_to(store, anna, "email", date(2026, 3, 2))
        ledger.object_to(store, anna, "phone", date(2026, 3, 2), reason="unsubscribed")
    tick(setting, NOW)
    standing = "SELECT value FROM tag WHERE kind = 'werbesperre' AND taken_back_on IS NULL ORDER BY value"
    assert [row[0] for row in store.rows(standing, [])] == ["email", "phone"]
    with store.session(write=True):
        ledger.give(store, anna, "phone", PROOF, NOW)
    tick(setting, NOW + timedelta(days=1))
    assert [row[0] for row in store.rows(standing, [])] == ["email"]


def test_p24_an_import_adds_to_the_ledger_and_never_rewrites_it(store, anna, tmp_path):
    spec = {
        "entity": "consent",
        "key": ["customer", "channel", "given_at"],
        "constants": {"purpose": "advertising"},
        "columns": {"Nr": "customer", "Kanal": "channel", "Am": "given_at", "Beleg": "evidence", "Ende": "withdrawn_at"},
    }
    path = tmp_path / "c.csv"

    def load(line):
        path.write_text(f"Nr;Kanal;Am;Beleg;Ende\n{line}\n", "utf-8")
        found = load_file(store, spec, path, NOW, Calendar())
        return found.taken, [finding.message for finding in found.findings]

    assert load("1;email;01.02.2026 10:00;F1;") == (True, [])
    assert load("1;email;01.02.2026 10:00;F1;03.02.2026 10:00") == (True, [])
    taken, wrong = load("1;email;01.02.2026 10:00;F2;03.02.2026 10:00")
    assert not taken
    assert "evidence" in wrong[0]
    assert load("1;email;01.02.2026 10:00;F1;")[0] is False
