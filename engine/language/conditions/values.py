"""Values of tests: a literal unless it says otherwise, and always of the field's type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.language.calendars import parse_day
from engine.language.conditions.described import DAYS, OPERATORS
from engine.language.conditions.nodes import FieldRef, Literal, MomentValue, Value
from engine.language.durations import PhraseError, parse_duration
from engine.language.money import parse_money
from engine.language.nearest import did_you_mean
from engine.language.phrases import Fixed, FromNow, parse_phrase
from engine.language.vocabulary import Field

_GERMAN_DAY = re.compile(r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}")
KINDS: dict[str, tuple[str, ...]] = {op: one.types for op, one in OPERATORS.items()}
"""Operator -> the types of field it may ask."""


def operators_for(kind: str) -> list[str]:
    """The operators that fit a type of field."""
    return [op for op, kinds in KINDS.items() if kind in kinds]


def read_value(data: Any, found: Field, op: str) -> Value:
    """A value for a field. Raises PhraseError with what to write instead."""
    if op == "missing":
        if not isinstance(data, bool):
            raise PhraseError(f"'{data}' does not say whether it is missing", "write true or false")
        return Literal(data)
    if isinstance(data, Mapping):
        if op == "anniversary":
            raise PhraseError("an anniversary is asked of a day, not of a field", "write e.g. `anniversary: in 14 days`")
        return _computed(data, found)
    if data is None:
        raise PhraseError("there is no value to compare with", "ask for `missing: true` instead")
    if op in ("contains", "starts_with"):
        return _text(data, found)  # a part of a choice is none of its values
    value = _LITERALS[found.type](data, found)
    if found.type == "datetime" and isinstance(value, MomentValue) and value.is_instant and op in ("is", "is_not"):
        raise PhraseError(f"'{data}' is a minute, and nothing is exactly then", "ask before, after or between, or name a day: today")
    return value


def _computed(data: Mapping[str, Any], found: Field) -> FieldRef:
    unknown = [key for key in data if key not in ("field", "plus")]
    if unknown or "field" not in data:
        raise PhraseError(f"'{unknown[0] if unknown else data}' is no part of a computed value", "write {field: path} or {field: path, plus: amount}")
    plus = 0
    if "plus" in data:
        amount = data["plus"]
        if found.type == "money":
            plus = parse_money(str(amount)).cents
        elif found.type in DAYS:
            duration = parse_duration(str(amount))
            if duration.months or duration.business_days or duration.is_elapsed:
                raise PhraseError(f"'{amount}' cannot be added to a field", "only days and weeks can")
            plus = duration.days
        elif isinstance(amount, int) and not isinstance(amount, bool):
            plus = amount
        else:
            raise PhraseError(f"'{amount}' cannot be added to a {found.type}", "leave `plus` out")
    return FieldRef(str(data["field"]), plus)


def _text(data: Any, _: Field) -> Literal:
    if isinstance(data, bool | Decimal):
        raise PhraseError(f"'{data}' is no text", "write it in quotes")
    return Literal(str(data))


def _choice(data: Any, found: Field) -> Literal:
    if found.choices and data not in found.choices:
        raise PhraseError(f"{found.name} is never '{data}'", did_you_mean(str(data), found.choices, "one of " + ", ".join(found.choices)))
    return _text(data, found)


def _integer(data: Any, found: Field) -> Literal:
    if isinstance(data, bool) or not isinstance(data, int):
        raise PhraseError(f"'{data}' is no whole number", f"{found.name} is one")
    return Literal(data)


def _boolean(data: Any, found: Field) -> Literal:
    if not isinstance(data, bool):
        raise PhraseError(f"'{data}' is neither true nor false", f"{found.name} is one of them")
    return Literal(data)


def _money(data: Any, _: Field) -> Literal:
    return Literal(parse_money(str(data)).cents)


def _day(data: Any, found: Field) -> Value:
    text = str(data)
    if _GERMAN_DAY.fullmatch(text):
        raise PhraseError(f"'{text}' is not how a day is written here", "write year, month and day: 2026-11-30")
    phrase = parse_phrase(text)
    if isinstance(phrase, Fixed) and phrase.day:
        return Literal(parse_day(text))
    if not isinstance(phrase, FromNow | Fixed) or (isinstance(phrase, FromNow) and phrase.duration.is_elapsed and found.type == "date"):
        raise PhraseError(f"'{text}' is no day reckoned from now", "write e.g. `15 months ago`, `in 6 weeks`, `start of month`, `2026-11-30`")
    return MomentValue(phrase)


def _ref(data: Any, found: Field) -> Literal:
    raise PhraseError(f"'{data}' is no {found.target}", f"compare with {{field: path}}, or ask {found.name}.<field>")


_LITERALS = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "money": _money,
    "boolean": _boolean,
    "date": _day,
    "datetime": _day,
    "ref": _ref,
}
