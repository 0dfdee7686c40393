"""What the machine asks while it walks, each with what it takes for an answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.language.conditions import Node
from engine.language.phrases import Phrase
from engine.planning.rules import Rule
from engine.planning.workflows.case import Token
from engine.planning.workflows.graph import PerRecord


@dataclass(frozen=True)
class Holds:
    """Does a condition hold for a record? Answer: bool."""

    condition: Node
    entity: str
    record: int
    ask: str = ""
    """What is asked, for the soundness check: a step's branch, its guard."""


@dataclass(frozen=True)
class Records:
    """The records an `each` is for. Answer: their ids."""

    each: PerRecord
    subject: int


@dataclass(frozen=True)
class Perform:
    """Do effects. Answer: effect name -> Result. `due` is when a step done again is due."""

    deeds: Rule
    token: Token
    way: str = ""
    due: Phrase | None = None
    appointment: str = ""


@dataclass(frozen=True)
class When:
    """When a phrase falls; `activity` gives it `due_at`. Answer: (naive UTC or None where its anchor is missing, the anchor's day)."""

    phrase: Phrase
    token: Token
    activity: int | None = None
    since: datetime | None = None
    """The moment that it counts from, if not from now."""


@dataclass(frozen=True)
class DueAnew:
    """Reckon anew when the work is due, since the day it counts from moved. Answer: that day, None where it is missing."""

    deeds: Rule
    token: Token


@dataclass(frozen=True)
class TakeSlot:
    """Take what only one case may hold. Answer: (its name, "" where there is nothing to hold; whether it was free)."""

    path: str
    token: Token


@dataclass(frozen=True)
class Remind:
    """Remind whoever has the work. Answer: nothing."""

    token: Token


@dataclass(frozen=True)
class Escalate:
    """Give the work to somebody further up. Answer: nothing."""

    token: Token
    to: str


Question = Holds | Records | Perform | When | DueAnew | TakeSlot | Remind | Escalate
Steps = Generator[Question, Any, None]
