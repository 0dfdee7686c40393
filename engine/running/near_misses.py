"""The near misses of a tick, kept by definition and reason: what is missed at every tick does not push out what is rare."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.planning.candidates import Candidate
from engine.planning.found import Found, found_of
from engine.planning.near_misses import AGAIN, CATCH_UP, CONDITION, NearMiss
from engine.planning.rules import Rule
from engine.store.store import Store

RUNS = 10
"""Of so many runs they are kept, for each definition and reason."""
EXAMPLES = 10
"""So many records are named of each run; all are counted."""
WORDS = {
    CONDITION: "the condition did not hold",
    AGAIN: "`again` did not allow it yet",
    CATCH_UP: "it came later than `catch_up` reaches",
}
"""What each reason says."""


@dataclass
class Missed:
    """What a tick has missed so far."""

    found: dict[tuple[str, str, str], dict[int, str]] = field(default_factory=dict)
    """(definition, entity, reason) -> subject -> what came."""
    held: dict[tuple[str, int], Found] = field(default_factory=dict)
    """(definition, subject) -> what the condition's fields held, of those that are named."""

    def note(self, rule: Rule, store: Store, misses: Sequence[NearMiss]) -> None:
        """Add near misses of a rule."""
        for miss in misses:
            self.found.setdefault((rule.id, rule.entity, miss.reason), {})[miss.subject] = miss.what
        named = [miss.subject for miss in misses if miss.reason == CONDITION][-EXAMPLES:]
        for subject, held in found_of(store, rule.entity, rule.condition, named).items():
            self.held[rule.id, subject] = held

    def forget(self, rule: Rule, picked: Sequence[Candidate]) -> None:
        """What a later round of the tick did was not missed."""
        for (definition, _, _), subjects in self.found.items() if picked else ():
            if definition == rule.id:
                for candidate in picked:
                    subjects.pop(candidate.subject, None)

    def write(self, store: Store, run: int, now: datetime) -> None:
        """Keep them (in the session that ends the tick): one row for each definition and reason."""
        rows = [
            {
                "definition": definition,
                "subject_entity": entity,
                "reason": reason,
                "run": run,
                "missed_at": now,
                "number": len(subjects),
                "examples": json.dumps(
                    [[subject, what, self.held.get((definition, subject), {})] for subject, what in list(subjects.items())[-EXAMPLES:]], ensure_ascii=False
                ),
            }
            for (definition, entity, reason), subjects in self.found.items()
            if subjects
        ]
        if not rows:
            return
        store.insert_many("near_miss", rows)
        sql = (
            "DELETE FROM near_miss WHERE id IN (SELECT id FROM"
            " (SELECT id, ROW_NUMBER() OVER (PARTITION BY definition, reason ORDER BY id DESC) AS age FROM near_miss) n WHERE age > ?)"
        )
        store.run(sql, [RUNS])


@dataclass(frozen=True)
class Example:
    """A record that was missed: what came, and what the condition's fields held where it did not hold."""

    row: int
    what: str
    found: Found


@dataclass(frozen=True)
class MissedThen:
    """The near misses of one run for one reason."""

    definition: str
    entity: str
    reason: str
    run: int
    at: Any
    number: int
    examples: tuple[Example, ...]


def kept(store: Store, definition: str) -> list[MissedThen]:
    """What is kept of a definition, the newest first."""
    sql = "SELECT definition, subject_entity, reason, run, missed_at, number, examples FROM near_miss WHERE definition = ? ORDER BY id DESC"
    rows = store.rows(sql, [definition])
    return [MissedThen(row[0], row[1], row[2], row[3], row[4], row[5], tuple(Example(*one) for one in json.loads(row[6]))) for row in rows]
