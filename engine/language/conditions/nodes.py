"""The tree a condition becomes before anything else looks at it (design.md, sets not loops)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.language.findings import Where
from engine.language.phrases import FromNow, Phrase


@dataclass(frozen=True)
class Literal:
    """A value known when the definition was written: text, whole number, cents, yes/no, day or instant."""

    value: str | int | bool | date | datetime | None


@dataclass(frozen=True)
class FieldRef:
    """Another field's value; `^.` at the front reaches out one level. `plus` adds cents, numbers or days."""

    path: str
    plus: int = 0


@dataclass(frozen=True)
class MomentValue:
    """A day reckoned from now when the condition is asked; the minute for `now` and where it counts hours."""

    phrase: Phrase

    @property
    def is_instant(self) -> bool:
        """Whether it is a minute, where a field holds one."""
        return isinstance(self.phrase, FromNow) and self.phrase.is_instant


@dataclass(frozen=True)
class Given:
    """A day that is told along with the question (`QueryContext.given`), so that one query serves every day it is asked for."""

    name: str


Value = Literal | FieldRef | MomentValue | Given


@dataclass(frozen=True)
class All:
    """All items hold; true for none."""

    items: tuple[Node, ...]
    where: Where = field(default=(), compare=False)


@dataclass(frozen=True)
class AnyOf:
    """At least one item holds; false for none."""

    items: tuple[Node, ...]
    where: Where = field(default=(), compare=False)


@dataclass(frozen=True)
class Not:
    """The exact complement."""

    item: Node
    where: Where = field(default=(), compare=False)


@dataclass(frozen=True)
class Test:
    """A field compared. False where the field, or a record on the way, is missing. `op` is one of OPERATORS."""

    path: str
    op: str
    value: Value = Literal(None)
    upper: Value = Literal(None)
    where: Where = field(default=(), compare=False)

    __test__ = False  # pytest must not take it for a test class


@dataclass(frozen=True)
class Related:
    """A statement about related records, false where there are none. `kind`: some, count, latest, sum, max, min.

    `count` holds for at least `least` records; `latest` means all records of the latest day of `by`;
    sum, max and min compare field `of` with `op` and `value`.
    """

    path: str
    kind: str
    condition: Node
    least: int = 1
    by: str = ""
    then: Node = All(())
    of: str = ""
    op: str = ""
    value: Value = Literal(None)
    where: Where = field(default=(), compare=False)


@dataclass(frozen=True)
class Linked:
    """A row of the engine's own about this subject exists for which the condition holds. Not spellable in YAML."""

    entity: str
    condition: Node
    where: Where = field(default=(), compare=False)


Node = All | AnyOf | Not | Test | Related | Linked
COMPARISONS = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
DAY_COMPARISONS = {"before": "<", "after": ">", "on_or_before": "<=", "on_or_after": ">="}
OPERATORS = ("is", "between", "contains", "starts_with", "missing", "anniversary", *COMPARISONS, *DAY_COMPARISONS)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    if isinstance(node, All | AnyOf):
        return node.items
    if isinstance(node, Not):
        return (node.item,)
    if isinstance(node, Related):
        return (node.condition, node.then)
    return (node.condition,) if isinstance(node, Linked) else ()


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)
