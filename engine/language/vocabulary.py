"""What conditions, phrases and effects may name: entities, their fields, and the ids a site declares.

The store's model fills the entities (engine/store/model), the merged definitions fill the rest. Passed in
wherever something is checked, so that no checker knows a store (design.md, layout).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.language.findings import Refused
from engine.language.nearest import an, did_you_mean

FieldType = Literal["text", "choice", "integer", "money", "boolean", "date", "datetime", "ref", "many"]
Kept = Literal["", "rules", "once", "engine"]


CHANNELS = ("email", "sms", "phone", "letter", "messenger")
"""The ways to a customer (domain.md §2)."""


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    `money` is integer cents; `datetime` is naive UTC; `ref` leads to one record of `target`, `many` to all
    records of `target` whose `back` leads here. `own` marks a field that the dealer declared.

    `kept` says who keeps a field: "" anybody may write it; "rules": no rule sets it; "once": nor is it changed in a record
    that is there; "engine": only the engine and the law write it. `past` are the values of a status a record may come in with.
    A `ground` records a request, an order, a booking or a contract: what makes a service of a contact (domain.md P13, P16).
    """

    name: str
    type: FieldType
    de: str = ""
    en: str = ""
    required: bool = False
    unique: bool = False
    target: str = ""
    reverse: str = ""
    back: str = ""
    choices: tuple[str, ...] = ()
    own: bool = False
    free_text: bool = False
    kept: Kept = ""
    past: tuple[str, ...] = ()
    ground: bool = False


@dataclass(frozen=True)
class Entity:
    """A kind of record. `key` is the field people know it by; the paths lead to whom it concerns.

    `branch`, `brand` and `customer` are dotted paths from a record to its branch, brand and customer ("" where
    there is none; "self" where the record is the customer or branch); `happened` is the field with the time it happened. A `ledger` is
    added to and never rewritten: it names the fields that may be filled in once, later (domain.md P18, P24).
    """

    name: str
    de: str
    en: str
    fields: Mapping[str, Field]
    key: str = ""
    branch: str = ""
    brand: str = ""
    customer: str = ""
    happened: str = ""
    engine: bool = False
    ledger: tuple[str, ...] | None = None


class UnknownName(Refused):
    """A path or id that nothing has. `hint` names the nearest."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything nameable. The mappings hold id -> a short label, unless they say otherwise."""

    entities: Mapping[str, Entity]
    events: Mapping[str, str] = field(default_factory=dict)
    """Event id -> the entity it is about."""
    tags: Mapping[str, str] = field(default_factory=dict)
    activities: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    """Kind of activity -> the channel by which it reaches the customer, for those that do."""
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Template id -> its definition: the texts are checked against the subject of each rule that sends them."""
    roles: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    workflows: Mapping[str, str] = field(default_factory=dict)
    """Workflow id -> the entity its cases are about."""
    questionnaires: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Tables that effects look words up in: `offer_tools` leads from a brand to its program."""
    lists: Mapping[str, str] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()
    """Names no own field may have."""

    def entity(self, name: str) -> Entity:
        """The entity of that name. Raises UnknownName."""
        try:
            return self.entities[name]
        except KeyError:
            public = [e.name for e in self.entities.values() if not e.engine]
            raise UnknownName(f"there is no entity '{name}'", did_you_mean(name, public, "`regelwerk fields` lists them")) from None

    def record(self, name: str) -> Entity:
        """The entity of that name, if its records are the dealer's. Raises UnknownName."""
        found = self.entity(name)
        if found.engine:
            raise UnknownName(f"'{name}' is the engine's own", "`regelwerk fields` lists the others")
        return found

    def field_of(self, entity: str, name: str) -> Field:
        """The field of that name. Raises UnknownName."""
        fields = self.entity(entity).fields
        try:
            return fields[name]
        except KeyError:
            hint = did_you_mean(name, fields, f"`regelwerk fields {entity}` lists them")
            raise UnknownName(f"{entity} has no field '{name}'", hint) from None

    def walk(self, entity: str, path: str) -> Iterator[Field]:
        """The fields along a dotted path, each checked. Raises UnknownName."""
        here, last = entity, None
        for step in path.split("."):
            if last is not None and not last.target:
                raise UnknownName(f"'{last.name}' in '{path}' is {an(last.type)} and has no fields", f"leave `.{step}` out")
            last = self.field_of(here, step)
            yield last
            here = last.target

    def last(self, entity: str, path: str) -> Field:
        """The field a dotted path of to-one hops ends at. Raises UnknownName."""
        fields = list(self.walk(entity, path))
        for hop in fields[:-1]:
            if hop.type != "ref":
                what = "many records" if hop.type == "many" else f"a {hop.type}"
                raise UnknownName(f"'{hop.name}' in '{path}' is {what}", "ask with some, no, all, count or latest")
        return fields[-1]

    def holder(self, entity: str, path: str) -> tuple[str, str]:
        """The entity and the field that a dotted path ends at: of a contract, `vehicle.built_on` is (vehicle, built_on). Raises UnknownName."""
        *way, name = path.split(".")
        return (self.last(entity, ".".join(way)).target if way else entity), name


SHORT = {"activity": {"due": "due_on"}}
"""What an expectation may call a field."""


def plural(name: str) -> str:
    """deliveries, branches, visits."""
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("ch", "sh", "s", "x")) else "s")


def entities_by_plural(vocabulary: Vocabulary) -> dict[str, Entity]:
    """`deliveries` -> delivery, for all entities of the dealer's world."""
    return {plural(entity.name): entity for entity in vocabulary.entities.values() if not entity.engine}


def field_called(entity: Entity, name: str) -> Field | None:
    """The field of that name or short name."""
    return entity.fields.get(SHORT.get(entity.name, {}).get(name, name))
