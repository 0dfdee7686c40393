"""The editors' schemas with a site's own names in them: its ids, its fields, what can be changed and set.

The shapes are those every site has (schema.py); what is put in serves completion and marks names nobody declared while
they are written. `check` has the last word: a condition that an editor takes may still not fit its fields' types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.definitions.schema_parts import Schema
from engine.language.conditions.described import QUANTIFIERS
from engine.language.conditions.words import MONTHS
from engine.language.vocabulary import Entity, Field, Vocabulary

NAMES = {"activity": "activities", "tag": "tags", "untag": "tags", "event": "events", "message": "templates", "list": "lists"}
"""Keyword -> which of the site's names its text is."""
NAMES |= {"workflow": "workflows", "form": "questionnaires", "selection": "selections"}
CONDITIONS = ("when", "while", "where", "stop_when")
"""The keywords whose conditions are about the record that the definition is for."""
ASKED = {"some": "", "no": "", "all": "", "count": "where", "latest": "where", "sum": "where", "max": "where", "min": "where"}
"""Quantifier -> under which of its keys the condition of its records stands; "": it is the condition."""
assert set(ASKED) == set(QUANTIFIERS)


def site_file_schema(base: Schema, vocabulary: Vocabulary, sections: Mapping[str, Mapping[str, Any]], pack: str) -> Schema:
    """The schema of a file of definitions (`base`, schema.py) for one site, whose own ids begin with `pack`."""
    known = _known(vocabulary, sections, pack)
    schema: Schema = _named(base, known)
    properties = {name: dict(one) for name, one in schema["properties"].items()}
    for section in ("rules", "workflows", "selections"):
        properties[section]["additionalProperties"] = _about(properties[section]["additionalProperties"], vocabulary, section)
    where = {"where": _condition("customer")}
    properties["campaigns"]["additionalProperties"] = {**properties["campaigns"]["additionalProperties"], "allOf": [{"properties": where}]}
    properties["change"] = {**properties["change"], "properties": _changes(sections)}
    conditions = {f"condition_{name}": _condition_of(vocabulary, name) for name in _records(vocabulary)}
    parts = {f"change_{section}": _loosened(_section(base, section)) for section in ("rules", "workflows", "campaigns")}
    defs = {**schema["$defs"], **conditions, **parts, **{f"loose_{name}": _loosened(one) for name, one in base["$defs"].items()}}
    return {**schema, "properties": properties, "$defs": defs}


def site_settings_schema(base: Schema, sections: Mapping[str, Mapping[str, Any]]) -> Schema:
    """The schema of `regelwerk.yaml` for one site: the parameters it can set, with their defaults."""
    values = base["properties"]["parameters"]
    known = {name: {**values["additionalProperties"], "description": _parameter(spec)} for name, spec in sections["parameters"].items()}
    return {**base, "properties": {**base["properties"], "parameters": {**values, "properties": known, "additionalProperties": False}}}


def _parameter(spec: Mapping[str, Any]) -> str:
    return f"{_label(spec)} ({spec.get('type')}, {spec.get('default')} unless said)"


def _label(spec: Mapping[str, Any]) -> str:
    label = spec.get("label") or ""
    return " / ".join(str(one) for one in label.values()) if isinstance(label, Mapping) else str(label)


def _known(vocabulary: Vocabulary, sections: Mapping[str, Mapping[str, Any]], pack: str) -> dict[str, list[str]]:
    """What can be named where: section -> ids in order, and the site's own parameters that may stand for one."""
    found = {name: sorted(getattr(vocabulary, name)) for name in ("activities", "tags", "events", "templates", "lists", "questionnaires")}
    short = [name.partition(".")[2] for name in vocabulary.workflows]
    found |= {"workflows": sorted({*vocabulary.workflows, *short}), "selections": sorted(sections["selections"])}
    own = {name.removeprefix(f"{pack}."): spec for name, spec in sections["parameters"].items() if name.startswith(f"{pack}.")}
    texts = sorted(f"${name}" for name, spec in own.items() if spec.get("type") == "text")
    return {name: [*ids, *texts] for name, ids in found.items()}


