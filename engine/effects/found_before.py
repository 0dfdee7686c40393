"""What `set` in a `while` rule found in a field, kept with the occurrence, and put back when the rule no longer holds.

Several levels may write one field. The first remembers what was there; one that finds what another wrote remembers
the same. Whoever ends leaves the field to those that still hold; only the last one puts back what the first found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.effects.base import Batch, Result, Work
from engine.store.given import as_data

Ending = tuple[str, str, int]
"""(definition, effect, subject) of an effect that no longer holds."""


@dataclass(frozen=True)
class Written:
    """What one level wrote into a subject's fields: field -> [what was there before, what was written]."""

    occurrence_id: int
    ending: Ending
    fields: Mapping[str, Sequence[Any]]


def remembered(works: Sequence[Work], rows: Sequence[Mapping[str, Any]], batch: Batch) -> list[Result]:
    """The results of writing `rows`, each with what its fields hold until then."""
    subjects = [work.subject for work in works]
    entity = works[0].entity if works else ""
    levels = _by_subject(entity, subjects, batch)
    _look(entity, subjects, {name for row in rows for name in row} - {"id"}, batch)
    results = []
    for work, row in zip(works, rows, strict=True):
        fields = {}
        for name in row.keys() - {"id"}:
            found = _plain(batch.values.get(entity, work.subject, name))
            same = [level.fields[name] for level in levels.get(work.subject, []) if name in level.fields and level.fields[name][1] == found]
            fields[name] = [same[-1][0] if same else found, _plain(row[name])]
        results.append(Result("done", "", _mark(entity), work.subject, detail={"set": fields}))
    return results


def put_back(entity: str, subjects: Sequence[int], ending: Iterable[Ending], batch: Batch) -> None:
    """Give the fields that ending effects wrote to the levels that still hold, or back to what was there before."""
    ends = set(ending)
    levels = _by_subject(entity, subjects, batch)
    mine = [level for found in levels.values() for level in found if level.ending in ends]
    _look(entity, subjects, {name for level in mine for name in level.fields if name in batch.vocabulary.entity(entity).fields}, batch)
    fields = batch.vocabulary.entity(entity).fields
    updates: dict[str, dict[int, Any]] = {}
    for level in mine:
        subject = level.ending[2]
        others = [other for other in levels[subject] if other.ending not in ends]
        for name, (before, written) in level.fields.items():
            if name in fields and _plain(batch.values.get(entity, subject, name)) == written:
                updates.setdefault(name, {})[subject] = _left(name, before, written, others)
    for name, values in updates.items():
        batch.store.update_many(entity, [{"id": subject, name: _typed(value, fields[name].type)} for subject, value in values.items()])
    batch.store.update_many("occurrence", [{"id": level.occurrence_id, "made_entity": None, "made_id": None} for level in mine])


def _left(name: str, before: Any, written: Any, others: Sequence[Written]) -> Any:
    """What a field holds once a level ended: what another writes too, what the one before it wrote, or what it found."""
    kept = [level.fields[name] for level in others if name in level.fields]
    if any(value == written for _, value in kept):
        return written
    below = [value for found, value in kept if found == before]  # with another `before` somebody changed it in between
    return below[-1] if below else before


def _by_subject(entity: str, subjects: Sequence[int], batch: Batch) -> dict[int, list[Written]]:
    """What levels wrote that still hold, oldest first."""
    found: dict[int, list[Written]] = {}
    sql = "SELECT id, definition, effect, made_id, detail FROM occurrence WHERE made_entity = ? AND made_id IN ({}) ORDER BY id"
    for row in batch.store.rows_in(sql, [_mark(entity)], sorted(set(subjects))):
        fields = as_data(row[4]).get("set", {})
        found.setdefault(row[3], []).append(Written(row[0], (row[1], row[2], row[3]), fields))
    return found


def _look(entity: str, subjects: Sequence[int], fields: Iterable[str], batch: Batch) -> None:
    """Read the fields as they are now: an effect before this one may have written them."""
    if fields := sorted(fields):
        batch.values.foresee(entity, subjects, fields)


def _mark(entity: str) -> str:
    """How an occurrence says that fields of a record are its result, so that they are found by that record."""
    return f"set:{entity}"


def _plain(value: Any) -> Any:
    """A value as JSON holds it; empty text is stored as missing."""
    return value.isoformat() if isinstance(value, date) else None if value == "" else value


def _typed(value: Any, kind: str) -> Any:
    if kind == "boolean":
        return bool(value)
    if kind == "datetime" and value is not None:
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if kind == "date" and value is not None else value
