"""The dealer's own fields: real columns of their entity, so that everything works with them as with built-in ones."""

from __future__ import annotations

import keyword
from dataclasses import replace
from functools import lru_cache

from pony.orm import core

from engine.language.vocabulary import Entity, Field
from engine.store.model.all import ENTITIES

Own = tuple[tuple[str, Field], ...]
"""(entity, field), sorted: hashable, so that whatever is made from it can be kept."""
RESERVED = (
    frozenset(keyword.kwlist) | frozenset(dir(core.Entity)) | {"id", "classtype", "self", "rowid", "oid", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}
)
"""Names that Python, Pony, a database or the language have a meaning for."""


@lru_cache(maxsize=64)
def with_own(own: Own) -> dict[str, Entity]:
    """The model with a site's own fields in it. A name that is built in stays what it was."""
    model = dict(ENTITIES)
    for entity, field in own:
        if field.name not in ENTITIES[entity].fields:
            model[entity] = replace(model[entity], fields={**model[entity].fields, field.name: field})
    return model
