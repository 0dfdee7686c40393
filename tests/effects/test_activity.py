"""When work is due, who gets it, and what happens where such work is open already; on both databases."""

from datetime import date, datetime, timedelta

import pytest

from engine.language.calendars import parse_calendar
from engine.running.tick import tick
from tests.running.sites import site_of

NOW = datetime(2026, 11, 26, 9)  # a Thursday
HEAD = {"label": "R", "for": "customer", "purpose": "internal"}
EVENT = {"site.told": {"entity": "customer", "label": "T", "when": "created"}}


def planned(store, effect, number=1, now=NOW, calendar=None, **customer):
    """Plan work for so many customers; what is open, as (day, local time, assignee's initials)."""
    setting = site_of(store, {"site.r": HEAD | {"on": "site.told", "do": {"work": {"activity": "resubmission", **effect}}}}, events=EVENT)
    setting.calendar = calendar or setting.calendar
    with store.session(write=True):
        known = store.rows("SELECT COUNT(*) FROM customer", [])[0][0]
        store.insert_many("customer", [{"number": known + n, **customer} for n in range(1, number + 1)])
    tick(setting, now)
    sql = "SELECT a.due_at, e.initials FROM activity a LEFT JOIN employee e ON e.id = a.assignee WHERE a.definition = 'site.r' AND a.status = 'open' ORDER BY a.id"
    return [(f"{setting.calendar.local(datetime.fromisoformat(str(row[0]))):%m-%d %H:%M}", row[1]) for row in store.rows(sql, [])]


def staff(store, *initials):
    with store.session(write=True):
        rows = store.insert_many("employee", [{"initials": one} for one in initials])
        store.insert_many("employee_role", [{"employee": row, "role": "sales_manager"} for row in rows])
    return rows


def busy(store, person, *moments, **values):
    with store.session(write=True):
        base = {"kind": "meeting", "status": "open", "assignee": person, **values}
        store.insert_many("activity", [{**base, "due_on": moment.date(), "due_at": moment} for moment in moments])


NEXT_WEEK = {"due": "next week", "assign": ["sales_manager"]}


def test_next_week_is_the_first_open_and_free_half_hour_of_the_person(store):
    (ana,) = staff(store, "ana")
    busy(store, ana, datetime(2026, 11, 30, 7), datetime(2026, 11, 30, 7, 45))  # 08:00 and 08:45 local
    busy(store, ana, datetime(2026, 11, 30, 5))  # due when the day starts: no time of day
    busy(store, ana, datetime(2026, 11, 30, 8, 30), status="cancelled")
    busy(store, ana, datetime(2026, 12, 7, 9), appointment_at=datetime(2026, 11, 30, 9))  # an appointment at 10:00
    assert planned(store, NEXT_WEEK, 3) == [("11-30 09:30", "ana"), ("11-30 10:30", "ana"), ("11-30 11:00", "ana")]


def test_other_peoples_appointments_take_nothing_and_a_day_off_is_left_out(store):
    ana, bea = staff(store, "ana", "bea")
    busy(store, bea, datetime(2026, 11, 30, 7))
    with store.session(write=True):
        store.insert_many("absence", [{"employee": ana, "from_on": date(2026, 12, 1), "until_on": date(2026, 12, 3)}])
        store.run("UPDATE employee_role SET role = ? WHERE employee = ?", ["owner", bea])
    assert planned(store, NEXT_WEEK) == [("11-30 08:00", "ana")]
    busy(store, ana, *(datetime(2026, 11, 30, 7) + timedelta(minutes=30 * n) for n in range(20)))
    assert planned(store, NEXT_WEEK, now=NOW + timedelta(hours=1))[1:] == [("12-04 08:00", "ana")]


def test_a_full_week_gives_its_first_slot_and_a_time_that_is_said_stays(store):
    (ana,) = staff(store, "ana")
    busy(store, ana, *(datetime(2026, 11, 30, 7) + timedelta(days=day, minutes=30 * n) for day in range(5) for n in range(20)))
    assert planned(store, NEXT_WEEK) == [("11-30 08:00", "ana")]
    assert planned(store, NEXT_WEEK | {"due": "next week at 09:00"}, now=NOW + timedelta(hours=1))[1:] == [("11-30 09:00", "ana")]


def test_without_a_person_next_week_is_its_first_open_slot(store):
    assert planned(store, {"due": "next week"}, 2) == [("11-30 08:00", None)] * 2


@pytest.mark.parametrize(
    ("due", "closed_day", "found"),
    [
        ("next monday at 09:00", "next", "11-30 09:00"),
        ("2 opening hours", "next", "11-26 12:00"),
        ("10 opening hours", "next", "11-27 10:00"),
        ("3 days", "next", "11-30 07:15"),
        ("3 days", "previous", "11-27 07:15"),
        ("3 days", "stay", "11-29 07:15"),
        ("3 days at 14:30", "next", "11-30 14:30"),
    ],
)
def test_when_work_is_due(store, due, closed_day, found):
    calendar = parse_calendar({"day_starts": "07:15"})
    assert planned(store, {"due": due, "closed_day": closed_day}, calendar=calendar) == [(found, None)]


@pytest.mark.parametrize(
    ("if_open", "statuses", "reasons"),
    [("keep", ["open"], 2), ("add", ["open", "open"], 1), ("replace", ["cancelled", "open"], 1), (None, ["open"], 2)],
)
def test_work_that_is_open_already_takes_the_reason_a_twin_or_gives_way(store, if_open, statuses, reasons):
    planned(store, {"if_open": if_open} if if_open else {})
    with store.session(write=True):
        told = {"name": "site.told", "subject_entity": "customer", "subject_id": 1, "happened_at": NOW, "recorded_at": NOW}
        store.insert_many("event", [told])
    planned(store, {"if_open": if_open} if if_open else {}, number=0, now=NOW + timedelta(hours=1))
    assert [row[0] for row in store.rows("SELECT status FROM activity ORDER BY id", [])] == statuses
    assert store.rows("SELECT COUNT(*) FROM activity_reason WHERE activity = 1", [])[0][0] == reasons


def test_where_nobody_wanted_is_there_the_branchs_manager_gets_the_work(store):
    ana, bea, _ = staff(store, "ana", "bea", "cora")
    with store.session(write=True):
        branch = store.insert_many("branch", [{"code": "K", "manager": bea}])[0]
        store.update_many("employee", [{"id": ana, "left_on": date(2026, 1, 1)}])
        store.run("UPDATE employee_role SET role = ?", ["owner"])
    assert planned(store, {"due": "1 day", "assign": ["salesperson"]}, branch=branch, salesperson=ana)[0][1] == "bea"
    assert store.rows("SELECT assigned_because FROM activity", [])[0][0] == "manager of the branch"
    with store.session(write=True):
        store.insert_many("absence", [{"employee": bea, "from_on": date(2026, 11, 1), "until_on": date(2026, 12, 31)}])
    planned(store, {"due": "1 day", "assign": ["salesperson"]}, now=NOW + timedelta(hours=1), branch=branch, salesperson=ana)
    assert [tuple(row) for row in store.rows("SELECT assignee, assigned_because FROM activity WHERE id = 2", [])] == [(None, "nobody is present for it")]
