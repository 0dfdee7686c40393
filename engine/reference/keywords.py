"""Every keyword that schemas know, found by walking them: page -> its keywords in the order they are written in the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine import schemas
from engine.definitions.schema import change_schema
from engine.definitions.shape import KINDS
from engine.definitions.site_schema import pack_schema
from engine.effects import EFFECTS

NAMED, LISTED = "*", "[]"
"""In a path: any name, an entry of a list."""
ELSEWHERE = {"do": "effects", "start": "rules", "steps": "steps", "calendar": "calendars", "branches": "calendars"}
"""Keywords whose own keys stand on another page."""


@dataclass(frozen=True)
class Keyword:
    """One keyword of a page. `path` leads to it from the definition: `again.not_before`, `steps.*.due`."""

    page: str
    path: tuple[str, ...]
    schema: Mapping[str, Any]
    required: bool = False
    kind: str = ""
    """The kind of step or effect that has it, "" where it is not of one kind."""

    @property
    def name(self) -> str:
        """The path as people write it."""
        return ".".join((*((self.kind,) if self.kind and self.path[-1] != self.kind else ()), *(step for step in self.path if step not in (NAMED, LISTED))))

    @property
    def doc(self) -> str:
        """What it means."""
        return str(self.schema["description"])

    @property
    def examples(self) -> list[Any]:
        """Its examples: those that are written down, else the first word it may be, else what its own keys show."""
        if "examples" in self.schema:
            return list(self.schema["examples"])
        if "enum" in self.schema:
            return [self.schema["enum"][0]]
        if self.schema.get("type") == "boolean":
            return [True]
        keys = self.schema["properties"]
        chosen = self.schema.get("required") or list(keys)[:2]
        return [{key: Keyword(self.page, (*self.path, key), keys[key]).examples[0] for key in chosen}]

    @property
    def holds(self) -> str:
        """What may be written for it."""
        if "enum" in self.schema:
            return "one of " + ", ".join(f"`{_yaml(one)}`" for one in self.schema["enum"])
        kinds = self.schema.get("type", "object")
        return " or ".join(KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _yaml(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


@lru_cache
def pages() -> dict[str, list[Keyword]]:
    """Page -> its keywords."""
    flows = schemas.SECTION_SCHEMAS["workflows"]
    found = {name: list(_walk(name, schema, flows)) for name, schema in schemas.SECTION_SCHEMAS.items()}
    found["steps"] = [*_steps(flows)]
    found["effects"] = [
        Keyword("effects", one.path, one.schema, one.required, word) for word, effect in EFFECTS.items() for one in _walk("effects", effect.schema, flows)
    ]
    found["change"] = [Keyword("change", ("change",), change_schema())]
    found["regelwerk"] = list(_walk("regelwerk", schemas.SITE.schema, flows))
    found["pack"] = list(_walk("pack", pack_schema(), flows))
    found["assumptions"] = list(_walk("assumptions", schemas.ASSUMPTIONS.schema, flows))
    return found


def _steps(flows: Mapping[str, Any]) -> Iterator[Keyword]:
    """The keys all steps have, those of each kind, and those of an outcome."""
    kinds = {branch["if"]["required"][0]: branch["then"] for branch in flows["$defs"]["step"]["allOf"]}
    common = set.intersection(*(set(schema["properties"]) for schema in kinds.values()))
    first = next(iter(kinds.values()))
    yield from _walk("steps", {**first, "properties": {key: one for key, one in first["properties"].items() if key in common}}, flows)
    for kind, schema in kinds.items():
        own = {key: one for key, one in schema["properties"].items() if key not in common or key == kind}
        own = {key: _resolved(one, flows) for key, one in own.items()}
        for one in _walk("steps", {"properties": own, "required": [kind]}, flows):
            yield Keyword("steps", one.path, one.schema, one.required, kind)
    for one in _walk("steps", flows["$defs"]["way"], flows):
        yield Keyword("steps", ("outcomes", NAMED, *one.path), one.schema)


def _resolved(schema: Mapping[str, Any], flows: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(flows["$defs"][schema["$ref"].rpartition("/")[2]]) if "$ref" in schema else schema


def _walk(page: str, schema: Mapping[str, Any], flows: Mapping[str, Any], at: tuple[str, ...] = ()) -> Iterator[Keyword]:
    """The keywords below a schema; each once, in order."""
    seen: set[tuple[str, ...]] = set()
    for one in _below(page, schema, flows, at):
        if one.path not in seen:
            seen.add(one.path)
            yield one


def _below(page: str, schema: Mapping[str, Any], flows: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[Keyword]:
    for key, spec in schema.get("properties", {}).items():
        inner = _resolved(spec, flows)
        yield Keyword(page, (*at, key), inner, key in schema.get("required", ()))
        if key not in ELSEWHERE and "de" not in inner.get("properties", {}):
            yield from _below(page, inner, flows, (*at, key))
    for key, step in (("additionalProperties", NAMED), ("items", LISTED)):
        named = schema.get(key)
        if isinstance(named, Mapping) and "$ref" not in named and "de" not in named.get("properties", {}):
            yield from _below(page, named, flows, (*at, step))
    for word in ("then", "else"):
        if isinstance(schema.get(word), Mapping):
            yield from _below(page, schema[word], flows, at)
