"""Why a condition holds for a record or not: the same compiled query per leaf, narrowed to one subject (design.md, one path)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.language.conditions import All, AnyOf, FieldRef, Given, Literal, MomentValue, Node, Not, Related, Test, Value
from engine.language.vocabulary import UnknownName, Vocabulary
from engine.planning.found import how_many
from engine.planning.query import QueryContext, holds, moment_text
from engine.planning.values import load
from engine.store.store import Store


@dataclass(frozen=True)
class Explained:
    """A node with what it wanted, what was found and whether it holds."""

    says: str
    wanted: str
    found: str
    holds: bool
    children: tuple[Explained, ...] = ()
    negated: bool = False
    """It wants the opposite of what its children say together."""

    @property
    def line(self) -> str:
        """In one line: what was asked and what is there."""
        return f"{self.says} {self.wanted}".rstrip() + (f", found {self.found}" if self.found else "")


def explain(store: Store, entity: str, node: Node, context: QueryContext, row: int) -> Explained:
    """The tree of a condition for one record."""
    truth = holds(store, entity, node, context, row)
    if isinstance(node, All | AnyOf):
        says = "all of" if isinstance(node, All) else "any of"
        return Explained(says, "", "", truth, tuple(explain(store, entity, item, context, row) for item in node.items))
    if isinstance(node, Not):
        inner = explain(store, entity, node.item, context, row)
        return Explained(f"not: {inner.says}", inner.wanted, inner.found, truth, inner.children, negated=True)
    if isinstance(node, Test):
        return Explained(f"{node.path} {node.op}", _wanted(store, entity, node, context, row), _found(store, entity, node.path, context, row), truth)
    if isinstance(node, Related):
        return Explained(f"{node.path} {node.kind}", _related(node, context), f"{_in_all(store, entity, node.path, row)} in all", truth)
    return Explained(node.entity, "", "", truth)


def _found(store: Store, entity: str, path: str, context: QueryContext, row: int) -> str:
    value: Any = load(store, entity, [row], [path]).get(row, {}).get(path)
    return "missing" if value is None else _shown(store, entity, path, value, context)


def shown_as_kept(store: Store, entity: str, path: str, value: Any, context: QueryContext) -> str:
    """A value that the journal kept (planning/found.py) as people read it; a field that is no longer there as it was kept."""
    try:
        field = Vocabulary(store.model).last(entity, path)
    except UnknownName:
        return str(value)
    if value is None:
        return "missing"
    if field.type == "many":
        return f"{value} in all"
    return _shown(store, entity, path, datetime.fromisoformat(value) if field.type == "datetime" else value, context)


def _shown(store: Store, entity: str, path: str, value: Any, context: QueryContext) -> str:
    """A value as people read it: moments in local time, amounts with their decimals."""
    if isinstance(value, datetime):
        return f"{context.calendar.local(value):%Y-%m-%d %H:%M}"
    if isinstance(value, int) and not isinstance(value, bool) and Vocabulary(store.model).last(entity, path).type == "money":
        return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02} EUR"
    return str(value)


def _wanted(store: Store, entity: str, node: Test, context: QueryContext, row: int) -> str:
    wanted = _value(store, entity, node.path, node.value, context, row)
    return f"{wanted} and {_value(store, entity, node.path, node.upper, context, row)}" if node.op == "between" else wanted


def _value(store: Store, entity: str, path: str, value: Value, context: QueryContext, row: int) -> str:
    if isinstance(value, FieldRef):
        plus = f" + {value.plus}" if value.plus else ""
        return f"{value.path}{plus} = {_found(store, entity, value.path, context, row)}" if not value.path.startswith("^.") else value.path
    if isinstance(value, Given):
        return str(context.given[value.name])
    return moment_text(value, context) if isinstance(value, MomentValue) else _shown(store, entity, path, value.value, context)


def _related(node: Related, context: QueryContext) -> str:
    return " and ".join(_words(item, context) for item in ([node.condition] if not isinstance(node.condition, All) else node.condition.items))


def _words(node: Node, context: QueryContext) -> str:
    if isinstance(node, Test):
        if isinstance(node.value, FieldRef):
            return f"{node.path} {node.op} {node.value.path}"
        value = moment_text(node.value, context) if isinstance(node.value, MomentValue) else node.value.value if isinstance(node.value, Literal) else ""
        return f"{node.path} {node.op} {value}"
    if isinstance(node, All | AnyOf):
        word = " and " if isinstance(node, All) else " or "
        return f"({word.join(_words(item, context) for item in node.items)})" if node.items else "any"
    if isinstance(node, Not):
        return f"not {_words(node.item, context)}"
    return f"{node.path} {node.kind}" if isinstance(node, Related) else node.entity


def _in_all(store: Store, entity: str, path: str, row: int) -> int:
    """How many related records there are at all."""
    way = path.rpartition(".")[0]
    return how_many(store, entity, path, load(store, entity, [row], [way] if way else [])).get(row, 0)


def first_failing(tree: Explained) -> Explained | None:
    """The first leaf that stands in the way, None where all holds. Of what may not hold, that is the first that does."""
    if tree.holds:
        return None
    if tree.negated:
        guilty = _first_holding(replace(tree, says=tree.says.removeprefix("not: "), negated=False))
        return replace(guilty, says=f"not: {guilty.says}")
    for child in tree.children:
        failing = first_failing(child)
        if failing is not None:
            return failing
    return tree


def _first_holding(tree: Explained) -> Explained:
    """Of what holds and may not: where one part would do, the first that does; parts that count only together, together."""
    if tree.says == "any of" and tree.children:
        return _first_holding(next((child for child in tree.children if child.holds), tree.children[0]))
    if tree.says == "all of" and len(tree.children) == 1:
        return _first_holding(tree.children[0])
    return _in_one(tree)


def _in_one(tree: Explained) -> Explained:
    """A group as one leaf: all that it asks and all that was found."""
    if not tree.children:
        return tree
    parts = [_in_one(child) for child in tree.children]
    word = " or " if tree.says.endswith("any of") else " and "
    asked = f"{'not: ' if tree.negated else ''}({word.join(f'{part.says} {part.wanted}'.rstrip() for part in parts)})"
    return Explained(asked, "", ", ".join(part.found for part in parts if part.found), tree.holds)


def outline(tree: Explained, depth: int = 0) -> list[str]:
    """The tree as an indented outline."""
    mark = "+" if tree.holds else "-"
    wanted = f" {tree.wanted}" if tree.wanted else ""
    found = f"  (found: {tree.found})" if tree.found else ""
    lines = [f"{'  ' * depth}{mark} {tree.says}{wanted}{found}"]
    for child in tree.children:
        lines += outline(child, depth + 1)
    return lines
