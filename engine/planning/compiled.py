"""Conditions as Pony queries. The one module that makes query text.

A Pony string query is `eval`, so every token here comes from our tables of entities, fields and operators, and every
value is a parameter (safety.md §0). Two forms of the same nodes: `full` for whole tables (uncorrelated `in`, grouped
aggregates) and `narrow` for few candidates (correlated `exists`); spike.md measured which pays when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from engine.language.conditions.nodes import (
    COMPARISONS,
    DAY_COMPARISONS,
    All,
    AnyOf,
    FieldRef,
    Linked,
    Literal,
    MomentValue,
    Node,
    Not,
    Related,
    Test,
    Value,
    walk,
)
from engine.language.vocabulary import Entity, Field
from engine.store.entities import class_name
from engine.store.model import Own, with_own

SPANS = 64
"""How many spans between clock changes a query knows: two a year, so 32 years; the outermost reach to the ends of time."""
SAFE = re.compile(r"[a-zA-Z0-9_ .()<>=!,+\-]*\Z")


@dataclass(frozen=True)
class Parameter:
    """A value of a query. `as_instant` says how a day compares with a datetime field: "" not at all, "start", "next"."""

    value: Value
    as_instant: str = ""
    part: str = ""
    """For anniversaries: month, day or leap (whether 29 February counts today). For local days: start, end or step of a span."""


@dataclass(frozen=True)
class Compiled:
    """A query's text and the parameters p0, p1, ... it names."""

    text: str
    parameters: tuple[Parameter, ...]


@lru_cache(maxsize=4096)
def compile_condition(node: Node, entity: str, form: str = "full", own: Own = ()) -> Compiled:
    """The text that selects the ids of an entity for which a condition holds, in a store with such own fields."""
    writer = _Writer(form, with_own(own))
    assert entity in writer.model, entity  # the only name here that is not from our own tables
    text = f"v0.id for v0 in {class_name(entity)} if {writer.node(node, (('v0', entity),))}"
    return Compiled(safe(text), tuple(writer.parameters))


def safe(text: str) -> str:
    """The text, once more looked at: nothing but names, dots and operators may reach Pony's `eval`."""
    if not SAFE.match(text):
        raise AssertionError(f"unsafe query text: {text}")
    return text


