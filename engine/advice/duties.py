"""What a definition leaves to chance: who does the work, on what ground a customer is written to, what becomes of a day that was missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.advice.looked_at import LookedAt, advice, maps_in
from engine.definitions.layers import Definition
from engine.language.findings import Problem, Where
from engine.language.vocabulary import Vocabulary
from engine.planning import campaigns

NOBODY, GROUND, CATCH_UP = "work-for-nobody", "service-without-ground", "date-without-catch-up"
WHY = {
    NOBODY: "Employees are known in the store, but none of those who have not left holds any of these roles: the work goes to the branch's manager, or to nobody.",
    GROUND: "It writes to or calls customers as a service, but names no recorded fact that makes it one: the law's gate counts it as advertising, "
    "and it reaches only those who agreed to that. A request, an order, a booking or a contract is such a fact.",
    **campaigns.WHY,
    CATCH_UP: "A date has no `catch_up`: what fell due before the last tick (a record that came late, a rule switched on later) is never made up for. "
    "Say how late is still in time, or `none` where that is meant.",
}


def advise(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """Advice on every rule and workflow."""
    vocabulary = looked_at.compiled.vocabulary
    for definition, data in looked_at.acting():
        found = [*_ground(data, vocabulary), *_catch_up(data)]
        found += _nobody(data, looked_at.held, vocabulary) if looked_at.held is not None else []
        yield from ((definition, problem) for problem in found)
    for name, data in looked_at.compiled.sections["campaigns"].items():
        yield from ((looked_at.definitions.owner(name), problem) for problem in campaigns.advice(data, vocabulary))


def _ground(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    if data.get("purpose") != "service" or data.get("ground"):
        return
    for where, effect in maps_in({key: data.get(key, {}) for key in ("do", "steps")}):
        kind = effect.get("activity")
        if isinstance(effect.get("message"), str) or (isinstance(kind, str) and kind in vocabulary.channels):
            does = f"'{where[-1]}' writes to the customer" if "message" in effect else f"'{where[-1]}' is a {kind}"
            hint = "name the recorded fact with `ground:`, or write `purpose: advertising`"
            yield advice(("purpose",), GROUND, f"a service without a ground counts as advertising ({does})", hint)
            return


def _catch_up(data: Mapping[str, Any]) -> Iterator[Problem]:
    for where, trigger in (((), data), (("start",), data.get("start"))):
        if isinstance(trigger, Mapping) and "date" in trigger and "catch_up" not in trigger:
            front: Where = where
            yield advice((*front, "date"), CATCH_UP, "what falls due before the last tick is never made up for", "add e.g. `catch_up: 60 days`", key=True)


def _nobody(data: Mapping[str, Any], held: frozenset[str], vocabulary: Vocabulary) -> Iterator[Problem]:
    for where, one in maps_in(data):
        key = "to" if isinstance(one.get("assign"), str) else "assign"
        people = one.get(key)
        if isinstance(people, list) and people and all(name in vocabulary.roles and name not in held for name in people):
            several = " or ".join(map(str, people))
            yield advice((*where, key), NOBODY, f"nobody here is {several}", "give somebody the role, or name a person's field or another role", key=True)
