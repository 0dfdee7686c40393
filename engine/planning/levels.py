"""The order of `while` rules: one that reads what another keeps comes after it; a cycle has no order (design.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from engine.language.conditions import Node, fields_read
from engine.language.conditions.nodes import Literal, Related, Test, walk
from engine.language.vocabulary import UnknownName, Vocabulary
from engine.planning.rules import Rule

ANY = "*"
KINDS = {"tag": "kind", "list_entry": "list"}
"""Entities whose rows are told apart by a kind: reading one kind does not depend on another."""
Touch = tuple[str, str]


def in_order(levels: Sequence[Rule], writes: Mapping[str, frozenset[Touch]], vocabulary: Vocabulary) -> tuple[list[Rule], list[list[str]]]:
    """The rules in the order of what they read, and the cycles: lists of ids, each reading what the next one writes."""
    by_id = {rule.id: rule for rule in levels}
    reads = {rule.id: set(condition_reads(rule.condition, rule.entity, vocabulary)) if rule.condition else set() for rule in levels}
    after = {one: {other for other in by_id if _touch(reads[one], writes.get(other, frozenset()))} for one in by_id}
    cycles: list[list[str]] = []
    while True:
        try:
            order = list(TopologicalSorter(after).static_order())
            return [by_id[name] for name in order], cycles
        except CycleError as error:
            cycle = [str(name) for name in reversed(error.args[1])]
            cycles.append(cycle)
            after = {one: others - set(cycle) for one, others in after.items() if one not in cycle}


def _touch(reads: set[Touch], writes: frozenset[Touch]) -> bool:
    return any(entity == other and ANY in (what, which) or (entity, what) == (other, which) for entity, what in reads for other, which in writes)


def condition_reads(node: Node, entity: str, vocabulary: Vocabulary) -> Iterator[Touch]:
    """What a condition depends on: (entity, field), or (entity, kind) where rows have kinds."""
    for found, field in fields_read(node, entity, vocabulary):
        if found not in KINDS:
            yield found, field
    for inner in walk(node):
        if isinstance(inner, Related):
            target = _target(inner.path, entity, vocabulary)
            if target in KINDS:
                yield from ((target, kind) for kind in _kinds(inner.condition, KINDS[target]) or [ANY])


def _target(path: str, entity: str, vocabulary: Vocabulary) -> str:
    """The entity a path of a condition ends at. Inside related records the path starts elsewhere: its last name tells."""
    try:
        return list(vocabulary.walk(entity, path.lstrip("^.")))[-1].target
    except UnknownName:
        name = path.rpartition(".")[2]
        return next((f.target for e in vocabulary.entities.values() if (f := e.fields.get(name)) and f.type == "many"), "")


def _kinds(condition: Node, field: str) -> list[str]:
    tests = [node for node in walk(condition) if isinstance(node, Test) and node.path == field]
    if not tests or any(test.op != "is" or not isinstance(test.value, Literal) for test in tests):
        return []
    return [str(test.value.value) for test in tests if isinstance(test.value, Literal)]
