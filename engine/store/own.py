"""A column for each of the dealer's own fields (docs/decisions/0006).

A field that is no longer declared keeps its column and its values; declared again, it has them back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.language.findings import RegelwerkError
from engine.language.vocabulary import Field
from engine.store.capture import columns, sqlite_triggers
from engine.store.model import ENTITIES, Own

if TYPE_CHECKING:
    from engine.store.store import Store

SQLITE = {
    "text": "TEXT",
    "choice": "TEXT",
    "integer": "BIGINT",
    "money": "BIGINT",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "datetime": "DATETIME",
    "ref": "BIGINT",
}
POSTGRES = {**SQLITE, "datetime": "TIMESTAMP"}
SHOWN = {"character varying": "TEXT", "timestamp without time zone": "TIMESTAMP"}


class OtherType(RegelwerkError):
    """Own fields that were declared with another type before: the store keeps their values."""

    exit_code = 3

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        named = " and ".join(f"{entity}.{name}" for entity, name in fields)
        super().__init__(f"the field {named} was declared with another type before, and the store keeps its values", "take a new name")
        self.names = frozenset(name for _, name in fields)


def add_columns(store: Store) -> None:
    """Give every own field its column. Raises OtherType where a column holds values of another type."""
    wrong = other_types(store, store.own)
    if wrong:
        raise OtherType(wrong)
    for entity in sorted({entity for entity, _ in store.own}):
        declared = [field for name, field in store.own if name == entity and store.model[entity].fields[field.name].own]
        present = _present(store, entity)
        missing = [field for field in declared if field.name not in present]
        if missing:
            with store.session(write=True):
                _add(store, entity, [field for field in missing if field.name not in _present(store, entity)])


def other_types(store: Store, own: Own) -> list[tuple[str, str]]:
    """The own fields whose column holds values of another type: (entity, field)."""
    present = {entity: _present(store, entity) for entity in {entity for entity, _ in own}}
    fields = [(entity, field) for entity, field in own if field.name not in ENTITIES[entity].fields]
    return [(entity, field.name) for entity, field in fields if present[entity].get(field.name, _kind(store, field)) != _kind(store, field)]


def without_column(store: Store, own: Own) -> list[tuple[str, str]]:
    """The own fields that the store has no column for, or one of another type: (entity, field)."""
    present = {entity: _present(store, entity) for entity in {entity for entity, _ in own}}
    fields = [(entity, field) for entity, field in own if field.name not in ENTITIES[entity].fields]
    return [(entity, field.name) for entity, field in fields if present[entity].get(field.name) != _kind(store, field)]


def _kind(store: Store, field: Field) -> str:
    return (POSTGRES if store.provider == "postgres" else SQLITE)[field.type]


def _present(store: Store, entity: str) -> dict[str, str]:
    """The columns of a table and their types."""
    if store.provider == "sqlite":
        return {str(row[1]): str(row[2]) for row in store.rows(f'PRAGMA table_info("{entity}")', [])}
    sql = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ? AND table_schema = current_schema()"
    return {str(row[0]): SHOWN.get(row[1], str(row[1]).upper()) for row in store.rows(sql, [entity])}


def has_table(store: Store, name: str) -> bool:
    """Whether the store has a table."""
    return bool(_present(store, name))


def add_columns_of(store: Store, entity: str, names: list[str]) -> None:
    """Give a table columns that a newer model has, in the caller's session."""
    fields = [store.model[entity].fields[name] for name in names]
    _add(store, entity, [field for field in fields if field.name not in _present(store, entity)])
    for field in fields:
        if field.type == "ref":
            store.execute(f'CREATE INDEX IF NOT EXISTS "ix_{entity}_{field.name}" ON "{entity}" ("{field.name}")')


def _add(store: Store, entity: str, missing: list[Field]) -> None:
    for field in missing:
        default = " NOT NULL DEFAULT FALSE" if field.type == "boolean" else ""
        leads = f' REFERENCES "{field.target}" ("id")' if field.type == "ref" else ""
        store.execute(f'ALTER TABLE "{entity}" ADD COLUMN "{field.name}" {_kind(store, field)}{default}{leads}')
    if store.provider == "sqlite" and not ENTITIES[entity].engine:  # PostgreSQL's triggers look at the whole row
        more = sorted(set(_present(store, entity)) - {"id", *columns(ENTITIES[entity])})
        for operation in ("insert", "update", "delete"):
            store.execute(f'DROP TRIGGER "log_{entity}_{operation}"')
        for statement in sqlite_triggers(ENTITIES[entity], more):
            store.execute(statement)
