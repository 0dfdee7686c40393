"""Running cases looked at again: stop conditions that hold, milestones that fell, records that came later, anchors that moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.language.conditions import All, Linked, Literal, MomentValue, Node, Not, Related, Test, condition_reads, walk
from engine.language.vocabulary import Vocabulary
from engine.planning.query import QueryContext, ids
from engine.planning.values import load
from engine.planning.workflows.graph import Flow, PerRecord, Step
from engine.planning.workflows.stimuli import Moved, Recheck
from engine.running.cases.answers import related
from engine.running.cases.drive import Pending
from engine.running.cases.gather import EVENT, TIMER, paused
from engine.running.state import TickState
from engine.store.given import as_day


@dataclass(frozen=True)
class Changes:
    """What may have become otherwise since the cases were last looked at."""

    entities: set[str] | None
    """Those in which anything changed; None: who knows."""
    first: bool
    """Whether this is a tick's first round: time has gone by."""
    vocabulary: Vocabulary

    def matter_to(self, node: Node, entity: str) -> bool:
        """Whether a condition about an entity may hold for others than before."""
        if self.entities is None:
            return True
        reads = {entity, *(read for read, _ in condition_reads(node, entity, self.vocabulary))}
        return not reads.isdisjoint(self.entities) or (self.first and (moves_with_time(node) or any(self.vocabulary.entity(one).engine for one in reads)))

    def touch(self, flow: Flow, path: str) -> bool:
        """Whether the value at a path may be another one."""
        return self.entities is None or not self._passed(flow, path).isdisjoint(self.entities)

    def bring_records(self, flow: Flow, each: PerRecord) -> bool:
        """Whether an `each` may have more records than before."""
        condition = each.condition is not None and self.matter_to(each.condition, each.entity)
        return condition or self.touch(flow, each.path) or each.entity in (self.entities or ())

    def _passed(self, flow: Flow, path: str) -> set[str]:
        """The entities a path passes through."""
        return {flow.entity, *(field.target for field in self.vocabulary.walk(flow.entity, path) if field.target)}


def moves_with_time(node: Node) -> bool:
    """Whether a condition can begin or cease to hold though nothing changes."""
    for one in walk(node):
        if isinstance(one, Test) and (one.op == "anniversary" or isinstance(one.value, MomentValue) or isinstance(one.upper, MomentValue)):
            return True
        if isinstance(one, Related) and isinstance(one.value, MomentValue):
            return True
    return False


def rechecks(state: TickState, changed: set[str] | None, first: bool) -> list[Pending]:
    """Cases whose stop condition holds, milestones that fell, records that came later, anchors that moved.

    `changed` are the entities in which anything changed; None: everything is looked at. What time alone can flip, or what
    leaves no trace in the change log, is asked in a tick's first round.
    """
    changes = Changes(changed, first, state.setting.vocabulary)
    found: list[Pending] = []
    for version, flow in state.flows.items():
        if paused(state, flow.id):
            continue
        if flow.stop_when is not None and changes.matter_to(flow.stop_when, flow.entity):
            rows = _cases_for(state, version, flow, flow.stop_when)
            found += [Pending(state.now, TIMER, case, case, Recheck()) for case in rows]
        for step in flow.steps.values():
            found += _recheck_step(state, version, flow, step, changes)
    return found


def _recheck_step(state: TickState, version: int, flow: Flow, step: Step, changes: Changes) -> Iterable[Pending]:
    if step.only_while is not None and changes.matter_to(step.only_while, flow.entity):
        for case, token in _tokens_for(state, version, flow, step, Not(step.only_while)):
            yield Pending(state.now, TIMER, case, case, Recheck(token))
    if step.each and step.each.later and changes.bring_records(flow, step.each):
        yield from _later(state, version, flow, step)
    if step.due is not None and changes.touch(flow, step.due.anchor):
        yield from _moved_work(state, version, flow, step)
    anchors = {wait.phrase.anchor for wait in step.waits if wait.phrase is not None and wait.phrase.anchor}
    if any(changes.touch(flow, path) for path in anchors):
        yield from _moved_waits(state, version, flow, step)


