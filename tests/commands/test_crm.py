"""What S1 to S4 ask of a person's day, typed as commands: tickets, projects, revisions, history, targets, work by hand."""

import json

import pytest

from engine.commands import run
from tests.commands.calling import typing

CLOCK = ["--now", "2026-11-24T10:00"]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def call(capsys, site):
    calling = typing(capsys, site, CLOCK)
    calling("record", "customer", "number=1", "name=Bau AG", "kind=company")
    calling("record", "employee", "initials=ana", "department=sales")
    return calling


@pytest.fixture
def found(call):
    def selecting(condition, kind="customer", show="number"):
        rows = json.loads(call("select", condition, "--for", kind, "--show", show, "--json"))["rows"]
        return [tuple(row.values()) for row in rows]

    return selecting


@pytest.mark.req("S2.11", "S2.13", "S2.17", "S2.18", "S2.19", "S2.20")
def test_a_complaint_opens_a_ticket_and_later_calls_join_it(call, found):
    for name in ("Huber", "Kurz"):
        call("record", "contact_person", "customer=1", f"last_name={name}")
    said = call("record", "conversation", "customer=1", "contact_person=1", "kind=complaint", "held_time=14:30", "content=Pumpe tropft", "--user", "ana")
    assert said == "conversation 1 recorded, ticket T-2026-0001\n"
    call("record", "conversation", "customer=1", "contact_person=2", "kind=hotline", "ticket=T-2026-0001", "held_on=25.11.2026", "content=Tropft noch")
    assert "ticket T-2026-0002" in call("record", "conversation", "customer=1", "kind=hotline", "content=Anderer Fall")
    assert "ticket" not in call("record", "conversation", "customer=1", "kind=sales", "content=Angebot")
    assert found("[{number: {starts_with: T-}}]", "ticket", "number,kind,subject,status") == [
        ("T-2026-0001", "complaint", "Pumpe tropft", "open"),
        ("T-2026-0002", "support", "Anderer Fall", "open"),
    ]
    logs = found("[{ticket.number: T-2026-0001}]", "conversation", "held_on,held_time,contact_person.last_name,employee.initials,content")
    assert logs == [("2026-11-24", "14:30", "Huber", "ana", "Pumpe tropft"), ("2026-11-25", None, "Kurz", None, "Tropft noch")]
    assert "there is a ticket with number T-2026-0001 already" in call("record", "ticket", "number=T-2026-0001", "customer=1", "kind=support", code=2)
    assert "2026-11-24  conversation  Pumpe tropft" in call("customer", "1")


@pytest.mark.req("S2.21", "S2.22")
def test_conversations_with_several_people_of_a_company_are_listed_by_project(call, found):
    call("record", "project", "number=P1", "name=Flotte", "customer=1")
    for row, name in enumerate(("Huber", "Kurz"), 1):
        call("record", "contact_person", "customer=1", f"last_name={name}")
        call("record", "conversation", "customer=1", f"contact_person={row}", "project=P1", "kind=sales", f"content=Mit {name}")
    call("record", "conversation", "customer=1", "kind=sales", "content=Anderes")
    assert found("[{project.number: P1}]", "conversation", "contact_person.last_name,content") == [("Huber", "Mit Huber"), ("Kurz", "Mit Kurz")]


@pytest.mark.req("S2.16")
def test_on_the_day_the_agenda_says_who_expects_a_call_at_what_time(call):
    call("record", "activity", "customer=1", "kind=phone_call", "due_at=24.11.2026 14:30", "--user", "ana")
    call("record", "activity", "customer=1", "kind=phone_call", "due_at=25.11.2026 09:00", "--user", "ana")
    call("record", "activity", "customer=1", "kind=test_drive", "--user", "ana")
    due = json.loads(call("agenda", "--user", "ana", "--json"))["activities"]
    assert [(one["due"], one["time"], one["kind"], one["name"]) for one in due] == [
        ("2026-11-24", None, "test_drive", "Bau AG"),
        ("2026-11-24", "14:30", "phone_call", "Bau AG"),
    ]


@pytest.mark.req("S2.25")
def test_an_order_is_registered_with_its_lines(call, found):
    call("record", "order", "number=B1", "customer=1", "kind=tyres", "ordered_on=24.11.2026", "amount=412,50")
    call("record", "order_line", "order=B1", "article=Winterreifen", "quantity=4", "amount=412,50")
    assert found("[{order.number: B1}]", "order_line", "order.customer.number,article,quantity,amount") == [(1, "Winterreifen", 4, 41250)]
    assert "order" in call("customer", "1")


