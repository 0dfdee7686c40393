"""Conditions: the tree, its reading from YAML, and what it depends on."""

from engine.language.conditions.nodes import (
    All,
    AnyOf,
    FieldRef,
    Linked,
    Literal,
    MomentValue,
    Node,
    Not,
    Related,
    Test,
    Value,
    walk,
)
from engine.language.conditions.parse import parse_condition
from engine.language.conditions.reading import fields_read

__all__ = [
    "All",
    "AnyOf",
    "FieldRef",
    "Linked",
    "Literal",
    "MomentValue",
    "Node",
    "Not",
    "Related",
    "Test",
    "Value",
    "fields_read",
    "parse_condition",
    "walk",
]
