from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.language.arithmetic import add_months, earliest_anchor, latest_anchor, shift
from engine.language.calendars import Calendar, parse_calendar, parse_day
from engine.language.durations import Duration, PhraseError, parse_duration
from engine.language.grades import grade_score
from engine.language.money import parse_money
from engine.language.phrases import PhraseContext, parse_phrase, resolve
from engine.language.schedules import parse_schedule

BERLIN = Calendar()
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.req("S1.55")
@pytest.mark.parametrize(
    ("delivered", "due"),
    [("2021-06-30", "2024-02-29"), ("2023-06-30", "2026-02-28"), ("2022-10-31", "2025-06-30"), ("2024-02-29", "2026-10-29")],
)
def test_a4_thirty_two_months_are_calendar_months(delivered, due):
    assert add_months(date.fromisoformat(delivered), 32) == date.fromisoformat(due)


@pytest.mark.req("S0.15")
def test_a3_half_a_year_is_six_calendar_months():
    assert add_months(date(2026, 8, 31), 6) == date(2027, 2, 28)


@pytest.mark.req("S0.13")
def test_a2_grades_of_three_countries():
    assert grade_score(6, "CH") == grade_score(1, "DE") == 1000
    for grade, scale in ((7, "DE"), (6, "AT")):
        with pytest.raises(PhraseError, match="not on the"):
            grade_score(grade, scale)


def test_a6_five_days_move_to_the_next_open_day():
    context = PhraseContext(datetime(2026, 12, 22, 9), BERLIN, lambda _: None)
    moment = resolve(parse_phrase("5 days"), context)
    assert (moment.day, BERLIN.move(moment.day, "next")) == (date(2026, 12, 27), date(2026, 12, 28))


def test_a7_next_week_is_the_first_open_slot_of_the_next_iso_week():
    context = PhraseContext(datetime(2026, 11, 26, 9), BERLIN, lambda _: None)
    assert resolve(parse_phrase("next week"), context).day == date(2026, 11, 30)


@given(DAYS, st.integers(0, 60), st.integers(0, 40), st.integers(0, 6), st.sampled_from([1, -1]))
def test_thresholds_are_exact(due, months, days, business, sign):
    def due_of(day):
        return shift(day, Duration(months=months, days=days, business_days=business), sign, BERLIN)

    newest, oldest = latest_anchor(due, due_of), earliest_anchor(due, due_of)
    assert due_of(newest) <= due < due_of(newest + timedelta(days=1))
    assert due_of(oldest) >= due > due_of(oldest - timedelta(days=1))


@pytest.mark.parametrize("wall", ["00:00", "01:30", "02:00", "02:30", "03:00", "23:59"])
def test_a_daily_schedule_comes_once_a_day_whatever_the_clocks_do(wall):
    slots = parse_schedule(f"day at {wall}").slots(datetime(2025, 12, 31, 23) - timedelta(seconds=1), datetime(2026, 12, 31, 22, 59), BERLIN)
    assert len(slots) == len(set(slots)) == 365


def test_gap_and_fold():
    assert BERLIN.at(date(2026, 3, 29), time(2, 30)) == datetime(2026, 3, 29, 1)
    assert BERLIN.at(date(2026, 10, 25), time(2, 30)) == datetime(2026, 10, 25, 0, 30)


@pytest.mark.parametrize("text", ["0 6 * * 3-3", "5-1 * * * *", "@daily", "0 0 30 2 *", "* * * * * *", "R R * * *", "*/90 * * * *", "0 6 */7 * 5", "x" * 200])
def test_schedules_that_mean_something_else_elsewhere_are_refused(text):
    with pytest.raises(PhraseError):
        parse_schedule(text)


@pytest.mark.parametrize("region", ["registry", "__init__", "HolidayBase", "NYSE", "DE-", "de-by", "XX", "DE-XX", ""])
def test_what_is_no_region_is_told_so(region):
    with pytest.raises(PhraseError, match=f"there is no region '{region}'"):
        parse_calendar({"region": region})


def test_holidays_by_region():
    assert not parse_calendar({"region": "DE-BE"}).is_open(date(2027, 3, 8))
    assert parse_calendar({"region": "DE-BY"}).is_open(date(2027, 3, 8))
    assert not parse_calendar({"region": "AT-9"}).is_open(date(2026, 5, 25))
    assert parse_calendar({"region": "DE-BY"}).is_open(date(2028, 8, 15))
    assert not parse_calendar({"region": "DE-BY", "catholic": True}).is_open(date(2028, 8, 15))
    for day in ((2026, 5, 14), (2026, 5, 25), (2027, 5, 6), (2028, 6, 5)):
        assert BERLIN.is_holiday(date(*day))


@pytest.mark.parametrize("text", ["5", "5 dayz", "32 months after", "next fryday", "2026-02-30", "5 days at 25:00", ""])
def test_bad_phrases_say_what_to_write(text):
    with pytest.raises(PhraseError) as error:
        parse_phrase(text)
    assert error.value.message


def test_money_says_its_currency():
    assert parse_money("12500.00 EUR").cents == 1250000
    with pytest.raises(PhraseError):
        parse_money("12500")


@given(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900))
def test_durations_read_back_what_they_print(months, days, business):
    duration = Duration(months=months, days=days, business_days=business)
    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize("text", ["2027-W10-1", "20270301  ", "2027-3-01", "2027-02-30", "٢٠٢٧-03-01"])
def test_only_a_whole_iso_day_is_a_day(text):
    with pytest.raises(PhraseError, match="is no day"):
        parse_day(text)
