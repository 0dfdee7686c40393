"""When a rule comes to a subject next if no record changes: the plan's own functions, asked at the moments the calendar brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from engine.planning.candidates import Candidate, Scene
from engine.planning.coming import AHEAD, moves_alone, next_slot
from engine.planning.explain import explain, first_failing
from engine.running.answers import Answer

Picks = Callable[[Scene], list[Candidate]]
MINUTE = timedelta(minutes=1)


def set_next(answer: Answer, picks: Picks) -> None:
    """Note in the answer when the rule would act (naive UTC), or why the next time its trigger comes brings nothing."""
    if answer.rule.trigger in ("when", "while") and answer.would:
        return
    first: Scene | None = None
    for later in _moments(answer):
        if picks(later):
            answer.next_at = later.now
            return
        first = first or later
    if first is not None and answer.rule.trigger in ("date", "every"):
        answer.comes_at, answer.comes_to = first.now, _stops(answer, first)


def _moments(answer: Answer) -> Iterator[Scene]:
    """What the plan will look at, as far ahead as is looked: only the first, where time alone changes nothing."""
    rule, scene = answer.rule, answer.scene
    moves = moves_alone(rule)
    if rule.trigger == "every":
        assert rule.schedule is not None
        at = scene.now
        for _ in range(AHEAD if moves else 1):
            slot = next_slot(rule.schedule, at, scene.calendar, rule.period)
            if slot is None:
                return
            at = scene.calendar.at(slot.date(), slot.time())
            yield replace(scene, now=at, last_tick=at - MINUTE)
    elif rule.trigger == "date":
        comes = {entry.next for entry in answer.entries if entry.next is not None}
        open_yet = any(entry.state in ("to come", "due", "too late") for entry in answer.entries)
        days = {scene.today + timedelta(days=n) for n in range(1, AHEAD + 1)} if moves and open_yet else set()
        for day in sorted(comes | days):
            yield replace(scene, now=scene.calendar.first_instant(day), last_tick=scene.calendar.first_instant(day - timedelta(days=1)))
    elif rule.trigger in ("when", "while") and moves:
        for ahead in range(1, AHEAD + 1):
            yield replace(scene, now=scene.calendar.first_instant(scene.today + timedelta(days=ahead)))


def _stops(answer: Answer, later: Scene) -> str:
    """What will still stand in the way then."""
    rule = answer.rule
    if rule.condition is not None:
        failing = first_failing(explain(later.store, rule.entity, rule.condition, later.context, answer.row))
        if failing is not None:
            return f"as things stand the condition will not hold then: {failing.line}"
    return "as things stand nothing will be done then: what it did before counts (`again`)"
