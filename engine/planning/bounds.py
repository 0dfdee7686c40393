"""How often, how late and how much a rule may act."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.durations import Duration


@dataclass(frozen=True)
class Again:
    """How often a subject may be acted on: counted from earlier occurrences."""

    mode: str = "always"
    not_before: Duration | None = None
    at_most: int | None = None
    per: str = ""


@dataclass(frozen=True)
class CatchUp:
    """How late is too late. `mode` is tick (since the last tick), none, all, latest or within a duration."""

    mode: str = "tick"
    within: Duration | None = None


@dataclass(frozen=True)
class Limit:
    """How much one run may do before the rule's work is held: a number or a percentage of all subjects."""

    count: int | None = None
    percent: float | None = None
