"""Messages over both databases: what they say, and what that costs."""

from datetime import date, datetime

import pytest

from engine.running import apply
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from tests.running.sites import shipped_sections

MORNING = datetime(2024, 2, 29, 8)


def written_to(store, number):
    with store.session(write=True), store.context(quiet=True):
        for n in range(1, number + 1):
            customer = store.insert_many("customer", [{"number": n, "name": f"Maier {n}", "email": f"a{n}@example.org", "language": "en" if n == 2 else "de"}])[
                0
            ]
            car = store.insert_many("vehicle", [{"vin": f"V{n}", "model": "Focus", "owner": customer}])[0]
            store.insert_many("delivery", [{"number": f"D{n}", "customer": customer, "vehicle": car, "delivered_on": date(2024, 2, 28)}])
    sections = shipped_sections()
    body = {"de": "Ihr {{ vehicle.model }}, {{ customer.name }}", "en": "Your {{ vehicle.model }}, {{ customer.name }}"}
    sections["templates"]["hello"] = {"label": "Hallo", "subject": "Ford {{ number }}", "body": body}
    rule = {
        "label": "R",
        "for": "delivery",
        "purpose": "service",
        "ground": "delivery.delivered_on",
        "date": "1 day after delivered_on",
        "do": {"m": {"message": "hello", "to": "customer"}},
    }
    sections["rules"] = {"site.r": rule}
    compiled = compile_sections(sections)
    assert not compiled.problems
    return compiled.over(store)


def test_a_message_is_filled_in_from_its_subject_in_the_customers_language(store):
    tick(written_to(store, 2), MORNING)
    rows = store.rows("SELECT subject, body, language FROM message ORDER BY id", [])
    assert [tuple(row) for row in rows] == [("Ford D1", "Ihr Focus, Maier 1", "de"), ("Ford D2", "Your Focus, Maier 2", "en")]


@pytest.mark.parametrize("number", [1, 30])
def test_what_messages_name_is_loaded_at_once(store, number, monkeypatch):
    setting = written_to(store, number)
    loads = []
    real = apply.load
    monkeypatch.setattr(apply, "load", lambda *args: loads.append(args) or real(*args))
    tick(setting, MORNING)
    assert store.rows("SELECT COUNT(*) FROM message", [])[0][0] == number
    assert len(loads) <= 3


def with_offers(store, do):
    setting_sections = shipped_sections()
    setting_sections["templates"]["hello"] = {"label": "Hallo", "subject": "Angebote", "body": "Anbei"}
    setting_sections["rules"] = {
        "site.r": {
            "label": "R",
            "for": "opportunity",
            "purpose": "service",
            "ground": "opportunity.requested_contact",
            "on": "opportunity.lost",
            "do": {"m": do},
        }
    }
    compiled = compile_sections(setting_sections)
    assert not compiled.problems
    with store.session(write=True), store.context(quiet=True):
        for n in (1, 2):
            store.insert_many("customer", [{"number": n, "name": f"Maier {n}", "email": f"a{n}@example.org"}])
            store.insert_many("opportunity", [{"number": f"O{n}", "customer": n, "status": "open", "requested_contact": True}])
        rows = [("A", 1, "draft"), ("B", 1, "sent"), ("C", 1, "declined"), ("D", 2, "draft"), ("E", 1, "expired")]
        for number, case, status in rows:
            store.insert_many("offer", [{"number": number, "customer": case, "opportunity": case, "status": status}])
        for title in ("alt", "neu"):
            store.insert_many("document", [{"customer": 1, "offer": 1, "title": title, "file": f"{title}.pdf"}])
    return compiled.over(store)


def test_open_offers_are_attached_each_with_its_newest_document(store):
    setting = with_offers(store, {"message": "hello", "to": "customer", "attach": "open_offers"})
    tick(setting, MORNING)
    with store.session(write=True):
        store.update_many("opportunity", [{"id": 1, "status": "lost"}, {"id": 2, "status": "lost"}])
    tick(setting, MORNING.replace(hour=9))
    sql = (
        "SELECT m.customer, o.number, d.file FROM message_attachment x JOIN message m ON m.id = x.message"
        " JOIN offer o ON o.id = x.offer LEFT JOIN document d ON d.id = x.document ORDER BY x.id"
    )
    assert sorted(tuple(row) for row in store.rows(sql, [])) == [(1, "A", "neu.pdf"), (1, "B", None), (2, "D", None)]


def test_a_message_that_is_blocked_attaches_nothing(store):
    setting = with_offers(store, {"message": "hello", "to": "customer", "attach": "open_offers", "channel": ["sms"]})
    tick(setting, MORNING)
    with store.session(write=True):
        store.update_many("opportunity", [{"id": 1, "status": "lost"}])
    tick(setting, MORNING.replace(hour=9))
    assert [tuple(row) for row in store.rows("SELECT status FROM message", [])] == [("blocked",)]
    assert store.rows("SELECT COUNT(*) FROM message_attachment", [])[0][0] == 0
