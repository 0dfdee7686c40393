"""From candidates to work: one piece per candidate, or per match of `each:`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.effects.base import Match, Work
from engine.planning.candidates import Candidate, Scene
from engine.planning.found import found_of
from engine.planning.matching import matches
from engine.planning.rules import Rule
from engine.planning.values import load


def expand(rule: Rule, scene: Scene, picked: Sequence[Candidate], number: int, language: str) -> list[Work]:
    """One piece of work per candidate, or per match of `each:`; effects are filled in by the caller."""
    held = found_of(scene.store, rule.entity, rule.condition, [candidate.subject for candidate in picked])
    works = [
        Work(
            rule.id,
            rule.entity,
            c.subject,
            c.occurrence,
            "",
            "",
            c.entry,
            c.day,
            c.anchor,
            None,
            c.cause,
            max(c.depth, number - 1),
            found=held.get(c.subject, {}),
        )
        for c in picked
    ]
    if rule.each is None:
        return works
    path = rule.each.path
    subjects = [work.subject for work in works]
    owner = "owner" if path == "self" else (scene.vocabulary.entity(rule.entity).customer or "")
    wanted = [p for p in (path, owner) if p and p not in ("self",)]
    values = load(scene.store, rule.entity, subjects, wanted) if wanted else {}
    vehicle_of = {s: s if path == "self" else values.get(s, {}).get(path) for s in subjects}
    found = matches(scene.store, [v for v in set(vehicle_of.values()) if v is not None], scene.today, rule.each.score, language)
    result = []
    for work in works:
        for match in found.get(vehicle_of[work.subject] or -1, []):
            if owner and values.get(work.subject, {}).get(owner) == match.customer_id:
                continue  # nobody is offered the vehicle they bring
            fit = Match(rule.each.entity, match.wish_id, rule.each.name, match.score, "; ".join(match.reasons))
            result.append(replace(work, target=f"{rule.each.entity}:{match.wish_id}", match=fit))
    return result
