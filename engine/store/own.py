"""A column for each of the dealer's own fields (docs/decisions/0006).

A field that is no longer declared keeps its column and its values; declared again, it has them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.language.findings import RegelwerkError
from engine.language.vocabulary import Field
from engine.store.capture import columns, sqlite_triggers
from engine.store.model import ENTITIES

if TYPE_CHECKING:
    from engine.store.store import Store

SQLITE = {"text": "TEXT", "choice": "TEXT", "integer": "BIGINT", "money": "BIGINT", "boolean": "BOOLEAN", "date": "DATE", "datetime": "DATETIME"}
POSTGRES = {**SQLITE, "datetime": "TIMESTAMP"}
SHOWN = {"character varying": "TEXT", "timestamp without time zone": "TIMESTAMP"}


def add_columns(store: Store) -> None:
    """Give every own field its column. Raises RegelwerkError where a column holds values of another type."""
    for entity in sorted({entity for entity, _ in store.own}):
        declared = [field for name, field in store.own if name == entity and store.model[entity].fields[field.name].own]
        present = _present(store, entity)
        for field in declared:
            _agree(store, entity, field, present.get(field.name))
        missing = [field for field in declared if field.name not in present]
        if missing:
            with store.session(write=True):
                _add(store, entity, [field for field in missing if field.name not in _present(store, entity)])


def _agree(store: Store, entity: str, field: Field, kind: str | None) -> None:
    if kind is not None and kind != _kind(store, field):
        raise RegelwerkError(
            f"the field {entity}.{field.name} was declared with another type before, and the store keeps its values", "take a new name", exit_code=3
        )


def _kind(store: Store, field: Field) -> str:
    return (POSTGRES if store.provider == "postgres" else SQLITE)[field.type]


def _present(store: Store, entity: str) -> dict[str, str]:
    """The columns of a table and their types."""
    if store.provider == "sqlite":
        return {str(row[1]): str(row[2]) for row in store.rows(f'PRAGMA table_info("{entity}")', [])}
    sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? AND table_schema = current_schema()"
    return {str(row[0]): SHOWN.get(row[1], str(row[1]).upper()) for row in store.rows(sql, [entity])}


def _add(store: Store, entity: str, missing: list[Field]) -> None:
    for field in missing:
        default = " NOT NULL DEFAULT FALSE" if field.type == "boolean" else ""
        store.execute(f'ALTER TABLE "{entity}" ADD COLUMN "{field.name}" {_kind(store, field)}{default}')
    if store.provider == "sqlite":  # PostgreSQL's triggers look at the whole row
        more = sorted(set(_present(store, entity)) - {"id", *columns(ENTITIES[entity])})
        for operation in ("insert", "update", "delete"):
            store.execute(f'DROP TRIGGER "log_{entity}_{operation}"')
        for statement in sqlite_triggers(ENTITIES[entity], more):
            store.execute(statement)