@pytest.mark.req("S3.5", "S3.6", "S3.14")
def test_an_entry_holds_an_action_an_info_of_the_own_list_and_free_text(site, call, found):
    (site / "rules" / "own.yaml").write_text("choices:\n  history_infos:\n    five_percent: {de: 5 % Rabatt gewährt, en: 5 % discount granted}\n", "utf-8")
    call("record", "history_entry", "customer=1", "action=complaint_call", "info=five_percent", "content=auf die nächste Inspektion")
    assert found("[{info: five_percent}]", "history_entry", "action,info,content") == [("complaint_call", "five_percent", "auf die nächste Inspektion")]
    said = call("record", "history_entry", "customer=1", "info=five_per_cent", code=2)
    assert "is not one of discount_granted" in said
    assert "did you mean 'five_percent'?" in said


@pytest.mark.req("S3.18")
def test_nothing_of_an_entry_is_stored_until_it_is_right_as_a_whole(call, found):
    call("record", "history_entry", "customer=1", "content=halb", "action=shouting", code=2)
    call("record", "history_entry", "customer=1", "content=halb", "field5=vielleicht", code=2)
    assert found("[{customer.number: 1}]", "history_entry", "id") == []
    call("record", "history_entry", "customer=1", "content=halb", "field5=ja")
    assert len(found("[{customer.number: 1}]", "history_entry", "id")) == 1


@pytest.mark.req("S3.24")
def test_the_fields_of_the_history_are_combined_with_all_others(call, found):
    call("record", "customer", "number=2", "name=Kurz", "kind=person")
    for number in (1, 2):
        call("record", "history_entry", f"customer={number}", "action=gift", f"field1=Regal {number}", "field6=ja", "--user", "ana")
    entry = (
        "{history: {some: [{action: gift}, {entered_on: today}, {employee.initials: ana}, {field1: {starts_with: Regal}}, {field5: false}, {field6: true}]}}"
    )
    assert found(f"[{entry}]") == [(1,), (2,)]
    assert found(f"[{entry}, {{not: [{{kind: company}}]}}]") == [(2,)]
    assert found(f"[{{any: [[{entry}, {{kind: person}}], {{name: Bau AG}}]}}]") == [(1,), (2,)]


@pytest.mark.req("S4.1", "S4.2", "S4.5", "S4.6", "S4.28")
def test_wishes_purchases_and_personal_data_are_recorded_and_asked_for(call, found):
    person = [
        "number=2",
        "kind=person",
        "first_name=Eva",
        "name=Öhler",
        "birthday=29.02.1984",
        "profession=Lehrerin",
        "marital_status=married",
        "household_size=4",
    ]
    call("record", "customer", *person)
    call("record", "wish", "customer=2", "kind=motorcycle", "brand=Honda", "max_price=9000")
    for number, day in enumerate(("01.11.2024", "03.11.2025", "02.11.2026")):
        call("record", "purchase", f"number=K{number}", "customer=2", "kind=tyres", f"signed_on={day}", "what=Winterreifen")
    assert found("[{wishes: {some: [{brand: Honda}]}}, {household_size: {at_least: 3}}, {marital_status: married}]", show="first_name,birthday") == [
        ("Eva", "1984-02-29")
    ]
    assert found("[{purchases: {count: {where: [{kind: tyres}], at_least: 3}}}]") == [(2,)]
    assert found("[{purchases: {count: {where: [{kind: tyres}], at_least: 4}}}]") == []
    assert [line.split() for line in call("customer", "2").splitlines()[2:]] == [
        ["2024-11-01", "purchase", "Winterreifen"],
        ["2025-11-03", "purchase", "Winterreifen"],
        ["2026-11-02", "purchase", "Winterreifen"],
    ]


@pytest.mark.req("S4.13")
def test_documents_are_listed_with_the_customer(call, found):
    call("record", "document", "customer=1", "kind=attachment", "title=Gutachten", "file=gutachten.pdf", "--user", "ana")
    assert "2026-11-24  document  Gutachten" in call("customer", "1")
    assert found("[{customer.number: 1}]", "document", "title,file,added_on,added_by.initials") == [("Gutachten", "gutachten.pdf", "2026-11-24", "ana")]


@pytest.mark.req("S4.14", "S4.15")
def test_every_revision_of_an_offer_is_kept_and_can_be_marked(call, found):
    call("record", "offer", "number=A1", "customer=1", "made_on=24.11.2026")
    for number, text in enumerate(("erste", "zweite"), 1):
        call("record", "revision", "offer=A1", f"revision_number={number}", f"content={text}", "--user", "ana")
    call("record", "revision", "--set", "1", "marks=Rabatt klären")
    assert found("[{offer.customer.number: 1}]", "revision", "revision_number,content,marks,made_by.initials") == [
        (1, "erste", "Rabatt klären", "ana"),
        (2, "zweite", None, "ana"),
    ]


