"""`assign:` writes a responsible person into a field of the subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.effects.base import Batch, Checker, Irreversible, Result, Work
from engine.effects.shared import check_person, effect_schema


@dataclass(frozen=True)
class AssignPlan:
    """An assign effect, compiled."""

    field: str
    people: tuple[str, ...]


class AssignEffect(Irreversible):
    """Writes a responsible person into a field of the subject."""

    word = "assign"
    doc = "Puts the first present person of a list of fields and roles into a person field of the subject."
    example = "owner: {assign: owner, to: [salesperson, sales_manager]}"
    schema = effect_schema(
        "assign",
        {
            "assign": {"type": "string", "description": "The subject's person field to fill."},
            "to": {"type": "array", "items": {"type": "string"}, "maxItems": 20, "description": "Person fields or roles, in order."},
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> AssignPlan:
        """The field must hold an employee."""
        name = str(spec["assign"])
        checker.below("assign").leads_to(name, "employee")
        people = tuple(str(person) for person in spec.get("to", ()))
        for index, person in enumerate(people):
            check_person(person, checker.below("to", index))
        return AssignPlan(name, people)

    def check_people(self, names: Sequence[str], checker: Checker) -> None:
        """Person fields of the subject, or roles."""
        for name in names:
            check_person(name, checker)

    def apply(self, plan: AssignPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Update the field of each subject."""
        rows, results = [], []
        for work in works:
            fields = batch.entity(work).fields
            wanted = [batch.get(work, name) if name.split(".")[0] in fields else name for name in plan.people]
            person, why = batch.people.pick(wanted, batch.concerns(work, "branch"), batch.today(work), work.subject)
            results.append(Result("done", why) if person else Result("failed", why))
            if person:
                rows.append({"id": work.subject, plan.field: person})
        batch.store.update_many(works[0].entity, rows)
        return results
