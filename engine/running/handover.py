"""Open work of somebody who is away or has left goes to whoever is there (design.md, decisions; S1.58)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from engine.running.people import Staff, read_staff
from engine.store.activities import IS_OPEN
from engine.store.given import as_day
from engine.store.store import Store


@dataclass(frozen=True)
class Moved:
    """An activity of somebody away; `to` is who has it now: they themselves where nobody is present for it, "" where they left."""

    activity: int
    due_on: date | None
    away: str
    to: str
    why: str


def hand_over(store: Store, today: date, only: Collection[int] | None = None) -> list[Moved]:
    """Give open work whose assignee is not there on its day (today, if it is late) to somebody present.

    What nobody is present for stays with who is only away. Needs a writing session. `only` narrows to some employees. Work does not come back after an absence: whoever
    has it now may have begun.
    """
    staff = read_staff(store)
    away = [person.id for person in staff.persons.values() if (only is None or person.id in only) and (person.left_on or person.absences)]
    moved: list[Moved] = []
    rows: list[dict[str, object]] = []
    for number, assignee, due_on, branch in _open_work(store, away):
        day = max(as_day(due_on) or today, today)
        person = staff.persons[assignee]
        if staff.is_present(person, day):
            continue
        to, why = staff.pick([assignee], branch if branch is not None else person.branch, day, number)
        if to is None and person.left_on is None:  # who comes back finds it; with nobody it would be lost
            moved.append(Moved(number, as_day(due_on), person.initials, person.initials, why))
            continue
        rows.append({"id": number, "assignee": to, "assigned_because": why or f"{person.initials} is away"})
        moved.append(Moved(number, as_day(due_on), person.initials, _initials(staff, to), why))
    store.update_many("activity", rows)
    return moved


def _open_work(store: Store, employees: list[int]) -> list[tuple[int, int, object, int | None]]:
    sql = f"SELECT id, assignee, due_on, branch FROM activity WHERE {IS_OPEN} AND assignee IN ({{}}) ORDER BY id"
    return [(row[0], row[1], row[2], row[3]) for row in store.rows_in(sql, [], employees)]


def _initials(staff: Staff, number: int | None) -> str:
    return staff.persons[number].initials if number is not None else ""
