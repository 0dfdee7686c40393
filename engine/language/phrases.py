"""Moments as people write them: `32 months after delivered_on`, `next monday at 09:00`, `15 months ago`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.language.arithmetic import add_months, end_of_month, shift
from engine.language.calendars import WEEKDAYS, Calendar, parse_day, parse_time
from engine.language.durations import Duration, PhraseError, parse_duration

THE_DATE = "the date"
_PATH = r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*"
_AFTER = re.compile(rf"(?P<amount>.+?) (?P<way>after|before) (?P<anchor>the date|{_PATH})\Z")
_AROUND_END = re.compile(rf"(?:(?P<amount>.+?) (?P<way>after|before) )?end of (?P<anchor>{_PATH})'s month\Z")
_YEARLY = re.compile(rf"every year on (?P<anchor>{_PATH})\Z")
_STARTS = {"start of month": "month", "start of year": "year", "start of week": "week", "start of quarter": "quarter"}
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}


@dataclass(frozen=True)
class Offset:
    """So long after or before a field's day (`anchor`), or before and after the end of its month."""

    anchor: str
    duration: Duration = Duration()
    sign: int = 1
    end_of_month: bool = False
    at: time | None = None


@dataclass(frozen=True)
class Yearly:
    """Every year on a field's month and day; 29 February counts on 28 February in other years."""

    anchor: str


@dataclass(frozen=True)
class FromNow:
    """So long after (`sign` 1) or before (-1) this moment; days count from the local day. `sign` 0: this very moment."""

    duration: Duration
    sign: int = 1
    at: time | None = None
    anchor: str = ""

    @property
    def is_instant(self) -> bool:
        """Whether it is a minute, not a day."""
        return self.duration.is_elapsed or (self.sign == 0 and self.at is None)


@dataclass(frozen=True)
class Fixed:
    """A day named outright, or the start of the running week, month, quarter or year."""

    day: date | None = None
    start_of: str = ""
    at: time | None = None
    anchor: str = ""


@dataclass(frozen=True)
class Next:
    """The next weekday (never today), or the first open slot of the next ISO week (`weekday` None; A7)."""

    weekday: int | None
    at: time | None = None
    anchor: str = ""


@dataclass(frozen=True)
class Share:
    """So many per cent of the time from the moment `since` to the moment `anchor`; opening time, where any of it lies between them."""

    percent: int
    since: str
    anchor: str


Phrase = Offset | Yearly | FromNow | Fixed | Next | Share


@dataclass(frozen=True)
class Moment:
    """A day, the local time of day where one was given, and the instant (naive UTC)."""

    day: date
    at: time | None
    instant: datetime


@dataclass(frozen=True)
class PhraseContext:
    """What a phrase is resolved from: the clock (naive UTC), the calendar, the fields, the trigger's date."""

    now: datetime
    calendar: Calendar
    get: Callable[[str], Any]
    the_date: date | None = None


def parse_phrase(text: str) -> Phrase:
    """Read a phrase. Raises PhraseError with what to write instead."""
    words = " ".join(str(text).split())
    bare, at = _split_time(words)
    for reader in (_read_fixed, _read_next, _read_around, _read_from_now):
        phrase = reader(bare)
        if phrase is not None:
            if at is None:
                return phrase
            if isinstance(phrase, Yearly | Share):
                raise PhraseError(f"'{text}' cannot name a time of day", "leave the time out")
            return replace(phrase, at=at)
    raise PhraseError(f"'{text}' is no time phrase", "write e.g. `3 business days`, `32 months after delivered_on`, `next monday at 09:00`")


def parse_share(text: str) -> int | None:
    """The per cent of `80 %`; None where it is no share. Raises PhraseError beyond 1 to 500."""
    found = re.match(r"([0-9]{1,6}) ?%\Z", text.strip())
    if found and not 1 <= int(found.group(1)) <= 500:
        raise PhraseError(f"'{text}' is no share of a time", "write 1 % to 500 %")
    return int(found.group(1)) if found else None


def _split_time(text: str) -> tuple[str, time | None]:
    head, found, wall = text.rpartition(" at ")
    return (head, parse_time(wall)) if found else (text, None)


def _read_fixed(text: str) -> Phrase | None:
    if text in _STARTS:
        return Fixed(start_of=_STARTS[text])
    if text in _DAYS:
        return FromNow(Duration(days=abs(_DAYS[text])), 1 if _DAYS[text] >= 0 else -1)
    if text == "now":
        return FromNow(Duration(), 0)
    if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", text):
        return Fixed(parse_day(text))
    return None


def _read_next(text: str) -> Phrase | None:
    if text == "next week":
        return Next(None)
    if text.startswith("next ") and text[5:] in WEEKDAYS:
        return Next(WEEKDAYS.index(text[5:]))
    return None


def _read_around(text: str) -> Phrase | None:
    yearly = _YEARLY.match(text)
    if yearly:
        return Yearly(yearly.group("anchor"))
    around = _AROUND_END.match(text)
    found = around or _AFTER.match(text)
    if found:
        amount = found.group("amount")
        duration = parse_duration(amount) if amount else Duration()
        return Offset(found.group("anchor"), duration, -1 if found.group("way") == "before" else 1, bool(around))
    if text in (THE_DATE, "on the day"):
        return Offset(THE_DATE)
    anchor = text.removeprefix("on ")
    if re.match(rf"{_PATH}\Z", anchor) and anchor not in WEEKDAYS:
        return Offset(anchor)
    return None


