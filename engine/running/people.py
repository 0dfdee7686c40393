"""Who gets the work: present persons, deputies, managers, the branch's fallback (design.md, decisions)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.effects.base import Person
from engine.store.given import as_day
from engine.store.store import Store


@dataclass
class Staff:
    """The dealer's employees as one tick sees them. They are few: all are read at once."""

    persons: dict[int, Person]
    managers: dict[int, int | None] = field(default_factory=dict)
    """Branch -> its manager."""

    def pick(self, wanted: Sequence[int | str | None], branch: int | None, day: date, spread: int) -> tuple[int | None, str]:
        """The first present person of the ids and roles wanted; else a deputy, a manager, the branch's fallback.

        Each wanted person is tried in person first, then through their deputy, before the next one is asked.
        """
        for want in wanted:
            if want is None:
                continue
            for person in self._holders(want, branch, spread) if isinstance(want, str) else [want]:
                found, why = self._present(person, day)
                if found is not None:
                    return found, why or (f"role {want}" if isinstance(want, str) else "")
        return self._fallback(wanted, branch, day)

    def in_turn(self, role: str, branch: int | None, day: date, after: int | None) -> list[int]:
        """Who of a branch has a role and is present, by initials, beginning behind a person who is left out. No deputies: the next one is asked."""
        row = sorted((one for one in self.persons.values() if role in one.roles and (branch is None or one.branch in (branch, None))), key=_initials)
        here = [one for one in row if one.id != after and self.is_present(one, day)]
        behind = self.persons[after].initials if after in self.persons else ""
        return [one.id for one in here if one.initials > behind] + [one.id for one in here if one.initials <= behind]

    def _holders(self, role: str, branch: int | None, spread: int) -> list[int]:
        """Everyone with a role, those of the branch first; turned by the subject's number so that work spreads."""
        holders = sorted((p for p in self.persons.values() if role in p.roles), key=_initials)
        near = [p.id for p in holders if p.branch == branch or p.branch is None]
        far = [p.id for p in holders if p.id not in near]
        turn = spread % len(near) if near else 0
        return near[turn:] + near[:turn] + far

    def _present(self, number: int, day: date) -> tuple[int | None, str]:
        person = self.persons.get(number)
        if person is None:
            return None, ""
        if self.is_present(person, day):
            return number, ""
        for deputy in (self._absence_deputy(person, day), person.deputy):
            stand_in = self.persons.get(deputy) if deputy is not None else None
            if stand_in and self.is_present(stand_in, day):
                return stand_in.id, f"deputy of {person.initials}"
        return None, ""

    def _fallback(self, wanted: Sequence[int | str | None], branch: int | None, day: date) -> tuple[int | None, str]:
        for want in wanted:
            person = self.persons.get(want) if isinstance(want, int) else None
            manager = self.persons.get(person.manager) if person and person.manager is not None else None
            if person and manager and self.is_present(manager, day):
                return manager.id, f"manager of {person.initials}"
        leader = self.persons.get(self.managers.get(branch) or -1) if branch is not None else None
        if leader and self.is_present(leader, day):
            return leader.id, "manager of the branch"
        return None, "nobody is present for it"

    @staticmethod
    def is_present(person: Person, day: date) -> bool:
        """Whether a person works here and is not away on a day."""
        if (person.left_on is not None and person.left_on <= day) or (person.joined_on is not None and person.joined_on > day):
            return False
        return not any((first or day) <= day <= (last or day) for first, last, _ in person.absences)

    @staticmethod
    def _absence_deputy(person: Person, day: date) -> int | None:
        for first, last, deputy in person.absences:
            if (first or day) <= day <= (last or day):
                return deputy
        return None


def _initials(person: Person) -> str:
    return person.initials


def read_staff(store: Store) -> Staff:
    """Read all employees with roles and absences: four small queries."""
    roles: dict[int, set[str]] = {}
    for employee, role in store.rows("SELECT employee, role FROM employee_role", []):
        roles.setdefault(employee, set()).add(role)
    absences: dict[int, list[tuple[date | None, date | None, int | None]]] = {}
    for employee, first, last, deputy in store.rows("SELECT employee, from_on, until_on, deputy FROM absence", []):
        absences.setdefault(employee, []).append((as_day(first), as_day(last), deputy))
    rows = store.rows("SELECT id, initials, branch, manager, deputy, joined_on, left_on FROM employee", [])
    persons = {
        row[0]: Person(
            row[0], row[1], row[2], row[3], row[4], as_day(row[5]), as_day(row[6]), frozenset(roles.get(row[0], ())), tuple(absences.get(row[0], ()))
        )
        for row in rows
    }
    return Staff(persons, dict(store.rows("SELECT id, manager FROM branch", [])))


def held_roles(store: Store) -> frozenset[str] | None:
    """The roles of all who have not left; None where no employees are known."""
    if not store.rows("SELECT 1 FROM employee LIMIT 1", []):
        return None
    return frozenset(row[0] for row in store.rows("SELECT DISTINCT role FROM employee_role r JOIN employee e ON e.id = r.employee WHERE e.left_on IS NULL", []))
