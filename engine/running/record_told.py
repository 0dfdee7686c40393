"""What a record says of itself, at the head of the chain of its causes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.running.chain import Link
from engine.running.names import name_of
from engine.running.setting import Setting
from engine.store.given import as_day, instant

MADE: dict[str, tuple[str, str]] = {
    "activity": ("created_at", "kind, status, due_on, assigned_because, blocked_because"),
    "message": ("queued_at", "template, channel, status, address, blocked_because"),
    "tag": ("posted_on", "kind, value, valid_until_on, taken_back_on, source"),
}
"""What is told of a record: the field with its moment, and others."""
WORDS = {
    "due_on": "due",
    "assigned_because": "assigned for:",
    "blocked_because": "blocked:",
    "address": "to",
    "valid_until_on": "counts until",
    "taken_back_on": "taken back on",
    "source": "by",
}
AWAY = (
    "SELECT e.initials, b.from_on, b.until_on FROM activity a JOIN employee e ON a.assigned_because LIKE '% of ' || e.initials"
    " JOIN absence b ON b.employee = e.id WHERE a.id = ? AND coalesce(b.from_on, ?) <= ? AND coalesce(b.until_on, ?) >= ? ORDER BY b.id"
)


def told_of(setting: Setting, entity: str, row: int) -> Link:
    """The record itself, as the first link of its chain."""
    at, others = MADE.get(entity, ("", ""))
    if not at:
        return Link(entity, f"{entity}:{row}", None, name_of(setting, entity, row))
    names = others.split(", ")
    found = setting.store.rows(f'SELECT "{at}", customer, {others} FROM "{entity}" WHERE id = ?', [row])[0]
    told = [f"{WORDS.get(name, '')} {value}".strip() for name, value in zip(names, found[2:], strict=True) if value is not None]
    whose = f" for {name_of(setting, 'customer', found[1])}" if found[1] is not None else ""
    says = f"{entity}:{row}{whose}: {', '.join(told)}{_away(setting, row) if entity == 'activity' else ''}"
    return Link(entity, f"{entity}:{row}", _moment(found[0]), says)


def _away(setting: Setting, activity: int) -> str:
    """Why the one it was meant for did not get it: how long they are away, on the day that counted when it was given out.

    That is the day it was due; where somebody set another since, the store knows only the day it was made.
    """
    due, by_hand, made = setting.store.rows("SELECT due_on, due_by_hand, created_at FROM activity WHERE id = ?", [activity])[0]
    day = setting.calendar.today(instant(made)) if made is not None and (by_hand or due is None) else as_day(due)
    for initials, first, last in setting.store.rows(AWAY, [activity, day, day, day, day]) if day else ():
        return f" ({initials} is away from {first} to {last or 'further notice'})"
    return ""


def _moment(value: Any) -> datetime | date | None:
    """A moment (naive UTC), or the day alone where no more is kept."""
    return instant(value) if isinstance(value, datetime) or len(str(value)) > 10 else as_day(value)