def _read_from_now(text: str) -> Phrase | None:
    if text.endswith(" ago"):
        return FromNow(parse_duration(text.removesuffix(" ago")), -1)
    return FromNow(parse_duration(text.removeprefix("in ")))


def resolve(phrase: Phrase, context: PhraseContext) -> Moment:
    """When a phrase falls. Raises PhraseError where its anchor is missing."""
    calendar, today = context.calendar, context.calendar.today(context.now)
    if isinstance(phrase, FromNow):
        return _from_now(phrase, context, today)
    if isinstance(phrase, Fixed):
        return _moment(phrase.day or start_of(phrase.start_of, today), phrase.at, calendar)
    if isinstance(phrase, Next):
        return _next(phrase, today, calendar)
    if isinstance(phrase, Share):
        return _share(phrase, context)
    anchor = _anchor_day(phrase.anchor, context)
    if isinstance(phrase, Yearly):
        return _moment(next_anniversary(anchor, today), None, calendar)
    return _offset(phrase, anchor, context)


def _anchor_day(path: str, context: PhraseContext) -> date:
    value = context.the_date if path == THE_DATE else context.get(path)
    if value is None:
        raise PhraseError(f"'{path}' is missing", "the date cannot be reckoned without it")
    if isinstance(value, datetime):
        return context.calendar.today(value)
    assert isinstance(value, date)
    return value


def _offset(phrase: Offset, anchor: date, context: PhraseContext) -> Moment:
    if phrase.duration.is_elapsed:
        value = context.get(phrase.anchor) if phrase.anchor != THE_DATE else None
        start = value if isinstance(value, datetime) else context.calendar.first_instant(anchor)
        instant = elapsed(start, phrase.duration, phrase.sign, context.calendar)
        local = context.calendar.local(instant)
        return Moment(local.date(), local.time(), instant)
    return _moment(offset_day(phrase, anchor, context.calendar), phrase.at, context.calendar)


def offset_day(phrase: Offset, anchor: date, calendar: Calendar) -> date:
    """The day a phrase in days falls on for an anchor's day; `end of month` counts from that month's last day."""
    return shift(end_of_month(anchor) if phrase.end_of_month else anchor, phrase.duration, phrase.sign, calendar)


def _from_now(phrase: FromNow, context: PhraseContext, today: date) -> Moment:
    if phrase.is_instant:
        instant = elapsed(context.now, phrase.duration, phrase.sign, context.calendar)
        local = context.calendar.local(instant)
        return Moment(local.date(), local.time(), instant)
    return _moment(shift(today, phrase.duration, phrase.sign, context.calendar), phrase.at, context.calendar)


def elapsed(start: datetime, duration: Duration, sign: int, calendar: Calendar) -> datetime:
    """An instant so many elapsed or opening minutes away (naive UTC)."""
    moved = start + sign * timedelta(minutes=duration.minutes)
    if duration.opening_minutes:
        local = calendar.add_opening_minutes(calendar.local(moved), sign * duration.opening_minutes)
        return calendar.at(local.date(), local.time())
    return moved


def _share(phrase: Share, context: PhraseContext) -> Moment:
    calendar, start, end = context.calendar, context.get(phrase.since), context.get(phrase.anchor)
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise PhraseError(f"'{phrase.anchor}' is missing", "the share cannot be reckoned without it")
    minutes = calendar.opening_minutes(calendar.local(start), calendar.local(end)) * phrase.percent // 100
    instant = end
    if phrase.percent != 100:
        instant = elapsed(start, Duration(opening_minutes=minutes), 1, calendar) if minutes else start + (end - start) * phrase.percent / 100
    local = calendar.local(instant)
    return Moment(local.date(), local.time(), instant)


def _next(phrase: Next, today: date, calendar: Calendar) -> Moment:
    if phrase.weekday is None:
        monday = today + timedelta(days=7 - today.weekday())
        day = calendar.next_open(monday)
        opens = calendar.hours[day.weekday()][0][0]
        return _moment(day, phrase.at or opens, calendar)
    ahead = (phrase.weekday - today.weekday() - 1) % 7 + 1
    return _moment(today + timedelta(days=ahead), phrase.at, calendar)


def _moment(day: date, at: time | None, calendar: Calendar) -> Moment:
    return Moment(day, at, calendar.at(day, at) if at else calendar.first_instant(day))


def start_of(what: str, today: date) -> date:
    """The first day of the running week, month, quarter or year."""
    if what == "week":
        return today - timedelta(days=today.weekday())
    month = {"month": today.month, "quarter": (today.month - 1) // 3 * 3 + 1, "year": 1}[what]
    return date(today.year, month, 1)


def next_anniversary(anchor: date, today: date) -> date:
    """The next anniversary of a day, today included; 29 February counts on 28 February."""
    for years in range(today.year - anchor.year, today.year - anchor.year + 2):
        day = add_months(anchor, 12 * years)
        if day >= today:
            return day
    return add_months(anchor, 12 * (today.year - anchor.year + 2))
