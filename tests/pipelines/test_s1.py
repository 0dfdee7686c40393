"""The thirteen steps of the sales and after-sales process (S1), walked with the packs as they are shipped."""

from datetime import date, datetime

import pytest

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.planning.campaigns import campaign_of
from engine.planning.query import QueryContext
from engine.running.cases.reports import cases_by_step, results
from engine.running.results.campaigns import reached
from engine.running.results.periods import Measured
from engine.starting import write_site
from engine.testing.run import run_tests
from tests.pipelines.house import House, local, site


def day(text):
    return date.fromisoformat(text)


def to_the_offer(house, **values):
    """A prospect whose test drive is over."""
    house.prospect(**values)
    house.done("phone_call", "test_drive_agreed", "2026-11-11T15:00")
    house.done("test_drive", "taken")


def to_the_follow_up(house, asked="finance,insurance"):
    """Offers discussed, made and sent."""
    to_the_offer(house)
    house.add("offer", number="A1", customer=1, opportunity=1, status="draft", kind="vehicle", branch=1)
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "held", answers={"asked_for": asked} if asked else None)
    for kind in ("financing", "insurance"):
        if kind in house.open():
            house.done(kind, "made")


@pytest.mark.req("S1.10")
def test_a_new_site_has_the_whole_process(tmp_path):
    write_site(tmp_path / "haus")
    assert "packs: [standard, pipelines]" in (tmp_path / "haus" / "regelwerk.yaml").read_text("utf-8")
    assert {"sales", "handover", "after_sales", "finance_end"} <= {name.partition(".")[2] for name in site().sections["workflows"]}


def test_both_packs_have_no_errors():
    assert [str(one) for one in site().check() if one.severity == "error"] == []


@pytest.mark.req("S1.1", "S1.11", "S1.12")
@pytest.mark.parametrize("source", ["walk_in", "phone", "campaign", "event", "referral"])
def test_a_recorded_prospect_starts_the_sales_workflow(source):
    house = House("2026-11-02T09:00")
    house.prospect(source=source)
    assert house.cases() == [("sales", "running", None)]
    assert house.work("phone_call", "customer", "opportunity", "assignee", "blocked_because") == (1, 1, "ana", None)


def test_one_that_was_sold_long_ago_starts_nothing():
    house = House("2026-11-02T09:00")
    house.prospect(status="won")
    assert house.cases() == []


@pytest.mark.req("S1.13")
@pytest.mark.parametrize(
    ("recorded", "due"), [("2026-12-22", "2026-12-28"), ("2026-11-02", "2026-11-09"), ("2026-11-04", "2026-11-09"), ("2026-11-05", "2026-11-10")]
)
def test_the_call_is_due_in_five_days_or_on_the_next_open_one(recorded, due):
    house = House(recorded)
    house.prospect()
    assert house.work("phone_call", "due_on") == due


@pytest.mark.req("S1.14", "S1.15")
def test_the_call_is_an_appointment_and_reminds_on_its_day():
    house = House("2026-11-05T09:00")
    house.prospect()
    assert house.work("phone_call", "appointment_at", "assignee") == ("2026-11-10 05:00", "ana")
    house.until("2026-11-09")
    assert house.rows("SELECT * FROM reminder") == []
    house.until("2026-11-10T06:00")
    assert house.rows("SELECT e.initials FROM reminder r JOIN employee e ON e.id = r.employee") == [("ana",)]
    house.until("2026-11-12")
    assert house.work("phone_call", "assignee") == "bea", "two business days late: the sales manager"


@pytest.mark.req("S1.16", "S1.17", "S1.18", "S1.58")
def test_the_call_leads_to_a_test_drive_with_its_appointment():
    house = House("2026-11-02T09:00")
    house.prospect()
    with pytest.raises(RegelwerkError, match="needs an appointment"):
        house.done("phone_call", "test_drive_agreed")
    call = house.done("phone_call", "test_drive_agreed", "2026-11-11T15:00")
    assert house.rows("SELECT status, outcome FROM activity WHERE id = ?", call) == [("done", "test_drive_agreed")]
    assert house.work("test_drive", "follows", "appointment_at", "due_on", "assignee") == (call, "2026-11-11 14:00", "2026-11-11", "ana")


