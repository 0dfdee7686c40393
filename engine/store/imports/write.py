"""Writing the rows of a file: what is new is inserted, what differs updated, what vanished marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.language.vocabulary import Entity
from engine.store.imports.loader import ImportResult, Loader, Row, key_of
from engine.store.store import Store


@dataclass(frozen=True)
class Later:
    """A reference to a row of the same file, resolved once all rows have numbers."""

    by: str
    key: str


def numbers_of(store: Store, target: Entity, by: str, wanted: Sequence[str]) -> dict[str, int]:
    """The row numbers of records by the text of one of their fields."""
    is_number = target.fields[by].type == "integer"
    values: list[Any] = [int(value) for value in wanted if value.lstrip("-").isdecimal() and len(value) < 19] if is_number else list(wanted)
    return {str(row[0]): row[1] for row in store.rows_in(f'SELECT "{by}", id FROM "{target.name}" WHERE "{by}" IN ({{}})', [], values)}


def write_rows(loader: Loader, rows: list[Row], result: ImportResult) -> None:
    """Write all rows, and count what became of them."""
    entity, keys = loader.entity, loader.keys
    later = {name for _, row in rows for name, value in row.items() if isinstance(value, Later)}
    present = rows_there(loader, rows, sorted({name for _, row in rows for name in row}))
    new: list[dict[str, Any]] = []
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for _, row in rows:
        known = present.get(key_of(row, keys))
        plain = {name: (None if isinstance(value, Later) else value) for name, value in row.items()}
        if known is None:
            new.append(plain)
            continue
        differs = {name: value for name, value in plain.items() if name not in later and not same(known[name], value)}
        if "vanished_on" in entity.fields and known["vanished_on"] is not None:
            differs["vanished_on"] = None
        if differs:
            changed.setdefault(tuple(differs), []).append({"id": known["id"], **differs})
        else:
            result.unchanged += 1
    loader.store.insert_many(entity.name, new)
    for group in changed.values():
        loader.store.update_many(entity.name, group)
    result.added, result.changed = len(new), sum(len(group) for group in changed.values())
    _resolve_later(loader, rows, later)
    if loader.spec.get("mode") == "full" and "vanished_on" in entity.fields:
        result.vanished = _vanish(loader)


def same(old: Any, new: Any) -> bool:
    """Whether a stored value is what the file says."""
    if isinstance(new, bool):
        return bool(old) == new
    if isinstance(new, datetime):
        return old is not None and str(old)[:19] == str(new)[:19]
    return (str(old) if isinstance(new, date) and old is not None else old) == (str(new) if isinstance(new, date) else new)


def rows_there(loader: Loader, rows: list[Row], names: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that are in the store already, by key."""
    entity, keys = loader.entity, loader.keys
    columns = ["id", *names, *(["vanished_on"] if "vanished_on" in entity.fields and "vanished_on" not in names else [])]
    text = ", ".join(f'"{name}"' for name in columns)
    values = sorted({row[keys[0]] for _, row in rows}, key=str)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in loader.store.rows_in(f'SELECT {text} FROM "{entity.name}" WHERE "{keys[0]}" IN ({{}})', [], values):
        record = dict(zip(columns, row, strict=True))
        found[key_of(record, keys)] = record
    return found


def _resolve_later(loader: Loader, rows: list[Row], names: set[str]) -> None:
    """References between rows of the file itself, now that all have numbers."""
    entity = loader.entity
    for name in sorted(names):
        waiting = [(line, row) for line, row in rows if isinstance(row[name], Later)]
        targets = numbers_of(loader.store, entity, waiting[0][1][name].by, sorted({row[name].key for _, row in waiting}))
        mine = rows_there(loader, waiting, loader.keys)
        known = [{"id": mine[key_of(row, loader.keys)]["id"], name: targets[row[name].key]} for _, row in waiting]
        loader.store.update_many(entity.name, known)


def _vanish(loader: Loader) -> int:
    """Mark what a full file no longer holds; nothing is deleted. A bad line still says that its record is there:

    nothing is marked where a line does not tell whom it is about.
    """
    keys = loader.plain_keys
    if loader.nameless or not keys:
        return 0
    text = ", ".join(f'"{name}"' for name in ("id", *keys))
    known = loader.store.rows(f'SELECT {text} FROM "{loader.entity.name}" WHERE vanished_on IS NULL', [])
    day = loader.form.calendar.today(loader.now)
    gone = [{"id": row[0], "vanished_on": day} for row in known if key_of(dict(zip(keys, row[1:], strict=True)), keys) not in loader.named]
    loader.store.update_many(loader.entity.name, gone)
    return len(gone)
