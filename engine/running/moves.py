"""An anchor date moved: work that is still open moves with it, finished work stays (design.md, decisions)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from engine.effects.activity import ADDED, ActivityPlan, due
from engine.effects.base import Batch, Work, phrase_anchors
from engine.language.arithmetic import plus_days
from engine.language.durations import PhraseError
from engine.language.phrases import THE_DATE, Offset, offset_day
from engine.planning.candidates import Scene, pick
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.running.journal import decision
from engine.running.state import TickState
from engine.store.activities import IS_OPEN, cancel
from engine.store.causes import cause_text
from engine.store.given import as_day


@dataclass(frozen=True)
class _Open:
    """An occurrence whose work is not finished: its activity is open, or it is held or failed and has none yet."""

    id: int
    subject: int
    occurrence: str
    effect: str
    anchor: date | None
    day: date | None
    activity: int | None
    due_on: date | None
    by_hand: bool
    own: bool
    """Whether this very occurrence made the activity: one that was only added to it does not move it."""


@dataclass
class _Moves:
    """A rule at work in a scene, and what is to be written."""

    state: TickState
    rule: Rule
    scene: Scene
    batch: Batch
    occurrences: list[dict[str, Any]] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)

    def say(self, work: _Open, verdict: str, reason: str) -> None:
        """Note a decision about one piece of work."""
        subject, now = (self.rule.entity, work.subject), self.state.now
        self.journal.append(decision(self.state.run, self.rule.id, subject, verdict, now, occurrence=work.occurrence, effect=work.effect, reason=reason))


def move_open_work(state: TickState, rule: Rule, scene: Scene) -> None:
    """Move the open work of a date rule whose anchor, or whose activity's due date, is no longer what it was; a date set by hand stays."""
    moves = _Moves(state, rule, scene, state.make_batch(rule))
    for entry, phrase in rule.dates.items():
        if isinstance(phrase, Offset):
            _entry(moves, entry, phrase)
    _write(moves)


def _entry(moves: _Moves, entry: str, phrase: Offset) -> None:
    rule, scene = moves.rule, moves.scene
    own_fields = [path for effect in rule.effects for path in _due_fields(rule, effect)]
    # Only a plain day can be compared in the query; of other anchors, and where due dates have their own, all that is open is looked at.
    plain = "." not in phrase.anchor and scene.vocabulary.last(rule.entity, phrase.anchor).type == "date"
    works = _open_work(rule, scene, entry, phrase.anchor if plain and not own_fields else "")
    here = pick(scene, rule.entity, (), only=sorted({work.subject for work in works})) if works else []
    anchors = load(scene.store, rule.entity, here, [phrase.anchor])
    if own_fields:
        moves.batch.values.foresee(rule.entity, here, own_fields)
    for work in works:
        if work.subject in anchors:
            _one(moves, phrase, work, anchors[work.subject][phrase.anchor])


def _due_fields(rule: Rule, effect: str) -> list[str]:
    """The fields an activity's due date counts from; those of a match are not looked at again."""
    _, plan = rule.effects[effect]
    fields = phrase_anchors(plan.due) if isinstance(plan, ActivityPlan) and plan.due is not None else []
    return [path for path in fields if not (rule.each and path.split(".")[0] == rule.each.name)]


def _open_work(rule: Rule, scene: Scene, entry: str, anchor: str) -> list[_Open]:
    """Work that is not finished; with `anchor`, a day of the rule's own entity, only where that is no longer what it was."""
    sql = (
        "SELECT o.id, o.subject_id, o.occurrence, o.effect, o.anchor, o.day, a.id, a.due_on, a.due_by_hand, a.definition, o.reason"
        " FROM occurrence o LEFT JOIN activity a ON o.made_entity = 'activity' AND a.id = o.made_id"
        f" WHERE o.definition = ? AND o.subject_entity = ? AND o.entry = ? AND (a.{IS_OPEN} OR (a.id IS NULL AND o.status IN ('held', 'failed')))"
    )
    if anchor:  # a subject that is gone has no day
        same = f'SELECT 1 FROM "{rule.entity}" e WHERE e.id = o.subject_id AND e."{anchor}" = o.anchor'
        sql += f" AND NOT EXISTS ({same})"
    rows = scene.store.rows(sql, [rule.id, rule.entity, entry])
    return [
        _Open(row[0], row[1], row[2], row[3], as_day(row[4]), as_day(row[5]), row[6], as_day(row[7]), bool(row[8]), row[9] == rule.id and row[10] != ADDED)
        for row in rows
    ]


def _one(moves: _Moves, phrase: Offset, work: _Open, value: Any) -> None:
    calendar = moves.scene.calendar
    anchor = calendar.today(value) if isinstance(value, datetime) else value
    if anchor is None:
        _withdraw(moves, phrase, work)
        return
    day, moved = offset_day(phrase, anchor, calendar), anchor != work.anchor
    if moved:
        moves.occurrences.append({"id": work.id, "anchor": anchor, "day": day})
    shifted = _due(moves, work, day, moved) if work.own else None
    why = f"{phrase.anchor} moved to {anchor}" if moved else f"due moved to {shifted[0]}" if shifted else ""
    if work.by_hand and work.own:
        if moved:
            moves.say(work, "skipped", f"{why}, but the date was set by hand")
    elif shifted or moved:
        moves.activities += [{"id": work.activity, "due_on": shifted[0], "due_at": shifted[1]}] if shifted else []
        moves.say(work, "moved", why)


def _withdraw(moves: _Moves, phrase: Offset, work: _Open) -> None:
    gone = {"id": work.id, "anchor": None, "day": work.day}
    moves.occurrences.append({**gone, "status": "discarded"} if work.activity is None else gone)
    if work.own and work.activity is not None:
        moves.withdrawn.append(work.activity)
    if work.anchor is not None:
        moves.say(work, "withdrawn", f"{phrase.anchor} is no longer set")


def _due(moves: _Moves, work: _Open, day: date, moved: bool) -> tuple[date, datetime] | None:
    """When the activity is due now, None where that is as before. One that counts from no date keeps its distance from the rule's."""
    calendar = moves.scene.calendar
    plan = moves.rule.effects[work.effect][1] if work.effect in moves.rule.effects else None
    if isinstance(plan, ActivityPlan) and plan.due is not None and plan.due.anchor:
        if plan.due.anchor != THE_DATE and not _due_fields(moves.rule, work.effect):
            return None
        try:
            new = due(plan, Work(moves.rule.id, moves.rule.entity, work.subject, work.occurrence, work.effect, day=day), moves.batch)
        except PhraseError:
            return None  # the field it counts from is empty for now: it stays where it is
        return new if new[0] != work.due_on else None
    if not moved:
        return None
    to = calendar.move(plus_days(work.due_on, (day - work.day).days), calendar.closed_day) if work.due_on and work.day else day
    return to, calendar.first_instant(to)


def _write(moves: _Moves) -> None:
    if not (moves.occurrences or moves.activities):
        return
    state, store = moves.state, moves.state.setting.store
    with store.session(write=True), store.context(cause=cause_text(f"run {state.run}", moves.rule.id), depth=1):
        for keys in {tuple(row) for row in moves.occurrences}:
            store.update_many("occurrence", [row for row in moves.occurrences if tuple(row) == keys])
        store.update_many("activity", moves.activities)
        cancel(store, moves.withdrawn, "anchor_gone", state.now)
        store.insert_many("decision", moves.journal)
    for row in moves.journal:
        state.tally.count(moves.rule.id, row["verdict"])
