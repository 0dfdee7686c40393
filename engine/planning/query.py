"""Conditions as Pony queries. The one module that makes query text.

A Pony string query is `eval`, so every token here comes from our tables of entities, fields and operators, and every
value is a parameter (safety.md §0). Two forms of the same nodes: `full` for whole tables (uncorrelated `in`, grouped
aggregates) and `narrow` for few candidates (correlated `exists`); spike.md measured which pays when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from pony import orm
from pony.orm import select

from engine.language.arithmetic import latest_anchor, shift
from engine.language.calendars import Calendar
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
from engine.language.phrases import FromNow, PhraseContext, resolve
from engine.language.vocabulary import Entity, Field
from engine.store.entities import class_name
from engine.store.model import Own, with_own
from engine.store.store import Store

WORDS = {"exists": orm.exists, "count": orm.count, "sum": orm.sum, "max": orm.max, "min": orm.min}
"""The only functions a query text may name."""
SAFE = re.compile(r"[a-zA-Z0-9_ .()<>=!,+\-]*\Z")
CHUNKS = (20, 100, 500)


@dataclass(frozen=True)
class QueryContext:
    """What moments are resolved from: the clock (naive UTC) and the branch's calendar."""

    now: datetime
    calendar: Calendar


@dataclass(frozen=True)
class Parameter:
    """A value of a query. `as_instant` says how a day compares with a datetime field: "" not at all, "start", "next"."""

    value: Value
    as_instant: str = ""
    part: str = ""
    """For anniversaries: month, day or leap (whether 29 February counts today)."""


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
    if not SAFE.match(text):
        raise AssertionError(f"unsafe query text: {text}")
    return Compiled(text, tuple(writer.parameters))


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
        """A moment against days: a local day is the half-open span of its instants."""
        present = f"{column} is not None"
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
            parts.append(f"{column} < {self.parameter(upper if op == 'between' else value, high)}")
        return f"({' and '.join(parts)})"

    def _anniversary(self, column: str, value: Value) -> str:
        month, day = self.parameter(value, part="month"), self.parameter(value, part="day")
        leap = self.parameter(value, part="leap")
        same = f"({column}.month == {month} and {column}.day == {day})"
        return f"({column} is not None and ({same} or ({leap} == 1 and {column}.month == 2 and {column}.day == 29)))"

    def _with_field(self, column: str, found: Field, op: str, value: FieldRef, scope: tuple[tuple[str, str], ...]) -> str:
        sign = {"is": "==", **COMPARISONS, **DAY_COMPARISONS}[op]

        def use(other: str, field_: Field) -> str:
            left = f"{column}.date()" if found.type == "datetime" and field_.type == "date" else column
            right = f"{other}.date()" if field_.type == "datetime" and found.type == "date" else other
            if value.plus:
                right = f"({right} + {self.parameter(Literal(value.plus), part='days' if found.type in ('date', 'datetime') else '')})"
            return f"({column} is not None and {other} is not None and {left} {sign} {right})"

        return self.bind(value.path, scope, use)

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


def bound(compiled: Compiled, context: QueryContext) -> dict[str, Any]:
    """The parameters' values at a moment."""
    return {f"p{index}": _bound(parameter, context) for index, parameter in enumerate(compiled.parameters)}


def _bound(parameter: Parameter, context: QueryContext) -> Any:
    value = parameter.value
    found: Any = moment_day(value, context) if isinstance(value, MomentValue) else value.value if isinstance(value, Literal) else None
    if parameter.part == "days":
        return timedelta(days=found)
    if parameter.part:
        return _anniversary_part(found, parameter.part)
    if parameter.as_instant:
        day = found + timedelta(days=1) if parameter.as_instant == "next" else found
        return context.calendar.at(day, time(0))
    return found


def _anniversary_part(day: date, part: str) -> int:
    if part == "leap":
        is_leap = (day.year % 4 == 0 and day.year % 100 != 0) or day.year % 400 == 0
        return int((day.month, day.day) == (2, 28) and not is_leap)
    return day.month if part == "month" else day.day


def moment_day(value: MomentValue, context: QueryContext) -> date:
    """The day of a moment. `N months ago` is the latest day whose Nth month has passed: exact at month ends."""
    phrase = value.phrase
    today = context.calendar.today(context.now)
    if isinstance(phrase, FromNow) and phrase.sign < 0:
        return latest_anchor(today, lambda day: shift(day, phrase.duration, 1, context.calendar)) or date.min
    return resolve(phrase, PhraseContext(context.now, context.calendar, lambda _: None)).day


def ids(store: Store, entity: str, node: Node, context: QueryContext, only: Sequence[int] | None = None, form: str | None = None) -> list[int]:
    """The ids of an entity's records for which a condition holds, in order; `only` narrows to candidates."""
    chosen = form or ("full" if only is None or len(only) > CHUNKS[-1] * 4 else "narrow")
    compiled = compile_condition(node, entity, chosen, store.own)
    values = bound(compiled, context)
    if only is None:
        return _run(store, compiled.text, values)
    found: list[int] = []
    for chunk in padded(only):
        found += _run(store, f"{compiled.text} and v0.id in only", {**values, "only": chunk})
    return sorted(set(found))


def padded(numbers: Sequence[int]) -> list[list[int]]:
    """Lists of one of a few lengths, so that few query texts arise (spike.md, statistics)."""
    chunks = []
    unique = list(dict.fromkeys(numbers))
    for start in range(0, len(unique), CHUNKS[-1]):
        chunk = unique[start : start + CHUNKS[-1]]
        size = next(length for length in CHUNKS if length >= len(chunk))
        chunks.append(chunk + [chunk[-1]] * (size - len(chunk)))
    return chunks


def _run(store: Store, text: str, values: dict[str, Any]) -> list[int]:
    with store.session():
        return sorted(set(select(text, {**WORDS, **store.names}, values).without_distinct()[:]))


def count(store: Store, entity: str, node: Node | None, context: QueryContext) -> int:
    """How many records there are for which a condition holds."""
    compiled = compile_condition(node or All(()), entity, own=store.own)
    with store.session():
        return int(select(compiled.text, {**WORDS, **store.names}, bound(compiled, context)).without_distinct().count())


def holds(store: Store, entity: str, node: Node, context: QueryContext, row: int) -> bool:
    """Whether a condition holds for one record."""
    return bool(ids(store, entity, node, context, only=[row]))


def field_values(store: Store, entity: str, numbers: Sequence[int], names: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """Plain fields of records by id; a reference gives the id it holds. Only the given ids are read."""
    fields = store.model[entity].fields
    columns = [f"v0.{name}.id" if fields[name].type == "ref" else f"v0.{name}" for name in names]
    found: dict[int, tuple[Any, ...]] = {}
    for column, name in zip(columns, names, strict=True):
        guard = f" and v0.{name} is not None" if fields[name].type == "ref" else ""
        text = f"(v0.id, {column}) for v0 in {class_name(entity)} if v0.id in only{guard}"
        if not SAFE.match(text):
            raise AssertionError(f"unsafe query text: {text}")
        with store.session():
            for chunk in padded(numbers):
                for row, value in select(text, {**WORDS, **store.names}, {"only": chunk}).without_distinct()[:]:
                    found.setdefault(row, ())
                    found[row] = (*found[row], (name, value))
    return {row: tuple(dict(pairs).get(name) for name in names) for row, pairs in found.items()}
