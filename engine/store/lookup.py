"""A record by what people call it."""

from __future__ import annotations

import re

from engine.language.vocabulary import Entity
from engine.store.store import Store

_NUMBER = re.compile(r"-?[0-9]{1,18}\Z")


def row_of(store: Store, entity: Entity, key: str) -> int | None:
    """The row of a record by its key, or by its row where it has none; None where there is none."""
    column = entity.key or "id"
    value: object = key
    if entity.fields[column].type == "integer":
        if not _NUMBER.match(key):
            return None
        value = int(key)
    rows = store.rows(f'SELECT id FROM "{entity.name}" WHERE "{column}" = ?', [value])
    return int(rows[0][0]) if rows else None
