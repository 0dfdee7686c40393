"""A campaign's `spread`: so many customers a day; who is left comes with the next day's look, since nothing was decided for him."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.planning.candidates import Candidate, Scene
from engine.planning.rules import Rule

GIVEN = "addresses"
"""The effect under which an address was given out by hand: it takes nothing of a day's share."""


def todays_share(parts: Sequence[tuple[Rule, Scene, list[Candidate]]]) -> Sequence[tuple[Rule, Scene, list[Candidate]]]:
    """What a rule may do of what its trigger picked, over all its branches and variants: the oldest records first."""
    most = parts[0][0].spread
    if most is None:
        return parts
    left = sorted((candidate.day or date.min, candidate.subject) for _, _, picked in parts for candidate in picked)
    allowed: set[tuple[date, int]] = set()
    for day in sorted({day for day, _ in left}):
        allowed.update([one for one in left if one[0] == day][: max(most - _done(parts[0], day), 0)])
    return [(rule, scene, [one for one in picked if (one.day or date.min, one.subject) in allowed]) for rule, scene, picked in parts]


def _done(part: tuple[Rule, Scene, Any], day: date) -> int:
    """How many had their turn on a day already."""
    sql = "SELECT COUNT(*) FROM (SELECT DISTINCT subject_id, occurrence FROM occurrence WHERE definition = ? AND day = ? AND effect <> ?) o"
    return int(part[1].store.rows(sql, [part[0].id, day, GIVEN])[0][0])
