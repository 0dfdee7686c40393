"""Conditions: the tree, its reading from YAML, and what it depends on."""

from engine.language.conditions.nodes import (
    All,
    AnyOf,
    FieldRef,
    Given,
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
from engine.language.conditions.reading import ANY, Touch, condition_reads, path_reads

__all__ = [
    "ANY",
    "All",
    "AnyOf",
    "FieldRef",
    "Given",
    "Linked",
    "Literal",
    "MomentValue",
    "Node",
    "Not",
    "Related",
    "Test",
    "Touch",
    "Value",
    "condition_reads",
    "parse_condition",
    "path_reads",
    "walk",
]
