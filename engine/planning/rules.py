"""A rule's definition, checked against the vocabulary and compiled into what the planner works with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from engine.definitions.parameters import Only
from engine.language.conditions import Node, Touch, parse_condition
from engine.language.durations import Duration, PhraseError, parse_duration
from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean
from engine.language.periods import Period, period_mistakes
from engine.language.phrases import THE_DATE, Offset, Phrase, Yearly, parse_phrase
from engine.language.schedules import Schedule, parse_schedule
from engine.language.vocabulary import UnknownName, Vocabulary
from engine.planning.bounds import Again, CatchUp, Limit
from engine.planning.grounds import read_ground, safety_problems
from engine.planning.parts import Kit, Reader
from engine.planning.reads import rule_reads
from engine.planning.triggers import TRIGGERS, foreign_keys


@dataclass(frozen=True)
class Each:
    """Run the effects once per related record that fits."""

    path: str
    score: int
    name: str
    entity: str = "wish"


@dataclass(frozen=True)
class Rule:
    """One variant of a rule, compiled. `branches` and `brands` narrow it; None means all."""

    id: str
    label: Mapping[str, str]
    entity: str
    purpose: str
    ground: str
    trigger: str
    event: str = ""
    dates: Mapping[str, Phrase] = field(default_factory=dict)
    schedule: Schedule | None = None
    condition: Node | None = None
    again: Again = Again()
    at_start: str = "hold"
    catch_up: CatchUp = CatchUp()
    limit: Limit | None = None
    period: Period | None = None
    """Of a campaign: its days; each subject once in them."""
    spread: int | None = None
    """Of a campaign: at most so many subjects a day."""
    each: Each | None = None
    effects: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    """Effect name -> (word, compiled plan)."""
    paths: frozenset[str] = frozenset()
    """What its effects read of the subject."""
    reads: frozenset[Touch] = frozenset()
    """What can change for whom and when it acts."""
    said: str = ""
    """The condition of a `when`, what a `while` does, as it is written, parameters filled in: another text is another one."""
    branches: Only | None = None
    brands: Only | None = None
    formerly: str = ""
    ground_about: str = ""
    """The path to the customer whom the ground is about."""
    digest: str = ""
    """The name of its version: of what decides its course, labels and texts left out."""
    data: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What it says, parameters filled in."""


def digest_of(family: Sequence[Rule]) -> str:
    """A digest of what the variants of a rule say, and for whom."""
    said = sorted(repr([rule.said, *((sorted(only.names), only.inside) if only else None for only in (rule.branches, rule.brands))]) for rule in family)
    return sha256(repr(said).encode()).hexdigest()