@pytest.mark.req("S4.18")
def test_commissions_are_stored_and_found(call, found):
    call("record", "commission", "employee=ana", "amount=350,50", "earned_on=24.11.2026")
    assert found("[{amount: {above: 300.00 EUR}}]", "commission", "employee.initials,amount,earned_on") == [("ana", 35050, "2026-11-24")]


@pytest.mark.req("S4.20", "S4.22")
def test_the_progress_of_everybodys_work_is_seen(call, found):
    call("record", "branch", "code=KOE", "name=Köln")
    call("record", "employee", "initials=bob", "department=sales")
    for who in ("ana", "bob"):
        call("record", "activity", "customer=1", "kind=phone_call", "branch=KOE", "--user", who)
    call("done", "1", "reached", "--user", "ana")
    assert found("[{kind: phone_call}]", "activity", "assignee.initials,status,outcome") == [("ana", "done", "reached"), ("bob", "open", None)]
    assert [one["who"] for one in json.loads(call("agenda", "--branch", "KOE", "--json"))["activities"]] == ["bob"]


@pytest.mark.req("S1.12")
def test_whoever_of_sales_records_a_customer_owns_the_case(call, found):
    call("record", "employee", "initials=pia", "department=administration")
    call("record", "customer", "number=2", "name=Kurz", "--user", "ana")
    call("record", "customer", "number=3", "name=Lang", "--user", "pia")
    call("record", "opportunity", "number=O1", "customer=2", "--user", "ana")
    assert found("[{number: {above: 1}}]", show="number,salesperson.initials") == [(2, "ana"), (3, None)]
    assert found("[{number: O1}]", "opportunity", "owner.initials,salesperson.initials") == [("ana", "ana")]


KINDS = [
    "phone_call",
    "test_drive",
    "vehicle_offer",
    "financing",
    "insurance",
    "email_follow_up",
    "purchase_contract",
    "vehicle_delivery",
    "customer_satisfaction",
    "service_appointment",
    "after_sales",
    "remotorisation",
]


@pytest.mark.req("S1.57", "S1.58")
def test_every_kind_of_work_is_there_with_time_owner_and_successor(call, found):
    call("record", "employee_role", "employee=ana", "role=salesperson")
    for number, kind in enumerate(KINDS):
        follows = [f"follows={number}"] if number else []
        call("record", "activity", "customer=1", f"kind={kind}", f"due_at={number + 1:02}.12.2026 14:30", *follows, "--user", "ana")
    owned = "[{assignee.roles: {some: [{role: salesperson}]}}]"
    assert found(owned, "activity", "kind,due_on,follows") == [(kind, f"2026-12-{n + 1:02}", n or None) for n, kind in enumerate(KINDS)]
    assert len(found("[{followed_by: {some: []}}]", "activity", "id")) == len(KINDS) - 1


@pytest.mark.req("S1.8", "S1.59")
def test_work_of_a_rule_and_work_by_hand_end_in_the_same(site, call, found):
    plan = "for: customer, purpose: internal, when: [{number: 1}], at_start: act, do: {drive: {activity: test_drive, assign: [salesperson]}}"
    (site / "rules" / "own.yaml").write_text(f"rules:\n  drives: {{label: {{de: Fahrt, en: Drive}}, {plan}}}\n", "utf-8")
    call("record", "customer", "--set", "1", "salesperson=ana")
    call("run")
    call("record", "customer", "number=2", "name=Kurz")
    call("record", "activity", "customer=2", "kind=test_drive", "--user", "ana")
    assert found("[{kind: test_drive}]", "activity", "customer.number,assignee.initials,status,due_on") == [
        (1, "ana", "open", "2026-11-24"),
        (2, "ana", "open", "2026-11-24"),
    ]
    for number in ("1", "2"):
        call("done", number, "taken", "--user", "ana")
    call("run")
    assert found("[{tagged: probefahrt}]") == [(1,), (2,)]


@pytest.mark.req("S1.3")
def test_sales_and_after_sales_have_their_own_people_and_work(site, call, found):
    call("record", "employee", "initials=udo", "department=after_sales")
    assert found("[{department: after_sales}]", "employee", "initials") == [("udo",)]
    plan = "for: customer, purpose: internal, when: [{number: 1}], at_start: act"
    (site / "rules" / "own.yaml").write_text(
        "rules:\n"
        f"  sell: {{label: {{de: A, en: A}}, {plan}, do: {{a: {{activity: vehicle_offer, assign: [salesperson]}}}}}}\n"
        f"  serve: {{label: {{de: B, en: B}}, {plan}, do: {{b: {{activity: service_appointment, assign: [service_adviser]}}}}}}\n",
        "utf-8",
    )
    call("record", "customer", "--set", "1", "salesperson=ana", "service_adviser=udo")
    call("run")
    assert sorted(found("[{status: open}]", "activity", "kind,assignee.department")) == [("service_appointment", "after_sales"), ("vehicle_offer", "sales")]
