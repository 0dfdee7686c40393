"""What is held: shown by `status` until somebody releases or discards it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.effects.base import Match, Work
from engine.planning.candidates import episodes_of, pick
from engine.planning.rules import Rule
from engine.running.apply import Tally, apply_works
from engine.running.journal import decision
from engine.running.setting import Setting
from engine.running.versions import note_versions
from engine.store.given import as_data, as_day
from engine.store.store import Store

NO_LONGER = "no longer holds"
"""Why work that waited is dropped: its rule's condition is not true any more."""


def held_counts(store: Store) -> list[tuple[str, str, int, str]]:
    """What is held: (definition, reason, how many, oldest day)."""
    return [
        (row[0], row[1] or "", row[2], str(row[3] or ""))
        for row in store.rows(
            "SELECT definition, reason, COUNT(*), MIN(made_at) FROM occurrence WHERE status = 'held' GROUP BY definition, reason ORDER BY definition", []
        )
    ]


def works_from_rows(setting: Setting, rule: Rule, status: str, *, most: int | None = None, reason: str = "") -> dict[str, list[Work]]:
    """The work that waits under a rule (this variant's share of it), by effect, as it was decided."""
    sql = (
        "SELECT id, subject_id, occurrence, effect, target, entry, day, anchor, detail, cause, depth, attempts FROM occurrence"
        " WHERE definition = ? AND subject_entity = ? AND status = ?"
    )
    args: list[Any] = [rule.id, rule.entity, status]
    if most is not None:
        sql += " AND attempts < ?"
        args.append(most)
    if reason:
        sql += " AND reason = ?"
        args.append(reason)
    works: dict[str, list[Work]] = {}
    rows = setting.store.rows(sql + " ORDER BY id", args)
    mine = setting.mine(rule, [row[1] for row in rows]) if rows else set()
    for row in rows:
        if row[3] in rule.effects and row[1] in mine:
            work = Work(
                rule.id, rule.entity, row[1], row[2], row[3], row[4] or "", row[5] or "", as_day(row[6]), as_day(row[7]), _match(row[8]), row[9] or "",
                row[10] or 0, row[0], row[11] or 0,
            )  # fmt: skip
            works.setdefault(row[3], []).append(work)
    return works


def _match(detail: Any) -> Match | None:
    data = as_data(detail)
    return Match(data["entity"], data["id"], data["name"], data["score"], data["because"]) if "name" in data else None


def ready(
    setting: Setting, rule: Rule, status: str, now: datetime, run: int, tally: Tally, *, most: int | None = None, reason: str = ""
) -> dict[str, list[Work]]:
    """The work that waits under a rule and is still wanted; what a `when` or `while` no longer asks for is discarded."""
    works = works_from_rows(setting, rule, status, most=most, reason=reason)
    if not works or rule.trigger not in ("when", "while"):
        return works
    subjects = sorted({work.subject for waiting in works.values() for work in waiting})
    holds = {subject for scene in setting.scenes(rule, now, None) for subject in pick(scene, rule.entity, (rule.condition,), only=subjects)}
    episodes = episodes_of(rule.id, rule.entity, subjects, setting.store)
    unwanted = [work for waiting in works.values() for work in waiting if work.subject not in holds or _is_past(work, episodes)]
    if unwanted:
        rows = [(work.occurrence_id, work.entity, work.subject, work.occurrence, work.effect, work.target) for work in unwanted]
        discard_rows(setting.store, rule.id, rows, NO_LONGER, run, now)
        tally.count(rule.id, "discarded", len(rows))
    gone = {work.occurrence_id for work in unwanted}
    return {effect: [work for work in waiting if work.occurrence_id not in gone] for effect, waiting in works.items()}


def _is_past(work: Work, episodes: Mapping[int, int]) -> bool:
    """Whether the condition has become true anew since: that episode has work of its own."""
    word, _, number = work.occurrence.partition(" ")
    return word == "episode" and int(number) < episodes.get(work.subject, 0)


def discard_rows(store: Store, definition: str, rows: Sequence[Any], reason: str, run: int, now: datetime) -> None:
    """Discard occurrences, given as (id, entity, subject, occurrence, effect, target), and record why."""
    with store.session(write=True):
        store.update_many("occurrence", [{"id": row[0], "status": "discarded", "reason": reason} for row in rows])
        journal = [
            decision(run, definition, (row[1], row[2]), "discarded", now, occurrence=row[3], effect=row[4], target=row[5] or "", reason=reason) for row in rows
        ]
        store.insert_many("decision", journal)


def without_effect(setting: Setting, definition: str) -> list[str]:
    """The effects under which something is held that no rule of that id has any more (all of them, where the rule is gone)."""
    known = {effect for rule in setting.rules if rule.id == definition for effect in rule.effects}
    rows = setting.store.rows("SELECT DISTINCT effect FROM occurrence WHERE definition = ? AND status = 'held' ORDER BY effect", [definition])
    return [row[0] for row in rows if row[0] not in known]


def release(setting: Setting, definition: str, now: datetime, only: Sequence[int] = ()) -> Tally:
    """Do what is held for a definition (or only these subjects' share of it)."""
    tally = Tally()
    note_versions(setting, now)
    make_batch = setting.batches(now)
    with setting.store.session(write=True):
        run = setting.store.insert_many("run", [{"now_at": now, "started_at": now, "finished_at": now, "by": setting.user or None}])[0]
    for rule in setting.rules:
        if rule.id == definition:
            waiting = ready(setting, rule, "held", now, run, tally)
            wanted = {effect: [work for work in works if not only or work.subject in only] for effect, works in waiting.items()}
            apply_works(rule, wanted, make_batch, run, tally)
    return tally


def discard(setting: Setting, definition: str, now: datetime) -> int:
    """Drop what is held for a definition; it is recorded and does not come back. Returns how many."""
    store = setting.store
    with store.session(write=True):
        rows = store.rows(
            "SELECT id, subject_entity, subject_id, occurrence, effect, target FROM occurrence WHERE definition = ? AND status = 'held'", [definition]
        )
        if not rows:
            return 0
        run = store.insert_many("run", [{"now_at": now, "started_at": now, "finished_at": now, "by": setting.user or None}])[0]
        discard_rows(store, definition, rows, f"discarded by {setting.user}" if setting.user else "discarded", run, now)
        return len(rows)
