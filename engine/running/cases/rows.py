"""Cases out of the store and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.planning.workflows.case import Case, Item, Kept, Region, Timer, Token
from engine.running.cases.handing_on import hand_on
from engine.running.journal import decision
from engine.store.activities import IS_OPEN, cancel
from engine.store.given import as_data, as_day, as_instant
from engine.store.store import Store

ENDED = ("done", "stopped", "cancelled")
CASE_ENDED = "engine.case_ended"
CASE_CANCEL = "engine.case_cancel"
"""Events of the engine's own about a case: waiting ones are the queue between cases."""


@dataclass
class Loaded:
    """A case with what its row says besides."""

    case: Case
    definition: str
    version: int | None
    revision: int
    was: str
    held: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """Of each stored token what is seldom written anew, since it stands in indexes."""


def load_cases(store: Store, ids: Sequence[int], statuses: Sequence[str] = ("starting", "running")) -> dict[int, Loaded]:
    """Cases by number, locked until the session ends: open tokens and the blocks they lie in, armed timers, kept events."""
    lock = " ORDER BY id FOR UPDATE" if store.provider == "postgres" else ""
    sql = "SELECT id, definition, version, subject_entity, subject_id, status, counts, revision, cause, depth, result FROM instance WHERE id IN ({})" + lock
    found: dict[int, Loaded] = {}
    for row in store.rows_in(sql, [], sorted(set(ids))):
        if row[5] in statuses:
            case = Case(row[0], row[3], row[4], row[5], row[10] or "", as_data(row[6]), cause=row[8] or "", depth=row[9] or 0)
            found[row[0]] = Loaded(case, row[1], row[2], row[7] or 0, row[5])
    known = list(found)
    for row in store.rows_in(
        "SELECT instance, number, step, run, item_entity, item_id, parent, branch, status, activity, child, slot, opened, ended, id, opened_at, anchor"
        " FROM token WHERE status IN ('open', 'queued') AND instance IN ({})",
        [],
        known,
    ):
        token = found[row[0]].case.tokens[row[1]] = _token(row)
        found[row[0]].held[token.number] = _held(token)
    _closed_parents(store, found)
    for row in store.rows_in("SELECT instance, token, name, due_at, anchor, status, id FROM timer WHERE status = 'armed' AND instance IN ({})", [], known):
        found[row[0]].case.timers.append(Timer(row[1], row[2], as_instant(row[3]), as_day(row[4]), row[5], row[6], False))
    for row in store.rows_in(
        "SELECT instance, id, name, record_entity, record_id, until_at FROM received WHERE status = 'kept' AND instance IN ({}) ORDER BY id", [], known
    ):
        found[row[0]].case.kept.append(Kept(row[1], row[2], row[3], row[4], as_instant(row[5])))
    return found


def _token(row: Any) -> Token:
    item = Item(row[4], row[5]) if row[4] else None
    region = Region(row[6], row[7] or "", item)
    return Token(
        row[1], row[2], row[3] or 1, region, row[8], activity=row[9], child=row[10], slot=row[11] or "", opened=row[12] or 0, ended=row[13] or 0,
        opened_at=as_instant(row[15]), anchor=as_day(row[16]), row=row[14], changed=False,
    )  # fmt: skip


def _closed_parents(store: Store, found: Mapping[int, Loaded]) -> None:
    """Blocks that are over while branches of theirs were kept open: their open children must find them."""
    lacking = [
        one.case for one in found.values() if any(t.region.parent is not None and t.region.parent not in one.case.tokens for t in one.case.tokens.values())
    ]
    sql = (
        "SELECT instance, number, step, run, item_entity, item_id, parent, branch, status, activity, child, slot, opened, ended, id, opened_at, anchor"
        " FROM token WHERE opened > 0 AND status NOT IN ('open', 'queued') AND instance IN ({})"
    )
    for row in store.rows_in(sql, [], [case.id for case in lacking]):
        found[row[0]].case.tokens[row[1]] = _token(row)


