"""What the parts of one tick share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.effects.base import Batch
from engine.planning.candidates import Scene
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow
from engine.running.apply import Tally
from engine.running.compiling import LAW_RULES
from engine.running.near_misses import Missed
from engine.running.setting import Setting

LOOKED_AT = "looked at"
"""The switch that says that the last tick finished and left no rule and no case unseen: the next one need only look where anything changed.

Unset while a tick runs; the tick sets it at its end only if nobody else has set it since.
"""
LOOK_AGAIN = "look again"
"""What whoever takes up cases that were set aside writes there: the changes made in between may be claimed already."""


@dataclass
class TickState:
    """The state of one tick. `now` and `last_tick` are naive UTC."""

    setting: Setting
    now: datetime
    last_tick: datetime | None
    run: int
    tally: Tally
    make_batch: Callable[[Rule | Flow], Batch]
    paused: frozenset[str]
    """The ids of paused rules; "" among them means all."""
    progress: Callable[[str], None]
    unbroken: bool = False
    """Whether the last tick finished and left nothing unseen: then cases are looked at only where anything changed."""
    whole: bool = True
    """Whether all rules are looked at, whatever changed."""
    flows: dict[int, Flow] = field(default_factory=dict)
    """The versions of workflows that running cases have."""
    first_seen: dict[str, str] = field(default_factory=dict)
    """The `when` rules whose condition this tick meets for the first time: id -> its digest."""
    missed: Missed | None = None
    """For whom a trigger came and nothing was planned, where that is kept."""
    since: dict[str, datetime] = field(default_factory=dict)
    """For rules that were left out of ticks: the last one that ran them."""

    def scenes(self, rule: Rule) -> list[Scene]:
        """What the rule looks at, a scene per calendar; one that was left out looks back to when it last ran."""
        return self.setting.scenes(rule, self.now, self.since.get(rule.id, self.last_tick))

    def is_paused(self, rule: Rule) -> bool:
        """Whether the rule's work is only held for now."""
        return is_paused(self.paused, rule.id)


def is_paused(paused: frozenset[str], definition: str) -> bool:
    """Whether a definition is among the paused ones ("" among them means all; the law's own never are)."""
    return definition not in LAW_RULES and ("" in paused or definition in paused)


def families(rules: Sequence[Rule], trigger: str) -> list[list[Rule]]:
    """Rules of a trigger, the variants of one id together."""
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.trigger == trigger:
            found.setdefault(rule.id, []).append(rule)
    return list(found.values())
