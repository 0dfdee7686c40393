"""Events that wait to be taken: which, in what turns, and the marking of those that were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.running.state import TickState
from engine.store.given import instant

PATIENCE = timedelta(days=30)
"""How long an event waits for a rule that was left out for its mistakes."""


@dataclass(frozen=True)
class Waiting:
    """An event nobody has acted on yet."""

    id: int
    name: str
    entity: str
    subject: int
    happened_at: datetime
    cause: str
    depth: int


def waiting_events(state: TickState) -> list[Waiting]:
    """The events to be taken now, as they were recorded, then as they happened.

    One that only a rule left out for its mistakes listens to waits for it to be mended, for PATIENCE at most.
    """
    sql = (
        "SELECT id, name, subject_entity, subject_id, happened_at, cause, depth, recorded_at FROM event"
        " WHERE id IN (SELECT id FROM event WHERE taken = ?) ORDER BY recorded_at, happened_at, id"
    )
    rows = state.setting.store.rows(sql, [False])
    return [
        Waiting(row[0], row[1], row[2], row[3], instant(row[4]), row[5] or "", row[6] or 0)
        for row in rows
        if row[1] not in state.setting.unheard or instant(row[7]) < state.now - PATIENCE
    ]


def in_turns(events: Sequence[Waiting]) -> list[dict[str, list[Waiting]]]:
    """The events by name, in turns: for one subject an earlier event's rules act before those of a later one by another name.

    Events of different subjects share their turns, so a turn is as large a set as it can be.
    """
    turns: list[dict[str, list[Waiting]]] = []
    last: dict[tuple[str, int], tuple[int, str]] = {}
    for event in events:
        turn, name = last.get((event.entity, event.subject), (0, event.name))
        turn += name != event.name
        last[event.entity, event.subject] = (turn, event.name)
        if turn == len(turns):
            turns.append({})
        turns[turn].setdefault(event.name, []).append(event)
    return turns


def mark_taken(state: TickState, events: Sequence[Waiting]) -> None:
    """Note that events were acted on."""
    if not events:
        return
    with state.setting.store.session(write=True):
        for start in range(0, len(events), 500):
            numbers = [event.id for event in events[start : start + 500]]
            state.setting.store.run(f"UPDATE event SET taken = ?, tick = ? WHERE id IN ({', '.join('?' * len(numbers))})", [True, state.run, *numbers])