def _named(schema: Any, known: Mapping[str, list[str]]) -> Any:
    """A schema in which each keyword that holds a name says which names there are."""
    if isinstance(schema, list):
        return [_named(one, known) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {key: _named(value, known) for key, value in schema.items()}
    if "properties" not in found and (dispatched := _dispatched(found.get("allOf", ()))):
        found["properties"] = dispatched
    if isinstance(found.get("properties"), Mapping):
        found["properties"] = {name: _choice(name, one, known) for name, one in found["properties"].items()}
    return found


def _dispatched(cases: Iterable[Mapping[str, Any]]) -> Schema:
    """The keys of every kind that `if`/`then` tells apart: none of them is known before its first word is written."""
    keys = {name: one for case in cases if "then" in case for name, one in case["then"].get("properties", {}).items()}
    return {name: {"description": one["description"]} if "description" in one else {} for name, one in keys.items()}


def _choice(name: str, schema: Any, known: Mapping[str, list[str]]) -> Any:
    if isinstance(schema, Mapping) and schema.get("type") == "integer":
        return {**schema, "type": ["integer", "string"], "pattern": r"^\$"}  # a parameter
    if name not in NAMES or not isinstance(schema, Mapping) or schema.get("type") != "string" or not known[NAMES[name]]:
        return schema
    return {**{key: value for key, value in schema.items() if key not in ("minLength", "pattern")}, "enum": known[NAMES[name]]}


def _records(vocabulary: Vocabulary) -> list[str]:
    return sorted(name for name, entity in vocabulary.entities.items() if not entity.engine)


def _about(schema: Schema, vocabulary: Vocabulary, section: str) -> Schema:
    """A definition whose conditions follow from the record it is `for`."""
    names = _records(vocabulary)
    asked = [word for word in CONDITIONS if word in schema["properties"]]
    begun = section == "workflows"

    def then(name: str) -> Schema:
        found = {word: _condition(name) for word in asked}
        return {**found, "start": {"properties": {word: _condition(name) for word in ("when", "where")}}} if begun else found

    cases = [{"if": {"required": ["for"], "properties": {"for": {"const": name}}}, "then": {"properties": then(name)}} for name in names]
    kind = {**schema["properties"]["for"], "enum": names}
    more = {"on": _events(schema["properties"]["on"], vocabulary)} if section == "rules" else {}
    return {**schema, "properties": {**schema["properties"], **more, "for": kind}, "allOf": cases}


def _events(schema: Schema, vocabulary: Vocabulary) -> Schema:
    return {"enum": sorted(vocabulary.events), "description": schema["description"]}


def _condition(name: str) -> Schema:
    return {"$ref": f"#/$defs/condition_{name}"}


def _condition_of(vocabulary: Vocabulary, name: str) -> Schema:
    """A condition about a record: its fields, and the words of the language."""
    entity = vocabulary.entities[name]
    several = {"type": "array", "items": _condition(name)}
    words: Schema = {"any": several, "none_of": several, "not": _condition(name)}
    if entity.customer:
        words |= {
            "tagged": {"anyOf": [{"enum": sorted(vocabulary.tags)}, {"type": "object"}]},
            "phase": {"enum": sorted(MONTHS), "description": "The phase of the customer's latest delivery."},
            "consent": {"type": "object", "properties": {"purpose": {"enum": ["advertising"]}, "channel": {"enum": list(_channels(vocabulary))}}},
        }
    fields = {one.name: _asked(one, vocabulary) for one in _asked_fields(entity)}
    return {
        "type": ["array", "object"],
        "items": _condition(name),
        "properties": {**words, **fields},
        "patternProperties": {"\\.": True},  # a path: `check` follows it
        "additionalProperties": False,
    }


def _channels(vocabulary: Vocabulary) -> tuple[str, ...]:
    return vocabulary.field_of("consent", "channel").choices


def _asked_fields(entity: Entity) -> Iterable[Field]:
    return (one for one in entity.fields.values() if not one.free_text)


def _asked(field: Field, vocabulary: Vocabulary) -> Schema:
    about = {"description": " / ".join(dict.fromkeys(text for text in (field.de, field.en) if text)) or field.name}
    if field.type == "choice" and field.choices:
        return {"anyOf": [{"enum": list(field.choices)}, {"type": ["array", "object"]}], **about}
    if field.type == "boolean":
        return {"type": ["boolean", "object", "array"], **about}
    if field.type != "many" or vocabulary.entities[field.target].engine:
        return about
    inner = _condition(field.target)
    kinds = {kind: {"properties": {key: inner}} if key else inner for kind, key in ASKED.items()}
    return {"type": "object", "properties": kinds, "additionalProperties": False, **about}


def _changes(sections: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Every definition that can be changed, with what it is called."""
    return {
        name: {"$ref": f"#/$defs/change_{section}", "description": _label(spec)}
        for section in ("rules", "workflows", "campaigns")
        for name, spec in sections[section].items()
    }


def _section(base: Schema, section: str) -> Schema:
    found: Schema = base["properties"][section]["additionalProperties"]
    return found


def _loosened(schema: Any) -> Any:
    """A shape of which only a part is written, and from which `remove:` takes away: nothing is missing, nothing too much."""
    if isinstance(schema, list):
        return [_loosened(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found: Schema = {}
    for key, value in schema.items():
        if key in ("required", "minProperties", "minItems", "enum", "const", "not") or value is False:
            continue
        if key == "$ref":
            found[key] = str(value).replace("#/$defs/", "#/$defs/loose_")
        elif key == "properties":
            found[key] = {name: _loosened(one) for name, one in value.items()}
        else:
            found[key] = _loosened(value)
    return found
