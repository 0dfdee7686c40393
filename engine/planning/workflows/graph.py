"""A workflow compiled: a graph of named steps (language.md, the kinds of step).

A step's full name says where it lies: `offers` at the top, `offers.finance` the branch `finance` of the block `offers`,
`offers.finance.papers` a further step inside that branch. `block` is the branch a step lies in, "" at the top.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.parameters import Only
from engine.language.conditions import Node
from engine.language.durations import Duration
from engine.language.phrases import Phrase
from engine.planning.rules import Rule

KINDS = ("activity", "wait", "decide", "branches", "each", "workflow", "do", "end")
DUE = "due_at"
OPENED = "opened_at"
"""What times around an activity count from: when it is due, when it was opened; the runner gives them."""


@dataclass(frozen=True)
class Way:
    """One way out of a step: what is done on it and the step it leads to; "" ends the branch there.

    With `tries` the step is done again after each of them, and `next` holds when they are used up.
    """

    next: str = ""
    do: Rule | None = None
    tries: tuple[Duration, ...] = ()


@dataclass(frozen=True)
class Wait:
    """One thing waited for: a moment (`phrase`), or an event about the case's subject."""

    name: str
    way: Way
    phrase: Phrase | None = None
    event: str = ""
    about: str = ""
    """The way from the event's record to the subject; "" where it is the subject."""
    entity: str = ""
    condition: Node | None = None
    """Over the event's record."""
    early: str = "keep"
    keep: Duration = Duration(days=30)


@dataclass(frozen=True)
class Choice:
    """A named branch of `decide` (no condition: `else`)."""

    name: str
    condition: Node | None
    next: str


@dataclass(frozen=True)
class Branch:
    """A branch of `branches`: its first step, opened where the condition holds."""

    entry: str
    condition: Node | None = None


@dataclass(frozen=True)
class PerRecord:
    """`each`: one branch per record that `path` leads to, known by `name` in its effects."""

    entry: str
    path: str
    name: str
    entity: str
    condition: Node | None = None
    later: bool = True
    """Whether records that come while the block is open get a branch too."""


@dataclass(frozen=True)
class Escalation:
    """Who gets the work, so long before or after it was due."""

    name: str
    phrase: Phrase
    to: str


@dataclass(frozen=True)
class Deadline:
    """When the work is withdrawn, and the way the case goes then."""

    phrase: Phrase
    way: Way


@dataclass(frozen=True)
class Step:
    """One step. What a kind does not use is empty."""

    name: str
    kind: str
    block: str = ""
    next: str = ""
    otherwise: str = ""
    """Where it goes when the step may not (or no longer) be done: `only_while` is false, `at_most` is reached; of a `workflow`, when
    that ends as none of its outcomes says."""
    only_while: Node | None = None
    at_most: int | None = None
    slot: str = ""
    """The way to the record only one case may hold at a time."""
    act: Rule | None = None
    """What is done on entering: the activity, the effects, the start of another workflow."""
    due: Phrase | None = None
    """When its work is due, where that counts from a field."""
    outcomes: Mapping[str, Way] = field(default_factory=dict)
    appointment: str = ""
    form: str = ""
    remind: tuple[Phrase, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    deadline: Deadline | None = None
    waits: tuple[Wait, ...] = ()
    choices: tuple[Choice, ...] = ()
    branches: tuple[Branch, ...] = ()
    each: PerRecord | None = None
    need: int | None = None
    """How many branches a join waits for; None: all that were opened."""
    rest: str = "cancel"
    workflow: str = ""
    detached: bool = False
    result: str = ""
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_block(self) -> bool:
        """Whether it holds branches."""
        return self.kind in ("branches", "each")

    def ways(self) -> Iterator[tuple[str, str]]:
        """Every way that leaves it: (what it is called, the step's full name or "")."""
        for name, way in self.outcomes.items():
            yield name, way.next
            if way.tries:
                yield f"{name} (again)", self.name
        for wait in self.waits:
            yield wait.name, wait.way.next
        for choice in self.choices:
            yield choice.name, choice.next
        if self.deadline:
            yield "deadline", self.deadline.way.next
        if self.only_while is not None or self.at_most is not None or (self.kind == "workflow" and self.otherwise):
            yield "else", self.otherwise
        if self.kind in ("do", "branches", "each") or (self.kind == "workflow" and not self.outcomes) or (self.kind == "activity" and not self.outcomes):
            yield "", self.next

    def timers(self) -> dict[str, Phrase]:
        """Every timer the step has while it is open, by its name in the store."""
        found: dict[str, Phrase] = {f"remind {number}": phrase for number, phrase in enumerate(self.remind)}
        found |= {f"escalate {one.name}": one.phrase for one in self.escalate}
        found |= {"deadline": self.deadline.phrase} if self.deadline else {}
        return found | {f"wait {wait.name}": wait.phrase for wait in self.waits if wait.phrase is not None}

    def entries(self) -> list[str]:
        """The first steps of its branches."""
        return [self.each.entry] if self.each else [branch.entry for branch in self.branches]


@dataclass(frozen=True)
class Watch:
    """An event that acts on the whole case: jumps to a step, cancels steps, or completes blocks."""

    name: str
    event: str
    about: str
    entity: str
    condition: Node | None = None
    only_while: Node | None = None
    next: str = ""
    cancel: tuple[str, ...] = ()
    complete: tuple[str, ...] = ()


@dataclass(frozen=True)
class Flow:
    """One variant of a workflow, compiled. `start` is the rule that starts it, None where only others do."""

    id: str
    label: Mapping[str, str]
    entity: str
    purpose: str
    ground: str
    ground_about: str
    first: str
    steps: Mapping[str, Step]
    stop_when: Node | None = None
    on: tuple[Watch, ...] = ()
    start: Rule | None = None
    digest: str = ""
    """Of what decides its course; labels and texts are not part of it."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What it was compiled from, parameters filled in."""
    branches: Only | None = None
    brands: Only | None = None

    def interests(self) -> Iterator[tuple[str, str, str]]:
        """The events it listens to: (event, the event's entity, the way from its record to the subject)."""
        for watch in self.on:
            yield watch.event, watch.entity, watch.about
        for step in self.steps.values():
            for wait in step.waits:
                if wait.event:
                    yield wait.event, wait.entity, wait.about

    def inside(self, block: str) -> set[str]:
        """The names of all steps that lie anywhere inside a step's branches."""
        return {name for name in self.steps if name.startswith(f"{block}.")}
