"""Compiled conditions asked of a store at a moment: ids, counts, one record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pony import orm
from pony.orm import select

from engine.language.arithmetic import latest_anchor, shift
from engine.language.calendars import Calendar
from engine.language.conditions import All, Given, Literal, MomentValue, Node, Value
from engine.language.phrases import FromNow, PhraseContext, resolve
from engine.planning.compiled import SPANS, Compiled, Parameter, compile_condition
from engine.store.store import Store

WORDS = {"exists": orm.exists, "count": orm.count, "sum": orm.sum, "max": orm.max, "min": orm.min}
"""The only functions a query text may name."""
CHUNKS = (20, 100, 500)


@dataclass(frozen=True)
class QueryContext:
    """What moments are resolved from: the clock (naive UTC) and the branch's calendar; `given` holds the days that are told by name."""

    now: datetime
    calendar: Calendar
    given: Mapping[str, date] = field(default_factory=dict)


def bound(compiled: Compiled, context: QueryContext) -> dict[str, Any]:
    """The parameters' values at a moment."""
    return {f"p{index}": _bound(parameter, context) for index, parameter in enumerate(compiled.parameters)}


def _bound(parameter: Parameter, context: QueryContext) -> Any:
    value = parameter.value
    found: Any = _value(value, context)
    if parameter.part.startswith("span "):
        return getattr(_spans(context.calendar.zone, context.now.year)[found], parameter.part.removeprefix("span "))
    if parameter.part == "days":
        return timedelta(days=found)
    if parameter.part:
        return _anniversary_part(found, parameter.part)
    if parameter.as_instant and isinstance(value, MomentValue) and value.is_instant:
        return _instant(value, context)
    if parameter.as_instant:
        day = found + timedelta(days=1) if parameter.as_instant == "next" else found
        return context.calendar.at(day, time(0))
    return found


def _value(value: Value, context: QueryContext) -> Any:
    if isinstance(value, MomentValue):
        return moment_day(value, context)
    if isinstance(value, Given):
        return context.given[value.name]
    return value.value if isinstance(value, Literal) else None


class _Span(NamedTuple):
    """Between two clock changes (naive UTC), local time is one step away from UTC."""

    start: datetime
    end: datetime
    step: timedelta


@lru_cache(maxsize=64)
def _spans(zone: str, year: int) -> list[_Span]:
    """The spans around a year: twenty years back, a dozen ahead, filled up with empty ones."""
    here = ZoneInfo(zone)

    def step(instant: datetime) -> timedelta:
        return instant.replace(tzinfo=UTC).astimezone(here).utcoffset() or timedelta()

    first = datetime(min(max(year, 22), 9980) - 20, 1, 1)
    hours = [first + timedelta(hours=6 * n) for n in range(32 * 366 * 4)]
    spans = [_Span(datetime.min, datetime.max, step(first))]
    for before, after in pairwise(hours):
        if step(after) != spans[-1].step:
            change = next(instant for n in range(25) if step(instant := before + timedelta(minutes=15 * n)) != spans[-1].step)
            spans[-1:] = [spans[-1]._replace(end=change), _Span(change, datetime.max, step(after))]
    spans = spans[:SPANS]
    spans[-1] = spans[-1]._replace(end=datetime.max)
    return spans + [_Span(datetime.max, datetime.max, timedelta())] * (SPANS - len(spans))


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


def moment_text(value: MomentValue, context: QueryContext) -> str:
    """A moment as people read it: its day, or the local minute where it counts hours."""
    return f"{context.calendar.local(_instant(value, context)):%Y-%m-%d %H:%M}" if value.is_instant else str(moment_day(value, context))


def _instant(value: MomentValue, context: QueryContext) -> datetime:
    return resolve(value.phrase, PhraseContext(context.now, context.calendar, lambda _: None)).instant


Listener = Callable[[Store, str, Node, QueryContext, Sequence[int] | None], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell a listener of every question asked inside, before it is answered; what the listener asks itself, it is not told."""

    def tell(*question: Any) -> None:
        asking = _listener.set(None)
        try:
            listener(*question)
        finally:
            _listener.reset(asking)

    token = _listener.set(tell)
    try:
        yield
    finally:
        _listener.reset(token)


def ids(store: Store, entity: str, node: Node, context: QueryContext, only: Sequence[int] | None = None, form: str | None = None) -> list[int]:
    """The ids of an entity's records for which a condition holds, in order; `only` narrows to candidates."""
    if (listener := _listener.get()) is not None:
        listener(store, entity, node, context, only)
    chosen = form or ("full" if only is None else "narrow")
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