@pytest.mark.parametrize(("outcome", "case"), [("not_interested", ("done", "lost")), ("wants_offer", ("running", None))])
def test_other_results_of_the_call(outcome, case):
    house = House("2026-11-02T09:00")
    house.prospect()
    house.done("phone_call", outcome)
    assert house.cases()[0][1:] == case
    assert house.rows("SELECT status FROM opportunity") == [("lost",) if outcome == "not_interested" else ("open",)]


def test_who_is_not_reached_is_tried_three_times_more_and_then_written_to():
    house = House("2026-11-02T09:00")
    house.prospect()
    house.done("phone_call", "no_answer")
    assert house.work("phone_call", "due_at") == str(local("2026-11-02T13:02"))[:16]
    for _ in range(3):
        house.done("phone_call", "no_answer")
    assert house.open() == []
    assert house.rows("SELECT template, status FROM message") == [("not_reached", "queued")]
    house.until("2026-11-20")
    assert house.cases() == [("sales", "done", "lost"), ("not_reached", "done", "not_reached")]


def test_who_is_reached_later_goes_on():
    house = House("2026-11-02T09:00")
    house.prospect()
    house.done("phone_call", "no_answer")
    house.done("phone_call", "wants_offer")
    assert house.open() == ["vehicle_offer"]


@pytest.mark.req("S1.17", "S1.18")
def test_a_test_drive_agreed_in_a_later_call_has_its_appointment_too():
    house = House("2026-11-02T09:00")
    house.prospect()
    house.done("phone_call", "no_answer")
    with pytest.raises(RegelwerkError, match="test_drive needs an appointment"):
        house.done("phone_call", "test_drive_agreed")
    call = house.done("phone_call", "test_drive_agreed", "2026-11-11T15:00")
    assert house.work("test_drive", "follows", "appointment_at", "due_on", "assignee") == (call, "2026-11-11 14:00", "2026-11-11", "ana")


def test_a_web_enquiry_is_confirmed_and_called_within_a_quarter_of_an_hour():
    house = House("2026-11-02T10:00")
    house.prospect(source="internet", owner=None)
    assert house.rows("SELECT template, status FROM message") == [("enquiry_received", "queued")]
    assert house.rows("SELECT owner FROM opportunity") == [(1,)]
    assert house.work("phone_call", "due_at", "assignee") == (str(local("2026-11-02T10:16"))[:16], "ana")
    house.until("2026-11-02T11:02")
    assert house.work("phone_call", "assignee") == "bea"


@pytest.mark.req("S1.19")
def test_after_the_test_drive_an_offer_is_made_or_not_wanted():
    house = House("2026-11-02T09:00")
    to_the_offer(house)
    assert house.open() == ["vehicle_offer"]
    house.done("vehicle_offer", "not_wanted")
    assert house.cases() == [("sales", "done", "lost")]


@pytest.mark.parametrize(
    ("brand", "tool"),
    [
        pytest.param("Ford", "LCV", marks=pytest.mark.req("S1.20", "S1.21")),
        pytest.param("Hyundai", "HSA", marks=pytest.mark.req("S1.20", "S1.22")),
        pytest.param("Opel", "OWB", marks=pytest.mark.req("S1.20", "S1.23")),
        pytest.param("Volvo", "VSMA", marks=pytest.mark.req("S1.20", "S1.24")),
        pytest.param("Dacia", None, marks=pytest.mark.req("S1.26")),
        pytest.param(None, None, marks=pytest.mark.req("S1.26")),
    ],
)
def test_the_brand_decides_with_what_the_offer_is_made(brand, tool):
    house = House("2026-11-02T09:00")
    to_the_offer(house, brand=brand)
    assert house.work("vehicle_offer", "tool") == tool


@pytest.mark.req("S1.25")
@pytest.mark.parametrize("brand", ["Ford", "Dacia"])
def test_a_trade_in_is_appraised_with_eurotax_whatever_the_brand(brand):
    house = House("2026-11-02T09:00")
    house.prospect(brand=brand)
    house.add("trade_in", number="T1", customer=1, opportunity=1)
    house.done("phone_call", "wants_offer")
    assert sorted(house.open()) == ["appraisal", "vehicle_offer"]
    assert house.work("appraisal", "tool") == "Autowert4"
    house.done("vehicle_offer", "made")
    assert house.open() == ["appraisal"]
    house.done("appraisal", "made")
    assert house.open() == ["personal_meeting"]


