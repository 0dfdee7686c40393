"""Small shapes that the schemas of several sections are made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
ID = "^[a-z][a-z0-9_]*$"


def text(description: str = "") -> Schema:
    """A text."""
    return {"type": "string", "minLength": 1, **({"description": description} if description else {})}


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


def texts(description: str) -> Schema:
    """A list of texts."""
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100, "description": description}


def one_of(*values: Any, description: str = "") -> Schema:
    """One of some plain values."""
    return {"enum": list(values), **({"description": description} if description else {})}


LABEL: Schema = {
    "type": ["string", "object"],
    "minLength": 1,
    "properties": {"de": {"type": "string"}, "en": {"type": "string"}, "fr": {"type": "string"}, "it": {"type": "string"}},
    "additionalProperties": False,
    "description": "What people read: one text, or one per language.",
}
CONDITION: Schema = {"type": ["array", "object"], "description": "A condition: `field: value`, a list of them, any, none_of, not."}
AMOUNT: Schema = {"type": ["string", "integer"]}
