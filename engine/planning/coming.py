"""What the triggers that know the calendar mean for one subject: its dates, the next slot, the next day that time alone brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from engine.language.arithmetic import add_months
from engine.language.calendars import Calendar
from engine.language.conditions import MomentValue, Node, walk
from engine.language.periods import Period
from engine.language.phrases import Fixed, Offset, Phrase, Yearly, next_anniversary, offset_day
from engine.language.schedules import Schedule
from engine.planning.candidates import Scene
from engine.planning.catch_up import window
from engine.planning.rules import Rule
from engine.planning.values import load

State = Literal["missing", "to come", "due", "too late", "done", "done later"]
YEARLY_REACH = timedelta(days=180)
AHEAD = 400
"""How many days are looked at for what time alone brings."""


@dataclass(frozen=True)
class Done:
    """What a rule did, or decided, for the subject under one occurrence."""

    occurrence: str
    effect: str
    status: str
    entry: str
    anchor: date | None
    day: date | None
    made_at: datetime
    reason: str


@dataclass(frozen=True)
class Entry:
    """One date of a date rule for the subject. `next` is the next day it falls on, None where it comes no more."""

    name: str
    phrase: str
    anchor: date | None = None
    day: date | None = None
    state: State = "missing"
    occurrence: str = ""
    done_at: datetime | None = None
    next: date | None = None


def entries(rule: Rule, scene: Scene, subject: int, done: Sequence[Done]) -> list[Entry]:
    """Each date of a date rule: where it falls for the subject, and what became of it."""
    anchors = load(scene.store, rule.entity, [subject], [phrase.anchor for phrase in rule.dates.values()]).get(subject, {})
    found = []
    for name, phrase in rule.dates.items():
        entry = Entry(name, said(phrase), _day(anchors.get(phrase.anchor), scene))
        mine = [one for one in done if one.entry == name]
        found.append(entry if entry.anchor is None else _falls(entry, phrase, mine, *window(rule, scene), scene))
    return found


def _falls(entry: Entry, phrase: Phrase, done: Sequence[Done], first: date | None, last: date, scene: Scene) -> Entry:
    assert entry.anchor is not None
    if isinstance(phrase, Yearly):
        upcoming = next_anniversary(entry.anchor, last + timedelta(days=1))
        day, following = _anniversary_before(entry.anchor, last), upcoming
        first = max(first or date.min, last - YEARLY_REACH)
        if day is None:
            return replace(entry, day=upcoming, state="to come", next=upcoming)
        same = [one for one in done if one.day is not None and one.day >= first]
        later: list[Done] = []
    else:
        assert isinstance(phrase, Offset)  # a date phrase is yearly or counts days from a field
        day, following = offset_day(phrase, entry.anchor, scene.calendar), None
        same = [one for one in done if one.anchor == entry.anchor]
        later = [one for one in done if one.day is not None and one.day >= day]
    entry = replace(entry, day=day, next=following)
    if same or later:
        was = (same or later)[-1]
        return replace(entry, state="done" if same else "done later", occurrence=was.occurrence, done_at=was.made_at)
    if day > last:
        return replace(entry, state="to come", next=day)
    return replace(entry, state="too late" if first is not None and day < first else "due")


def _anniversary_before(anchor: date, last: date) -> date | None:
    """The latest anniversary that is not after a day; None before the first."""
    for years in (last.year - anchor.year, last.year - anchor.year - 1):
        day = add_months(anchor, 12 * years)
        if years >= 0 and day <= last:
            return day
    return None


def _day(value: Any, scene: Scene) -> date | None:
    return scene.calendar.today(value) if isinstance(value, datetime) else value


def said(phrase: Phrase) -> str:
    """A date's phrase as it is written."""
    if isinstance(phrase, Yearly):
        return f"every year on {phrase.anchor}"
    anchor = f"end of {phrase.anchor}'s month" if getattr(phrase, "end_of_month", False) else phrase.anchor
    if not isinstance(phrase, Offset) or str(phrase.duration) == "0 days":
        return f"on {anchor}"
    return f"{phrase.duration} {'before' if phrase.sign < 0 else 'after'} {anchor}"


def next_slot(schedule: Schedule, now: datetime, calendar: Calendar, period: Period | None = None) -> datetime | None:
    """The next local wall time of a schedule (in a campaign's days) after a moment; None where none comes within nine years."""
    if period:
        first, last = period.coming(calendar.today(now))
        slot = next_slot(schedule, max(now, _midnight(first, calendar)), calendar)
        if slot and slot.date() > last and period.yearly:
            return next_slot(schedule, _midnight(period.coming(last + timedelta(days=1))[0], calendar), calendar)
        return slot if slot and slot.date() <= last else None
    for days in (2, 40, 400, 3300):
        slots = schedule.slots(now, now + timedelta(days=days), calendar)
        if slots:
            return slots[0]
    return None


def _midnight(day: date, calendar: Calendar) -> datetime:
    """The instant just before a day, after which its slots come."""
    return calendar.at(day, time(0)) - timedelta(seconds=1)


def moves_alone(rule: Rule) -> bool:
    """Whether time alone can change what a rule does for a subject: its condition counts from now, or `again` waits."""
    return rule.again.not_before is not None or any(isinstance(value, MomentValue) and not _is_fixed(value.phrase) for value in _values(rule.condition))


def _is_fixed(phrase: Phrase) -> bool:
    return isinstance(phrase, Fixed) and phrase.day is not None


def _values(node: Node | None) -> list[Any]:
    return [] if node is None else [value for one in walk(node) for value in (getattr(one, "value", None), getattr(one, "upper", None))]
