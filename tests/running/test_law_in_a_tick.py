"""The law as a tick asks it: a service needs its recorded fact, reasons speak the site's language, nothing is asked per customer."""

from datetime import date, datetime

import pytest

from engine.law import ledger
from engine.running.calls import block_contacts
from engine.running.compiling import compile_sections
from engine.running.tick import tick
from tests.running.sites import shipped_sections

NOW = datetime(2026, 3, 2, 9)
REMIND = {
    "label": "R", "for": "offer", "purpose": "service", "ground": "offer.opportunity.requested_contact", "date": "3 days before valid_until_on",
    "do": {"write": {"message": "winter_tyres", "channel": ["email"]}, "call": {"activity": "phone_call"}},
}  # fmt: skip


def over(store, rules, **options):
    compiled = compile_sections({**shipped_sections(), "rules": rules})
    assert not compiled.problems, compiled.problems
    return compiled.over(store, **options)


def offered(store, **opportunity):
    with store.session(write=True), store.context(quiet=True):
        anna = store.insert_many("customer", [{"number": 1, "country": "DE", "email": "a@example.org", "mobile": "0171 1"}])[0]
        (asked,) = store.insert_many("opportunity", [{"number": "C", "customer": anna, **opportunity}]) if opportunity else (None,)
        store.insert_many("offer", [{"number": "A", "customer": anna, "opportunity": asked, "valid_until_on": date(2026, 3, 5)}])
    return anna


@pytest.mark.parametrize(("opportunity", "reached"), [({"requested_contact": True}, True), ({"requested_contact": False}, False), ({}, False)])
def test_p13_a_service_whose_fact_is_not_recorded_is_advertising(store, opportunity, reached):
    offered(store, **opportunity)
    tick(over(store, {"site.remind": REMIND}), NOW)
    assert store.rows("SELECT status FROM message", [])[0][0] == ("queued" if reached else "blocked")
    assert store.rows("SELECT status FROM activity", [])[0][0] == ("open" if reached else "blocked")


def test_p15_an_objection_does_not_stop_a_service_that_was_asked_for(store):
    anna = offered(store, requested_contact=True)
    with store.session(write=True):
        store.insert_many("objection", [{"customer": anna, "reason": "objection", "objected_on": date(2026, 1, 1)}])
    tick(over(store, {"site.remind": REMIND}), NOW)
    assert store.rows("SELECT status FROM message", [])[0][0] == "queued"


def test_p23_what_one_person_asked_for_licenses_no_message_to_another(store):
    anna = offered(store, requested_contact=True)
    with store.session(write=True):
        (friend,) = store.insert_many("customer", [{"number": 2, "country": "DE", "email": "b@example.org", "mobile": "0171 2"}])
        store.update_many("opportunity", [{"id": 1, "referrer": friend}])
    do = {"write": {"message": "winter_tyres", "to": "referrer"}, "call": {"activity": "phone_call", "to": "referrer"}, "own": {"message": "winter_tyres"}}
    rule = {"label": "R", "for": "opportunity", "purpose": "service", "ground": "opportunity.requested_contact", "when": [{"requested_contact": True}]}
    tick(over(store, {"site.thank": {**rule, "at_start": "act", "do": do}}), NOW)
    assert dict(store.rows("SELECT customer, status FROM message", [])) == {friend: "blocked", anna: "queued"}
    assert [tuple(row) for row in store.rows("SELECT customer, status FROM activity", [])] == [(friend, "blocked")]


def test_p23_a_ground_is_about_whose_record_holds_it(store):
    anna = offered(store, requested_contact=True)
    with store.session(write=True):
        (friend,) = store.insert_many("customer", [{"number": 2, "country": "DE", "email": "b@example.org"}])
        store.update_many("opportunity", [{"id": 1, "customer": friend}])
    tick(over(store, {"site.remind": REMIND}), NOW)
    assert dict(store.rows("SELECT customer, status FROM message", [])) == {anna: "blocked"}


