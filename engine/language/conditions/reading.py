"""Which entities and fields a condition reads: for indexes and for looking only at what changed."""

from __future__ import annotations

from engine.language.conditions.nodes import FieldRef, Linked, Node, Related, Test, children
from engine.language.vocabulary import UnknownName, Vocabulary


def fields_read(node: Node, entity: str, vocabulary: Vocabulary) -> set[tuple[str, str]]:
    """The (entity, field) pairs of a condition about `entity`."""
    found: set[tuple[str, str]] = set()
    _collect(node, [entity], vocabulary, found)
    return found


def _collect(node: Node, scope: list[str], vocabulary: Vocabulary, found: set[tuple[str, str]]) -> None:
    inner = scope
    if isinstance(node, Test):
        _path(node.path, scope, vocabulary, found)
        for value in (node.value, node.upper):
            if isinstance(value, FieldRef):
                _path(value.path, scope, vocabulary, found)
    elif isinstance(node, Related):
        inner = [*scope, _path(node.path, scope, vocabulary, found)]
        for name in (node.by, node.of):
            if name:
                found.add((inner[-1], name))
        if isinstance(node.value, FieldRef):
            _path(node.value.path, scope, vocabulary, found)
    elif isinstance(node, Linked):
        inner = [*scope, node.entity]
        found.add((node.entity, "subject_id"))
    for child in children(node):
        _collect(child, inner, vocabulary, found)


def _path(path: str, scope: list[str], vocabulary: Vocabulary, found: set[tuple[str, str]]) -> str:
    """Note every step of a path; returns the entity it ends at ("" for a plain field)."""
    up = 0
    while path.startswith("^."):
        path, up = path[2:], up + 1
    here = scope[max(0, len(scope) - 1 - up)]
    try:
        for step in vocabulary.walk(here, path):
            found.add((here, step.name))
            if step.type == "many":
                found.add((step.target, step.back))
            here = step.target
    except UnknownName:
        return ""
    return here
