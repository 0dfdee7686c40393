"""What an import map names: entity, key, columns, constants; its own words lead to values the fields can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.definitions.content_parts import entity_called, missing_field
from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import Entity, Field, Vocabulary


def check_import(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Entity, keys, columns and constants exist; the map's own words lead to values the fields can have."""
    entity = entity_called(data["entity"], vocabulary, ("entity",))
    if isinstance(entity, Problem):
        yield entity
        return
    key = data.get("key", entity.key)
    keys = (key if isinstance(key, list) else [key]) if key else []
    if not keys:
        yield Problem((), "content-no-key", f"{an(entity.name)} has no number of its own", "name the fields it is known by with `key:`")
    yield from (wrong for name in keys if (wrong := missing_field(entity, name, ("key",))))
    constants = data.get("constants", {})
    yield from (wrong for name in constants if (wrong := missing_field(entity, name, ("constants", name), key=True)))
    yield from _constants(entity, constants)
    filled = set(constants)
    for column, spec in data["columns"].items():
        if spec != "ignore":
            yield from _column(entity, spec, filled, vocabulary, ("columns", column))
    for name in keys:
        if name in entity.fields and name not in filled:
            where: Where = ("key",) if "key" in data else ()
            yield Problem(where, "content-no-key", f"no column fills '{name}', which lines are known by", "map it, or name another `key:`")


def _constants(entity: Entity, constants: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in constants.items():
        found = entity.fields.get(name)
        if found and found.kept == "engine":
            yield _kept(entity, name, ("constants", name))
        elif found and found.past and value not in found.past:
            yield _not_past(found, value, ("constants", name))


def _kept(entity: Entity, name: Any, where: Where) -> Problem:
    return Problem(where, "content-kept-field", f"no file fills the {name} of {an(entity.name)}", "the engine and the law keep it; leave it out")


def _not_past(found: Field, value: Any, where: Where) -> Problem:
    return Problem(where, "content-kept-value", f"no file brings in the {found.name} '{value}'", f"only the engine decides it; one of {', '.join(found.past)}")


def _column(entity: Entity, spec: Any, filled: set[str], vocabulary: Vocabulary, column: Where) -> Iterator[Problem]:
    """A column leads to a field that can be filled, and that none before it filled: those are in `filled`, and it is added."""
    mapped = isinstance(spec, Mapping)
    name, where = (spec["field"], (*column, "field")) if mapped else (spec, column)
    wrong = missing_field(entity, name, where)
    if wrong:
        yield wrong
        return
    found = entity.fields[name]
    if found.type == "many" or name == "id":
        yield Problem(where, "content-wrong-field", f"'{name}' cannot be filled from a cell", "name a field of the record itself")
    elif found.kept == "engine":
        yield _kept(entity, name, where)
    elif name in filled:
        yield Problem(where, "content-double-field", f"'{name}' is filled twice", "keep one of the two columns")
    filled.add(name)
    if mapped:
        yield from _cells(spec, found, vocabulary, column)


def _cells(spec: Mapping[str, Any], found: Field, vocabulary: Vocabulary, where: Where) -> Iterator[Problem]:
    """`by:` names a field of the other record, and `values:` lead to values the field can have."""
    if "by" in spec:
        target = vocabulary.entities.get(found.target)
        wrong = (
            missing_field(target, spec["by"], (*where, "by"))
            if target
            else Problem((*where, "by"), "content-wrong-field", "it leads to no record", "delete `by`")
        )
        if wrong:
            yield wrong
    for word, value in spec.get("values", {}).items() if found.choices else ():
        if value in found.choices and found.past and value not in found.past:
            yield _not_past(found, value, (*where, "values", word))
        elif value not in found.choices:
            hint = did_you_mean(str(value), found.choices, "one of " + ", ".join(found.choices))
            yield Problem((*where, "values", word), "content-unknown-value", f"'{value}' is no {found.name}", hint)