def test_p13_a_service_without_its_fact_is_written_as_advertising_so_that_an_objection_cancels_it(store):
    anna = offered(store, requested_contact=False)
    with store.session(write=True):
        ledger.give(store, anna, "sms", ledger.Evidence("v3", "counter", "form 17"), NOW)
    rule = {**REMIND, "do": {"write": {"message": "winter_tyres", "channel": ["sms"]}}}
    tick(over(store, {"site.remind": rule}), NOW)
    assert [tuple(row) for row in store.rows("SELECT purpose, status FROM message", [])] == [("advertising", "queued")]
    with store.session(write=True):
        store.insert_many("objection", [{"customer": anna, "channel": "sms", "objected_on": NOW.date()}])
        ledger.cancel_objected(store, [anna])
    assert store.rows("SELECT status FROM message", [])[0][0] == "cancelled"


@pytest.mark.parametrize(("language", "reason"), [("de", "keine Einwilligung für E-Mail"), ("en", "no e-mail consent")])
def test_the_reason_is_in_the_language_of_the_site(store, language, reason):
    offered(store)
    tick(over(store, {"site.remind": REMIND}, language=language), NOW)
    assert reason in store.rows("SELECT blocked_because FROM message", [])[0][0]


def statements(store, monkeypatch, setting, now):
    """How many statements a tick sends, whatever they ask."""
    sent = []
    plain = store.db._exec_sql
    monkeypatch.setattr(store.db, "_exec_sql", lambda *a, **k: sent.append(a[0]) or plain(*a, **k))
    tick(setting, now)
    monkeypatch.undo()
    return len(sent)


def test_a_tick_asks_no_more_for_two_hundred_customers_than_for_twenty(store, monkeypatch):
    do = {
        "write": {"message": "winter_tyres", "channel": ["email", "letter"]},
        "call": {"activity": "phone_call", "assign": ["salesperson"], "note": "{{ name }}"},
        "show": {"list": "never_in_workshop"},
        "mark": {"tag": "mailing"},
    }
    rule = {"label": "R", "for": "customer", "purpose": "advertising", "when": [{"deceased": False}], "at_start": "act", "do": do}
    setting = over(store, {"site.all": rule})

    def come(first, number):
        with store.session(write=True):
            store.insert_many("customer", [{"number": n, "name": f"K{n}", "email": f"{n}@example.org"} for n in range(first, first + number)])

    come(1, 20)
    few = statements(store, monkeypatch, setting, NOW)
    come(1000, 200)
    many = statements(store, monkeypatch, setting, datetime(2026, 3, 3, 9))
    assert store.rows("SELECT COUNT(*) FROM message", [])[0][0] == 220
    assert many <= few + 4, (few, many)


def setting_rules():
    """A rule of each purpose."""
    base = {"label": "R", "for": "offer", "when": [{"id": {"at_least": 1}}], "at_start": "act"}
    service = {"purpose": "service", "ground": "offer.opportunity.requested_contact"}
    return {
        "site.sell": {**base, "purpose": "advertising", "do": {"call": {"activity": "phone_call"}}},
        "site.serve": {**base, **service, "do": {"call": {"activity": "service_call"}}},
        "site.sort": {**base, "purpose": "internal", "do": {"note": {"activity": "vehicle_offer"}}},
    }


def planned(store):
    """A customer who agreed to calls, with a call of each purpose planned, one planned by hand and work that reaches nobody."""
    anna = offered(store, requested_contact=True)
    proof = ledger.Evidence("v3", "counter", "form 17")
    with store.session(write=True):
        ledger.give(store, anna, "phone", proof, NOW)
    setting = over(store, setting_rules())
    tick(setting, NOW)
    with store.session(write=True):
        store.insert_many("activity", [{"kind": "phone_call", "status": "open", "customer": anna}])
    return anna, setting, proof


def calls(store):
    return [tuple(row) for row in store.rows("SELECT kind, status, blocked_because IS NULL FROM activity ORDER BY id", [])]


def test_p25_an_objection_blocks_planned_calls_at_once_and_new_consent_frees_them_at_the_next_run(store):
    anna, setting, proof = planned(store)
    rest = [("service_call", "open", True), ("vehicle_offer", "open", True), ("phone_call", "open", True)]
    assert sorted(calls(store)) == sorted([("phone_call", "open", True), *rest])
    with store.session(write=True):
        ledger.object_to(store, anna, None, NOW.date())
        assert block_contacts(setting, [anna], NOW) == 1
    assert sorted(calls(store)) == sorted([("phone_call", "blocked", False), *rest])
    with store.session(write=True):
        ledger.give(store, anna, "phone", proof, NOW)
        assert block_contacts(setting, [anna], NOW) == 0
    assert ("phone_call", "blocked", False) in calls(store)
    tick(setting, datetime(2026, 3, 3, 9))
    assert sorted(calls(store)) == sorted([("phone_call", "open", True), *rest])


