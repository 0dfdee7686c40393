"""The dealer's day beside the thirteen steps (domain.md §1): web leads, test drives, complaints, offers that went out."""

import pytest

from tests.pipelines.house import House, local

INTERNET = {"source": "internet", "owner": None, "salesperson": None}


def with_salespeople(start, *initials, **options):
    """A house with more salespeople than ana."""
    house = House(start, **options)
    for name in initials:
        row = house.add("employee", initials=name, branch=1, department="sales")
        house.add("employee_role", employee=row, role="salesperson")
    house.add("employee_role", employee=house.add("employee", initials="eva", branch=house.add("branch", code="N")), role="salesperson")  # of another branch
    return house


def lead(house, number, **values):
    base = {"customer": 1, "branch": 1, "status": "open", "requested_contact": True, "recorded_at": house.now, **INTERNET}
    return house.add("opportunity", number=number, **{**base, **values})


def owners(house):
    return [row[0] for row in house.rows("SELECT e.initials FROM opportunity o LEFT JOIN employee e ON e.id = o.owner ORDER BY o.id")]


def calls(house):
    """Who has the open calls."""
    return [
        row[0] for row in house.rows("SELECT e.initials FROM activity a JOIN employee e ON e.id = a.assignee WHERE a.kind = 'phone_call' AND a.status = 'open'")
    ]


def test_leads_go_round_among_those_present_in_the_branch():
    house = with_salespeople("2026-11-02T09:00", "cem", "dan")
    house.add("absence", employee=4, from_on="2026-11-02", until_on="2026-11-03")
    for number in ("A", "B", "C"):
        lead(house, number, source="phone")
    house.tick(minutes=1)
    assert owners(house) == ["ana", "dan", "ana"]  # cem is away
    house.until("2026-11-04T09:00")
    for number in ("D", "E"):
        lead(house, number)
        house.tick(minutes=1)
    assert owners(house)[3:] == ["cem", "dan"]


def test_a_lead_that_has_an_owner_stays_with_them():
    house = with_salespeople("2026-11-02T09:00", "cem", "dan")
    lead(house, "A", owner=5)
    house.tick(minutes=1)
    assert owners(house) == ["dan"]


def test_a_call_that_nobody_makes_goes_to_the_next_and_ends_with_the_manager():
    house = with_salespeople("2026-11-06T16:59", "cem", "dan")
    house.add("absence", employee=4, from_on="2026-11-01", until_on="2026-11-30")
    lead(house, "A")
    house.tick(minutes=1)
    assert (owners(house), calls(house)) == (["ana"], ["ana"])
    house.until("2026-11-06T18:00")
    assert calls(house) == ["bea"]  # 60 minutes of opening time are over
    house.until("2026-11-09T10:59")
    assert (owners(house), calls(house)) == (["ana"], ["bea"])  # Friday 17:00 and four hours of opening time: Monday 11:00
    house.until("2026-11-09T11:01")
    assert (owners(house), calls(house)) == (["dan"], ["dan"])  # cem is away
    assert "nächsten Verkäufer" in house.rows("SELECT content FROM history_entry")[0][0]
    reasons = house.rows("SELECT reason FROM decision WHERE effect = 'owner' AND verdict = 'done' ORDER BY id")
    assert reasons == [("next salesperson",), ("next salesperson",)]
    house.until("2026-11-09T15:03")
    assert (owners(house), calls(house)) == (["ana"], ["ana"])
    house.until("2026-11-10T10:00")
    house.until("2026-11-20T10:00")
    assert calls(house) == ["bea"]
    assert house.steps() == ["managers_call"]
    assert house.incidents() == []


def test_with_one_salesperson_a_call_goes_to_the_manager():
    house = House("2026-11-02T09:00")
    lead(house, "A")
    house.tick(minutes=1)
    house.until("2026-11-02T13:02")
    assert (owners(house), calls(house)) == (["bea"], ["bea"])


def told(house):
    """The templates of what was written about the test drive, with the moment."""
    rows = house.rows("SELECT template, queued_at, status FROM message WHERE template LIKE 'test_drive%' ORDER BY id")
    return [(name.removeprefix("test_drive_"), str(at)[:16], status) for name, at, status in rows]


