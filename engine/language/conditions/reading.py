"""What a condition or a path depends on: for the order of rules and for looking only at what changed."""

from __future__ import annotations

from engine.language.conditions.nodes import All, AnyOf, FieldRef, Linked, Literal, Node, Related, Test, children
from engine.language.vocabulary import UnknownName, Vocabulary

ANY = "*"
KINDS = {"tag": "kind", "list_entry": "list"}
"""Entities whose rows are told apart by a kind: reading one kind does not depend on another."""
Touch = tuple[str, str]
"""(entity, field), or (entity, kind) where rows have kinds; ANY stands for all of them."""


def condition_reads(node: Node, entity: str, vocabulary: Vocabulary) -> set[Touch]:
    """What a condition about `entity` depends on."""
    found: set[Touch] = set()
    _records(entity, node, found)
    _collect(node, [entity], vocabulary, found)
    return found


def path_reads(path: str, entity: str, vocabulary: Vocabulary) -> set[Touch]:
    """What the value at a path from `entity` depends on."""
    found: set[Touch] = set()
    if path not in ("", "self"):
        _path(path, [entity], vocabulary, found)
    return found


def _collect(node: Node, scope: list[str], vocabulary: Vocabulary, found: set[Touch]) -> None:
    inner = scope
    if isinstance(node, Test):
        _path(node.path, scope, vocabulary, found)
        for value in (node.value, node.upper):
            if isinstance(value, FieldRef):
                _path(value.path, scope, vocabulary, found)
    elif isinstance(node, Related):
        target = _path(node.path, scope, vocabulary, found)
        inner = [*scope, target]
        _records(target, node.condition, found)
        for name in (node.by, node.of):
            if name:
                _field(target, name, found)
        if isinstance(node.value, FieldRef):
            _path(node.value.path, scope, vocabulary, found)
    elif isinstance(node, Linked):
        inner = [*scope, node.entity]
        found.add((node.entity, "subject_id"))
    for child in children(node):
        _collect(child, inner, vocabulary, found)


def _path(path: str, scope: list[str], vocabulary: Vocabulary, found: set[Touch]) -> str:
    """Note every step of a path; returns the entity it ends at ("" for a plain field)."""
    up = 0
    while path.startswith("^."):
        path, up = path[2:], up + 1
    here = scope[max(0, len(scope) - 1 - up)]
    try:
        for step in vocabulary.walk(here, path):
            _field(here, step.name, found)
            if step.type == "many":
                _field(step.target, step.back, found)
            elif step.target in KINDS:
                found.add((step.target, ANY))
            here = step.target
    except UnknownName:
        return ""
    return here


def _field(entity: str, name: str, found: set[Touch]) -> None:
    """A field; of rows that have kinds, the kind says it all (`_records`)."""
    if entity not in KINDS:
        found.add((entity, name))


def _records(entity: str, condition: Node, found: set[Touch]) -> None:
    """The rows of an entity for which a condition is asked, by the kinds it keeps to."""
    if entity in KINDS:
        found.update((entity, kind) for kind in _kinds(condition, KINDS[entity]) or {ANY})


def _kinds(condition: Node, field: str) -> set[str]:
    """The kinds for which alone a condition can hold; none where it may be any."""
    if isinstance(condition, Test) and condition.path == field and condition.op == "is" and isinstance(condition.value, Literal):
        return {str(condition.value.value)}
    if isinstance(condition, All):
        return next((kinds for item in condition.items if (kinds := _kinds(item, field))), set())
    if isinstance(condition, AnyOf):
        each = [_kinds(item, field) for item in condition.items]
        return set().union(*each) if all(each) else set()
    return set()
