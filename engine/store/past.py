"""What may be written from outside about a record that the engine or the law keeps: only what has happened, and only once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.vocabulary import Entity

OVER = ("accepted", "done")


def time_missing(entity: Entity, values: Mapping[str, Any]) -> str:
    """The field with the time it happened, where the status says that it has and the time is not told; else ""."""
    status = entity.fields.get("status")
    over = status is not None and bool(status.past) and values.get("status") in OVER
    return entity.happened if over and values.get(entity.happened) is None else ""


def fixed(entity: Entity, name: str, old: Any) -> bool:
    """Whether a field that holds `old` in a record that is there stays as it is."""
    if entity.ledger is not None:
        return name not in entity.ledger or old is not None
    return entity.fields[name].kept in ("once", "engine")
