"""Fields of given records along dotted paths, loaded hop by hop: one query per step, nothing lost to inner joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.planning.query import OWN_COLUMN, OWN_FIELDS, field_values
from engine.store.model import ENTITIES
from engine.store.store import Store


def load(store: Store, entity: str, numbers: Sequence[int], paths: Sequence[str]) -> dict[int, dict[str, Any]]:
    """The values at each path for each record that exists; a missing record on the way gives None."""
    if not numbers:
        return {}
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    known = [head for head in heads if head in ENTITIES[entity].fields]
    rows = field_values(store, entity, numbers, ["id", *(head for head in known if head != "id")])
    names = ["id", *(head for head in known if head != "id")]
    here = {row: dict(zip(names, values, strict=True)) for row, values in rows.items()}
    result: dict[int, dict[str, Any]] = {row: {} for row in here}
    for head, rests in heads.items():
        column = {row: values.get(head) for row, values in here.items()} if head in known else _own(store, entity, list(here), head)
        _fill(store, entity, head, rests, column, result)
    return result


def _fill(store: Store, entity: str, head: str, rests: list[str], column: dict[int, Any], result: dict[int, dict[str, Any]]) -> None:
    deeper = [rest for rest in rests if rest]
    if "" in rests:
        for row, value in column.items():
            result[row][head] = value
    if deeper:
        target = ENTITIES[entity].fields[head].target
        further = load(store, target, sorted({value for value in column.values() if value is not None}), deeper)
        for row, value in column.items():
            for rest in deeper:
                result[row][f"{head}.{rest}"] = further.get(value, {}).get(rest) if value is not None else None


def _own(store: Store, entity: str, numbers: list[int], name: str) -> dict[int, Any]:
    own = OWN_FIELDS[entity, name]
    found: dict[int, Any] = dict.fromkeys(numbers)
    column = OWN_COLUMN[own.type]
    for start in range(0, len(numbers), 500):
        chunk = numbers[start : start + 500]
        sql = f'SELECT subject_id, "{column}" FROM own_value WHERE subject_entity = ? AND field = ? AND subject_id IN ({", ".join("?" * len(chunk))})'
        found.update(dict(store.rows(sql, [entity, name, *chunk])))
    return found
