"""A branch's days: opening hours, public holidays, closed days, its zone, and when a day starts for rules.

Holidays come from the `holidays` package by region, never from a list of our own (domain.md §4.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.language.durations import PhraseError
from engine.language.nearest import did_you_mean

REGION = re.compile(r"[A-Z]{2}(-.+)?")
"""A country and its part; the package of holidays has other things than countries by their names (`registry`, `NYSE`)."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Hours = tuple[tuple[time, time], ...]
OFFICE: Hours = ((time(8), time(18)),)


@dataclass(frozen=True)
class Calendar:
    """When a branch is open. `region` is ISO 3166-2 (`DE-BY`, `AT-9`) or a country; `hours` has seven entries."""

    zone: str = "Europe/Berlin"
    region: str = "DE"
    catholic: bool = False
    hours: tuple[Hours, ...] = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())
    closed: frozenset[date] = field(default_factory=frozenset)
    day_starts: time = time(6)
    closed_day: str = "next"

    def is_holiday(self, day: date) -> bool:
        """Whether a public holiday of the region falls on a day."""
        return day in _holidays(self.region, self.catholic, day.year)

    def is_open(self, day: date) -> bool:
        """Whether the branch is open on a day."""
        return bool(self.hours[day.weekday()]) and day not in self.closed and not self.is_holiday(day)

    def _step(self, day: date, step: int) -> date:
        for _ in range(3660):
            if self.is_open(day):
                return day
            day += timedelta(days=step)
        raise PhraseError("the calendar has no open day within ten years", "give it opening days")

    def next_open(self, day: date) -> date:
        """The day itself if open, else the next open one."""
        return self._step(day, 1)

    def previous_open(self, day: date) -> date:
        """The day itself if open, else the last open one before it."""
        return self._step(day, -1)

    def move(self, day: date, closed_day: str) -> date:
        """Where what falls on a closed day goes: `next`, `previous` or `stay`."""
        if closed_day == "stay" or not 1 < day.year < 9999:
            return day
        return self.previous_open(day) if closed_day == "previous" else self.next_open(day)

    def add_business_days(self, day: date, number: int) -> date:
        """The open day so many open days after (before, if negative) a day; a closed day does not count itself."""
        step = 1 if number > 0 else -1
        for _ in range(abs(number)):
            day = self._step(day + timedelta(days=step), step)
        return day

    def add_opening_minutes(self, local: datetime, minutes: int) -> datetime:
        """The local moment so many minutes of opening time later (earlier, if negative)."""
        day, left, step = local.date(), timedelta(minutes=abs(minutes)), 1 if minutes > 0 else -1
        for _ in range(3660):
            for start, end in self._spans_open(day, local, step):
                if left <= end - start:
                    return start + left if step > 0 else end - left
                left -= end - start
            day += timedelta(days=step)
        raise PhraseError("the calendar has no such opening time within ten years", "give it opening hours")

    def opening_minutes(self, start: datetime, end: datetime) -> int:
        """The whole minutes of opening time between two local moments."""
        open_for = timedelta()
        for day in (start.date() + timedelta(days=n) for n in range((end.date() - start.date()).days + 1)):
            spans = self._spans_open(day, start, 1)
            open_for += sum((max(min(closes, end) - opens, timedelta()) for opens, closes in spans), timedelta())
        return int(open_for / timedelta(minutes=1))

    def _spans_open(self, day: date, local: datetime, step: int) -> list[tuple[datetime, datetime]]:
        """A day's spans of opening after a local moment, or, with a step back, those before it, the nearest first."""
        spans = [(datetime.combine(day, opens), datetime.combine(day, closes)) for opens, closes in (self.hours[day.weekday()] if self.is_open(day) else ())]
        if step > 0:
            return [(max(start, local), end) for start, end in spans if end > local]
        return [(start, min(end, local)) for start, end in reversed(spans) if start < local]

    @property
    def tz(self) -> ZoneInfo:
        """The branch's zone."""
        return ZoneInfo(self.zone)

    def local(self, instant: datetime) -> datetime:
        """A naive UTC instant as naive local wall time. At the ends of time (9999-12-31 for "never") both are one."""
        if not 1 < instant.year < 9999:
            return instant
        return instant.replace(tzinfo=UTC).astimezone(self.tz).replace(tzinfo=None)

    def today(self, instant: datetime) -> date:
        """The local day of a naive UTC instant."""
        return self.local(instant).date()

    def at(self, day: date, wall: time) -> datetime:
        """A local wall time as naive UTC: one that does not exist moves forward, one that exists twice is the first."""
        local = datetime.combine(day, wall)
        return _utc(self.zone, local) if 1 < day.year < 9999 else local

    def first_instant(self, day: date) -> datetime:
        """When a day starts for rules (`day_starts`), as naive UTC."""
        return self.at(day, self.day_starts)


