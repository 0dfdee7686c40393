"""The near misses of a tick, kept by definition and reason: what is missed at every tick does not push out what is rare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.planning.candidates import Candidate
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

    def note(self, rule: Rule, misses: Iterable[NearMiss]) -> None:
        """Add near misses of a rule."""
        for miss in misses:
            self.found.setdefault((rule.id, rule.entity, miss.reason), {})[miss.subject] = miss.what

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
                "examples": json.dumps([[subject, what] for subject, what in list(subjects.items())[-EXAMPLES:]]),
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
class MissedThen:
    """The near misses of one run for one reason; `examples` are (row, what came)."""

    definition: str
    entity: str
    reason: str
    run: int
    at: Any
    number: int
    examples: tuple[tuple[int, str], ...]


def kept(store: Store, definition: str) -> list[MissedThen]:
    """What is kept of a definition, the newest first."""
    sql = "SELECT definition, subject_entity, reason, run, missed_at, number, examples FROM near_miss WHERE definition = ? ORDER BY id DESC"
    rows = store.rows(sql, [definition])
    return [MissedThen(row[0], row[1], row[2], row[3], row[4], row[5], tuple((one[0], one[1]) for one in json.loads(row[6]))) for row in rows]
