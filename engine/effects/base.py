"""What every kind of effect is given to check and to work with; what it offers is effect.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from engine.language.calendars import Calendar
from engine.language.durations import PhraseError
from engine.language.findings import Problem, Where
from engine.language.nearest import an
from engine.language.phrases import Moment, Phrase, PhraseContext, parse_phrase, resolve
from engine.language.vocabulary import Entity, Field, UnknownName, Vocabulary
from engine.store.store import Store


@dataclass(frozen=True)
class Match:
    """A related record that `each:` found for a subject, with why it fits."""

    entity: str
    id: int
    name: str
    score: int = 0
    because: str = ""


@dataclass(frozen=True)
class Work:
    """One effect to be done for one subject at one occurrence: what a decision names (design.md, every effect has a name)."""

    definition: str
    entity: str
    subject: int
    occurrence: str
    effect: str
    target: str = ""
    entry: str = ""
    day: date | None = None
    anchor: date | None = None
    match: Match | None = None
    cause: str = ""
    depth: int = 0
    occurrence_id: int | None = None
    attempts: int = 0
    follows: int | None = None
    """The activity this one was agreed in (S1.17)."""
    appointment_at: datetime | None = None
    """The appointment that was agreed, naive UTC."""
    found: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What the condition's fields held when the plan was made; the journal keeps it."""


@dataclass(frozen=True)
class Result:
    """What became of one piece of work. `status` is done, blocked, held or failed; `verdict` is the journal's word where it differs."""

    status: str
    reason: str = ""
    made_entity: str = ""
    made_id: int | None = None
    verdict: str = ""
    detail: Mapping[str, Any] | None = None
    """What has to be known to take it back."""


DONE = Result("done")


class Values(Protocol):
    """Fields of records, loaded for a whole batch at once."""

    def foresee(self, entity: str, numbers: Sequence[int], paths: Sequence[str]) -> None:
        """Load paths for many records at once."""

    def get(self, entity: str, row: int, path: str) -> Any:
        """The value at a dotted path from a record; None where anything on the way is missing."""


@dataclass(frozen=True)
class Person:
    """An employee as assignment sees one."""

    id: int
    initials: str
    branch: int | None
    manager: int | None
    deputy: int | None
    joined_on: date | None
    left_on: date | None
    roles: frozenset[str]
    absences: tuple[tuple[date | None, date | None, int | None], ...] = ()


class People(Protocol):
    """Who works here, by role, with deputies (design.md: a role is empty, an employee left or is away)."""

    def pick(self, wanted: Sequence[int | str | None], branch: int | None, day: date, spread: int) -> tuple[int | None, str]:
        """The first present person of the ids and roles wanted, and why it is that one."""

    def in_turn(self, role: str, branch: int | None, day: date, after: int | None) -> list[int]:
        """Who of a branch has a role and is present, by initials, beginning behind a person who is left out."""


class Gate(Protocol):
    """The law's answer for customers (engine/law)."""

    def foresee(self, customers: Iterable[int]) -> None:
        """Read what is known of many customers at once."""

    def message(self, customer: int, purpose: str, fact: bool, channels: Sequence[str]) -> tuple[str, str, str]:
        """(channel, address, "") where a message may go out, else ("", "", reason)."""

    def contact(self, customer: int, channel: str, purpose: str, fact: bool) -> str:
        """Why the customer may not be reached over a channel, or ""."""

    def notifiable(self, customer: int) -> str:
        """Why the customer may not be told of an offer, or ""."""


