"""What several effects do to each other: one undoes the other, or rules wake each other without end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from engine.advice.looked_at import LookedAt, advice
from engine.definitions.layers import Definition
from engine.effects import EFFECTS
from engine.language.findings import Problem
from engine.planning.rules import Rule
from engine.running.events import EventKind, event_kinds

UNDONE, LOOP = "rules-undo-each-other", "rules-wake-each-other"
WHY = {
    UNDONE: "Two effects with the same trigger, condition and subject say the opposite of each other: one posts the tag that the other takes off, or both set "
    "one field to different values. What stands in the end depends on which comes last.",
    LOOP: "Each of these rules raises the event the next one listens to, the last one the first's, and none of them has a `where` or an `again` that ends it. "
    "The engine cuts such a chain at a depth and records it as failed.",
}
Effect = tuple[Rule, str, str, Any]
"""The rule, the effect's name, its word and its compiled plan."""


def advise(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """Advice on effects that undo each other and on rules that wake each other."""
    yield from _undone(looked_at)
    yield from _loops(looked_at)


def _undone(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    families: dict[Any, list[Effect]] = {}
    for rule in (rules[0] for name, rules in looked_at.rules.items() if len(rules) == 1 and name in looked_at.compiled.sections["rules"]):
        dates = frozenset(rule.dates.values())
        occasion = (rule.entity, rule.trigger, rule.event, dates, rule.schedule, rule.condition, rule.each)
        for name, (word, plan) in rule.effects.items():
            families.setdefault(occasion, []).append((rule, name, word, plan))
    for effects in families.values():
        for one, other in combinations(effects, 2):
            what = _against(one, other)
            if what:
                definition, first = looked_at.definitions.owner(other[0].id), looked_at.definitions.owner(one[0].id)
                at = first.places.get(("do", one[1]), (first.place(()),))[0]
                yield definition, advice(("do", other[1]), UNDONE, f"{what} at {at}", "keep one of the two, or give them different conditions", key=True)


def _against(one: Effect, other: Effect) -> str:
    """What the second effect does against the first, or nothing."""
    if {one[2], other[2]} == {"tag", "untag"} and (one[3].kind, one[3].to) == (other[3].kind, other[3].to):
        return f"'{one[3].kind}' is {'taken off here and posted' if other[2] == 'untag' else 'posted here and taken off'}"
    if one[2] == other[2] == "set":
        first, second = one[3], other[3]
        for name in sorted(first.keys() & second.keys()):
            if first[name] != second[name]:
                return f"'{name}' is set to another value here than"
    return ""


def _loops(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """Cycles of rules that are sure to wake each other."""
    kinds = event_kinds(looked_at.compiled.sections.get("events", {}))
    rules = {name: rules[0] for name, rules in looked_at.rules.items() if len(rules) == 1 and _is_endless(rules[0])}
    wakes = {
        name: [other for other in rules if any(_raises(effect, rule, rules[other].event, kinds) for effect in rule.effects.values())]
        for name, rule in rules.items()
    }
    done: set[str] = set()
    for name in rules:
        cycle = _way_back(name, wakes)
        if cycle and not done & set(cycle):
            done |= set(cycle)
            shown = " wakes ".join([*cycle, name])
            hint = "give one of them `again: never`, or a `where` that ends it"
            yield looked_at.definitions.owner(name), advice(("on",), LOOP, f"without end: {shown}", hint, key=True)


def _is_endless(rule: Rule) -> bool:
    """Whether it acts on each of its events, whatever else there is."""
    return rule.trigger == "on" and rule.condition is None and rule.each is None and rule.again.mode == "always" and rule.limit is None


ALWAYS_MAKES = frozenset({"history", "tag", "message"})
"""Effects that make a record each time."""


def _raises(effect: tuple[str, Any], rule: Rule, event: str, kinds: list[EventKind]) -> bool:
    """Whether an effect surely raises an event: by its name, by making a record, by turning a field that was something else."""
    word, plan = effect
    if word == "event":
        return bool(plan == event)
    made = EFFECTS[word].makes if word in ALWAYS_MAKES or (word == "activity" and plan.if_open == "add") else ""
    for kind in (kind for kind in kinds if kind.name == event):
        if kind.how == "created" and kind.entity == made:
            return True
        if word == "set" and kind.how == "becomes" and kind.entity == rule.entity and plan.get(kind.field, ...) == kind.value:
            return any(one.name == rule.event and one.how == "becomes" and one.field == kind.field and one.value != kind.value for one in kinds)
    return False


def _way_back(start: str, wakes: Mapping[str, list[str]]) -> list[str]:
    """The shortest way from a rule to itself."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in wakes[way[-1]]:
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