@dataclass
class RuleCompiler:
    """Compiles one rule's data; gathers every problem. `effects` is the registry (kept out of this folder's imports)."""

    id: str
    data: Mapping[str, Any]
    vocabulary: Vocabulary
    effects: Mapping[str, Any]
    word_of: Any
    checker: Any
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, code: str, message: str, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append(Problem(where, code, message, hint))

    def rule(self) -> Rule | None:
        """The rule, or None where it cannot be run; problems tell why."""
        entity = str(self.data.get("for", ""))
        try:
            self.vocabulary.record(entity)
        except UnknownName as error:
            self.wrong(("for",), "rule-unknown-entity", error.message, error.hint)
            return None
        triggers = [name for name in TRIGGERS if name in self.data]
        if len(triggers) != 1:
            what = "no trigger" if not triggers else "more than one trigger: " + ", ".join(triggers)
            self.wrong(tuple(triggers[1:2]), "rule-one-trigger", f"the rule has {what}", "write exactly one of " + ", ".join(TRIGGERS))
            return None
        trigger = triggers[0]
        self.problems += foreign_keys(self.data, trigger)
        each = self._each(entity)
        effects, paths = self._effects(entity, trigger, each)
        dates = self._dates(entity) if trigger == "date" else {}
        condition = self._condition(entity, trigger)
        anchors = [phrase.anchor for phrase in dates.values()]
        ground, about = self._ground(entity)
        rule = Rule(
            id=self.id,
            label=self.data.get("label") or {},
            entity=entity,
            purpose=self._purpose(),
            ground=ground,
            ground_about=about,
            trigger=trigger,
            event=self._event(entity) if trigger == "on" else "",
            dates=dates,
            schedule=self._schedule() if trigger == "every" else None,
            condition=condition,
            again=self._again(trigger),
            at_start=str(self.data.get("at_start", "hold")),
            catch_up=self._catch_up(),
            limit=self._limit(),
            period=self._period(),
            spread=self._spread(),
            each=each,
            effects=effects,
            reads=rule_reads(entity, condition, [*anchors, ground], self.vocabulary, each.path if each else ""),
            said=json.dumps([entity, self.data.get("when" if trigger == "when" else "do")], sort_keys=True, default=str)
            if trigger in ("when", "while")
            else "",
            paths=frozenset(paths | {path for path in (ground, about) if path}),
            formerly=str(self.data.get("formerly", "")),
        )
        return None if self.problems else rule

    def _purpose(self) -> str:
        purpose = str(self.data.get("purpose", ""))  # one that is missing is said by the shape
        for name, spec in (self.data.get("do") or {}).items() if purpose == "internal" else ():
            kind = spec.get("activity") if isinstance(spec, Mapping) else None
            does = "sends a message" if "message" in spec else f"is a {kind}" if kind in self.vocabulary.channels else ""
            if does:
                hint = "state its purpose: advertising, service with its ground, or safety"
                self.wrong(("purpose",), "rule-internal-reaches-customer", f"an internal rule may not reach the customer ('{name}' {does})", hint)
                break
        return purpose

    def _ground(self, entity: str) -> tuple[str, str]:
        """The ground's path and whom it is about; and a `safety` is about a recall."""
        purpose = str(self.data.get("purpose", ""))
        ground = read_ground(str(self.data.get("ground", "")), purpose, entity, self.vocabulary)
        self.problems += ground.problems
        self.problems += safety_problems(entity, self.vocabulary) if purpose == "safety" else []
        return ground.path, ground.about

    def _event(self, entity: str) -> str:
        name = str(self.data["on"])
        about = self.vocabulary.events.get(name)
        if about is None:
            self.wrong(("on",), "rule-unknown-event", f"there is no event '{name}'", did_you_mean(name, self.vocabulary.events, "declare it in `events:`"))
        elif about != entity:
            self.wrong(("for",), "rule-wrong-subject", f"'{name}' is about {an(about)}, this rule is for {an(entity)}", f"write `for: {about}`")
        return name

    def _dates(self, entity: str) -> dict[str, Phrase]:
        spec = self.data["date"]
        entries = spec if isinstance(spec, Mapping) else {"date": spec}
        return {
            str(name): phrase
            for name, text in entries.items()
            if (phrase := self._date(entity, str(text), ("date", name) if isinstance(spec, Mapping) else ("date",)))
        }

    def _date(self, entity: str, text: str, where: Where) -> Phrase | None:
        try:
            phrase = parse_phrase(text)
        except PhraseError as error:
            self.wrong(where, "rule-bad-phrase", error.message, error.hint)
            return None
        anchor = phrase.anchor
        if not anchor or anchor == THE_DATE:
            self.wrong(where, "rule-date-without-anchor", f"'{text}' counts from no field", "write e.g. `32 months after delivered_on`")
            return None
        if isinstance(phrase, Offset) and (phrase.duration.is_elapsed or phrase.at):
            hint = f"count in days here, and say when in the effect: `due: {text if phrase.duration.is_elapsed else f'the date at {phrase.at:%H:%M}'}`"
            self.wrong(where, "rule-date-not-a-day", f"'{text}' names a time, but a rule's date is a day", hint)
            return None
        try:
            found = self.vocabulary.last(entity, anchor)
        except UnknownName as error:
            self.wrong(where, "rule-unknown-field", error.message, error.hint)
            return None
        if found.type not in ("date", "datetime"):
            self.wrong(where, "rule-not-a-date", f"'{anchor}' is {an(found.type)}, not a date", "count from a field that holds a day")
        elif found.type == "datetime" and isinstance(phrase, Yearly):
            self.wrong(where, "rule-not-a-date", f"'{anchor}' is a moment, which has no day of the year of its own", "count from a field that holds a day")
        return phrase

    def _schedule(self) -> Schedule | None:
        try:
            return parse_schedule(str(self.data["every"]))
        except PhraseError as error:
            self.wrong(("every",), "rule-bad-schedule", error.message, error.hint)
            return None

    def _condition(self, entity: str, trigger: str) -> Node | None:
        key = trigger if trigger in ("when", "while") else "where"
        if key not in self.data:
            return None
        node, problems = parse_condition(self.data[key], entity, self.vocabulary, (key,), allow_anniversary=trigger != "when")
        self.problems += problems
        return node

    def _duration(self, text: Any, where: Where) -> Duration | None:
        try:
            return parse_duration(str(text))
        except PhraseError as error:
            self.wrong(where, "rule-bad-duration", error.message, error.hint)
            return None

    def _again(self, trigger: str) -> Again:
        spec = self.data.get("again")
        if spec is None and "from" in self.data:
            return Again("never")
        if spec is None:
            return Again("edge" if trigger in ("when", "while") else "always")
        if isinstance(spec, str):
            if spec == "always" and trigger == "when":
                self.wrong(("again",), "rule-again-always", "`again: always` on `when` would act at every tick", "give `not_before`, or leave it out")
            return Again(spec)
        not_before = self._duration(spec["not_before"], ("again", "not_before")) if "not_before" in spec else None
        return Again("counted", not_before, spec.get("at_most"), str(spec.get("per", "")))

    def _catch_up(self) -> CatchUp:
        spec = self.data.get("catch_up")
        if spec is None:
            return CatchUp()
        if spec in ("none", "all", "latest"):
            return CatchUp(str(spec))
        return CatchUp("within", self._duration(spec, ("catch_up",)))

    def _limit(self) -> Limit | None:
        spec = self.data.get("limit")
        if spec is None:
            return None
        number, _, rest = str(spec).partition(" ")
        try:
            if rest == "per run":
                return Limit(count=int(number))
            if rest == "% per run":
                return Limit(percent=float(number))
        except ValueError:
            pass
        self.wrong(("limit",), "rule-bad-limit", f"'{spec}' is no limit", "write `200 per run` or `5 % per run`")
        return None

    def _period(self) -> Period | None:
        """The days of a campaign (the shape of a rule has none)."""
        if not {"from", "until"} <= self.data.keys():
            return None
        first, last = str(self.data["from"]), str(self.data["until"])
        wrong = period_mistakes(first, last)
        for word, error in wrong:
            self.wrong((word,), "campaign-bad-period", error.message, error.hint)
        return None if wrong else Period(first, last)

    def _spread(self) -> int | None:
        if "spread" not in self.data:
            return None
        number, _, rest = str(self.data["spread"]).partition(" ")
        if rest != "per day" or not number.isascii() or not number.isdigit() or not int(number[:9]) > 0:
            self.wrong(("spread",), "campaign-bad-spread", f"'{self.data['spread']}' is no number a day", "write e.g. `200 per day`")
            return None
        return int(number)

    def _each(self, entity: str) -> Each | None:
        spec = self.data.get("each")
        if spec is None:
            return None
        path = str(spec.get("wishes_matching", ""))
        try:
            target = entity if path == "self" else self.vocabulary.last(entity, path).target
            if target != "vehicle":
                self.wrong(("each", "wishes_matching"), "rule-wrong-record", f"'{path}' leads to no vehicle", "name the way to a vehicle")
        except UnknownName as error:
            self.wrong(("each", "wishes_matching"), "rule-unknown-field", error.message, error.hint)
        return Each(path, int(spec.get("score", 60)), str(spec.get("as", "wish")))

    def _effects(self, entity: str, trigger: str, each: Each | None) -> tuple[dict[str, tuple[str, Any]], set[str]]:
        reader = Reader(Kit(self.vocabulary, self.effects, self.word_of, self.checker), entity, self.problems)
        return reader.effects(self.data.get("do"), ("do",), trigger, (each.name, each.entity) if each else None)