@pytest.mark.req("S1.27")
def test_the_talk_about_the_offer_is_in_the_history():
    house = House("2026-11-02T09:00")
    to_the_offer(house)
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "held", answers={"asked_for": "finance"})
    assert house.rows("SELECT customer, action, content FROM history_entry") == [(1, "visit", "Angebot persönlich besprochen; gewünscht: finance")]
    assert house.rows("SELECT asked_for FROM opportunity") == [("finance",)]


@pytest.mark.req("S1.28", "S1.29")
@pytest.mark.parametrize(
    ("asked", "opened"),
    [("finance", ["financing"]), ("insurance", ["insurance"]), ("finance,insurance", ["financing", "insurance"]), ("warranty", ["email_follow_up"])],
)
def test_what_was_asked_for_is_offered(asked, opened):
    house = House("2026-11-02T09:00")
    to_the_offer(house, brand="Volvo")
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "held", answers={"asked_for": asked})
    assert house.open() == opened
    if opened != ["email_follow_up"]:
        assert [house.work(kind, "tool") for kind in opened] == ["VSMA"] * len(opened)


@pytest.mark.req("S1.30", "S1.31")
def test_all_open_offers_go_out_attached_to_one_email():
    house = House("2026-11-02T09:00")
    to_the_offer(house)
    for number, kind, status in (("A1", "vehicle", "draft"), ("A2", "finance", "draft"), ("A3", "vehicle", "declined")):
        offer = house.add("offer", number=number, customer=1, opportunity=1, status=status, kind=kind, branch=1)
        house.add("document", customer=1, offer=offer, title=number, file=f"{number}.pdf")
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "held")
    assert house.rows("SELECT channel, status, address, subject FROM message WHERE template = 'offers_by_email'") == [
        ("email", "queued", "m@x.de", "Ihre Angebote")
    ]
    assert house.rows("SELECT d.file FROM message_attachment a JOIN document d ON d.id = a.document ORDER BY a.id") == [("A1.pdf",), ("A2.pdf",)]


@pytest.mark.req("S1.32", "S1.33", "S1.34")
def test_ten_days_later_the_offers_are_followed_up():
    house = House("2026-11-02T09:00")
    to_the_follow_up(house)
    assert house.open() == ["email_follow_up"]
    assert house.work("email_follow_up", "due_on", "appointment_at", "assignee", "opportunity") == ("2026-11-12", "2026-11-12 05:00", "ana", 1)
    assert house.rows("SELECT o.number FROM activity a JOIN offer o ON o.opportunity = a.opportunity WHERE a.kind = 'email_follow_up'") == [("A1",)]
    house.until("2026-11-11")
    assert house.rows("SELECT COUNT(*) FROM reminder r JOIN activity a ON a.id = r.activity WHERE a.kind = 'email_follow_up'") == [(1,)]
    house.until("2026-11-12")
    assert house.rows("SELECT COUNT(*) FROM reminder r JOIN activity a ON a.id = r.activity WHERE a.kind = 'email_follow_up'") == [(2,)]


@pytest.mark.req("S1.35", "S1.36", "S1.39")
@pytest.mark.parametrize(("brand", "tool"), [("Opel", "OWB"), ("Dacia", None)])
def test_the_follow_up_leads_to_the_contract(brand, tool):
    house = House("2026-11-02T09:00")
    house.prospect(brand=brand)
    house.done("phone_call", "wants_offer")
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "held")
    call = house.done("email_follow_up", "wants_contract")
    assert house.work("purchase_contract", "follows", "tool") == (call, tool)
    assert house.rows("SELECT action, content FROM history_entry ORDER BY id DESC LIMIT 1")[0][1].startswith("Offene Fragen zu den Angeboten geklärt")


