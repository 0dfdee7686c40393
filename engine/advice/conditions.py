"""Conditions, or parts of them, that can never hold or always do (engine/language/conditions/solve.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.advice.looked_at import LookedAt, advice
from engine.definitions.layers import Definition
from engine.language.conditions import Node, parse_condition
from engine.language.conditions.described import QUANTIFIERS
from engine.language.conditions.nodes import All, AnyOf, Linked, Not, Related, Test
from engine.language.conditions.solve import certain, possible
from engine.language.conditions.values import KINDS
from engine.language.findings import Problem, Where
from engine.planning.workflows.graph import Flow

NEVER, ALWAYS = "condition-never-true", "condition-always-true"
WHY = {
    NEVER: "This condition, or this part of an `any`, holds for no record whatever the store says: two of its tests exclude each other, at "
    "any time. What it guards never happens. Only what is certain is reported; texts within texts and other fields are not looked into.",
    ALWAYS: "This condition, or this part of it, holds for every record: it decides nothing. Mostly an `any` whose parts cover everything.",
}


def advise(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """Advice on every condition of rules, workflows and selections. What differs per branch or brand must hold for all of them."""
    for name, rules in looked_at.rules.items():
        yield from _of_all(looked_at.definitions.owner(name), [[rule.condition] if rule.condition else [] for rule in rules])
    for name, flows in looked_at.flows.items():
        yield from _of_all(looked_at.definitions.owner(name), [list(conditions_of(flow)) for flow in flows])
        starts = [[flow.start.condition] if flow.start and flow.start.condition else [] for flow in flows]
        yield from _of_all(looked_at.definitions.owner(name), starts, ("start",))
    for name, data in looked_at.compiled.sections["selections"].items():
        node, _ = parse_condition(data["where"], str(data.get("for", "customer")), looked_at.compiled.vocabulary, ("where",))
        definition = looked_at.definitions.get("selections", name)
        if node and definition:
            yield from _of_all(definition, [[node]])


def conditions_of(flow: Flow) -> Iterator[Node]:
    """Every condition of a workflow's course."""
    found: list[Node | None] = [flow.stop_when]
    for watch in flow.on:
        found += [watch.condition, watch.only_while]
    for step in flow.steps.values():
        found += [step.only_while, step.each.condition if step.each else None]
        found += [wait.condition for wait in step.waits]
        found += [choice.condition for choice in step.choices]
        found += [branch.condition for branch in step.branches]
    yield from (node for node in found if node is not None)


def _of_all(definition: Definition, variants: Sequence[Sequence[Node]], front: Where = ()) -> Iterator[tuple[Definition, Problem]]:
    each = [dict.fromkeys(problem for node in nodes for problem in mistakes(node, front)) for nodes in variants]
    for problem in each[0] if each else ():
        if all(problem in others for others in each):
            yield definition, problem


def mistakes(node: Node, front: Where = ()) -> Iterator[Problem]:
    """What is certain about a condition and its parts."""
    if _is_simple(node):
        return
    if not possible(node):
        yield _never(node, front)
    elif certain(node):
        while isinstance(node, All) and len(node.items) == 1 and node.items[0].where:
            node = node.items[0]
        yield advice((*front, *node.where), ALWAYS, "this is always true", "delete it, or say what was meant", key=True)
    else:
        for part in _parts(node):
            yield from mistakes(part, front)


def _is_simple(node: Node) -> bool:
    """A single test may hold or not; what the engine made itself stands nowhere in a file."""
    return (isinstance(node, Test) and node.op != "between") or isinstance(node, Linked) or not node.where


def _parts(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Not):
        return (node.item,)
    if isinstance(node, Related):
        return tuple(part for part in (node.condition, node.then) if part != All(()))
    return node.items if isinstance(node, All | AnyOf) else ()


def _never(node: Node, front: Where) -> Problem:
    """The smallest part that cannot hold, and what stands against it."""
    node, beside = _smallest(node), ""
    if isinstance(node, All):
        count = next((n for n in range(1, len(node.items)) if not possible(All(node.items[: n + 1]))), 0)
        last = node.items[count]
        against = next((one for one in node.items[:count] if not possible(All((one, last)))), None)
        node, beside = (last, _called(against)) if last.where else (node, "")
    return advice((*front, *node.where), NEVER, f"this can never be true{beside}", "change or delete one of the tests", key=True)


def _smallest(node: Node) -> Node:
    """The part of a condition that alone makes it impossible."""
    parts = _parts(node) if isinstance(node, All | Related) else ()
    alone = next((part for part in parts if part.where and not possible(part)), None)
    return _smallest(alone) if alone is not None else node


def _called(node: Node | None) -> str:
    """What a part is about: the field, the related records or the word."""
    words = [step for step in node.where if isinstance(step, str) and step not in KINDS and step not in QUANTIFIERS] if node else []
    return f" beside `{words[-1]}`" if words else ""
