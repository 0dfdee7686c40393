"""What the checks of every section's content have in common: the entity and the fields it names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.language.findings import Problem, Where
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import Entity, UnknownName, Vocabulary

Check = Callable[[Mapping[str, Any], Vocabulary], Iterator[Problem]]


def entity_called(name: Any, vocabulary: Vocabulary, where: Where) -> Entity | Problem:
    """The entity, or what is wrong with its name."""
    try:
        return vocabulary.record(str(name))
    except UnknownName as error:
        return Problem(where, "content-unknown-entity", error.message, error.hint)


def missing_field(entity: Entity, name: Any, where: Where, *, key: bool = False) -> Problem | None:
    """The problem that an entity has no such field; None where it has."""
    if str(name) in entity.fields:
        return None
    hint = did_you_mean(str(name), entity.fields, f"`regelwerk fields {entity.name}` lists them")
    return Problem(where, "content-unknown-field", f"{entity.name} has no field '{name}'", hint, key)