def test_who_thinks_about_it_is_asked_twice_more():
    house = House("2026-11-02T09:00")
    to_the_follow_up(house, asked="")
    for due in ("2026-11-12", "2026-11-12"):
        assert house.work("email_follow_up", "due_on") == due
        house.done("email_follow_up", "thinking")
    house.done("email_follow_up", "thinking")
    assert house.cases() == [("sales", "done", "lost")]


@pytest.mark.req("S1.37")
@pytest.mark.parametrize("agreed", ["2026-11-23T10:00", "2026-11-26T10:00", "2026-11-27T16:00", "2026-11-29T10:00"])
def test_the_contract_is_signed_in_the_following_week(agreed):
    house = House(agreed)
    house.prospect()
    house.done("phone_call", "wants_offer")
    house.done("vehicle_offer", "made")
    house.done("personal_meeting", "wants_contract")
    house.done("purchase_contract", "ready")
    assert day("2026-11-30") <= day(house.work("signing", "due_on")) <= day("2026-12-04")
    assert house.work("signing", "appointment_at")[:10] == house.work("signing", "due_on")


@pytest.mark.req("S1.38")
def test_who_signs_is_a_customer():
    house = House("2026-11-02T09:00")
    to_the_follow_up(house)
    house.done("email_follow_up", "wants_contract")
    house.done("purchase_contract", "ready")
    assert house.rows("SELECT status FROM customer") == [("prospect",)]
    house.done("signing", "signed")
    assert house.rows("SELECT status, customer_since_on FROM customer") == [("customer", "2026-11-02")]
    assert house.rows("SELECT status, closed_on FROM opportunity") == [("won", "2026-11-02")]
    assert house.cases() == [("sales", "done", "won"), ("new_customer", "done", "customer")]
    assert house.open() == []


@pytest.mark.req("S1.40")
@pytest.mark.parametrize(("promised", "due"), [("2026-12-18", "2026-12-16"), ("2026-12-21", "2026-12-17"), ("2026-12-28", "2026-12-23")])
def test_the_delivery_is_dated_from_the_contract_and_moves_with_it(promised, due):
    house = House("2026-11-02T09:00")
    house.add("contract", number="V1", customer=1, branch=1, salesperson=1)
    house.change("contract", 1, signed_on=day("2026-11-02"), promised_on=day(promised))
    house.tick(minutes=1)
    assert house.work("vehicle_delivery", "due_on", "assignee") == (due, "ana")
    assert house.work("vehicle_delivery", "appointment_at")[:10] == due
    house.change("contract", 1, promised_on=day("2027-01-15"))
    house.tick(minutes=1)
    assert house.work("vehicle_delivery", "due_on") == "2027-01-13"


@pytest.mark.req("S1.41")
def test_a_handover_agreed_by_hand_stays():
    house = House("2026-11-02T09:00")
    house.add("contract", number="V1", customer=1, branch=1, salesperson=1)
    house.change("contract", 1, signed_on=day("2026-11-02"), promised_on=day("2026-12-18"))
    house.tick(minutes=1)
    house.change("activity", 1, due_on=day("2026-12-17"), due_by_hand=True)
    house.change("contract", 1, promised_on=day("2027-01-15"))
    house.tick(minutes=1)
    assert house.work("vehicle_delivery", "due_on") == "2026-12-17"
    house.done("vehicle_delivery", "delivered")
    assert house.cases() == [("handover", "done", "delivered")]


def test_a_contract_without_a_date_is_asked_for_it_first():
    house = House("2026-11-02T09:00")
    house.add("contract", number="V1", customer=1, branch=1, salesperson=1)
    house.change("contract", 1, signed_on=day("2026-11-02"))
    house.tick(minutes=1)
    assert house.open() == ["delivery_date"]
    house.change("contract", 1, promised_on=day("2026-12-18"))
    house.tick(minutes=1)
    assert (house.open(), house.work("vehicle_delivery", "due_on"), house.incidents()) == (["vehicle_delivery"], "2026-12-16", [])


@pytest.mark.req("S1.42")
@pytest.mark.parametrize(("more", "due"), [("", "2026-11-09"), ("parameters: {pipelines.satisfaction_after: 10 days}\n", "2026-11-12")])
def test_satisfaction_is_asked_x_days_after_the_delivery(more, due):
    house = House("2026-11-02T09:00", more)
    house.sold("2026-11-02")
    assert house.work("customer_satisfaction", "due_on", "assignee") == (due, "ana")


