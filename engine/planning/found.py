"""What a condition's fields held when a plan picked its subjects: kept with the decision, since a store knows only the present."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from engine.language.conditions import FieldRef, Linked, Node, Related, Test
from engine.language.conditions.nodes import children, walk
from engine.planning.values import load
from engine.store.store import Store

LONGEST = 80
"""How many characters of a text are kept."""
Found = Mapping[str, Any]
"""Path -> what it held: a plain value, for related records how many there were in all."""


def asked_of(node: Node) -> tuple[list[str], list[str]]:
    """The subject's own fields and its related records that a condition asks for: paths, in the order written."""
    if isinstance(node, Test):
        return [path for path in (node.path, *_compared(node)) if not path.startswith("^.")], []
    if isinstance(node, Related):
        return [], [node.path]  # what it asks of the related records is theirs
    below = [asked_of(child) for child in children(node)] if not isinstance(node, Linked) else []
    return [path for paths, _ in below for path in paths], [path for _, many in below for path in many]


def _compared_with(node: Node) -> set[str]:
    """The fields whose values matter; of the others only whether there is one."""
    tests = [one for one in walk(node) if isinstance(one, Test)]
    return {path for test in tests for path in (test.path if test.op != "missing" else "", *_compared(test))}


def _compared(node: Test) -> list[str]:
    return [value.path for value in (node.value, node.upper) if isinstance(value, FieldRef)]


def found_of(store: Store, entity: str, node: Node | None, subjects: Sequence[int]) -> dict[int, Found]:
    """What a condition's fields hold for each subject: one query for the fields, one for each kind of related records."""
    if node is None or not subjects:
        return {}
    paths, many = asked_of(node)
    ways = [path.rpartition(".")[0] for path in many]
    values = load(store, entity, subjects, list(dict.fromkeys([*paths, *(way for way in ways if way)])))
    counts = {path: how_many(store, entity, path, values) for path in dict.fromkeys(many)}
    compared = _compared_with(node)
    return {
        subject: {
            **{path: _plain(held.get(path), path in compared) for path in dict.fromkeys(paths)},
            **{path: count.get(subject, 0) for path, count in counts.items()},
        }
        for subject, held in values.items()
    }


def how_many(store: Store, entity: str, path: str, values: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
    """How many related records each subject has in all; `values`: what the way to them (all before the last dot) holds for each."""
    way, _, name = path.rpartition(".")
    owner_entity = entity
    for step in way.split(".") if way else ():
        owner_entity = store.model[owner_entity].fields[step].target
    field = store.model[owner_entity].fields[name]
    owners = {subject: held[way] if way else subject for subject, held in values.items()}
    wanted = sorted({owner for owner in owners.values() if owner is not None})
    counted = dict(store.rows_in(f'SELECT "{field.back}", COUNT(*) FROM "{field.target}" WHERE "{field.back}" IN ({{}}) GROUP BY "{field.back}"', [], wanted))
    return {subject: counted.get(owner, 0) for subject, owner in owners.items() if owner is not None}


def _plain(value: Any, compared: bool) -> Any:
    """A value as JSON keeps it; of a text that was only asked to be there no more than that: it may be an address."""
    if isinstance(value, str) and not compared:
        return "present"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return f"{value[:LONGEST]}..." if isinstance(value, str) and len(value) > LONGEST else value
