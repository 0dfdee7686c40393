"""`event:` raises an event, taken in the next round of the same tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import effect_schema, insert_each
from engine.language.nearest import an, did_you_mean
from engine.store.causes import cause_text


class EventEffect(Irreversible):
    """Raises an event about the subject, taken in the next round of the same tick."""

    word = "event"
    makes = ""
    doc = "Raises an event; rules and workflows that listen take it in the next round."
    example = "tell: {event: delivery.remotorisation_due}"
    schema = effect_schema("event", {"event": {"type": "string", "description": "The event's id, `entity.what`.", "examples": ["customer.mail_returned"]}})

    def check(self, spec: dict[str, Any], checker: Checker) -> str:
        """The event must exist and be about this kind of subject."""
        name = str(spec["event"])
        about = checker.vocabulary.events.get(name)
        if about is None:
            checker.below("event").wrong("effect-unknown-event", f"there is no event '{name}'", did_you_mean(name, checker.vocabulary.events))
        elif about != checker.entity:
            checker.below("event").wrong(
                "effect-wrong-event", f"'{name}' is about {an(about)}, this rule about {an(checker.entity)}", f"use it in a rule `for: {about}`"
            )
        return name

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an event each, one level deeper than its cause."""
        rows = [
            {
                "name": plan,
                "subject_entity": work.entity,
                "subject_id": work.subject,
                "happened_at": batch.now,
                "recorded_at": batch.now,
                "cause": cause_text(work.occurrence, work.definition),
                "depth": work.depth + 1,
            }
            for work in works
        ]
        return insert_each("event", rows, batch)
