"""All entities together.

`ENTITIES` is what `engine.store.entities` builds Pony classes from, what conditions are checked against and what
`regelwerk fields` prints. One file per part of the domain; vocabulary: domain terms in English, labels in German.
"""

from __future__ import annotations

from engine.language.vocabulary import Entity
from engine.store.model import crm, engine_rows, legal, people, sales, service, vehicles
from engine.store.model.build import with_reverse_fields

ENTITIES: dict[str, Entity] = with_reverse_fields(
    [
        *people.ENTITIES,
        *vehicles.ENTITIES,
        *sales.ENTITIES,
        *service.ENTITIES,
        *crm.ENTITIES,
        *legal.ENTITIES,
        *engine_rows.ENTITIES,
    ]
)
