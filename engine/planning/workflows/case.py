"""A case in memory: one running workflow of one subject, its tokens and timers, and what a reaction changes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.language.durations import Duration

OPEN = ("open", "queued")
"""A token's statuses while its step is not over; `queued` waits for a slot."""


class Trouble(Exception):
    """A case that cannot go on: it is parked as an incident with this reason."""


@dataclass(frozen=True)
class Item:
    """The related record a branch of `each` is for."""

    entity: str
    id: int

    def __str__(self) -> str:
        return f"{self.entity}:{self.id}"


@dataclass(frozen=True)
class Region:
    """Where a token lies: the block's token, the branch in it, the record it is for. At the top all are empty."""

    parent: int | None = None
    branch: str = ""
    item: Item | None = None


TOP = Region()


@dataclass
class Token:
    """One run of one step. `number` counts within the case. Instants are naive UTC."""

    number: int
    step: str
    run: int
    region: Region
    status: str = "open"
    outcome: str = ""
    activity: int | None = None
    child: int | None = None
    slot: str = ""
    opened: int = 0
    ended: int = 0
    anchor: date | None = None
    """The day its work's due date was reckoned from."""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    row: int | None = None
    changed: bool = True

    @property
    def is_open(self) -> bool:
        """Whether its step is not over."""
        return self.status in OPEN


@dataclass
class Timer:
    """A moment a token waits for. `anchor` is the day it was reckoned from, None where it counts from its opening."""

    token: int
    name: str
    due_at: datetime | None
    anchor: date | None = None
    status: str = "armed"
    row: int | None = None
    changed: bool = True


@dataclass(frozen=True)
class Kept:
    """An event that came before anybody waited for it."""

    row: int
    name: str
    entity: str
    record: int
    until: datetime | None = None
    """From then on it no longer counts."""


@dataclass
class Case:
    """A running workflow of one subject. `counts` holds how often each step was run, and what else is counted."""

    id: int
    entity: str
    subject: int
    status: str = "running"
    result: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    cause: str = ""
    depth: int = 0
    appointment: datetime | None = None
    """The appointment agreed with the outcome that is being taken."""
    agreed_in: int | None = None
    """The activity that ended together with the workflow whose result is being taken."""
    reception: str = "used"
    """What became of the event of this reaction: used, kept, late, dropped, refused."""
    keep: Duration | None = None
    """How long it is kept."""
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    """(step, verdict, reason) for the journal."""
    withdrawn: list[tuple[int, str]] = field(default_factory=list)
    """Activities to close: (row, why)."""
    cancelled_children: list[int] = field(default_factory=list)
    used: list[int] = field(default_factory=list)
    """Rows of kept events that were taken."""

    def open_tokens(self) -> list[Token]:
        """The tokens whose step is not over, in the order they were opened."""
        return [token for number, token in sorted(self.tokens.items()) if token.is_open]

    def within(self, token: Token) -> Iterator[Token]:
        """The open tokens anywhere inside a block, also those kept in a block of it that is over; the innermost first."""
        for other in reversed(self.open_tokens()):
            parent = other.region.parent
            while parent is not None and parent != token.number:
                parent = self.tokens[parent].region.parent
            if parent == token.number:
                yield other

    def add(self, step: str, region: Region, now: datetime) -> Token:
        """A new token; its run counts how often the step was run (for this record)."""
        key = f"{step} {region.item}" if region.item else step
        self.counts[key] = self.counts.get(key, 0) + 1
        self.counts[""] = number = self.counts.get("", 0) + 1
        token = self.tokens[number] = Token(number, step, self.counts[key], region, opened_at=now)
        return token

    def runs(self, step: str, item: Item | None) -> int:
        """How often a step was run (for a record)."""
        return self.counts.get(f"{step} {item}" if item else step, 0)

    def was_run(self, step: str) -> bool:
        """Whether a step was run at all, for whatever record."""
        return any(key == step or key.startswith(f"{step} ") for key in self.counts)

    def close(self, token: Token, status: str, outcome: str, now: datetime) -> None:
        """End a token: its timers go, its open activity is withdrawn, the workflow it waits for is cancelled."""
        token.status, token.outcome, token.closed_at, token.changed = status, outcome, now, True
        for timer in self.timers:
            if timer.token == token.number and timer.status == "armed":
                timer.status, timer.changed = "gone", True
        if token.activity is not None and status != "done":
            self.withdrawn.append((token.activity, outcome))
        if token.child is not None and status != "done":
            self.cancelled_children.append(token.child)

    def cancel(self, token: Token, why: str, now: datetime) -> None:
        """End a token and everything inside it, without an outcome."""
        for other in self.within(token):
            self.close(other, "cancelled", why, now)
        self.close(token, "cancelled", why, now)

    def note(self, step: str, verdict: str, reason: str) -> None:
        """Something for the journal."""
        self.notes.append((step, verdict, reason))
