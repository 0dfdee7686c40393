"""`list:` puts the subject, or each match, on a named list (S0.25)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.effects.base import DONE, Batch, Checker, Result, Work
from engine.effects.shared import effect_schema, insert_each
from engine.language.nearest import did_you_mean


class ListEffect:
    """Puts the subject, or each match, on a named list (S0.25)."""

    word = "list"
    makes = "list_entry"
    reversible = True
    doc = "Puts the subject or each match on a list that people look at; in a `while` rule it leaves it again."
    example = "show: {list: matching_wishes}"
    schema = effect_schema("list", {"list": {"type": "string", "description": "The list's id; `lists:` declares it.", "examples": ["matching_wishes"]}})

    def check(self, spec: dict[str, Any], checker: Checker) -> str:
        """The list must be declared."""
        name = str(spec["list"])
        if name not in checker.vocabulary.lists:
            checker.below("list").wrong("effect-unknown-list", f"there is no list '{name}'", did_you_mean(name, checker.vocabulary.lists))
        if checker.match:
            checker.path(f"{checker.match[0]}.customer")
        return name

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an entry each, with the reasons of its match and whether the customer may be told."""
        customers = [batch.get(work, f"{work.match.name}.customer") if work.match else batch.concerns(work, "customer") for work in works]
        batch.gate.foresee(customer for customer in customers if customer is not None)
        rows = []
        for work, customer in zip(works, customers, strict=True):
            match = work.match
            rows.append(
                {
                    "list": plan,
                    "customer": customer,
                    "wish": match.id if match and match.entity == "wish" else None,
                    "subject_entity": work.entity,
                    "subject_id": work.subject,
                    "definition": work.definition,
                    "score": match.score if match else None,
                    "because": match.because if match else None,
                    "notifiable": (batch.gate.notifiable(customer) or "yes") if customer is not None else None,
                    "listed_at": batch.now,
                }
            )
        return insert_each("list_entry", rows, batch)

    def writes(self, plan: str, entity: str) -> frozenset[tuple[str, str]]:
        """The list."""
        return frozenset({("list_entry", plan)})

    def undo(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Take the entries off the list."""
        first = works[0]
        sql = "SELECT id FROM list_entry WHERE list = ? AND definition = ? AND subject_entity = ? AND taken_off_at IS NULL AND subject_id IN ({})"
        found = batch.store.rows_in(sql, [plan, first.definition, first.entity], [work.subject for work in works])
        batch.store.update_many("list_entry", [{"id": row[0], "taken_off_at": batch.now} for row in found])
        return [DONE] * len(works)
