"""What people call records: `offer:O1`, with their customer's name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from engine.planning.values import load
from engine.running.setting import Setting

Record = tuple[str, int]
"""An entity and a row."""


def names_of(setting: Setting, records: Iterable[Record]) -> dict[Record, str]:
    """Each record as commands take it, with its customer's name behind it; by its row where it has no key or is gone."""
    by_entity: dict[str, set[int]] = defaultdict(set)
    for entity, row in records:
        by_entity[entity].add(row)
    found: dict[Record, str] = {}
    for entity, rows in by_entity.items():
        known = setting.vocabulary.entities.get(entity)
        key = known.key if known else ""
        customer = known.customer if known and not known.engine else ""
        name = "name" if customer == "self" else f"{customer}.name" if customer else ""
        values = load(setting.store, entity, sorted(rows), [path for path in (key, name) if path]) if known else {}
        for row in rows:
            has = values.get(row, {})
            called = has.get(name)
            found[entity, row] = f"{entity}:{has.get(key) or row}" + (f" ({called})" if called else "")
    return found


def name_of(setting: Setting, entity: str, row: int) -> str:
    """One record's name."""
    return names_of(setting, [(entity, row)])[entity, row]
