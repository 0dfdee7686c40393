"""Short words for declaring fields, and the far end of every reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.language.vocabulary import Entity, Field, Kept


def text(name: str, de: str, en: str, *, required: bool = False, unique: bool = False) -> Field:
    """A short text; empty text is stored as missing."""
    return Field(name, "text", de, en, required=required, unique=unique)


def long_text(name: str, de: str, en: str) -> Field:
    """Free text a person wrote: not usable in conditions unless a site declares it (domain.md P33)."""
    return Field(name, "text", de, en, free_text=True)


def choice(name: str, de: str, en: str, *values: str) -> Field:
    """One of a closed list of ids; without values the list is a site's own (`choices:`)."""
    return Field(name, "choice", de, en, choices=values)


def integer(name: str, de: str, en: str, *, required: bool = False, unique: bool = False) -> Field:
    """A whole number."""
    return Field(name, "integer", de, en, required=required, unique=unique)


def money(name: str, de: str, en: str) -> Field:
    """An amount in integer cents."""
    return Field(name, "money", de, en)


def flag(name: str, de: str, en: str, *, ground: bool = False) -> Field:
    """Yes or no; never missing, no unless said otherwise."""
    return Field(name, "boolean", de, en, ground=ground)


def day(name: str, de: str, en: str, *, ground: bool = False) -> Field:
    """A local calendar day. Names end in `_on` (or say the day themselves: birthday)."""
    return Field(name, "date", de, en, ground=ground)


def instant(name: str, de: str, en: str, *, ground: bool = False) -> Field:
    """A moment, naive UTC. Names end in `_at`."""
    return Field(name, "datetime", de, en, ground=ground)


def ref(name: str, target: str, reverse: str, de: str, en: str, *, required: bool = False) -> Field:
    """A reference to one record; `reverse` is the name of the collection at the other end."""
    return Field(name, "ref", de, en, required=required, target=target, reverse=reverse)


def kept(how: Kept, *fields: Field, past: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """Fields that not everybody writes (`Field.kept`); of a status, `past` are the values a record may come in with."""
    return tuple(replace(f, kept=how, past=past) for f in fields)


def entity(  # noqa: PLR0913 - one declaration names all of it
    name: str,
    de: str,
    en: str,
    *fields: Field,
    key: str = "",
    branch: str = "",
    brand: str = "",
    customer: str = "",
    happened: str = "",
    engine: bool = False,
    ledger: tuple[str, ...] | None = None,
) -> Entity:
    """Declare an entity. Every entity also has `id`, its row's number."""
    numbered = (Field("id", "integer", "Nr.", "no.", required=True, unique=True), *fields)
    return Entity(name, de, en, {f.name: f for f in numbered}, key, branch, brand, customer, happened, engine, ledger)


def with_reverse_fields(declared: Iterable[Entity]) -> dict[str, Entity]:
    """All entities by name, with a `many` field at the far end of every reference.

    Raises ValueError on a reference to nothing or a name used twice: a mistake in this folder, found at import.
    """
    entities = {e.name: e for e in declared}
    many: dict[str, dict[str, Field]] = {name: {} for name in entities}
    for e in entities.values():
        for f in e.fields.values():
            if f.type != "ref":
                continue
            if f.target not in entities or f.reverse in entities[f.target].fields or f.reverse in many[f.target]:
                raise ValueError(f"{e.name}.{f.name}: bad target or reverse {f.target}.{f.reverse}")
            many[f.target][f.reverse] = Field(f.reverse, "many", e.de, e.en, target=e.name, back=f.name)
    return {name: replace(e, fields={**e.fields, **many[name]}) for name, e in entities.items()}
