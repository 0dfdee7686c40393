"""All states a workflow can get into, found by letting the machine itself try everything that can happen.

An abstract state is what is open and armed, with the counts that limit something; time, records and answers are tried
both ways. The paths are shortest ones: breadth first.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from engine.language.durations import Duration
from engine.language.phrases import FromNow, Offset
from engine.planning.workflows.case import Case, Timer, Token, Trouble
from engine.planning.workflows.graph import Flow, Step
from engine.planning.workflows.machine import Machine
from engine.planning.workflows.questions import Holds, Perform, Question, Records, TakeSlot, When
from engine.planning.workflows.stimuli import Due, Ended, Happened, SlotFree, Started, Stimulus

MOST_STATES = 4000
"""How many states are looked at; a workflow with more is checked as far as that."""
MOST_ANSWERS = 12
"""How many questions of one reaction are tried both ways."""
START = datetime(2026, 1, 1)
SEPARATOR = ", "
Key = tuple[Any, ...]


class Made(NamedTuple):
    """A result of effects, as the machine reads it."""

    made_id: int
    status: str = "done"
    reason: str = ""


@dataclass
class State:
    """A state, how it is reached (the state before and what happened), and where it leads: (what happened, sure, state)."""

    case: Case
    before: Key | None
    label: str
    out: list[tuple[str, bool, Key]] = field(default_factory=list)
    trouble: str = ""

    @property
    def ended(self) -> bool:
        """Whether the case is over."""
        return self.case.status != "running"


@dataclass
class Explored:
    """The states of a workflow by their keys, what was ever entered and fired, and whether all of it was seen."""

    flow: Flow
    states: dict[Key, State] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)
    armed: set[tuple[str, str]] = field(default_factory=set)
    fired: set[tuple[str, str]] = field(default_factory=set)
    complete: bool = True

    def path(self, key: Key) -> list[str]:
        """What happens on a shortest way to a state."""
        labels: list[str] = []
        here: Key | None = key
        while here is not None:
            state = self.states[here]
            labels.append(state.label)
            here = state.before
        return [label for label in reversed(labels) if label]


def explore(flow: Flow) -> Explored:
    """Try everything that can happen to a case."""
    found = Explored(flow)
    fresh = Case(1, flow.entity, 1)
    todo: deque[Key] = deque()
    for label, case, trouble in _reactions(found, fresh, "", Started()):
        _reach(found, case, None, label, trouble, todo)
    while todo:
        if len(found.states) > MOST_STATES:
            found.complete = False
            break
        key = todo.popleft()
        state = found.states[key]
        for label, sure, stimulus in _stimuli(found, state.case):
            for detail, case, trouble in _reactions(found, state.case, label, stimulus):
                target = _reach(found, case, key, detail, trouble, todo)
                if target != key or case.counts.get("") != state.case.counts.get(""):  # else nothing came of it
                    state.out.append((detail, sure, target))
    return found


def _reach(found: Explored, case: Case, before: Key | None, label: str, trouble: str, todo: deque[Key]) -> Key:
    key = (trouble, *_key(found.flow, case))
    if key not in found.states:
        found.states[key] = State(case, before, label, trouble=trouble)
        if case.status == "running" and not trouble:
            todo.append(key)
    return key


def _key(flow: Flow, case: Case) -> Key:
    """What tells two states apart: open tokens with where they lie, armed timers, counts that limit something.

    How often a step was tried counts only while it is open: whoever comes to it anew begins with the first try.
    """
    limited = {name for name, step in flow.steps.items() if step.at_most is not None}
    tried = {token.step for token in case.open_tokens()}
    counts = tuple(
        sorted((name, n) for name, n in case.counts.items() if (name.partition(" ")[0] in tried if " tries " in name else name.partition(" ")[0] in limited))
    )
    tokens = tuple(sorted(_token_key(case, token) for token in case.open_tokens()))
    timers = tuple(sorted((_where(case, case.tokens[t.token]), t.name) for t in case.timers if t.status == "armed"))
    return case.status, case.result, tokens, timers, counts


def _token_key(case: Case, token: Token) -> Key:
    return _where(case, token), token.status, token.opened, token.ended


def _where(case: Case, token: Token) -> str:
    """A token's place: its step and record, and those of the blocks it lies in."""
    here = f"{token.step} {token.region.item or ''}"
    return here if token.region.parent is None else f"{_where(case, case.tokens[token.region.parent])}/{here}"


# -- what can happen ------------------------------------------------------------------------------------------------


def _stimuli(found: Explored, case: Case) -> Iterator[tuple[str, bool, Stimulus]]:
    """(what it is called, whether one can count on it, the stimulus): events may never come, people and clocks go on."""
    for token in case.open_tokens():
        step = found.flow.steps[token.step]
        if token.status == "queued":
            yield f"{step.name} gets its slot", True, SlotFree(token.number)
        elif step.kind in ("activity", "workflow"):
            for outcome in step.outcomes or [""]:
                yield f"{step.name}: {outcome or 'done'}", True, Ended(token.number, outcome)
            if step.kind == "workflow" and step.outcomes and step.otherwise:
                yield f"{step.name}: something else", True, Ended(token.number, "else")
    for timer in _next_timers(found, case):
        token = case.tokens[timer.token]
        found.fired.add((token.step, timer.name))
        if timer.name.split()[0] in ("wait", "deadline"):
            yield f"{token.step}: {timer.name.removeprefix('wait ')}", True, Due(timer.row or 0)
    for event in sorted({name for name, _, _ in found.flow.interests()}):
        if _listens(found.flow, case, event):
            yield f"event {event}", False, Happened(event, "", 1, 1)