@pytest.mark.req("S1.43")
def test_the_answers_are_stored():
    house = House("2026-11-02T09:00")
    house.sold("2026-11-02")
    with pytest.raises(RegelwerkError, match="grade"):
        house.done("customer_satisfaction", "asked")
    house.done("customer_satisfaction", "asked", answers={"grade": "2", "remark": "gern"})
    assert house.rows("SELECT questionnaire, delivery, grade, scale FROM questionnaire_response") == [("satisfaction", 1, 2, "DE")]
    assert house.rows("SELECT question, value FROM answer ORDER BY id") == [("grade", "2"), ("remark", "gern")]
    assert house.open() == []


@pytest.mark.req("S1.43")
def test_who_is_not_reached_has_no_answers_yet():
    house = House("2026-11-02T09:00")
    house.sold("2026-11-02")
    house.done("customer_satisfaction", "no_answer")
    assert house.rows("SELECT COUNT(*) FROM questionnaire_response") == [(0,)]
    with pytest.raises(RegelwerkError, match="grade"):
        house.done("customer_satisfaction", "asked")
    house.done("customer_satisfaction", "asked", answers={"grade": "1"})
    assert house.open() == []


@pytest.mark.parametrize(("country", "grade", "bad"), [("DE", 4, True), ("DE", 3, False), ("AT", 4, True), ("AT", 3, False), ("CH", 3, True), ("CH", 4, False)])
def test_a_bad_grade_is_the_sales_managers_on_the_same_day(country, grade, bad):
    house = House("2026-11-02T09:00")
    house.change("customer", 1, country=country)
    house.sold("2026-11-02")
    house.done("customer_satisfaction", "asked", answers={"grade": str(grade)})
    assert house.open() == (["complaint_talk"] if bad else [])
    if bad:
        assert house.work("complaint_talk", "due_on", "assignee") == ("2026-11-02", "bea")


@pytest.mark.req("S1.44", "S1.52")
def test_an_add_on_wish_becomes_an_after_sales_contact():
    house = House("2026-11-02T09:00")
    house.sold("2026-11-02")
    assert "Zubehör und Reifen" in house.work("customer_satisfaction", "note")
    house.done("customer_satisfaction", "asked", answers={"grade": "1", "add_on": "tyres,accessories"})
    assert house.work("after_sales", "due_on", "assignee", "status") == ("2026-11-04", "ana", "open")
    house.done("after_sales", "done")
    assert house.open() == []


@pytest.mark.req("S1.45", "S1.46", "S1.47")
def test_a_case_walks_through_the_three_phases():
    house = House("2024-01-31T09:00")
    house.sold("2024-01-31")
    house.done("customer_satisfaction", "asked", answers={"grade": "1"})
    house.until("2024-07-30", step=30)
    assert house.steps() == ["care", "care.life"]
    house.until("2024-07-31")
    assert "care.life.phase_2" in house.steps()
    house.until("2026-05-30", step=30)
    assert "care.life.phase_2" in house.steps()
    house.until("2026-05-31")
    assert house.cases() == [("after_sales", "done", "reorientation")]


@pytest.mark.req("S1.48", "S1.49")
@pytest.mark.parametrize(("objected", "status"), [(False, "queued"), (True, "blocked")])
def test_in_phase_2_there_is_news_where_the_law_allows_it(objected, status):
    house = House("2024-01-31T09:00")
    if objected:
        house.add("objection", customer=1, objected_on=day("2024-01-01"))
    house.sold("2024-01-31")
    for month, number in (("2024-07-30", 0), ("2024-07-31", 1), ("2025-01-31", 2), ("2025-07-31", 3), ("2026-01-31", 4)):
        house.until(month, step=30)
        assert house.rows("SELECT COUNT(*) FROM message WHERE template = 'phase_2_news'") == [(number,)], month
    assert house.rows("SELECT DISTINCT purpose, status FROM message") == [("advertising", status)]


