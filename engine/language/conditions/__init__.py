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
    Problem,
    Related,
    Test,
    Value,
    reads,
    walk,
)
from engine.language.conditions.parse import parse_condition

__all__ = [
    "All",
    "AnyOf",
    "FieldRef",
    "Linked",
    "Literal",
    "MomentValue",
    "Node",
    "Not",
    "Problem",
    "Related",
    "Test",
    "Value",
    "parse_condition",
    "reads",
    "walk",
]