@dataclass
class Batch:
    """Everything effects may use while one batch is applied. `now` is naive UTC."""

    store: Store
    now: datetime
    vocabulary: Vocabulary
    values: Values
    people: People
    gate: Gate
    calendar_of: Callable[[int | None], Calendar]
    sections: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Merged non-rule definitions by section and id: tags, activities, templates, choices, offer_tools."""
    purpose: str = "internal"
    ground: str = ""
    """The path to the fact that makes a service of it."""
    ground_about: str = ""
    """The path to the customer whom that fact is about, "" where it is the subject's own."""
    language: str = "de"
    version: int | None = None
    """The number of the definition's version that decides, where it is stored."""
    campaign: int | None = None
    """The record of the campaign that is at work."""
    derived: bool = False
    """Whether a `while` rule is at work: what it makes stands only as long as it holds."""

    def entity(self, work: Work) -> Entity:
        """The subject's entity."""
        return self.vocabulary.entity(work.entity)

    def get(self, work: Work, path: str) -> Any:
        """The value at a path from the subject, or from the match that `each:` named."""
        head, _, rest = path.partition(".")
        if work.match and head == work.match.name:
            return work.match.id if not rest else self.values.get(work.match.entity, work.match.id, rest)
        return self.values.get(work.entity, work.subject, path)

    def told(self, work: Work, path: str) -> Any:
        """The value at a path as a text tells it: an instant in the local time of the subject's branch."""
        value = self.get(work, path)
        return self.calendar(work).local(value) if isinstance(value, datetime) else value

    def concerns(self, work: Work, what: str) -> int | None:
        """The id of the subject's customer or branch, by the path its entity declares."""
        path = getattr(self.entity(work), what)
        if path == "self":
            return work.subject
        return self.get(work, path) if path else None

    def calendar(self, work: Work) -> Calendar:
        """The calendar of the subject's branch."""
        return self.calendar_of(self.concerns(work, "branch"))

    def today(self, work: Work) -> date:
        """The branch's local day."""
        return self.calendar(work).today(self.now)

    def fact(self, work: Work, customer: int | None) -> bool:
        """Whether the fact that makes a service of it is recorded, and about this customer: nobody else's licenses it (P13, P23)."""
        if not self.ground or customer is None or not self.get(work, self.ground):
            return False
        return bool(customer == (self.get(work, self.ground_about) if self.ground_about else self.concerns(work, "customer")))

    @property
    def site_day(self) -> date:
        """The site's local day, whatever the branch."""
        return self.calendar_of(None).today(self.now)

    def moment(self, work: Work, phrase: Phrase) -> Moment:
        """When a phrase falls for this subject. Raises PhraseError where its anchor is missing."""
        context = PhraseContext(self.now, self.calendar(work), lambda path: self.get(work, path), work.day)
        return resolve(phrase, context)


@dataclass
class Checker:
    """Checks one effect of one definition against the vocabulary; gathers all problems."""

    vocabulary: Vocabulary
    entity: str
    where: Where
    trigger: str = ""
    match: tuple[str, str] | None = None
    """The name and entity that `each:` gives."""
    problems: list[Problem] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)
    """Every path the effect reads, for one load per batch."""

    def below(self, *steps: str | int) -> Checker:
        """The same checker at a deeper place; problems and paths are shared."""
        return replace(self, where=(*self.where, *steps), problems=self.problems, paths=self.paths)

    def wrong(self, code: str, message: str, hint: str = "") -> None:
        """Note a problem here."""
        self.problems.append(Problem(self.where, code, message, hint))

    def path(self, path: str) -> Field | None:
        """The field a path ends at; a problem and None where there is none."""
        entity = self.entity
        rest = path
        head, _, tail = path.partition(".")
        if self.match and head == self.match[0]:
            entity, rest = self.match[1], tail
            if not tail:
                self.paths.add(path)
                return Field(head, "ref", target=entity)
        try:
            found = self.vocabulary.last(entity, rest)
        except UnknownName as error:
            self.wrong("effect-unknown-field", error.message, error.hint)
            return None
        self.paths.add(path)
        return found

    def leads_to(self, path: str, target: str) -> None:
        """Check that a path ends at a record of `target`."""
        found = self.path(path)
        if found and found.target != target and not (path == "self" and self.entity == target):
            self.wrong("effect-wrong-record", f"'{path}' leads to {an(found.target or found.type)}, not to {an(target)}", f"name the way to {an(target)}")

    def phrase(self, text: str) -> Phrase | None:
        """A time phrase, its anchor checked; a problem and None where it is wrong."""
        try:
            phrase = parse_phrase(str(text))
        except PhraseError as error:
            self.wrong("effect-bad-phrase", error.message, error.hint)
            return None
        for anchor in phrase_anchors(phrase):
            found = self.path(anchor)
            if found and found.type not in ("date", "datetime"):
                self.wrong("effect-not-a-date", f"'{anchor}' is {an(found.type)}, not a date", "name a field that holds a day")
        return phrase


def phrase_anchors(phrase: Phrase) -> list[str]:
    """The fields a phrase counts from."""
    anchor = getattr(phrase, "anchor", "")
    return [anchor] if isinstance(anchor, str) and anchor and anchor != "the date" else []
