"""Driving cases: what happened to each is let into the machine, hundreds in one transaction; one that fails is parked alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.language.arithmetic import shift
from engine.planning.workflows.case import Case, Trouble
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.machine import Machine
from engine.planning.workflows.questions import Question, Steps
from engine.planning.workflows.stimuli import Happened, Started, Stimulus, Stop
from engine.running.cases.answers import Answerer
from engine.running.cases.rows import Loaded, load_cases, save_cases
from engine.running.cases.versions import flow_of, stored_version, variant_of
from engine.running.state import TickState
from engine.store.store import Store

CHUNK = 500


@dataclass(frozen=True)
class Pending:
    """Something that is to happen to a case. Per case they happen by their instants; at one instant an event comes before a timer."""

    instant: datetime
    order: int
    number: int
    case: int
    stimulus: Stimulus

    @property
    def key(self) -> tuple[datetime, int, int]:
        """What they are sorted by within a case."""
        return self.instant, self.order, self.number


def drive(state: TickState, pending: Sequence[Pending]) -> int:
    """Let it all happen, in waves of one thing per case. Returns how many things happened."""
    queues: dict[int, deque[Pending]] = {}
    for one in sorted(pending, key=lambda one: one.key):
        queues.setdefault(one.case, deque()).append(one)
    while queues:
        wave = [(case, queue.popleft()) for case, queue in queues.items()]
        queues = {case: queue for case, queue in queues.items() if queue}
        for start in range(0, len(wave), CHUNK):
            _chunk(state, {case: one.stimulus for case, one in wave[start : start + CHUNK]})
    return len(pending)


def _chunk(state: TickState, stimuli: Mapping[int, Stimulus]) -> None:
    try:
        advance(state, stimuli)
    except Exception:  # one of them is bad: take them one by one and park it
        for case, stimulus in stimuli.items():
            try:
                advance(state, {case: stimulus})
            except Exception as error:
                park(state, case, stimulus, str(error) if isinstance(error, Trouble) else f"{type(error).__name__}: {error}")


def advance(state: TickState, stimuli: Mapping[int, Stimulus]) -> None:
    """One reaction of each case, in one transaction. Raises Trouble where one cannot go on."""
    store = state.setting.store
    with store.session(write=True):
        loaded = load_cases(store, list(stimuli))
        missed = [(case, event) for case, event in stimuli.items() if case not in loaded and isinstance(event, Happened)]
        parked = {row[0] for row in store.rows_in("SELECT id FROM instance WHERE status = 'parked' AND id IN ({})", [], [case for case, _ in missed])}
        set_aside(store, [(case, event) for case, event in missed if case in parked])
        flows, versions = _flows(state, loaded, stimuli)
        known = _received(store, {number: stimuli[number] for number in loaded})
        live = {number: stimuli[number] for number in loaded if number not in known}
        walks = []
        for number, stimulus in live.items():
            case = loaded[number].case
            case.status = "running"
            walks.append((case, flows[number], Machine(flows[number], case, state.now).react(stimulus)))
        _walk(state, walks)
        _note_receptions(state, [(loaded[number].case, stimuli[number]) for number in live])
        with store.context(cause=f"run {state.run}: cases", depth=1):
            save_cases(store, [loaded[number] for number in live], versions, state.now, state.run)
    for number in live:
        state.tally.count(loaded[number].definition, "advanced")


def set_aside(store: Store, events: Sequence[tuple[int, Happened]]) -> None:
    """Events of cases that are parked or whose workflow is paused wait until those go on. Needs a writing session."""
    numbers = sorted({case for case, _ in events})
    known = {tuple(row) for row in store.rows_in("SELECT instance, event FROM received WHERE instance IN ({})", [], numbers)}
    rows = [
        {"instance": case, "event": one.number, "name": one.event, "record_entity": one.entity, "record_id": one.record, "status": "waiting"}
        for case, one in events
        if (case, one.number) not in known
    ]
    store.insert_many("received", rows)


def _flows(state: TickState, loaded: Mapping[int, Loaded], stimuli: Mapping[int, Stimulus]) -> tuple[dict[int, Flow], dict[int, int]]:
    """Each case's workflow; a case that begins gets the version in force."""
    flows: dict[int, Flow] = {}
    versions: dict[int, int] = {}
    fresh: dict[str, dict[int, Loaded]] = {}
    for number, one in loaded.items():
        if one.version is None:
            fresh.setdefault(one.definition, {})[number] = one
        elif isinstance(stimuli[number], Stop):
            flows[number] = Flow(one.definition, {}, one.case.entity, "internal", "", "", "", {})  # whatever its version says, it can be ended
        else:
            flows[number] = flow_of(state.setting, one.version)
    for definition, cases in fresh.items():
        variants = variant_of(state.setting, definition, sorted({one.case.subject for one in cases.values()}))
        stored = {flow.digest: stored_version(state.setting, flow, state.now) for flow in {flow.digest: flow for flow in variants.values()}.values()}
        for number, one in cases.items():
            if one.case.subject not in variants:
                raise Trouble(f"there is no workflow '{definition}' for it")
            flows[number] = variants[one.case.subject]
            versions[number] = stored[flows[number].digest]
    return flows, versions


