"""Calendar arithmetic: months from the anchor, clamped to the month's end (requirements.md A4), and its inverse.

There is no calendar arithmetic in SQL. "N months after a field has passed" is turned round here into one exact
threshold for the field, by bisection over the adding function, which grows with the field (spike.md, traps).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from engine.language.calendars import Calendar
from engine.language.durations import Duration

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def add_months(day: date, months: int) -> date:
    """The day so many months later, clamped to the month's end: 31 Jan + 1 month = 28 or 29 Feb."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    year = min(max(year, 1), 9999)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def shift(day: date, duration: Duration, sign: int, calendar: Calendar) -> date:
    """The day a duration later (`sign` 1) or earlier (-1): months first, then days, then business days."""
    moved = plus_days(add_months(day, sign * duration.months), sign * duration.days)
    if not 1 < moved.year < 9999:
        return moved  # the ends of time have no business days
    return calendar.add_business_days(moved, sign * duration.business_days) if duration.business_days else moved


def plus_days(day: date, days: int) -> date:
    """The day so many days later; what lies beyond the ends of time is the end."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def add(day: date, duration: Duration, calendar: Calendar) -> date:
    """The day a duration later."""
    return shift(day, duration, 1, calendar)


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def latest_anchor(due: date, shifted: Callable[[date], date]) -> date | None:
    """The latest day whose shifted day is not after `due`; None where there is none. `shifted` must not fall."""
    low, high = _around(due, shifted)
    while low < high:
        middle = (low + high + 1) // 2
        if shifted(date.fromordinal(middle)) <= due:
            low = middle
        else:
            high = middle - 1
    return date.fromordinal(low) if low > FIRST.toordinal() or shifted(FIRST) <= due else None


def earliest_anchor(due: date, shifted: Callable[[date], date]) -> date | None:
    """The earliest day whose shifted day is not before `due`; None where there is none. `shifted` must not fall."""
    low, high = _around(due, shifted)
    while low < high:
        middle = (low + high) // 2
        if shifted(date.fromordinal(middle)) >= due:
            high = middle
        else:
            low = middle + 1
    return date.fromordinal(low) if low < LAST.toordinal() or shifted(LAST) >= due else None


def _around(due: date, shifted: Callable[[date], date]) -> tuple[int, int]:
    """Two days between which both anchors lie, as ordinals: near where the shift at `due` itself points to, a few days apart."""
    guess = 2 * due.toordinal() - shifted(due).toordinal()
    first, last = FIRST.toordinal(), LAST.toordinal()
    low, high, step = guess, guess, 4
    while True:
        low -= step
        if low <= first or shifted(date.fromordinal(min(low, last))) < due:
            break
        step *= 4
    step = 4
    while True:
        high += step
        if high >= last or shifted(date.fromordinal(max(high, first))) > due:
            break
        step *= 4
    return min(max(low, first), last), max(min(high, last), first)