def _listens(flow: Flow, case: Case, event: str) -> bool:
    if any(watch.event == event for watch in flow.on):
        return True
    return any(wait.event == event for token in case.open_tokens() for wait in flow.steps[token.step].waits)


def _next_timers(found: Explored, case: Case) -> Iterator[Timer]:
    """The armed timers that can be the next of their token: of two that count from the same moment, the earlier."""
    for timer in case.timers:
        if timer.status != "armed":
            continue
        step = found.flow.steps[case.tokens[timer.token].step]
        mine = _span(step, timer.name)
        ends = [_span(step, t.name) for t in case.timers if t.token == timer.token and t.status == "armed" and t.name.split()[0] in ("wait", "deadline")]
        if not any(mine and other and other[0] == mine[0] and other[1] < mine[1] for other in ends):
            yield timer


def _span(step: Step, name: str) -> tuple[str, float] | None:
    """What a timer counts from, and roughly how many minutes later it falls."""
    phrase = step.timers().get(name)
    if isinstance(phrase, FromNow):
        return "opening", _minutes(phrase.duration) * phrase.sign
    if isinstance(phrase, Offset):
        return phrase.anchor, _minutes(phrase.duration) * phrase.sign
    return None


def _minutes(duration: Duration) -> float:
    days = duration.months * 30.4 + duration.days + duration.business_days * 1.4
    return days * 1440 + duration.minutes + duration.opening_minutes * 2.4


# -- one reaction, with every answer --------------------------------------------------------------------------------


def _reactions(found: Explored, case: Case, label: str, stimulus: Stimulus) -> Iterator[tuple[str, Case, str]]:
    """What comes of a stimulus, once per way the questions can be answered: (what happened, the case, what went wrong)."""
    scripts: list[list[Any]] = [[]]
    while scripts:
        script = scripts.pop()
        after = _copy(case)
        asked: list[tuple[str, list[Any]]] = []
        trouble = _run(found, after, stimulus, script, asked)
        for position in range(len(script), min(len(asked), MOST_ANSWERS)):
            for other in asked[position][1][1:]:
                scripts.append(_script(asked, script, position, other))
        told = zip(asked, _taken(asked, script), strict=True)
        said = list(dict.fromkeys(f"{text} {'yes' if answer else 'no'}" for (text, options), answer in told if text and len(options) > 1))
        for number, timer in enumerate(after.timers):
            timer.row = number
        yield f"{label or 'start'}{f' ({SEPARATOR.join(said)})' if said else ''}", after, trouble


def _copy(case: Case) -> Case:
    """A case to change: what is open, the blocks that lies in, what is armed."""
    kept = {token.number: token for token in case.open_tokens()}
    for token in list(kept.values()):
        parent = token.region.parent
        while parent is not None and parent not in kept:
            kept[parent] = case.tokens[parent]
            parent = case.tokens[parent].region.parent
    after = Case(case.id, case.entity, case.subject, case.status, case.result, dict(case.counts))
    after.tokens = {number: copy.copy(token) for number, token in kept.items()}
    after.timers = [copy.copy(timer) for timer in case.timers if timer.status == "armed" and timer.token in kept]
    return after


def _taken(asked: list[tuple[str, list[Any]]], script: list[Any]) -> list[Any]:
    return [script[n] if n < len(script) else options[0] for n, (_, options) in enumerate(asked)]


def _script(asked: list[tuple[str, list[Any]]], script: list[Any], position: int, other: Any) -> list[Any]:
    """The answers up to a question, and another one to it."""
    return [*_taken(asked, script)[:position], other]


def _run(found: Explored, case: Case, stimulus: Stimulus, script: list[Any], asked: list[tuple[str, list[Any]]]) -> str:
    before = {number for number, token in case.tokens.items()}
    steps = Machine(found.flow, case, START).react(stimulus)
    answer: Any = None
    try:
        while True:
            question = steps.send(answer)
            text, options = _options(case, question)
            asked.append((text, options))
            answer = script[len(asked) - 1] if len(asked) <= len(script) else options[0]
    except StopIteration:
        pass
    except Trouble as error:
        return str(error)
    found.entered |= {token.step for number, token in case.tokens.items() if number not in before}
    found.armed |= {(case.tokens[timer.token].step, timer.name) for timer in case.timers}
    return ""


def _options(case: Case, question: Question) -> tuple[str, list[Any]]:
    """What a question is called, and the answers to try; the first is tried first."""
    if isinstance(question, Holds):
        if question.ask == "stop_when":
            return "", [False]
        return question.ask, [True, False]
    if isinstance(question, Records):
        return question.each.entry, [[1, 2], [1], []]
    if isinstance(question, Perform):
        return "", [{effect: Made(len(case.tokens)) for effect in question.deeds.effects}]
    if isinstance(question, When):
        return "", [(START + timedelta(days=1), date(2026, 1, 1))]
    if isinstance(question, TakeSlot):
        return f"{question.token.step} slot free", [("slot:1", True), ("slot:1", False)]
    return "", [None]