def utc(text):
    return str(local(text))[:16]


def agreed(appointment, start="2026-11-02T09:00", **values):
    house = House(start)
    house.prospect(**values)
    house.done("phone_call", "test_drive_agreed", appointment)
    return house


def minutes_until(house, text, step=60):
    """Tick every hour."""
    end = local(text)
    while (end - house.now).total_seconds() > step * 60:
        house.tick(minutes=step)
    house.now = end
    house.tick()


def test_a_test_drive_is_confirmed_and_reminded_of():
    house = agreed("2026-11-05T15:00")
    assert [name for name, _, _ in told(house)] == ["confirmed"]
    assert "05.11.2026 um 15:00 Uhr" in house.rows("SELECT body FROM message WHERE template = 'test_drive_confirmed'")[0][0]
    minutes_until(house, "2026-11-05T14:00", 30)
    assert told(house)[1:] == [("reminder", utc("2026-11-04T15:02"), "queued"), ("reminder", utc("2026-11-05T13:02"), "queued")]
    house.done("test_drive", "taken")
    assert house.cases(beside=())[1] == ("test_drive_confirmation", "done", "told")


@pytest.mark.parametrize(("appointment", "times"), [("2026-11-03T08:30", ["2026-11-03T06:32"]), ("2026-11-02T10:30", [])])
def test_a_reminder_whose_time_is_past_is_left_out(appointment, times):
    house = agreed(appointment)
    minutes_until(house, "2026-11-04T09:00", 30)
    assert [name for name, _, _ in told(house)] == ["confirmed", *["reminder"] * len(times)]
    assert [at for _, at, _ in told(house)][1:] == [utc(time) for time in times]


def test_a_moved_test_drive_is_reminded_of_at_its_new_time_alone():
    house = agreed("2026-11-05T15:00")
    house.change("activity", house.rows("SELECT id FROM activity WHERE kind = 'test_drive'")[0][0], appointment_at=local("2026-11-05T18:00"))
    house.tick(minutes=1)
    assert [name for name, _, _ in told(house)] == ["confirmed", "moved"]
    minutes_until(house, "2026-11-04T17:30", 30)
    assert len(told(house)) == 2  # the first would have been at 15:00
    minutes_until(house, "2026-11-05T17:00", 30)
    assert [at for _, at, _ in told(house)[2:]] == [utc("2026-11-04T18:00"), utc("2026-11-05T16:00")]


def test_a_cancelled_test_drive_is_not_reminded_of():
    house = agreed("2026-11-05T15:00")
    house.done("test_drive", "cancelled")
    minutes_until(house, "2026-11-05T16:00")
    assert [name for name, _, _ in told(house)] == ["confirmed"]
    assert house.cases(beside=())[1][:2] == ("test_drive_confirmation", "stopped")


def test_p14_a_test_drive_that_nobody_agreed_with_the_customer_is_not_confirmed():
    house = House("2026-11-02T09:00")
    row = house.add("activity", kind="test_drive", status="open", customer=1, branch=1, appointment_at=local("2026-11-05T15:00"))
    house.tick(minutes=1)
    assert told(house) == []
    house.change("activity", row, agreed_at=house.now)
    house.tick(minutes=1)
    assert [name for name, _, _ in told(house)] == ["confirmed"]


def test_without_an_address_the_confirmation_is_blocked():
    house = House("2026-11-02T09:00")
    house.change("customer", 1, email=None)
    house.prospect()
    house.done("phone_call", "test_drive_agreed", "2026-11-05T15:00")
    assert [status for _, _, status in told(house)] == ["blocked"]


def advertised(house):
    """What became of advertising messages."""
    return house.rows("SELECT status, blocked_because FROM message WHERE purpose = 'advertising' ORDER BY id")


def complain(house):
    return house.add("ticket", number="T1", kind="complaint", customer=1, owner=1, status="open", opened_at=house.now)


def suspended(house):
    return bool(house.rows("SELECT advertising_suspended FROM customer")[0][0])


