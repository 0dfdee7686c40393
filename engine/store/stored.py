"""Values as the databases store them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.store.entities import NEVER_NULL

PLAIN = frozenset((str, int))


def stored(entity: str, name: str, value: Any, kind: str) -> Any:
    """A field's value: missing text is NULL, a missing yes or no is no."""
    if kind == "boolean":
        return bool(value)
    if value is None or value == "":
        return "" if (entity, name) in NEVER_NULL else None
    return value


def plain(values: Sequence[Any], provider: str) -> tuple[Any, ...]:
    """Values as SQLite stores them: days and instants as the text that Pony writes."""
    if provider == "postgres":
        return tuple(values)
    return tuple(value if value is None or type(value) in (str, int) else _sqlite_value(value) for value in values)


def column(entity: str, name: str, kind: str, values: Sequence[Any], provider: str) -> list[Any]:
    """A whole column as a database stores it."""
    if kind == "boolean":
        return [bool(value) for value in values]
    missing = "" if (entity, name) in NEVER_NULL else None
    if provider == "postgres":
        return [missing if value is None or value == "" else value for value in values]
    return [missing if value is None or value == "" else value if type(value) in PLAIN else _sqlite_value(value) for value in values]


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", timespec="microseconds")
    return value.isoformat() if hasattr(value, "isoformat") else value
