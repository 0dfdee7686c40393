"""Days, moments and JSON as the databases give them: SQLite text, PostgreSQL values of their own."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any


def as_day(value: Any) -> date | None:
    """A day, or none."""
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value)[:10])


def as_instant(value: Any) -> datetime | None:
    """A moment (naive UTC), or none."""
    return None if value is None else instant(value)


def instant(value: datetime | str) -> datetime:
    """A moment (naive UTC)."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def as_data(value: Any) -> dict[str, Any]:
    """What a column of JSON holds; nothing where it is empty."""
    found: dict[str, Any] = (json.loads(value) if isinstance(value, str) else value) if value else {}
    return found