def test_a_complaint_suspends_advertising_until_two_weeks_after_it_is_closed():
    house = House("2026-11-02T09:00", rules=True)
    row = complain(house)
    house.tick(minutes=1)
    assert suspended(house)
    house.change("ticket", row, status="closed")
    house.tick(minutes=1)
    assert str(house.rows("SELECT closed_at FROM ticket")[0][0])[:16] == str(house.now)[:16]
    house.until("2026-11-16T09:00")
    assert suspended(house)
    house.until("2026-11-17T09:00")
    assert not suspended(house)


def test_an_unpaid_dunning_notice_suspends_advertising():
    house = House("2026-11-02T09:00", rules=True)
    row = house.add("dunning", number="M1", customer=1, level=1, issued_on="2026-11-02")
    house.tick(minutes=1)
    assert suspended(house)
    house.change("dunning", row, settled_on="2026-11-03")
    house.tick(minutes=1)
    assert not suspended(house)


def test_what_is_queued_and_planned_rests_while_advertising_is_suspended():
    house = House("2026-11-02T09:00", rules=True)
    house.sold("2026-11-02")
    assert advertised(house) == []
    house.until("2027-05-03", 30)
    assert [status for status, _ in advertised(house)] == ["queued"]
    with house.store.session(write=True):
        rows = [{"kind": kind, "status": "open", "customer": 1, "definition": name, "subject_entity": "customer", "subject_id": 1}
                for kind, name in (("phone_call", "pipelines.gone"), ("service_call", "standard.gone"))]  # fmt: skip
        house.store.insert_many("activity", rows)
    row = complain(house)
    house.tick(minutes=1)
    assert advertised(house) == [("cancelled", "advertising is suspended")]
    why = "SELECT DISTINCT blocked_because FROM activity WHERE definition LIKE '%.gone'"
    assert house.rows(why) == [("Werbung ist ausgesetzt",)]
    assert [status for (status,) in house.rows("SELECT status FROM message WHERE template = 'complaint_received'")] == ["queued"]
    house.change("ticket", row, status="closed", closed_at=house.now)
    house.until("2027-05-20", 7)
    assert house.rows(why) != [("Werbung ist ausgesetzt",)]  # asked again: now it is the missing consent alone


def test_a_complaint_goes_up_at_80_and_100_per_cent():
    house = House("2026-11-02T15:59")
    house.change("employee", 1, manager=2)
    house.add("employee_role", employee=house.add("employee", initials="max", branch=1), role="director")
    house.change("employee", 2, manager=house.rows("SELECT id FROM employee WHERE initials = 'max'")[0][0])
    complain(house)
    house.tick(minutes=1)
    assert house.work("first_answer", "due_at", "assignee") == (utc("2026-11-03T10:00"), "ana")
    house.until("2026-11-03T09:11")
    assert house.work("first_answer", "assignee") == "ana"  # 80 % of four opening hours, over the night: 09:12
    house.until("2026-11-03T09:12")
    assert house.work("first_answer", "assignee") == "bea"
    house.until("2026-11-03T09:59")
    assert house.work("first_answer", "assignee") == "bea"
    house.until("2026-11-03T10:00")
    assert house.work("first_answer", "assignee") == "max"


@pytest.mark.req("S1.30", "S1.34")
def test_offers_that_went_out_are_sent():
    house = House("2026-11-02T09:00", rules=True)
    house.prospect()
    offer = house.add("offer", number="A1", customer=1, opportunity=1, status="draft", kind="vehicle", branch=1)
    message = house.add("message", customer=1, channel="email", purpose="service", status="queued")
    house.add("message_attachment", message=message, offer=offer)
    house.tick(minutes=1)
    assert house.rows("SELECT status, sent_at FROM offer") == [("draft", None)]
    house.change("message", message, status="accepted", accepted_at=house.now)
    house.tick(minutes=1)
    assert [(row[0], str(row[1])[:16]) for row in house.rows("SELECT status, sent_at FROM offer")] == [("sent", str(house.now)[:16])]
    assert house.rows("SELECT value FROM tag WHERE kind = 'angebot'") == [("A1",)]