@pytest.mark.req("S1.2", "S1.49", "S2.23")
def test_in_phase_2_a_campaign_reaches_the_customer_once_a_spring():
    house = House("2024-01-31T09:00")
    house.sold("2024-01-31")
    sql = "SELECT substr(m.queued_at, 1, 10), m.status, c.number FROM message m JOIN campaign c ON c.id = m.campaign ORDER BY m.id"
    house.until("2025-01-31", step=30)
    house.until("2025-02-28", step=7)
    assert house.rows(sql) == []
    house.until("2025-03-05")
    assert house.rows(sql) == [("2025-03-02", "queued", "pipelines.spring_check")], "30 days after the news of phase 2"
    house.add("visit", number="W1", customer=1, kind="workshop", visited_on=day("2025-03-20"))
    house.until("2026-01-31", step=30)
    house.until("2026-03-05", step=7)
    house.until("2026-03-10")
    assert [row[0][:7] for row in house.rows(sql)] == ["2025-03", "2026-03"]
    said = house.setting.sections["campaigns"]["pipelines.spring_check"]
    campaign = campaign_of("pipelines.spring_check", said, house.setting.vocabulary)
    (found,) = reached(Measured(house.store, campaign.id), campaign, QueryContext(house.now, Calendar())).values()
    assert (found.addressed, found.responses) == (2, {"came": 1, "bought": 0})


@pytest.mark.req("S1.3", "S1.5", "S1.50")
def test_the_service_adviser_arranges_the_service_in_phase_2():
    house = House("2024-01-31T09:00")
    house.sold("2024-01-31")
    assert house.work("customer_satisfaction", "assignee") == "ana", "sales"
    house.until("2024-12-30", step=30)
    assert "service_appointment" not in house.open()
    house.until("2024-12-31")
    assert house.work("service_appointment", "due_on", "assignee") == ("2024-12-31", "udo"), "after-sales"
    house.done("service_appointment", "booked")
    house.until("2025-12-31", step=30)
    assert house.open().count("service_appointment") == 1


@pytest.mark.req("S1.53", "S1.54")
@pytest.mark.parametrize(("more", "due"), [("", "2027-04-01"), ("parameters: {pipelines.finance_contact_before: 6 months}\n", "2027-01-04")])
def test_what_the_finance_provider_reports_informs_and_plans_a_contact(more, due):
    house = House("2026-11-02T09:00", more)
    house.add("finance_contract", number="F1", customer=1, salesperson=1, branch=1, kind="loan", provider="Bank", ends_on=day("2027-07-01"))
    house.tick(minutes=1)
    assert house.open() == []
    house.change("finance_contract", 1, reported_on=day("2026-11-02"))
    house.tick(minutes=1)
    assert house.work("finance_info", "due_on", "assignee") == ("2026-11-02", "ana")
    assert house.work("finance_info", "note") == "Bank: Vertrag F1 endet am 01.07.2027"
    assert house.work("phone_call", "due_on", "assignee") == (due, "ana")
    assert house.work("phone_call", "appointment_at")[:10] == due


@pytest.mark.req("S1.55", "S1.56")
@pytest.mark.parametrize(
    ("delivered", "due"),
    [("2021-06-30", "2024-02-29"), ("2023-06-30", "2026-03-02"), ("2022-10-31", "2025-06-30"), ("2024-02-29", "2026-10-29")],
)
def test_remotorisation_comes_after_the_pipeline(delivered, due):
    house = House(delivered, rules=True)
    house.sold(delivered)
    house.done("customer_satisfaction", "asked", answers={"grade": "1"})
    house.until(due, step=60)
    assert house.work("remotorisation", "due_on", "assignee") == (due, "ana")
    assert ("after_sales", "done", "reorientation") in house.cases()


@pytest.mark.req("S1.57")
def test_all_kinds_of_work_are_there():
    named = {"phone_call", "test_drive", "vehicle_offer", "financing", "insurance", "email_follow_up", "purchase_contract", "vehicle_delivery"}
    named |= {"customer_satisfaction", "service_appointment", "after_sales", "remotorisation"}
    assert named <= set(site().sections["activities"])


