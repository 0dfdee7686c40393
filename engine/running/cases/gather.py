"""What is due for running cases: those that begin, ended work, events, timers, free slots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.planning.values import load
from engine.planning.workflows.case import Trouble
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.stimuli import Due, Ended, Happened, Moved, SlotFree, Started, Stimulus, Stop, Withdrawn
from engine.running.cases.drive import Pending, set_aside
from engine.running.cases.handing_on import handed_on
from engine.running.cases.rows import CASE_CANCEL, CASE_ENDED
from engine.running.cases.versions import flow_of
from engine.running.events import WORK_ENDED, WORK_MOVED
from engine.running.setting import Setting
from engine.running.state import TickState
from engine.running.waiting import Waiting
from engine.store.given import as_instant

START, EVENT, TIMER = -1, 0, 1
"""The order at one instant (workflow.md §2, ordering)."""
Row = Sequence[Any]
STARTING = "SELECT id FROM instance WHERE status = 'starting'"
"""What is rare is found by its index alone, then read: by its statistics SQLite takes every status for a common one and reads the whole table."""


def starting(state: TickState) -> list[Pending]:
    """Cases that were started and have not begun."""
    rows = state.setting.store.rows(f"SELECT id, definition, started_at FROM instance WHERE id IN ({STARTING}) ORDER BY id", [])
    return [Pending(as_instant(row[2]) or state.now, START, row[0], row[0], Started()) for row in rows if not paused(state, row[1])]


def timers(state: TickState) -> list[Pending]:
    """Timers whose moment has come, oldest first."""
    return [one for one, definition in _due_timers(state.setting, state.now) if not paused(state, definition)]


def due_timers(setting: Setting, now: datetime, case: int) -> list[Pending]:
    """Those of one case, paused or not."""
    return [one for one, _ in _due_timers(setting, now, " AND i.id = ?", [case])]


def _due_timers(setting: Setting, now: datetime, which: str = "", args: Sequence[int] = ()) -> list[tuple[Pending, str]]:
    sql = (
        "SELECT t.id, t.instance, t.due_at, i.definition FROM timer t JOIN instance i ON i.id = t.instance"
        f" WHERE t.status = 'armed' AND t.due_at <= ?{which} ORDER BY t.due_at, t.id"
    )
    rows = setting.store.rows(sql, [now, *args])
    return [(Pending(as_instant(row[2]) or now, TIMER, row[0], row[1], Due(row[0])), str(row[3])) for row in rows]


def slots(state: TickState) -> list[Pending]:
    """For each slot that nobody holds, the first token that waits for it."""
    sql = (
        "SELECT t.slot, MIN(t.id) FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE t.id IN (SELECT q.id FROM token q WHERE q.status = 'queued') AND i.status = 'running'"
        " AND NOT EXISTS (SELECT 1 FROM token h WHERE h.slot = t.slot AND h.status = 'open') GROUP BY t.slot"
    )
    first = [row[1] for row in state.setting.store.rows(sql, [])]
    rows = state.setting.store.rows_in("SELECT instance, number, id FROM token WHERE id IN ({})", [], first)
    return [Pending(state.now, EVENT, row[2], row[0], SlotFree(row[1])) for row in rows]


def happened(state: TickState, waiting: Sequence[Waiting]) -> list[Pending]:
    """What waiting events mean for the cases."""
    by_name: dict[str, list[Waiting]] = defaultdict(list)
    for event in waiting:
        by_name[event.name].append(event)
    found = _work(state, by_name.get(WORK_ENDED, []), by_name.get(WORK_MOVED, []))
    found += _cases(state, by_name.get(CASE_ENDED, []), by_name.get(CASE_CANCEL, []))
    flows = _listening(state)
    for entity, name, about, definitions in _interests(flows):
        if name in by_name:
            found += _about(state, by_name[name], entity, about, [flow for flow in flows if flow.id in definitions])
    return found


WORK = (
    "SELECT t.activity, t.instance, t.number, a.status, a.outcome, a.appointment_at, a.completed_at FROM token t JOIN activity a ON a.id = t.activity"
    " WHERE t.status = 'open' AND "
)


def _work(state: TickState, ended: Sequence[Waiting], moved: Sequence[Waiting]) -> list[Pending]:
    number_of = {event.subject: event.id for event in [*moved, *ended]}
    rows = state.setting.store.rows_in(f"{WORK}t.activity IN ({{}})", [], list(number_of))
    return [_of_work(row, number_of[row[0]], state.now) for row in rows]


def _of_work(row: Row, number: int, now: datetime) -> Pending:
    _, case, token, status, outcome, appointment, completed = row
    stimulus: Stimulus
    if status == "done":
        stimulus = Ended(token, outcome or "", as_instant(appointment))
    elif status == "cancelled":
        stimulus = Withdrawn(token, outcome or "cancelled")
    else:
        stimulus = Moved(token)
    return Pending(min(as_instant(completed) or now, now), EVENT, number, case, stimulus)


def ended_work(setting: Setting, case: int, now: datetime) -> list[Pending]:
    """A case's open steps whose work is over: what it did not hear of while it was set aside."""
    return _work_of(setting, case, now, "IN ('done', 'cancelled')")


def open_work(setting: Setting, case: int, now: datetime) -> list[Pending]:
    """A case's open steps whose work is not over: it may have been moved while the case was set aside."""
    return _work_of(setting, case, now, "NOT IN ('done', 'cancelled')")


def _work_of(setting: Setting, case: int, now: datetime, status: str) -> list[Pending]:
    rows = setting.store.rows(f"{WORK}t.instance = ? AND a.status {status} ORDER BY t.number", [case])
    return [_of_work(row, row[2], now) for row in rows]


