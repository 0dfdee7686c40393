"""An anchor date moved: work that is still open moves with it, finished work stays (design.md, decisions)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.language.arithmetic import plus_days
from engine.language.conditions import FieldRef, Literal, Not, Test
from engine.language.phrases import Offset
from engine.planning.candidates import Scene, due_day, own, pick
from engine.planning.rules import Rule
from engine.planning.values import as_day, load
from engine.running.apply import Tally
from engine.running.journal import decision


def move_open_work(rule: Rule, scene: Scene, run: int, tally: Tally) -> None:
    """Move the open activities of a date rule whose anchor is no longer what it was; a date set by hand stays."""
    for entry, phrase in rule.dates.items():
        if not isinstance(phrase, Offset) or "." in phrase.anchor:
            continue
        if scene.vocabulary.last(rule.entity, phrase.anchor).type != "date":
            continue
        other = own(rule, Test("entry", "is", Literal(entry)), Test("status", "is", Literal("done")), Not(Test("anchor", "is", FieldRef(f"^.{phrase.anchor}"))))
        moved = pick(scene, rule.entity, (other,))
        if moved:
            _move(rule, scene, entry, phrase, moved, run, tally)


def _move(rule: Rule, scene: Scene, entry: str, phrase: Offset, subjects: list[int], run: int, tally: Tally) -> None:
    anchors = load(scene.store, rule.entity, subjects, [phrase.anchor])
    rows = scene.store.rows_in(
        "SELECT o.subject_id, o.id, o.anchor, o.day, o.made_id, a.status, a.due_on, a.due_by_hand, o.effect, o.occurrence"
        " FROM occurrence o JOIN activity a ON o.made_entity = 'activity' AND a.id = o.made_id"
        " WHERE o.definition = ? AND o.subject_entity = ? AND o.entry = ? AND a.status IN ('open', 'blocked') AND o.subject_id IN ({})",
        [rule.id, rule.entity, entry],
        subjects,
    )
    occurrences, activities, journal = [], [], []
    for row in rows:
        anchor = anchors.get(row[0], {}).get(phrase.anchor)
        if isinstance(anchor, datetime) or anchor == as_day(row[2]):
            continue
        if anchor is None:
            activities.append({"id": row[4], "status": "cancelled", "outcome": "anchor_gone", "completed_at": scene.now})
            journal.append(_moved(rule, scene, row, run, "withdrawn", f"{phrase.anchor} is no longer set"))
            occurrences.append({"id": row[1], "anchor": None, "day": as_day(row[3])})
            continue
        due = due_day(phrase, anchor, scene.calendar)
        occurrences.append({"id": row[1], "anchor": anchor, "day": due})
        if row[7]:
            journal.append(_moved(rule, scene, row, run, "skipped", f"{phrase.anchor} moved to {anchor}, but the date was set by hand"))
            continue
        journal.append(_moved(rule, scene, row, run, "moved", f"{phrase.anchor} moved to {anchor}"))
        was_due, was_day = as_day(row[6]), as_day(row[3])
        shifted = scene.calendar.move(plus_days(was_due, (due - was_day).days), scene.calendar.closed_day) if was_due and was_day else due
        activities.append({"id": row[4], "due_on": shifted, "due_at": scene.calendar.first_instant(shifted)})
    _write(scene, occurrences, activities, journal)
    for entry_row in journal:
        tally.count(rule.id, entry_row["verdict"])


def _moved(rule: Rule, scene: Scene, row: Any, run: int, verdict: str, reason: str) -> dict[str, Any]:
    return decision(run, rule.id, (rule.entity, row[0]), verdict, scene.now, occurrence=row[9], effect=row[8], reason=reason)


def _write(scene: Scene, occurrences: list[dict[str, Any]], activities: list[dict[str, Any]], journal: list[dict[str, Any]]) -> None:
    if not occurrences:
        return
    store = scene.store
    with store.session(write=True):
        store.update_many("occurrence", occurrences)
        for keys in {tuple(row) for row in activities}:
            store.update_many("activity", [row for row in activities if tuple(row) == keys])
        store.insert_many("decision", journal)
