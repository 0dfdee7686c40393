"""What can happen to a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Started:
    """The case begins."""


@dataclass(frozen=True)
class Ended:
    """Work ended with an outcome, or a workflow that is waited for with its result."""

    token: int
    outcome: str
    appointment: datetime | None = None
    """The one that was agreed in it."""
    agreed_in: int | None = None
    """The activity that ended together with the workflow."""


@dataclass(frozen=True)
class Withdrawn:
    """Work was cancelled by somebody, not ended."""

    token: int
    why: str


@dataclass(frozen=True)
class Due:
    """A timer's moment has come."""

    timer: int
    """Its row."""
    missed: int = 0


@dataclass(frozen=True)
class Happened:
    """An event about the subject."""

    event: str
    entity: str
    record: int
    number: int


@dataclass(frozen=True)
class SlotFree:
    """What a queued token waits for may be free."""

    token: int


@dataclass(frozen=True)
class Recheck:
    """Something changed: stop conditions, milestones and records that came later are looked at again."""

    token: int | None = None
    """The token whose milestone is false or whose block has new records; None: the whole case."""
    records: tuple[int, ...] = ()


@dataclass(frozen=True)
class Stop:
    """Somebody, or the workflow that waits for it, ends the case."""

    why: str


@dataclass(frozen=True)
class Moved:
    """When the work is due, or the day a wait counts from, is no longer what it was; or the step has timers it had not."""

    token: int
    reckon: bool = True
    """Whether armed timers are reckoned anew; else they keep their instants."""
    anchor: bool = False
    """Whether it was the day the work's due date counts from that moved."""
    spans: bool = False
    """Whether also timers that count from the opening of the step are reckoned anew: their lengths may differ now."""
    arm: tuple[str, ...] = ()
    """Timers to arm that the step did not have when it was opened."""


Stimulus = Moved | Started | Ended | Withdrawn | Due | Happened | SlotFree | Recheck | Stop