@dataclass
class _Writer:
    """Writes one query. A scope is the records from the outermost to the innermost: (variable, entity)."""

    form: str
    model: Mapping[str, Entity]
    parameters: list[Parameter] = field(default_factory=list)
    names: int = 0

    def parameter(self, value: Value, as_instant: str = "", part: str = "") -> str:
        """The name of a parameter."""
        self.parameters.append(Parameter(value, as_instant, part))
        return f"p{len(self.parameters) - 1}"

    def variable(self) -> str:
        """A new variable."""
        self.names += 1
        return f"v{self.names}"

    def node(self, node: Node, scope: tuple[tuple[str, str], ...]) -> str:
        """The expression of a node."""
        if isinstance(node, All):
            return self._joined(" and ", node.items, scope) or "1 == 1"
        if isinstance(node, AnyOf):
            return self._joined(" or ", node.items, scope) or "1 == 0"
        if isinstance(node, Not):
            return f"(not {self.node(node.item, scope)})"
        if isinstance(node, Test):
            return self._test(node, scope)
        if isinstance(node, Linked):
            return self._linked(node, scope)
        return self._related(node, scope)

    def _joined(self, word: str, items: tuple[Node, ...], scope: tuple[tuple[str, str], ...]) -> str:
        parts = [self.node(item, scope) for item in items]
        return parts[0] if len(parts) == 1 else f"({word.join(parts)})" if parts else ""

    def bind(self, path: str, scope: tuple[tuple[str, str], ...], use: Callable[[str, Field], str]) -> str:
        """`use` with the column a path ends at; each to-one hop is an `exists` of its own (spike.md 1)."""
        up = 0
        while path.startswith("^."):
            path, up = path[2:], up + 1
        variable, entity = scope[len(scope) - 1 - up]
        return self._hop(path.split("."), variable, entity, use)

    def _hop(self, steps: list[str], variable: str, entity: str, use: Callable[[str, Field], str]) -> str:
        found = self.model[entity].fields[steps[0]]
        if len(steps) == 1:
            return use(f"{variable}.{found.name}", found)
        if len(steps) == 2 and steps[1] == "id":
            return use(f"{variable}.{found.name}.id", found)
        inner = self.variable()
        rest = self._hop(steps[1:], inner, found.target, use)
        return f"exists({inner} for {inner} in {class_name(found.target)} if {inner} == {variable}.{found.name} and {rest})"

    def _test(self, test: Test, scope: tuple[tuple[str, str], ...]) -> str:
        if test.op == "missing":
            present = self.bind(test.path, scope, lambda column, _: f"({column} is not None)")
            return f"(not {present})"
        return self.bind(test.path, scope, lambda column, found: self._compare(column, found, test.op, test.value, test.upper, scope))

    def _compare(self, column: str, found: Field, op: str, value: Value, upper: Value, scope: tuple[tuple[str, str], ...]) -> str:
        if op == "between" and (isinstance(value, FieldRef) or isinstance(upper, FieldRef)):
            low, high = ("on_or_after", "on_or_before") if found.type in ("date", "datetime") else ("at_least", "at_most")
            above = self._compare(column, found, low, value, Literal(None), scope)
            return f"({above} and {self._compare(column, found, high, upper, Literal(None), scope)})"
        if isinstance(value, FieldRef):
            return self._with_field(column, found, op, value, scope)
        present = f"{column} is not None"
        if op in ("contains", "starts_with"):
            lowered = Literal(str(value.value).lower() if isinstance(value, Literal) else "")
            name = self.parameter(lowered)
            return f"({present} and {name} in {column}.lower())" if op == "contains" else f"({present} and {column}.lower().startswith({name}))"
        if op == "anniversary":
            return self._anniversary(column, value)
        if found.type == "datetime" and not (isinstance(value, Literal) and isinstance(value.value, datetime)):
            return self._instants(column, op, value, upper)
        if op == "between":
            return f"({present} and {column} >= {self.parameter(value)} and {column} <= {self.parameter(upper)})"
        sign = {"is": "==", **COMPARISONS, **DAY_COMPARISONS}[op]
        return f"({present} and {column} {sign} {self.parameter(value)})"

    def _instants(self, column: str, op: str, value: Value, upper: Value) -> str:
        """A moment against days: a local day is the half-open span of its instants. Against a moment, it is before, at or after it."""
        present = f"{column} is not None"
        if op in DAY_COMPARISONS and isinstance(value, MomentValue) and value.is_instant:
            return f"({present} and {column} {DAY_COMPARISONS[op]} {self.parameter(value, 'start')})"
        low, high = {
            "before": ("", "start"),
            "on_or_before": ("", "next"),
            "after": ("next", ""),
            "on_or_after": ("start", ""),
            "is": ("start", "next"),
            "between": ("start", "next"),
        }[op]
        parts = [present]
        if low:
            parts.append(f"{column} >= {self.parameter(value, low)}")
        if high:
            last = upper if op == "between" else value
            parts.append(f"{column} {'<=' if isinstance(last, MomentValue) and last.is_instant else '<'} {self.parameter(last, high)}")
        return f"({' and '.join(parts)})"

    def _anniversary(self, column: str, value: Value) -> str:
        month, day = self.parameter(value, part="month"), self.parameter(value, part="day")
        leap = self.parameter(value, part="leap")
        same = f"({column}.month == {month} and {column}.day == {day})"
        return f"({column} is not None and ({same} or ({leap} == 1 and {column}.month == 2 and {column}.day == 29)))"

    def _with_field(self, column: str, found: Field, op: str, value: FieldRef, scope: tuple[tuple[str, str], ...]) -> str:
        def use(other: str, field_: Field) -> str:
            present = f"{column} is not None and {other} is not None"
            if op == "contains":
                return f"({present} and {other}.lower() in {column}.lower())"
            if op == "starts_with":
                return f"({present} and {column}.lower().startswith({other}.lower()))"
            right, none = other, ""
            if value.plus:
                days = found.type in ("date", "datetime")
                right = f"({right} + {self.parameter(Literal(value.plus), part='days' if days else '')})"
                none = f" + {self.parameter(Literal(0), part='days')}" if days else ""  # SQLite makes a moment of a day and days: no day equals it
            sign = {"is": "==", **COMPARISONS, **DAY_COMPARISONS}[op]
            if found.type == "datetime" and field_.type == "date":
                return f"({present} and {self._local_day(column, lambda day: f'{day}{none} {sign} {right}')})"
            if field_.type == "datetime" and found.type == "date":
                plus = right.removeprefix(f"({other}").removesuffix(")") if value.plus else ""
                return f"({present} and {self._local_day(other, lambda day: f'{column} {sign} {day}', plus)})"
            return f"({present} and {column}{none} {sign} {right})"

        return self.bind(value.path, scope, use)

    def _local_day(self, moment: str, use: Callable[[str], str], plus: str = "") -> str:
        """`use` with the local day of a moment: in each span between two clock changes it is another fixed step away."""
        spans = []
        for number in range(SPANS):
            start, end, step = (self.parameter(Literal(number), part=part) for part in ("span start", "span end", "span step"))
            spans.append(f"({moment} >= {start} and {moment} < {end} and {use(f'({moment} + {step}{plus}).date()')})")
        return f"({' or '.join(spans)})"

    def _collection(self, node: Related, scope: tuple[tuple[str, str], ...], use: Callable[[str, str, Field], str]) -> str:
        """`use(owner record, its id, collection)`; hops on the way are guarded, the last one needs no join."""
        steps = node.path.split(".")
        if len(steps) == 2 and not node.path.startswith("^"):
            variable, entity = scope[-1]
            hop = self.model[entity].fields[steps[0]]
            found = self.model[hop.target].fields[steps[1]]
            owner = f"{variable}.{hop.name}"
            return f"({owner} is not None and {use(owner, f'{owner}.id', found)})"

        def last(column: str, found: Field) -> str:
            variable = column.rpartition(".")[0]
            return use(variable, f"{variable}.id", found)

        return self.bind(node.path, scope, last)

    def _related(self, node: Related, scope: tuple[tuple[str, str], ...]) -> str:
        def use(owner: str, owner_id: str, found: Field) -> str:
            if self.form == "full" and not _reaches_out(node):
                return self._uncorrelated(node, owner_id, found, scope)
            return self._correlated(node, owner, found, scope)

        return self._collection(node, scope, use)

    def _correlated(self, node: Related, owner: str, found: Field, scope: tuple[tuple[str, str], ...]) -> str:
        inner, name = self.variable(), class_name(found.target)
        mine = f"{inner}.{found.back} == {owner}"
        condition = self.node(node.condition, (*scope, (inner, found.target)))
        each = f"{inner} for {inner} in {name} if {mine} and {condition}"
        if node.kind == "some":
            return f"exists({each})"
        if node.kind == "count":
            return f"exists({each})" if node.least == 1 else f"(count({each}) >= {self.parameter(Literal(node.least))})"
        if node.kind == "latest":
            return self._latest(node, found, scope, lambda variable: f"{variable}.{found.back} == {owner}")
        column = f"{inner}.{node.of}"
        values = f"{column} for {inner} in {name} if {mine} and {column} is not None and {condition}"
        some = f"exists({inner} for {inner} in {name} if {mine} and {column} is not None and {condition})"
        target = self.model[found.target].fields[node.of]
        return f"({some} and {self._aggregate(f'{node.kind}({values})', target, node, scope)})"

    def _aggregate(self, text: str, found: Field, node: Related, scope: tuple[tuple[str, str], ...]) -> str:
        compared = self._compare(text, found, node.op, node.value, Literal(None), scope)
        return compared.replace(f"{text} is not None and ", "", 1)

    def _latest(self, node: Related, found: Field, scope: tuple[tuple[str, str], ...], mine: Callable[[str], str]) -> str:
        inner, other, name = self.variable(), self.variable(), class_name(found.target)
        first = self.node(node.condition, (*scope, (inner, found.target)))
        second = self.node(node.condition, (*scope, (other, found.target)))
        then = self.node(node.then, (*scope, (inner, found.target)))
        newest = f"max({other}.{node.by} for {other} in {name} if {mine(other)} and {second})"
        return f"exists({inner} for {inner} in {name} if {mine(inner)} and {first} and {inner}.{node.by} == {newest} and {then})"

    def _uncorrelated(self, node: Related, owner_id: str, found: Field, scope: tuple[tuple[str, str], ...]) -> str:
        inner, name = self.variable(), class_name(found.target)
        back = f"{inner}.{found.back}"
        condition = self.node(node.condition, (*scope, (inner, found.target)))
        ids = f"{back}.id for {inner} in {name} if {back} is not None and {condition}"
        if node.kind == "some" or (node.kind == "count" and node.least == 1):
            return f"({owner_id} in ({ids}))"
        if node.kind == "count":
            return f"({owner_id} in ({ids} and count({inner}) >= {self.parameter(Literal(node.least))}))"
        if node.kind == "latest":
            variable = owner_id.removesuffix(".id")
            return self._latest(node, found, scope, lambda v: f"{v}.{found.back} == {variable}")
        column = f"{inner}.{node.of}"
        target = self.model[found.target].fields[node.of]
        having = self._aggregate(f"{node.kind}({column})", target, node, scope)
        return f"({owner_id} in ({ids} and {column} is not None and {having}))"

    def _linked(self, node: Linked, scope: tuple[tuple[str, str], ...]) -> str:
        variable, entity = scope[-1]
        inner, name = self.variable(), class_name(node.entity)
        about = f"{inner}.subject_entity == {self.parameter(Literal(entity))}"
        condition = self.node(node.condition, (*scope, (inner, node.entity)))
        if self.form == "full" and not _reaches_out(node):
            return f"({variable}.id in ({inner}.subject_id for {inner} in {name} if {about} and {condition}))"
        return f"exists({inner} for {inner} in {name} if {about} and {inner}.subject_id == {variable}.id and {condition})"


def _reaches_out(node: Node) -> bool:
    """Whether anything below a node names an outer record, so that it cannot stand alone."""
    for below in walk(node):
        if isinstance(below, Test) and any(isinstance(v, FieldRef) and v.path.startswith("^.") for v in (below.value, below.upper)):
            return True
        if isinstance(below, Test | Related) and below.path.startswith("^."):
            return True
        if isinstance(below, Related) and isinstance(below.value, FieldRef):
            return True
    return False