def _walk(state: TickState, walks: list[tuple[Case, Flow, Steps]]) -> None:
    answerer = Answerer(state)
    answers: list[object] = [None] * len(walks)
    while walks:
        asked: list[tuple[Case, Flow, Question]] = []
        going = []
        for (case, flow, steps), answer in zip(walks, answers, strict=True):
            try:
                question = steps.send(answer)
            except StopIteration:
                continue
            asked.append((case, flow, question))
            going.append((case, flow, steps))
        walks = going
        answers = answerer.answer(asked)


def _received(store: Store, stimuli: Mapping[int, Stimulus]) -> set[int]:
    """The cases whose event was let into them before: a run that was killed delivers it again. One that was put off was not."""
    events = {case: one.number for case, one in stimuli.items() if isinstance(one, Happened)}
    rows = store.rows_in("SELECT instance, event FROM received WHERE status <> 'waiting' AND instance IN ({})", [], list(events))
    return {case for case, event in rows if events[case] == event}


def _note_receptions(state: TickState, cases: Sequence[tuple[Case, Stimulus]]) -> None:
    rows = []
    for case, stimulus in cases:
        if isinstance(stimulus, Happened):
            keep = case.keep if case.reception == "kept" else None
            calendar = state.setting.calendar
            until = calendar.first_instant(shift(calendar.today(state.now), keep, 1, calendar) + timedelta(days=1)) if keep else None
            rows.append(
                {
                    "instance": case.id,
                    "event": stimulus.number,
                    "name": stimulus.event,
                    "record_entity": stimulus.entity,
                    "record_id": stimulus.record,
                    "status": case.reception,
                    "until_at": until,
                }
            )
    store = state.setting.store
    heard = {(row["instance"], row["event"]) for row in rows}
    waiting = store.rows_in("SELECT id, instance, event FROM received WHERE status = 'waiting' AND instance IN ({})", [], [case for case, _ in heard])
    for number in [row[0] for row in waiting if (row[1], row[2]) in heard]:
        store.run("DELETE FROM received WHERE id = ?", [number])
    store.insert_many("received", rows)


def park(state: TickState, case: int, stimulus: Stimulus, reason: str) -> None:
    """Set a case aside with what went wrong; its timers wait until somebody retries or drops it."""
    store = state.setting.store
    with store.session(write=True):
        rows = store.rows("SELECT definition FROM instance WHERE id = ?", [case])
        store.update_many("instance", [{"id": case, "status": "parked"}])
        timers = store.rows("SELECT id FROM timer WHERE instance = ? AND status = 'armed'", [case])
        store.update_many("timer", [{"id": row[0], "status": "parked"} for row in timers])
        what = describe(stimulus)
        store.insert_many("incident", [{"instance": case, "what": what, "reason": reason[:1000], "opened_at": state.now, "status": "open"}])
    state.tally.count(str(rows[0][0]), "failed")


def describe(stimulus: Stimulus) -> str:
    """What was to happen, for people."""
    if isinstance(stimulus, Started):
        return "start"
    if isinstance(stimulus, Happened):
        return f"event {stimulus.number} {stimulus.event}"
    if isinstance(stimulus, Stop):
        return f"stop: {stimulus.why}"
    return type(stimulus).__name__.lower()