@pytest.mark.req("S1.59")
@pytest.mark.parametrize("by_hand", [False, True])
def test_work_that_a_person_entered_ends_like_the_engines(by_hand):
    house = House("2026-11-02T09:00", rules=True)
    if by_hand:
        house.add("activity", kind="test_drive", status="open", customer=1, subject_entity="customer", subject_id=1, assignee=1, due_on=day("2026-11-03"))
        house.done("test_drive", "taken")
    else:
        to_the_offer(house)
    assert house.rows("SELECT status, outcome, customer FROM activity WHERE kind = 'test_drive'") == [("done", "taken", 1)]
    assert ("probefahrt",) in house.rows("SELECT kind FROM tag")


@pytest.mark.req("S1.7")
def test_where_cases_stand_and_how_they_ended_is_counted():
    house = House("2026-11-02T09:00")
    house.prospect()
    house.add("opportunity", number="O2", customer=1, salesperson=1, owner=1, branch=1, status="open", requested_contact=True, recorded_at=house.now)
    house.tick(minutes=1)
    assert [row[1:3] for row in cases_by_step(house.store, "pipelines.sales")] == [("first_call", 2)]
    house.done("phone_call", "not_interested")
    house.done("phone_call", "wants_offer")
    assert results(house.store, "pipelines.sales") == [("lost", 1)]
    assert [row[1:3] for row in cases_by_step(house.store, "pipelines.sales")] == [("offers", 1), ("offers.vehicle", 1)]


def test_leasing_is_talked_about_until_there_is_a_successor():
    house = House("2026-11-02T09:00")
    house.add("finance_contract", number="F1", customer=1, salesperson=1, branch=1, kind="leasing", ends_on=day("2027-11-10"))
    house.until("2026-11-09")
    assert house.open() == []
    house.until("2026-11-10")
    assert house.open() == ["leasing_talk"]
    house.done("leasing_talk", "returns")
    house.until("2027-05-10", step=30)
    assert house.open() == ["leasing_talk"]
    house.done("leasing_talk", "new_vehicle")
    assert house.cases() == [("leasing_return", "done", "successor")]


def test_a_complaint_has_its_times():
    house = House("2026-11-02T09:00")
    house.change("employee", 1, manager=2)
    house.add("ticket", number="T1", kind="complaint", customer=1, owner=1, status="open", opened_at=house.now)
    house.tick(minutes=1)
    assert house.rows("SELECT template, status FROM message") == [("complaint_received", "queued")]
    assert house.work("first_answer", "due_at", "assignee") == (str(local("2026-11-02T13:01"))[:16], "ana")
    assert house.work("complaint_solution", "due_on") == "2026-11-09"
    house.until("2026-11-02T12:30")
    assert house.work("first_answer", "assignee") == "bea"
    house.done("first_answer", "answered")
    house.done("complaint_solution", "solved")
    assert house.rows("SELECT status FROM ticket") == [("closed",)]


def test_an_offer_without_an_opportunity_is_followed_up_three_times():
    house = House("2026-11-02T09:00")
    house.add("offer", number="A1", customer=1, salesperson=1, branch=1, status="draft", kind="accessories")
    house.change("offer", 1, status="sent", sent_at=datetime(2026, 11, 2, 9))
    house.tick(minutes=1)
    for due in ("2026-11-12", "2026-11-23", "2026-12-02"):
        assert house.work("email_follow_up", "due_on") == due
        house.done("email_follow_up", "thinking")
    assert house.cases() == [("offer_follow_up", "done", "declined")]


def test_the_rules_of_standard_do_not_double_the_pipelines_work():
    house = House("2026-11-02T09:00", rules=True)
    to_the_offer(house)
    house.until("2026-11-06")
    assert house.open() == ["vehicle_offer"]
    house.add("finance_contract", number="F1", customer=1, salesperson=1, branch=1, kind="loan", ends_on=day("2027-02-05"), reported_on=day("2026-11-06"))
    house.tick(minutes=1)
    assert house.open() == ["vehicle_offer", "finance_info", "phone_call"]


def test_the_packs_own_tests_pass():
    names = frozenset(name for name in site().sections["tests"] if name.startswith("pipelines."))
    outcomes = list(run_tests(site(), names))
    assert len(outcomes) >= 10
    assert [str(finding) for one in outcomes for finding in [*one.wrong, *one.failures]] == []
