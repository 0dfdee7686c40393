"""Small shapes that the schemas of several sections are made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
ID = "^[a-z][a-z0-9_]*$"


def text(description: str, example: str) -> Schema:
    """A text."""
    return {"type": "string", "minLength": 1, "description": description, "examples": [example]}


def mapping(properties: Schema, *required: str, description: str = "", **more: Any) -> Schema:
    """A map with known keys alone."""
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        "properties": properties,
        **({"description": description} if description else {}),
        **more,
    }


def texts(description: str, example: list[str]) -> Schema:
    """A list of texts."""
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100, "description": description, "examples": [example]}


def one_of(*values: Any, description: str) -> Schema:
    """One of some plain values; the first is the example."""
    return {"enum": list(values), "description": description}


LABEL: Schema = {
    "type": ["string", "object"],
    "minLength": 1,
    "properties": {"de": {"type": "string"}, "en": {"type": "string"}, "fr": {"type": "string"}, "it": {"type": "string"}},
    "additionalProperties": False,
    "description": "What people read: one text, or one per language.",
    "examples": [{"de": "Werkstatt", "en": "Workshop"}],
}
CONDITION: Schema = {
    "type": ["array", "object"],
    "description": "A condition: `field: value`, a list of them, any, none_of, not.",
    "examples": [[{"kind": "person"}]],
}
CASE_CONDITION: Schema = {**CONDITION, "examples": [[{"customer.deceased": False}]]}
"""A condition about an opportunity, as workflows mostly have it."""
