"""Whether a workflow is sound: every finding comes out of its states, with a shortest path that shows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Literal

from engine.language.findings import Problem, Where
from engine.planning.workflows.explore import Explored, Key, explore
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.refused import refused

ADVICE: Literal["warning"] = "warning"
WHY = {
    "flow-waits-for-event": "Nothing but an event leads on from this step, and an event may never come: the case would stay open for good.",
    "flow-leads-nowhere": "A branch of the course stops at no `end:`, so the case is over without a result that reports and other workflows could ask for.",
}
"""Code of the advice given here -> why it is given."""


MOST_KNOWN = 200
_known: dict[tuple[str, str], list[Problem]] = {}


def unsound(flow: Flow, places: Mapping[str, Where]) -> list[Problem]:
    """What is wrong with a workflow as a whole. `places` leads from a step's full name to where it is written.

    It follows from the course alone, which the digest names, so each course is tried once per process.
    """
    key = (flow.id, flow.digest)
    if not flow.digest or key not in _known:
        found = _unsound(flow, places)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = found
    return list(_known[key])


def _unsound(flow: Flow, places: Mapping[str, Where]) -> list[Problem]:
    problems = list(refused(flow, places))
    if problems:
        return problems
    found = explore(flow)
    problems = [
        *_broken(found, places),
        *_loops(found, places),
        *_no_end(found, places),
        *_may_wait(found, places),
        *_nowhere(found, places),
    ]
    if found.complete:
        problems += [*_unreachable(found, places), *_never_fire(found, places)]
    return problems


def _path(found: Explored, key: Key) -> str:
    return " > ".join(found.path(key))


def _last_step(found: Explored, key: Key) -> str:
    """The step a state is about: the last one that is open, else the first of the workflow."""
    tokens = found.states[key].case.open_tokens()
    return tokens[-1].step if tokens else found.flow.first


def _unreachable(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    for name in found.flow.steps:
        if name not in found.entered:
            yield Problem(places[name], "flow-unreachable", f"nothing leads to '{name}'", "lead to it with `next`, or delete it", key=True)


def _broken(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    seen: set[str] = set()
    for key, state in found.states.items():
        if state.trouble and state.trouble not in seen:
            seen.add(state.trouble)
            before = state.before or key
            step = _last_step(found, before)
            yield Problem(places[step], "flow-breaks", f"a case breaks here: {state.trouble} ({_path(found, key)})", "give every case a way on", key=True)


def _loops(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    """A state that comes again: nothing limits the loop."""
    for key in _on_cycles(found):
        around = _way_round(found, key)
        if around:
            step = _last_step(found, key)
            hint = "give one of its steps `at_most:` with `else:`, or use `tries:`"
            shown = " > ".join([*found.path(key), *around])
            yield Problem(places[step], "flow-loop", f"nothing limits how often a case comes back here ({shown})", hint, key=True)
            return


def _on_cycles(found: Explored) -> list[Key]:
    """The states that lie on a cycle, or between two, those nearest to the start first."""
    left = set(found.states)
    while True:
        ahead = {target for key in left for _, _, target in found.states[key].out if target in left}
        keep = {key for key in ahead if any(target in left for _, _, target in found.states[key].out)}
        if keep == left:
            return [key for key in found.states if key in left]
        left = keep


def _way_round(found: Explored, start: Key) -> list[str]:
    """What happens on a shortest way from a state back to it; empty where there is none."""
    before: dict[Key, tuple[Key, str]] = {}
    todo = deque([start])
    while todo:
        here = todo.popleft()
        for label, _, target in found.states[here].out:
            if target == start:
                labels = [label]
                while here != start:
                    here, earlier = before[here]
                    labels.append(earlier)
                return labels[::-1]
            if target not in before:
                before[target] = (here, label)
                todo.append(target)
    return []


def _can_end(found: Explored, sure_only: bool) -> set[Key]:
    """The states from which the case can come to an end."""
    before: dict[Key, set[Key]] = {}
    for key, state in found.states.items():
        for _, sure, target in state.out:
            if sure or not sure_only:
                before.setdefault(target, set()).add(key)
    good = {key for key, state in found.states.items() if state.ended}
    todo = list(good)
    while todo:
        for key in before.get(todo.pop(), ()):
            if key not in good:
                good.add(key)
                todo.append(key)
    return good


def _no_end(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    if not found.complete:
        return
    good = _can_end(found, False)
    for key, state in found.states.items():
        if key not in good and not state.trouble:
            step = _last_step(found, key)
            yield Problem(places[step], "flow-no-end", f"from here no way leads to an end ({_path(found, key)})", "lead to an `end`", key=True)
            return


def _may_wait(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    """States that only an event can lead out of, which may never come."""
    if not found.complete:
        return
    sure, any_way = _can_end(found, True), _can_end(found, False)
    for key, state in found.states.items():
        if key in any_way and key not in sure and not any(is_sure for _, is_sure, _ in state.out):
            step = _last_step(found, key)
            hint = "add a second wait with `for:` or `until:`"
            yield Problem(
                places[step],
                "flow-waits-for-event",
                f"only an event leads on from here, and it may never come ({_path(found, key)})",
                hint,
                key=True,
                severity=ADVICE,
            )
            return


def _nowhere(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    """A case that is over without a result, in a workflow that has results."""
    if not any(step.kind == "end" for step in found.flow.steps.values()):
        return
    for key, state in found.states.items():
        if state.case.status == "done" and not state.case.result:
            before = state.before or key
            message = f"the case ends here without a result ({_path(found, key)})"
            yield Problem(
                places[_last_step(found, before)], "flow-leads-nowhere", message, "lead on with `next:`, to an `end` for example", key=True, severity=ADVICE
            )
            return


def _never_fire(found: Explored, places: Mapping[str, Where]) -> Iterator[Problem]:
    for step, name in sorted(found.armed - found.fired):
        shown = name.removeprefix("wait ").strip()
        hint = "make it earlier, or delete it"
        yield Problem(places[step], "flow-timer-never", f"'{shown}' can never come: another time of this step always comes first", hint, key=True)
