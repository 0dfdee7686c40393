"""`assign:` writes a responsible person into a field of the subject; `next ROLE` goes by rotation (docs/decisions/0019)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import check_person, effect_schema
from engine.language.nearest import did_you_mean

NEXT = "next "
"""What stands before a role that takes turns."""


@dataclass(frozen=True)
class AssignPlan:
    """An assign effect, compiled."""

    field: str
    people: tuple[str, ...]


class AssignEffect(Irreversible):
    """Writes a responsible person into a field of the subject."""

    word = "assign"
    makes = ""
    doc = "Puts the first present person of a list of fields and roles into a person field of the subject."
    example = "owner: {assign: owner, to: [owner, next salesperson, sales_manager]}"
    schema = effect_schema(
        "assign",
        {
            "assign": {"type": "string", "examples": ["owner"], "description": "The subject's person field to fill."},
            "to": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 20,
                "description": "Person fields or roles, in order; `next salesperson`: the next one in turn.",
                "examples": [["owner", "next salesperson", "sales_manager"]],
            },
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> AssignPlan:
        """The field must hold an employee."""
        name = str(spec["assign"])
        checker.below("assign").leads_to(name, "employee")
        people = tuple(str(person) for person in spec.get("to", ()))
        for index, person in enumerate(people):
            if person.startswith(NEXT):
                _check_role(person.removeprefix(NEXT), checker.below("to", index))
            else:
                check_person(person, checker.below("to", index))
        return AssignPlan(name, people)

    def check_people(self, names: Sequence[str], checker: Checker) -> None:
        """Person fields of the subject, or roles."""
        for name in names:
            check_person(name, checker)

    def apply(self, plan: AssignPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Update the field of each subject."""
        rows, results = [], []
        turns = _Turns(plan, batch)
        for work in works:
            fields = batch.entity(work).fields
            wanted: list[int | str | None] = []
            taking_turns: dict[int, str] = {}
            for name in plan.people:
                if name.startswith(NEXT):
                    row = turns.row(work, name.removeprefix(NEXT))
                    taking_turns |= dict.fromkeys(row, name)
                    wanted += row
                else:
                    wanted.append(batch.get(work, name) if name.split(".")[0] in fields else name)
            person, why = batch.people.pick(wanted, batch.concerns(work, "branch"), batch.today(work), work.subject)
            results.append(Result("done", why or taking_turns.get(person, "")) if person else Result("failed", why))
            if person:
                turns.given(work, person)
                rows.append({"id": work.subject, plan.field: person})
        batch.store.update_many(works[0].entity, rows)
        return results


@dataclass
class _Turns:
    """Whose turn it is, for one batch."""

    plan: AssignPlan
    batch: Batch
    _last: dict[int, int] = field(default_factory=dict)
    """Person -> the newest record they have in the field; what this batch gives counts as newer than all."""
    _known: set[int] = field(default_factory=set)

    def row(self, work: Work, role: str) -> list[int]:
        """Those present, whose turn it is first: behind the one in the field; where it is empty, who waited longest for a record."""
        present = self.batch.get(work, self.plan.field)
        row = self.batch.people.in_turn(role, self.batch.concerns(work, "branch"), self.batch.today(work), present)
        if present is None:
            self._look(work.entity, row)
            row.sort(key=lambda person: self._last.get(person, 0))
        return row

    def given(self, work: Work, person: int) -> None:
        """The person has got one, unless they had it already."""
        if self.batch.get(work, self.plan.field) != person:
            self._last[person] = max([work.subject, *self._last.values()]) + 1

    def _look(self, entity: str, persons: Sequence[int]) -> None:
        new = [person for person in persons if person not in self._known]
        if new:
            sql = f'SELECT "{self.plan.field}", MAX(id) FROM "{entity}" WHERE "{self.plan.field}" IN ({{}}) GROUP BY "{self.plan.field}"'
            found = dict(self.batch.store.rows_in(sql, [], new))
            self._last = found | self._last
            self._known |= set(new)


def _check_role(role: str, checker: Checker) -> None:
    if role not in checker.vocabulary.roles:
        checker.wrong("effect-unknown-person", f"'{role}' is no role", did_you_mean(role, checker.vocabulary.roles))
