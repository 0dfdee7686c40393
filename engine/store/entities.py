"""Pony classes built from the model: one set per open store, so that several stores live in one process."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pony.orm import Database, Optional, PrimaryKey, Required, Set
from pony.orm.core import Index

from engine.language.vocabulary import Entity, Field

TYPES: dict[str, type] = {"text": str, "choice": str, "integer": int, "money": int, "date": date, "datetime": datetime}
UNIQUE: dict[str, tuple[tuple[str, ...], ...]] = {
    "occurrence": (("definition", "subject_entity", "subject_id", "occurrence", "effect", "target"),),
    "standing": (("definition", "subject_entity", "subject_id"),),
    "definition_version": (("definition", "digest"),),
    "instance": (("definition", "subject_entity", "subject_id", "occurrence"),),
    "token": (("instance", "number"),),
    "received": (("instance", "event"),),
}
INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "change": (("tick",),),
    "event": (("taken",),),
    "occurrence": (("definition", "entry", "day"), ("status",), ("made_entity", "made_id")),
    "decision": (("definition", "subject_entity", "subject_id"), ("run",)),
    "near_miss": (("definition", "reason"),),
    "activity": (("status", "due_on"), ("subject_entity", "subject_id")),
    "tag": (("kind", "customer"), ("source",)),
    "message": (("status",),),
    "instance": (("subject_entity", "subject_id"), ("status", "definition"), ("version", "status")),
    "token": (("activity",), ("child",), ("status", "step"), ("slot",)),
    "timer": (("status", "due_at"), ("instance",)),
    "incident": (("status",), ("instance",)),
}
NEVER_NULL = (("occurrence", "target"),)
"""Text that takes part in a unique name: missing is stored as empty, since NULLs never collide."""


def class_name(entity: str) -> str:
    """The Pony class of an entity: `finance_contract` is FinanceContract."""
    return "".join(part.capitalize() for part in entity.split("_"))


def build(db: Database, model: Mapping[str, Entity]) -> dict[str, Any]:
    """Define every entity of a model on a database; entity name -> class."""
    return {name: type(class_name(name), (db.Entity,), _attributes(entity)) for name, entity in model.items()}


def _attributes(entity: Entity) -> dict[str, Any]:
    attributes: dict[str, Any] = {"_table_": entity.name}
    attributes.update({field.name: _attribute(entity, field) for field in entity.fields.values()})
    # composite_key() and composite_index() only work inside a class body; this is what they write there.
    keys = [(names, True) for names in UNIQUE.get(entity.name, ())]
    keys += [(names, False) for names in INDEXES.get(entity.name, ()) if len(names) > 1]
    attributes["_indexes_"] = [Index(*(attributes[name] for name in names), is_pk=False, is_unique=unique) for names, unique in keys]
    return attributes


def _attribute(entity: Entity, field: Field) -> Any:
    if field.name == "id":
        return PrimaryKey(int, auto=True, size=64)
    if field.type == "many":
        return Set(class_name(field.target), reverse=field.back)
    if field.type == "ref":
        kind = Required if field.required else Optional
        return kind(class_name(field.target), reverse=field.reverse, index=f"ix_{entity.name}_{field.name}")
    if field.type == "boolean":
        return Required(bool, default=False, sql_default="FALSE")
    options: dict[str, Any] = {"unique": True} if field.unique else {}
    if (field.name,) in INDEXES.get(entity.name, ()):
        options["index"] = f"ix_{entity.name}_{field.name}"
    if field.type in ("integer", "money"):
        options["size"] = 64
    if (entity.name, field.name) in NEVER_NULL:
        return Optional(TYPES[field.type], **options)
    if field.required:
        return Required(TYPES[field.type], **options)
    if field.type in ("text", "choice"):
        options["nullable"] = True
        if field.unique:
            options.pop("index", None)
    return Optional(TYPES[field.type], **options)
