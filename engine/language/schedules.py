"""Schedules: cron texts and `day at 08:00`-like phrases. The only module that imports croniter.

croniter's meaning moves between versions and it fires twice where clocks go back (safety.md §9). So a text passes a
check of our own, it is iterated on naive local time, and gaps and folds are resolved here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from croniter import croniter

from engine.language.calendars import WEEKDAYS, Calendar, parse_time
from engine.language.durations import PhraseError

FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
NAMES = {
    "month": {name: n for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)},
    "weekday": {name: n for n, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])},
}
_PART = re.compile(r"(\*|[a-z0-9]+(?:-[a-z0-9]+)?)(?:/([0-9]{1,3}))?\Z")


@dataclass(frozen=True)
class Schedule:
    """A cron expression of five fields in local time, checked."""

    cron: str

    def slots(self, since: datetime, until: datetime, calendar: Calendar) -> list[datetime]:
        """The local wall times (naive) whose instants lie after `since` and not after `until` (naive UTC)."""
        local = calendar.local(since) - timedelta(hours=3)
        found: list[datetime] = []
        iterator = croniter(self.cron, local, ret_type=datetime)
        for _ in range(200_000):
            slot: datetime = iterator.get_next(datetime)
            instant = calendar.at(slot.date(), slot.time())
            if instant > until:
                break
            if instant > since:
                found.append(slot)
        return found


def parse_schedule(text: str) -> Schedule:
    """Read a cron text or a phrase (`day at 08:00`, `monday at 07:30`, `month on 1`, `year on 09-25`, `hour`). Raises PhraseError."""
    words = " ".join(text.split())
    cron = _from_phrase(words)
    if cron is None:
        if "\n" in text or len(words) > 100:
            raise PhraseError("the schedule is too long or has a line break", "write five fields, e.g. `0 6 * * 1`")
        _check(words)
        cron = words.lower()
    if not croniter.is_valid(cron, strict=True):
        raise PhraseError(f"'{text}' never comes", "check day and month")
    return Schedule(cron)


def _from_phrase(text: str) -> str | None:
    if text == "hour":
        return "0 * * * *"
    head, _, wall = text.partition(" at ")
    what, _, on = head.partition(" on ")
    if what not in ("day", "week", "month", "year", *WEEKDAYS):
        return None
    at = parse_time(wall) if wall else parse_time("06:00")
    if what == "day" and not on:
        return f"{at.minute} {at.hour} * * *"
    if what in WEEKDAYS and not on:
        return f"{at.minute} {at.hour} * * {(WEEKDAYS.index(what) + 1) % 7}"
    if what == "month" and on.isdigit() and 1 <= int(on) <= 31:
        return f"{at.minute} {at.hour} {int(on)} * *"
    found = re.match(r"([0-9]{2})-([0-9]{2})\Z", on)
    if what == "year" and found:
        return f"{at.minute} {at.hour} {int(found.group(2))} {int(found.group(1))} *"
    raise PhraseError(f"'{text}' is no schedule", "write e.g. `day at 08:00`, `monday at 07:30`, `month on 1`, `year on 09-25`")


def _check(text: str) -> None:
    fields = text.lower().split(" ")
    if len(fields) != 5:
        raise PhraseError(f"'{text}' is no schedule", "write five fields, e.g. `0 6 * * 1`, or a phrase, e.g. `day at 08:00`")
    for value, (name, low, high) in zip(fields, FIELDS, strict=True):
        for part in value.split(","):
            _check_part(part, name, low, high)
    if fields[2] != "*" and fields[4] != "*":
        raise PhraseError("day of month and weekday together mean different things to different crons", "use one of them")


def _check_part(part: str, name: str, low: int, high: int) -> None:
    found = _PART.match(part)
    if not found:
        raise PhraseError(f"'{part}' is not a {name}", f"write {low} to {high}, `*`, a range or a step")
    body, step = found.groups()
    if body != "*":
        ends = [_number(end, name) for end in body.split("-")]
        if not all(low <= end <= high for end in ends):
            raise PhraseError(f"'{part}' is not a {name}", f"write {low} to {high}")
        if len(ends) == 2 and ends[0] >= ends[1]:
            raise PhraseError(f"the range '{body}' does not grow", "write the smaller number first")
        if step and len(ends) == 1:
            raise PhraseError(f"'{part}' has a step without a range", f"write e.g. `*/{step}`")
    if step and not 1 <= int(step) <= high - low:
        raise PhraseError(f"the step '{step}' is larger than the {name}s there are", "write a smaller step")


def _number(text: str, name: str) -> int:
    if text.isdigit():
        return int(text)
    names = NAMES.get(name, {})
    if text not in names:
        raise PhraseError(f"'{text}' is not a {name}", "write a number" + (f" or {', '.join(names)}" if names else ""))
    return names[text]
