"""The conditions of a definition, leaf by leaf, and the listener that hears what the planner asks about them.

Nothing is decided here anew: each leaf is asked in the very question the planner asked, of the records it asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.language.conditions import All, AnyOf, Node, Not
from engine.language.findings import Where
from engine.planning.query import QueryContext, ids
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow
from engine.store.store import Store


@dataclass(frozen=True)
class Leaf:
    """One test of a condition, as it is written."""

    definition: str
    node: Node
    where: Where


def leaves(node: Node) -> Iterator[Node]:
    """The tests below a condition; a test of related records is one, whatever it asks of them."""
    if isinstance(node, All | AnyOf):
        for item in node.items:
            yield from leaves(item)
    elif isinstance(node, Not) and isinstance(node.item, All | AnyOf | Not):
        yield from leaves(node.item)
    else:
        yield node  # `is_not`, `no` and `missing: false` are the complements of tests, and written as one


def conditions(definition: Rule | Flow) -> Iterator[tuple[Where, Node]]:
    """All conditions of a rule or workflow, each with what stands before its own `where`."""
    if isinstance(definition, Rule):
        found = [definition.condition]
    else:
        if definition.start and definition.start.condition:
            yield ("start",), definition.start.condition
        found = [definition.stop_when]
        for watch in definition.on:
            found += [watch.condition, watch.only_while]
        for step in definition.steps.values():
            found += [step.only_while, step.each.condition if step.each else None]
            found += [*(wait.condition for wait in step.waits), *(choice.condition for choice in step.choices)]
            found += [branch.condition for branch in step.branches]
    yield from (((), node) for node in found if node is not None)


@dataclass
class Ears:
    """Hears the questions of a run and notes which leaves were true of a record asked about, and which false."""

    under_test: frozenset[str] = frozenset()
    heard: dict[tuple[Where, Node], list[Leaf]] = field(default_factory=dict)
    true: set[Leaf] = field(default_factory=set)
    false: set[Leaf] = field(default_factory=set)

    def listen_for(self, definition: Rule | Flow) -> None:
        """Note a definition's conditions."""
        for _, node in conditions(definition):
            self.heard[node.where, node] = self.heard.get((node.where, node), []) + [Leaf(definition.id, leaf, leaf.where) for leaf in leaves(node)]

    def __call__(self, store: Store, entity: str, node: Node, context: QueryContext, only: Sequence[int] | None) -> None:
        """A question as the planner asks it: each of its leaves that is still open is asked in its stead."""
        parts = node.items if isinstance(node, All) and (node.where, node) not in self.heard else (node,)
        for index, part in enumerate(parts):
            for leaf in self.heard.get((part.where, part), ()):
                for side, wanted in ((self.true, leaf.node), (self.false, Not(leaf.node))):
                    if leaf.definition in self.under_test and leaf not in side:
                        asked = All((*parts[:index], wanted, *parts[index + 1 :]))
                        if ids(store, entity, asked, context, only=only):
                            side.add(leaf)