def _open_tokens(state: TickState, version: int, step: Step) -> list[tuple[int, int, int]]:
    sql = (
        "SELECT i.subject_id, i.id, t.number FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE t.status IN ('open', 'queued') AND t.step = ? AND i.status = 'running' AND i.version = ? ORDER BY i.id"
    )
    return [(row[0], row[1], row[2]) for row in state.setting.store.rows(sql, [step.name, version])]


def _tokens_for(state: TickState, version: int, flow: Flow, step: Step, condition: Node) -> list[tuple[int, int]]:
    tokens = _open_tokens(state, version, step)
    if not tokens:
        return []
    context = QueryContext(state.now, state.setting.calendar)
    subjects = sorted({subject for subject, _, _ in tokens})
    few = len(subjects) <= 2000
    true = set(ids(state.setting.store, flow.entity, condition if few else All((condition, _has_case(version))), context, only=subjects if few else None))
    return [(case, token) for subject, case, token in tokens if subject in true]


def _cases_for(state: TickState, version: int, flow: Flow, condition: Node) -> list[int]:
    """The running cases of a version for whose subject a condition holds: the condition is asked first, it is rarely true."""
    context = QueryContext(state.now, state.setting.calendar)
    true = ids(state.setting.store, flow.entity, All((condition, _has_case(version))), context)
    sql = "SELECT id FROM instance WHERE status = 'running' AND version = ? AND subject_entity = ? AND subject_id IN ({})"
    return [row[0] for row in state.setting.store.rows_in(sql, [version, flow.entity], true)]


def _has_case(version: int) -> Node:
    return Linked("instance", All((Test("version", "is", Literal(version)), Test("status", "is", Literal("running")))))


def _later(state: TickState, version: int, flow: Flow, step: Step) -> Iterable[Pending]:
    assert step.each is not None
    tokens = _open_tokens(state, version, step)
    records = related(state, flow, step.each, sorted({subject for subject, _, _ in tokens}))
    if not records:
        return
    sql = "SELECT instance, item_id FROM token WHERE step = ? AND instance IN ({})"
    known: Mapping[int, set[int]] = defaultdict(set)
    for case, item in state.setting.store.rows_in(sql, [step.each.entry], [case for _, case, _ in tokens]):
        known[case].add(item)
    for subject, case, token in tokens:
        fresh = [record for record in records.get(subject, []) if record not in known[case]]
        if fresh:
            yield Pending(state.now, EVENT, token, case, Recheck(token, tuple(fresh)))


def _moved_work(state: TickState, version: int, flow: Flow, step: Step) -> Iterable[Pending]:
    """Tokens whose work is due so long before or after a day that is no longer what it was."""
    assert step.due is not None
    sql = (
        "SELECT i.subject_id, i.id, t.number, t.anchor FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE t.status = 'open' AND t.step = ? AND i.status = 'running' AND i.version = ? ORDER BY i.id"
    )
    rows = state.setting.store.rows(sql, [step.name, version])
    now = load(state.setting.store, flow.entity, sorted({row[0] for row in rows}), [step.due.anchor])
    for subject, case, token, anchor in rows:
        value = now.get(subject, {}).get(step.due.anchor)
        if _day(state, value) != as_day(anchor):
            yield Pending(state.now, EVENT, token, case, Moved(token, anchor=True))


def _moved_waits(state: TickState, version: int, flow: Flow, step: Step) -> Iterable[Pending]:
    """Tokens one of whose waits counts from a day that is no longer what it was."""
    tokens = {(case, token): subject for subject, case, token in _open_tokens(state, version, step)}
    paths = {f"wait {wait.name}": wait.phrase.anchor for wait in step.waits if wait.phrase is not None and wait.phrase.anchor}
    now = load(state.setting.store, flow.entity, sorted(set(tokens.values())), sorted(set(paths.values())))
    sql = "SELECT instance, token, name, anchor FROM timer WHERE status = 'armed' AND instance IN ({})"
    seen = set()
    for case, token, name, anchor in state.setting.store.rows_in(sql, [], sorted({case for case, _ in tokens})):
        if name in paths and (case, token) in tokens and (case, token) not in seen:
            value = now.get(tokens[case, token], {}).get(paths[name])
            if _day(state, value) != as_day(anchor):
                seen.add((case, token))
                yield Pending(state.now, EVENT, token, case, Moved(token))


def _day(state: TickState, value: Any) -> Any:
    """The local day of an anchor's value."""
    return state.setting.calendar.today(value) if isinstance(value, datetime) else value
