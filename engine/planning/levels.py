"""The order of `while` rules: one that reads what another keeps comes after it; a cycle has no order (design.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from graphlib import CycleError, TopologicalSorter

from engine.language.conditions import ANY, Touch
from engine.planning.rules import Rule


def in_order(levels: Sequence[Rule], writes: Mapping[str, frozenset[Touch]]) -> tuple[list[Rule], list[list[str]]]:
    """The rules in the order of what they read, and the cycles: lists of ids, each reading what the next one writes."""
    by_id = {rule.id: rule for rule in levels}
    after = {one: {other for other in by_id if _touch(by_id[one].reads, writes.get(other, frozenset()))} for one in by_id}
    cycles: list[list[str]] = []
    while True:
        try:
            order = list(TopologicalSorter(after).static_order())
            return [by_id[name] for name in order], cycles
        except CycleError as error:
            cycle = [str(name) for name in reversed(error.args[1])]
            cycles.append(cycle)
            after = {one: others - set(cycle) for one, others in after.items() if one not in cycle}


def _touch(reads: Set[Touch], writes: Set[Touch]) -> bool:
    return any(entity == other and ANY in (what, which) or (entity, what) == (other, which) for entity, what in reads for other, which in writes)
