"""Events out of the change log: what changed since the last look, however it was written.

Changes are claimed, not read "above the last id": PostgreSQL commits ids out of order (spike.md 9). What counts
is the net change of a field between two looks, so a value that went there and back raises nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from engine.language.calendars import Calendar
from engine.language.vocabulary import Vocabulary
from engine.planning.values import load
from engine.store.store import Store


@dataclass(frozen=True)
class EventKind:
    """A declared event. `field` is "" for `created`; `how` is created, changes, present or becomes."""

    name: str
    entity: str
    how: str
    field: str = ""
    value: Any = None


WORK_ENDED = "engine.work_ended"
WORK_MOVED = "engine.work_moved"
ENGINE_EVENTS = (
    EventKind(WORK_ENDED, "activity", "differs", "status"),
    EventKind(WORK_MOVED, "activity", "differs", "due_at"),
)
"""Events of the engine's own: whoever ends or moves work, the case it belongs to hears of it; also of work made since the last look."""


@dataclass
class NetChange:
    """What became of one row between two looks: its fields' first old and last new values."""

    created: bool
    old: dict[str, Any]
    new: dict[str, Any]
    cause: str
    depth: int


def event_kinds(sections: Mapping[str, Mapping[str, Any]]) -> list[EventKind]:
    """The events a site declares, from its merged `events:` sections."""
    kinds = []
    for name, data in sections.items():
        when = data.get("when")
        if when == "created":
            kinds.append(EventKind(name, data["entity"], "created"))
        elif isinstance(when, Mapping):
            for fieldname, how in when.items():
                if isinstance(how, Mapping):
                    kinds.append(EventKind(name, data["entity"], "becomes", str(fieldname), how.get("becomes")))
                else:
                    word = {"changes": "changes", "becomes present": "present"}[str(how)]
                    kinds.append(EventKind(name, data["entity"], word, str(fieldname)))
    return kinds


def take_changes(store: Store, vocabulary: Vocabulary, kinds: Iterable[EventKind], tick: int, now: datetime, calendar: Calendar) -> tuple[int, set[str]]:
    """Claim all unclaimed changes and write the events they amount to, in one transaction.

    Returns how many events there were, and the entities in which anything changed.
    """
    with store.session(write=True):
        store.run('UPDATE "change" SET tick = ? WHERE tick IS NULL', [tick])
        loud = store.rows('SELECT row_entity, row_id, operation, changed, cause, depth FROM "change" WHERE tick = ? AND NOT quiet ORDER BY id', [tick])
        # A first import leaves a quiet row for each of its records: all that is wanted of them is where they are.
        touched = {row[0] for row in store.rows('SELECT DISTINCT row_entity FROM "change" WHERE tick = ?', [tick])}
        store.run('DELETE FROM "change" WHERE tick = ?', [tick])
        events = [event for entity, changes in _net(loud).items() for event in _events(entity, changes, kinds, store, vocabulary, now, calendar)]
        if events:
            store.insert_many("event", events)
        return len(events), touched


def _net(rows: Iterable[Any]) -> dict[str, dict[int, NetChange]]:
    found: dict[str, dict[int, NetChange]] = {}
    for entity, row, operation, changed, cause, depth in rows:
        changes = found.setdefault(entity, {})
        if operation == "delete":
            changes.pop(row, None)
            continue
        net = changes.get(row)
        if net is None:
            net = changes[row] = NetChange(operation == "insert", {}, {}, cause or "", depth or 0)
        for name, pair in json.loads(changed).items() if operation == "update" else ():
            net.old.setdefault(name, pair[0])
            net.new[name] = pair[1]
        net.depth = max(net.depth, depth or 0)
    return found


def _events(
    entity: str,
    changes: Mapping[int, NetChange],
    kinds: Iterable[EventKind],
    store: Store,
    vocabulary: Vocabulary,
    now: datetime,
    calendar: Calendar,
) -> list[dict[str, Any]]:
    mine = [kind for kind in kinds if kind.entity == entity]
    if not mine:
        return []
    happened = vocabulary.entity(entity).happened
    wanted = sorted({happened, *(kind.field for kind in mine)} - {""})
    values = load(store, entity, list(changes), wanted) if wanted else {}
    events = []
    for row, net in changes.items():
        if wanted and row not in values:
            continue  # deleted since
        for kind in mine:
            if _amounts_to(kind, net, values.get(row, {})):
                moment = _instant(values.get(row, {}).get(kind.field if kind.how == "present" else happened), now, calendar)
                events.append(_row(kind, row, net, moment, now))
    return events


def _amounts_to(kind: EventKind, net: NetChange, values: Mapping[str, Any]) -> bool:
    if kind.how == "created":
        return net.created
    value = values.get(kind.field)
    if net.created and kind.how != "differs":
        return (kind.how == "present" and value is not None) or (kind.how == "becomes" and _same(value, kind.value))
    if kind.field not in net.old:
        return False
    old, new = net.old[kind.field], net.new[kind.field]
    if old == new:
        return False
    if kind.how == "present":
        return old is None and new is not None
    return kind.how in ("changes", "differs") or _same(value, kind.value)


def _same(value: Any, wanted: Any) -> bool:
    return value == wanted or (value is not None and str(value) == str(wanted))


def _instant(value: Any, now: datetime, calendar: Calendar) -> datetime:
    """When it happened: the moment itself, a day at its start, and never later than it was recorded."""
    if isinstance(value, datetime):
        return min(value, now)
    if isinstance(value, date):
        return min(calendar.at(value, time(0, 0)), now)
    return now


def _row(kind: EventKind, row: int, net: NetChange, happened: datetime, now: datetime) -> dict[str, Any]:
    return {
        "name": kind.name,
        "subject_entity": kind.entity,
        "subject_id": row,
        "happened_at": happened,
        "recorded_at": now,
        "cause": net.cause or None,
        "depth": net.depth,
        "tick": None,
        "taken": False,
    }
