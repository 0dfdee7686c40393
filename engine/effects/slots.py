"""The first open and free half-hour of a person in a week: what `next week` means for work (requirements.md A7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from engine.effects.base import Batch
from engine.language.calendars import Calendar
from engine.store.given import as_day, as_instant

SLOT = timedelta(minutes=30)
AHEAD = timedelta(days=42)
"""How far ahead appointments are read: next week, and a few weeks more where it is closed altogether."""


@dataclass
class Diary:
    """When each person has something at a time of day, read once for a batch; what the batch gives out is noted, too."""

    batch: Batch
    taken: dict[int, set[datetime]] = field(default_factory=dict)
    _read: bool = False

    def first_free(self, person: int, day: date, calendar: Calendar) -> datetime | None:
        """The first free slot (naive UTC) from a day to the end of its week on which the person is present, now taken; None in a full week."""
        self._read_once()
        taken = self.taken.setdefault(person, set())
        for slot in self._slots(person, day, calendar):
            if not any(abs(slot - other) < SLOT for other in taken):
                taken.add(slot)
                return slot
        return None

    def _slots(self, person: int, day: date, calendar: Calendar) -> Iterator[datetime]:
        for one in (day + timedelta(days=n) for n in range(7 - day.weekday())):
            if not calendar.is_open(one) or self.batch.people.pick([person], None, one, 0)[0] != person:
                continue
            for opens, closes in calendar.hours[one.weekday()]:
                local = datetime.combine(one, opens)
                while local + SLOT <= datetime.combine(one, closes):
                    yield calendar.at(one, local.time())
                    local += SLOT

    def _read_once(self) -> None:
        if self._read:
            return
        self._read = True
        now = self.batch.now
        rows = self.batch.store.rows(
            "SELECT assignee, branch, due_on, due_at, appointment_at FROM activity WHERE status = 'open' AND assignee IS NOT NULL"
            " AND (due_at BETWEEN ? AND ? OR appointment_at BETWEEN ? AND ?)",
            [now, now + AHEAD, now, now + AHEAD],
        )
        for person, branch, due_on, due_at, appointment in rows:
            begins = as_instant(appointment) or self._time_of_day(branch, due_on, as_instant(due_at))
            if begins is not None:
                self.taken.setdefault(person, set()).add(begins)

    def _time_of_day(self, branch: int | None, due_on: Any, due_at: datetime | None) -> datetime | None:
        """When work is due; None for work of a whole day, which is due when the day starts."""
        day = as_day(due_on)
        if due_at is None or day is None:
            return due_at
        return None if due_at == self.batch.calendar_of(branch).first_instant(day) else due_at