def test_p21_an_objection_that_came_in_a_file_blocks_at_the_next_run(store):
    anna, setting, _ = planned(store)
    with store.session(write=True):
        store.insert_many("objection", [{"customer": anna, "reason": "objection", "objected_on": NOW.date()}])
    tick(setting, datetime(2026, 3, 3, 9))
    assert calls(store).count(("phone_call", "blocked", False)) == 1


def test_a_pause_of_everything_does_not_pause_the_law(store):
    anna, setting, _ = planned(store)
    with store.session(write=True):
        store.set_switch("pause:", "on", "", NOW)
        ledger.object_to(store, anna, None, NOW.date())
    tick(setting, datetime(2026, 3, 3, 9))
    assert store.rows("SELECT kind FROM tag WHERE taken_back_on IS NULL", [])[0][0] == "werbesperre"


REST = {"label": "R", "for": "customer", "purpose": "internal", "while": [{"name_addition": "cross"}], "do": {"rest": {"set": {"advertising_suspended": True}}}}


def cross(store, anna, text):
    with store.session(write=True):
        store.update_many("customer", [{"id": anna, "name_addition": text}])


def test_p16_suspended_advertising_is_held_back_in_the_same_tick_and_goes_on_after(store):
    anna, setting, _ = planned(store)
    sell = {"label": "R", "for": "customer", "purpose": "advertising", "on": "customer.mail_returned",
            "do": {"write": {"message": "winter_tyres", "channel": ["letter"]}}}  # fmt: skip
    with store.session(write=True):
        store.update_many("customer", [{"id": anna, "street": "Weg 1", "city": "Ulm"}])
        row = {"customer": anna, "channel": "letter", "purpose": "advertising", "status": "queued"}
        store.insert_many("message", [row, {**row, "purpose": "service"}])
    rules = {**setting_rules(), "site.rest": REST, "site.sell_more": sell}
    setting = over(store, rules)
    cross(store, anna, "cross")
    tick(setting, datetime(2026, 3, 3, 9))
    assert [tuple(row) for row in store.rows("SELECT status, blocked_because FROM message ORDER BY id", [])] == [
        ("cancelled", "advertising is suspended"),
        ("queued", None),
    ]
    assert store.rows("SELECT status, blocked_because FROM activity WHERE definition = 'site.sell'", [])[0][:2] == ("blocked", "Werbung ist ausgesetzt")
    assert store.rows("SELECT status FROM activity WHERE definition = 'site.serve'", [])[0][0] == "open"
    with store.session(write=True):
        store.update_many("customer", [{"id": anna, "mail_returned_on": date(2026, 3, 4)}])
    tick(setting, datetime(2026, 3, 4, 9))
    assert tuple(store.rows("SELECT status, blocked_because FROM message ORDER BY id DESC LIMIT 1", [])[0]) == ("blocked", "letter: Werbung ist ausgesetzt")
    cross(store, anna, None)
    tick(setting, datetime(2026, 3, 5, 9))
    assert ("phone_call", "open", True) in calls(store)
    assert not store.rows("SELECT advertising_suspended FROM customer", [])[0][0]


def test_p25_an_objection_leaves_the_work_of_a_workflow_that_only_others_start(store):
    anna = offered(store, requested_contact=True)
    flow = {
        "label": "F", "for": "opportunity", "purpose": "service", "ground": "opportunity.requested_contact",
        "steps": {"again": {"activity": "phone_call", "outcomes": {"reached": {"next": "over"}}}, "over": {"end": "over"}},
    }  # fmt: skip
    compiled = compile_sections({**shipped_sections(), "rules": {}, "workflows": {"site.again": flow}})
    setting = compiled.over(store)
    with store.session(write=True):
        row = {"kind": "phone_call", "status": "open", "customer": anna, "definition": "site.again", "subject_entity": "opportunity", "subject_id": 1}
        store.insert_many("activity", [row])
        ledger.object_to(store, anna, None, NOW.date())
        assert block_contacts(setting, [anna], NOW) == 0
