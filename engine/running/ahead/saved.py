"""A plan kept in a file: what was shown, and all that must not have moved for it to be done as shown."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.language.findings import RegelwerkError
from engine.running.ahead.outcome import Marks, Renaming
from engine.running.clock import read_last_tick
from engine.running.idle import looked_with
from engine.running.setting import Setting
from engine.store.store import Store

VERSION = 1
NUMBERED = ("run", "decision", "occurrence", "event", "instance", "incident")
"""The engine's own tables; whatever a run or a person's command does leaves a row in one of them, a switch, or a change."""
KEYS = ("definition", "subject", "occurrence", "effect", "target", "verdict", "reason")
Decision = dict[str, Any]


@dataclass
class SavedPlan:
    """What was planned: `decisions` one by one, the moment (naive UTC), what was looked with, the store's fingerprint."""

    now: datetime
    definitions: str
    store: dict[str, Any]
    decisions: list[Decision] = field(default_factory=list)


def fingerprint(store: Store) -> dict[str, Any]:
    """Where a store stands: the change log's highest number ever given and how much of it waits (PostgreSQL commits out of order), the engine's own, the switches, the last run."""
    unclaimed = 'SELECT COUNT(*) FROM "change" WHERE tick IS NULL'
    found: dict[str, Any] = {"change": [_highest(store, "change"), int(store.rows(unclaimed, [])[0][0])]}
    found |= {name: _highest(store, name) for name in NUMBERED}
    switches = store.rows("SELECT name, value, set_at FROM switch ORDER BY name", [])
    found["switches"] = hashlib.sha256(repr([[str(cell) for cell in row] for row in switches]).encode()).hexdigest()[:16]
    statuses = store.rows("SELECT status, COUNT(*) FROM occurrence WHERE status <> 'done' GROUP BY status ORDER BY status", [])
    found["waiting"] = {str(row[0]): int(row[1]) for row in statuses}
    found["last_run"] = store.switch("last_tick")
    return found


def _highest(store: Store, table: str) -> int:
    """The highest number a table ever gave; on PostgreSQL a plan itself takes numbers, so there the rows that stand count."""
    if store.provider == "sqlite":
        rows = store.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", [table])
        return int(rows[0][0]) if rows else 0
    return int(store.rows(f'SELECT coalesce(MAX(id), 0) FROM "{table}"', [])[0][0])


def decisions_since(store: Store, since: Marks) -> list[Decision]:
    """The decisions written since, without the numbers that a store gives as it likes."""
    sql = "SELECT definition, subject_entity, subject_id, occurrence, effect, target, verdict, reason FROM decision WHERE id > ? ORDER BY id"
    named = Renaming(store, since)
    found = []
    for definition, entity, subject, occurrence, effect, target, verdict, reason in store.rows(sql, [since.decision]):
        cells = (definition, named(f"{entity}:{subject}"), named(occurrence), effect, named(target), verdict, reason)
        found.append(dict(zip(KEYS, cells, strict=True)))
    return found


def save(plan: SavedPlan, path: Path) -> None:
    """Write a plan. Raises RegelwerkError where the file cannot be written."""
    data = {
        "regelwerk_plan": VERSION,
        "now": plan.now.isoformat(),
        "definitions": plan.definitions,
        "store": plan.store,
        "decisions": plan.decisions,
    }
    try:
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1, default=str) + "\n", "utf-8")
    except OSError as error:
        raise RegelwerkError(f"{path} cannot be written: {error.strerror}", "check the folder's rights") from None


def may_be_written(path: Path) -> None:
    """Raise RegelwerkError where a file is there that is no saved plan: it is somebody's."""
    try:
        if path.exists():
            read(path)
    except RegelwerkError:
        raise RegelwerkError(f"{path} is there and is no saved plan", "name another file", exit_code=2, code="exists") from None


def read(path: Path) -> SavedPlan:
    """A plan that was saved. Raises RegelwerkError for what is none, or one of another version."""
    hint = "make it anew: `regelwerk plan --save FILE`"
    try:
        data = json.loads(path.read_text("utf-8"))
        version = data["regelwerk_plan"]
        if isinstance(version, bool) or version != VERSION:
            raise RegelwerkError(f"{path} is a plan of version {version}, this Regelwerk knows {VERSION}", hint, exit_code=2)
        now = datetime.fromisoformat(data["now"])
        if now.tzinfo is not None:
            raise ValueError
        return SavedPlan(now, str(data["definitions"]), dict(data["store"]), [{name: one[name] for name in KEYS} for one in data["decisions"]])
    except OSError as error:
        raise RegelwerkError(f"{path} cannot be read: {error.strerror}", hint, exit_code=2) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RegelwerkError(f"{path} is no saved plan", hint, exit_code=2) from None


def moved(plan: SavedPlan, setting: Setting, now: datetime) -> list[str]:
    """What is no longer as it was when the plan was made; nothing: it can be done as shown. The caller holds the lease."""
    found = [_definitions()] if plan.definitions != looked_with(setting) else []
    here = fingerprint(setting.store)
    before = {**plan.store}
    if here.pop("last_run") != before.pop("last_run", None):
        last = read_last_tick(setting)
        found.append(f"the store: another run was done since{f', at {last:%Y-%m-%d %H:%M} UTC' if last else ''}")
    elif here.pop("change") != before.pop("change", None):
        found.append("the store: records were changed since")
    elif {name: value for name, value in here.items() if name != "change"} != {name: value for name, value in before.items() if name != "change"}:
        found.append("the store: something was released, discarded, paused or done since")
    if now < plan.now:
        found.append(f"the clock: it is before the plan's {plan.now:%Y-%m-%d %H:%M} UTC")
    elif setting.calendar.today(now) != setting.calendar.today(plan.now):
        found.append(f"the clock: the plan is for {setting.calendar.today(plan.now)}, today is {setting.calendar.today(now)}")
    return found


def refuse_if_moved(plan: SavedPlan, setting: Setting, now: datetime) -> None:
    """Raise RegelwerkError (exit 1) with all that moved since the plan was made."""
    found = moved(plan, setting, now)
    if found:
        raise RegelwerkError("the plan is not done, something has moved:\n" + "\n".join(found), "look again with `regelwerk plan`", code="plan-moved")


def refuse_if_otherwise(plan: SavedPlan, would: Sequence[Decision]) -> None:
    """Raise RegelwerkError (exit 1) where a run would decide otherwise: the file was edited, or is another store's."""
    number = otherwise(plan, would)
    if number:
        said = f"the plan is not done: {number} decisions would come out otherwise than the file says"
        raise RegelwerkError(said, "make it anew: `regelwerk plan --save FILE`", code="plan-moved")


def _definitions() -> str:
    return "the definitions or settings: they were edited since; `regelwerk plan --against REV` shows what differs"


def otherwise(plan: SavedPlan, came: Sequence[Decision]) -> int:
    """How many decisions came out otherwise than shown."""
    shown, done = (Counter(json.dumps(one, sort_keys=True, default=str) for one in several) for several in (plan.decisions, came))
    return (shown - done).total() + (done - shown).total()
