"""Opening hours, forward and back, over closed days; times of day; days that stay."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.calendars import Calendar, parse_calendar
from engine.language.phrases import PhraseContext, parse_phrase, resolve

SHOP = parse_calendar(
    {
        "region": "DE-BY",
        "open": {
            "monday": ["08:00-12:00", "13:00-17:00"],
            "tuesday": "08:00-17:00",
            "wednesday": "08:00-17:00",
            "friday": "08:00-17:00",
            "saturday": "09:00-12:00",
        },
        "closed": ["2026-12-28 to 2026-12-29"],
        "day_starts": "07:30",
    }
)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-23 09:00", 60, "2026-11-23 10:00"),
        ("2026-11-23 11:00", 120, "2026-11-23 14:00"),
        ("2026-11-23 11:00", 60, "2026-11-23 12:00"),
        ("2026-11-25 16:00", 120, "2026-11-27 09:00"),
        ("2026-11-28 11:00", 120, "2026-11-30 09:00"),
        ("2026-12-23 16:30", 60, "2026-12-30 08:30"),
        ("2026-11-23 06:00", 60, "2026-11-23 09:00"),
        ("2026-11-23 10:00", -60, "2026-11-23 09:00"),
        ("2026-11-23 14:00", -120, "2026-11-23 11:00"),
        ("2026-11-23 13:00", -60, "2026-11-23 11:00"),
        ("2026-11-23 09:00", -120, "2026-11-21 11:00"),
        ("2026-11-27 09:00", -120, "2026-11-25 16:00"),
        ("2026-12-30 08:30", -60, "2026-12-23 16:30"),
        ("2026-11-29 12:00", -30, "2026-11-28 11:30"),
        ("2026-11-23 22:00", -60, "2026-11-23 16:00"),
    ],
)
def test_opening_minutes_skip_what_is_closed(start, minutes, end):
    assert SHOP.add_opening_minutes(datetime.fromisoformat(start), minutes) == datetime.fromisoformat(end)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.integers(1, 6000))
def test_there_and_back_is_the_same_opening_time(start, minutes):
    later = SHOP.add_opening_minutes(start.replace(second=0, microsecond=0), minutes)
    first = SHOP.add_opening_minutes(later, -minutes)
    assert SHOP.add_opening_minutes(first, minutes) == later


def moment(text, now=datetime(2026, 11, 25, 15), calendar=SHOP, **fields):
    return resolve(parse_phrase(text), PhraseContext(now, calendar, fields.get, fields.get("day")))


def test_hours_before_a_moment_and_after_now():
    appointment = datetime(2026, 11, 27, 9)  # 10:00 local
    assert moment("4 opening hours before appointment_at", appointment_at=appointment).instant == datetime(2026, 11, 25, 14)
    assert moment("4 hours before appointment_at", appointment_at=appointment).instant == datetime(2026, 11, 27, 5)
    assert moment("4 opening hours").instant == datetime(2026, 11, 27, 10)
    assert moment("2 opening hours ago").instant == datetime(2026, 11, 25, 13)


@pytest.mark.parametrize(
    ("now", "day"),
    [(datetime(2026, 11, 25, 15), date(2026, 11, 30)), (datetime(2026, 11, 30, 7), date(2026, 12, 7)), (datetime(2026, 11, 29, 23, 30), date(2026, 12, 7))],
)
def test_next_monday_is_never_today_and_has_its_time(now, day):
    found = moment("next monday at 09:00", now)
    assert (found.day, found.instant) == (day, datetime(day.year, day.month, day.day, 8))


def test_a_day_begins_where_the_calendar_says():
    assert moment("2 days").instant == datetime(2026, 11, 27, 6, 30)
    assert moment("2 days", calendar=Calendar()).instant == datetime(2026, 11, 27, 5)


@pytest.mark.parametrize(("closed_day", "day"), [("next", "2026-12-30"), ("previous", "2026-12-23"), ("stay", "2026-12-27")])
def test_what_falls_on_a_closed_day_moves_or_stays(closed_day, day):
    assert SHOP.move(date(2026, 12, 27), closed_day) == date.fromisoformat(day)
