"""What a rule depends on, found once when it is compiled."""

from __future__ import annotations

from collections.abc import Iterable

from engine.language.conditions import Node, Touch, condition_reads, path_reads
from engine.language.vocabulary import Vocabulary
from engine.planning.matching import READS


def rule_reads(entity: str, condition: Node | None, paths: Iterable[str], vocabulary: Vocabulary, matching: str = "") -> frozenset[Touch]:
    """All that can change what a rule does: its subjects, condition and paths (its dates' anchors, its ground), and what `each:` matches."""
    found: set[Touch] = {(entity, "id")}
    if condition is not None:
        found |= condition_reads(condition, entity, vocabulary)
    if matching:
        found |= READS
    for path in (*paths, matching):
        found |= path_reads(path, entity, vocabulary)
    return frozenset(found)
