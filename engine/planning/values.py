"""Fields of given records along dotted paths, loaded hop by hop: one query per step, nothing lost to inner joins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from engine.store.given import as_day
from engine.store.store import Store


def load(store: Store, entity: str, numbers: Sequence[int], paths: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The values at each path for each record that exists; a missing record on the way gives None."""
    if not numbers:
        return {}
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    names = ["id", *(head for head in heads if head != "id")]
    rows = field_values(store, entity, numbers, names)
    here = {row: dict(zip(names, values, strict=True)) for row, values in rows.items()}
    result: dict[int, dict[str, Any]] = {row: {} for row in here}
    for head, rests in heads.items():
        column = {row: values.get(head) for row, values in here.items()}
        _fill(store, entity, head, rests, column, result)
    return result


def _fill(store: Store, entity: str, head: str, rests: list[str], column: dict[int, Any], result: dict[int, dict[str, Any]]) -> None:
    deeper = [rest for rest in rests if rest]
    if "" in rests:
        for row, value in column.items():
            result[row][head] = value
    if deeper:
        target = store.model[entity].fields[head].target
        further = load(store, target, sorted({value for value in column.values() if value is not None}), deeper)
        for row, value in column.items():
            for rest in deeper:
                result[row][f"{head}.{rest}"] = further.get(value, {}).get(rest) if value is not None else None


def field_values(store: Store, entity: str, numbers: Sequence[int], names: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """Plain fields of records by id, all in one query; a reference gives the id it holds, many records give nothing.

    Written as SQL of our own: Pony would join the records that references lead to, and lose those that lead nowhere.
    """
    fields = store.model[entity].fields
    columns = ", ".join("NULL" if fields[name].type == "many" else f'"{name}"' for name in names)
    rows = store.rows_in(f'SELECT "id", {columns} FROM "{entity}" WHERE "id" IN ({{}})', [], list(dict.fromkeys(numbers)))
    if store.provider == "sqlite":
        read = [FROM_SQLITE.get(fields[name].type) for name in names]
        return {row[0]: tuple(value if value is None or how is None else how(value) for how, value in zip(read, row[1:], strict=True)) for row in rows}
    return {row[0]: tuple(row[1:]) for row in rows}


FROM_SQLITE: dict[str, Callable[[Any], Any]] = {"date": as_day, "datetime": datetime.fromisoformat, "boolean": bool}
"""Type of field -> its value out of what SQLite keeps: text for days and moments, a number for yes and no."""