def _cases(state: TickState, ended: Sequence[Waiting], cancelled: Sequence[Waiting]) -> list[Pending]:
    store = state.setting.store
    number_of = {event.subject: event.id for event in ended}
    sql = "SELECT t.child, t.instance, t.number, c.result, c.status FROM token t JOIN instance c ON c.id = t.child WHERE t.status = 'open' AND t.child IN ({})"
    rows = store.rows_in(sql, [], list(number_of))
    agreed = handed_on(store, [row[0] for row in rows])
    found = [
        Pending(
            state.now,
            EVENT,
            number_of[child],
            case,
            Ended(token, result or ("" if status == "done" else status), agreed[child].appointment, agreed[child].activity),
        )
        for child, case, token, result, status in rows
    ]
    own = _no_longer_wanted(state, [event.subject for event in cancelled])
    stop = Stop("the case it belongs to no longer waits for it")
    return found + [Pending(state.now, EVENT, event.id, event.subject, stop) for event in cancelled if event.subject in own]


def _no_longer_wanted(state: TickState, cases: Sequence[int]) -> set[int]:
    """Those of the cases that were begun by other cases and that none waits for any more."""
    store = state.setting.store
    begun = {row[0] for row in store.rows_in("SELECT id, occurrence FROM instance WHERE id IN ({})", [], cases) if " case " in str(row[1])}
    wanted = {row[0] for row in store.rows_in("SELECT child FROM token WHERE status = 'open' AND child IN ({})", [], cases)}
    return begun - wanted


def running_flows(state: TickState) -> dict[int, Flow]:
    """The versions that running cases have, compiled; one that can no longer be read is left out (its cases are parked when due)."""
    found = {}
    sql = "SELECT v.id FROM definition_version v WHERE EXISTS (SELECT 1 FROM instance i WHERE i.version = v.id AND i.status IN ('running', 'parked')) ORDER BY v.id"
    for (version,) in state.setting.store.rows(sql, []):
        try:
            found[version] = flow_of(state.setting, version)
        except Trouble:
            continue
    return found


def _listening(state: TickState) -> list[Flow]:
    """The workflows that cases have which run, or begin in this round."""
    beginning = {row[0] for row in state.setting.store.rows("SELECT DISTINCT definition FROM instance WHERE status = 'starting'", [])}
    return [*state.flows.values(), *(flow for flow in state.setting.flows if flow.id in beginning)]


def _interests(flows: Sequence[Flow]) -> list[tuple[str, str, str, list[str]]]:
    wanted: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for flow in flows:
        for name, entity, about in flow.interests():
            wanted[entity, name, about].add(flow.id)
    return [(*key, sorted(definitions)) for key, definitions in sorted(wanted.items())]


def _about(state: TickState, events: Sequence[Waiting], entity: str, about: str, flows: Sequence[Flow]) -> list[Pending]:
    """The events let into the cases whose subject they are about; one that begins does not hear the event that starts it."""
    setting = state.setting
    records = sorted({event.subject for event in events})
    leads = {row: values.get(about) for row, values in load(setting.store, entity, records, [about]).items()} if about else {row: row for row in records}
    subject_of = {record: subject for record, subject in leads.items() if subject is not None}
    started_by = {flow.id: flow.start.event for flow in flows if flow.start is not None}
    cases: dict[int, list[tuple[int, str]]] = defaultdict(list)
    sql = (
        "SELECT subject_id, id, definition, status FROM instance"
        " WHERE status IN ('starting', 'running', 'parked') AND subject_entity = ? AND subject_id IN ({})"
    )
    for subject, case, definition, status in setting.store.rows_in(sql, [flows[0].entity], sorted(set(subject_of.values()))):
        if any(flow.id == definition for flow in flows) and not (status == "starting" and started_by.get(definition) == events[0].name):
            cases[subject].append((case, "paused" if paused(state, definition) else status))
    concerned = [(event, *one) for event in events for one in cases.get(subject_of.get(event.subject, 0), [])]
    heard = [(case, status, _instant(state, one.happened_at), Happened(one.name, entity, one.subject, one.id)) for one, case, status in concerned]
    aside = [(case, event) for case, status, _, event in heard if status in ("parked", "paused")]
    if aside:
        with setting.store.session(write=True):
            set_aside(setting.store, aside)
    return [
        Pending(state.now if status == "starting" else instant, EVENT, event.number, case, event)
        for case, status, instant, event in heard
        if status not in ("parked", "paused")
    ]


def put_off(state: TickState) -> list[Pending]:
    """Events that came while a workflow was paused, now that it is not."""
    sql = (
        "SELECT r.event, r.instance, r.name, r.record_entity, r.record_id, i.definition FROM received r JOIN instance i ON i.id = r.instance"
        " WHERE r.status = 'waiting' AND i.status = 'running' ORDER BY r.id"
    )
    rows = state.setting.store.rows(sql, [])
    return [Pending(state.now, EVENT, row[0], row[1], Happened(row[2], row[3], row[4], row[0])) for row in rows if not paused(state, row[5])]


def _instant(state: TickState, moment: datetime) -> datetime:
    """When an event counts as come: when it happened, if that was since the last tick; else now, when it was recorded."""
    if state.last_tick is not None and moment <= state.last_tick:
        return state.now
    return min(moment, state.now)


def paused(state: TickState, definition: str) -> bool:
    """Whether a workflow, or everything, is paused."""
    return "" in state.paused or definition in state.paused