@lru_cache(maxsize=4096)  # the days that a tick plans for are few, and asked for once a record
def _utc(zone: str, local: datetime) -> datetime:
    tz = ZoneInfo(zone)
    instant = local.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == local:
        return instant.replace(tzinfo=None)
    return _after_gap(tz, local)


def _after_gap(tz: ZoneInfo, local: datetime) -> datetime:
    """The first instant after the gap a wall time falls into."""
    low = (local - timedelta(hours=3)).replace(tzinfo=tz).astimezone(UTC)
    high = (local + timedelta(hours=3)).replace(tzinfo=tz).astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).replace(tzinfo=None) < local:
            low = middle
        else:
            high = middle
    return high.replace(tzinfo=None, microsecond=0)


@lru_cache(maxsize=512)
def _holidays(region: str, catholic: bool, year: int) -> frozenset[date]:
    import holidays  # it is slow to import, and many commands need no calendar

    country, _, part = region.partition("-")
    unknown = PhraseError(f"there is no region '{region}'", "write e.g. `DE-BY`, `AT-9`, `CH-ZH`")
    if not REGION.fullmatch(region):
        raise unknown
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=year)
        if catholic and "catholic" in found.supported_categories:
            found = holidays.country_holidays(country, subdiv=part or None, years=year, categories=("public", "catholic"))
    except NotImplementedError:
        raise unknown from None
    return frozenset(found)


def parse_calendar(data: Mapping[str, Any], base: Calendar | None = None) -> Calendar:
    """A calendar from its YAML map; what it does not say is taken from `base`. Raises PhraseError."""
    base = base or Calendar()
    zone = str(data.get("zone", base.zone))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise PhraseError(f"there is no time zone '{zone}'", "write e.g. `Europe/Berlin`") from None
    region = str(data.get("region", base.region))
    _holidays(region, False, 2026)
    return Calendar(
        zone=zone,
        region=region,
        catholic=bool(data.get("catholic", base.catholic)),
        hours=_hours(data["open"]) if "open" in data else base.hours,
        closed=base.closed | _closed(data.get("closed", ())),
        day_starts=parse_time(str(data.get("day_starts", f"{base.day_starts:%H:%M}"))),
        closed_day=str(data.get("closed_day", base.closed_day)),
    )


def _hours(data: Mapping[str, Any]) -> tuple[Hours, ...]:
    unknown = [day for day in data if day not in WEEKDAYS]
    if unknown:
        raise PhraseError(f"'{unknown[0]}' is no weekday", did_you_mean(str(unknown[0]), WEEKDAYS))
    return tuple(tuple(_span(str(span)) for span in _spans(data.get(day))) for day in WEEKDAYS)


def _spans(value: Any) -> list[Any]:
    if value in (None, "closed"):
        return []
    return value if isinstance(value, list) else [value]


def _span(text: str) -> tuple[time, time]:
    opens, dash, closes = text.partition("-")
    start, end = parse_time(opens.strip()), parse_time(closes.strip()) if dash else time(0)
    if not dash or start >= end:
        raise PhraseError(f"'{text}' is no span of opening", 'write e.g. "08:00-18:00"')
    return start, end


def _closed(days: Any) -> frozenset[date]:
    found: set[date] = set()
    for entry in days:
        first, _, last = str(entry).partition(" to ")
        start = parse_day(first)
        end = parse_day(last) if last else start
        if end < start or (end - start).days > 366:
            raise PhraseError(f"'{entry}' is no span of days", "write e.g. `2026-12-24 to 2027-01-01`")
        found |= {start + timedelta(days=n) for n in range((end - start).days + 1)}
    return frozenset(found)


def parse_day(text: str) -> date:
    """An ISO day. Raises PhraseError."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text.strip()):
            raise ValueError  # ISO's week days would pass: 2027-W10-1
        return date.fromisoformat(text.strip())
    except ValueError:
        raise PhraseError(f"'{text}' is no day", "write e.g. `2026-11-30`") from None


def parse_time(text: str) -> time:
    """A wall time `08:00`. Raises PhraseError."""
    try:
        hours, minutes = text.strip().split(":")
        if len(hours) != 2 or len(minutes) != 2:
            raise ValueError
        return time(int(hours), int(minutes))
    except ValueError:
        raise PhraseError(f"'{text}' is no time of day", 'write e.g. "08:00"') from None
