"""What the answer to `why` consists of. Moments are naive UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.planning.candidates import Scene
from engine.planning.coming import Entry
from engine.planning.explain import Explained
from engine.planning.rules import Rule


@dataclass(frozen=True)
class Reason:
    """A reason: a stable code, and what it says."""

    code: str
    says: str
    effect: str = ""
    """The one effect it is about; "" where it is about the rule."""


@dataclass(frozen=True)
class Decided:
    """A row of the journal about the subject; `decided_at` is None for what a run would decide now."""

    decided_at: datetime | None
    occurrence: str
    effect: str
    verdict: str
    reason: str
    found: Mapping[str, Any] = field(default_factory=dict)
    """What the condition's fields held then."""
    run: int | None = None
    version: int | None = None
    """The stored version of the definition that decided."""
    made: str = ""
    """What it made, `entity:row`."""


@dataclass(frozen=True)
class Happened:
    """An event about the subject: whether it was taken, and what was decided for it."""

    number: int
    happened_at: datetime
    taken: bool
    verdict: str


@dataclass(frozen=True)
class Standing:
    """Whether a condition counts as true for the subject, since when, and how often it has become true."""

    stands: bool
    since: datetime
    episode: int


@dataclass
class Answer:
    """What `why` has to say. `spec` is the trigger as it is written, the moments are naive UTC."""

    rule: Rule
    scene: Scene
    row: int
    spec: str
    tree: Explained | None = None
    failing: Explained | None = None
    entries: list[Entry] = field(default_factory=list)
    events: list[Happened] = field(default_factory=list)
    standing: Standing | None = None
    decided: list[Decided] = field(default_factory=list)
    would: list[Decided] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    first_time: bool = False
    """Whether no tick has looked at its condition yet."""
    over_share: bool = False
    """Whether the campaign's `spread` leaves it to a later day."""
    next_at: datetime | None = None
    """When it would act next, as things stand (naive UTC)."""
    comes_at: datetime | None = None
    """When its trigger comes next, where that would bring nothing; `comes_to` says why not."""
    comes_to: str = ""