def save_cases(store: Store, loaded: Iterable[Loaded], versions: Mapping[int, int], now: datetime, run: int) -> None:
    """Write what became of cases: rows, the journal, and what others must hear of."""
    cases = list(loaded)
    _save_tokens(store, cases)
    _save_timers(store, cases)
    still = [one for one in cases if one.case.status == one.was and one.case.id not in versions]
    store.update_many("instance", [{"id": one.case.id, "counts": json.dumps(one.case.counts), "revision": one.revision + 1} for one in still])
    others = [one for one in cases if one.case.status != one.was or one.case.id in versions]
    store.update_many("instance", [_instance(one, versions.get(one.case.id, one.version), now) for one in others])
    store.update_many("received", [{"id": row, "status": "used"} for one in cases for row in one.case.used])
    hand_on(store, [one.case for one in cases])
    _withdraw(store, [pair for one in cases for pair in one.case.withdrawn], now)
    store.insert_many("decision", [row for one in cases for row in _journal(one, now, run)])
    events = [(CASE_ENDED, one.case.id) for one in cases if one.case.status in ENDED]
    events += [(CASE_CANCEL, child) for one in cases for child in one.case.cancelled_children]
    store.insert_many("event", [_event(name, number, now) for name, number in events])


def _save_tokens(store: Store, cases: Sequence[Loaded]) -> None:
    fresh = [{"instance": one.case.id, **_token_row(token, True)} for one in cases for token in one.case.tokens.values() if token.row is None]
    store.insert_many("token", fresh)
    changed = [(t, _held(t) == one.held.get(t.number)) for one in cases for t in one.case.tokens.values() if t.changed and t.row is not None]
    store.update_many("token", [{"id": t.row, **_progress(t)} for t, same in changed if same])
    store.update_many("token", [{"id": t.row, **_token_row(t, False)} for t, same in changed if not same])


def _held(token: Token) -> tuple[Any, ...]:
    return token.activity, token.child, token.slot, token.anchor


def _progress(token: Token) -> dict[str, Any]:
    return {"status": token.status, "outcome": token.outcome or None, "closed_at": token.closed_at, "opened": token.opened, "ended": token.ended}


def _token_row(token: Token, new: bool) -> dict[str, Any]:
    changing = {**_progress(token), "activity": token.activity, "child": token.child, "slot": token.slot or None, "anchor": token.anchor}
    if not new:
        return changing
    item = token.region.item
    return {
        "number": token.number,
        "step": token.step,
        "run": token.run,
        "item_entity": item.entity if item else None,
        "item_id": item.id if item else None,
        "parent": token.region.parent,
        "branch": token.region.branch or None,
        "opened_at": token.opened_at,
        **changing,
    }


def _save_timers(store: Store, cases: Sequence[Loaded]) -> None:
    fresh = [
        {"instance": one.case.id, "token": t.token, "name": t.name, "due_at": t.due_at, "anchor": t.anchor, "status": t.status}
        for one in cases
        for t in one.case.timers
        if t.row is None and t.status == "armed"
    ]
    store.insert_many("timer", fresh)
    changed = [(one, t) for one in cases for t in one.case.timers if t.changed and t.row is not None]
    store.update_many("timer", [{"id": t.row, "due_at": t.due_at, "anchor": t.anchor, "status": t.status} for _, t in changed])


def _instance(one: Loaded, version: int | None, now: datetime) -> dict[str, Any]:
    case = one.case
    return {
        "id": case.id,
        "version": version,
        "status": case.status,
        "result": case.result or None,
        "ended_at": now if case.status in ENDED else None,
        "counts": json.dumps(case.counts),
        "revision": one.revision + 1,
    }


def _withdraw(store: Store, activities: Sequence[tuple[int, str]], now: datetime) -> None:
    """Close work whose step is over without its outcome; what somebody closed already stays as it is."""
    why = dict(activities)
    still = [row[0] for row in store.rows_in(f"SELECT id FROM activity WHERE {IS_OPEN} AND id IN ({{}})", [], list(why))]
    for reason in dict.fromkeys(why[row] for row in still):
        cancel(store, [row for row in still if why[row] == reason], reason, now)


def _journal(one: Loaded, now: datetime, run: int) -> list[dict[str, Any]]:
    case = one.case
    return [
        decision(run, one.definition, (case.entity, case.subject), verdict, now, occurrence=f"case {case.id} {step}".strip(), reason=reason)
        for step, verdict, reason in case.notes
    ]


def _event(name: str, number: int, now: datetime) -> dict[str, Any]:
    return {"name": name, "subject_entity": "instance", "subject_id": number, "happened_at": now, "recorded_at": now, "depth": 0, "taken": False}
