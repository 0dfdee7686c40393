"""A campaign is a rule that looks every day, within its days, and acts once for each customer (docs/decisions/0018).

Here its words become those of a rule; what it counts as a response is compiled for `regelwerk campaign` alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.conditions import Node, parse_condition
from engine.language.durations import PhraseError, parse_duration
from engine.language.findings import Problem, Where
from engine.language.nearest import did_you_mean
from engine.language.periods import Period, parse_period
from engine.language.vocabulary import UnknownName, Vocabulary

SUBJECT = "customer"
SAME = ("label", "purpose", "ground", "limit", "spread", "from", "until", "do", "enabled", "formerly")
"""Keys that mean the same in the rule."""
OBJECTION = ("widersp", "werbung", "abmeld", "abbestell", "objec", "advertis", "unsubscribe", "opt out", "opt-out")
"""Words by which a text says how to object (§ 7 UWG; Art. 21 GDPR)."""
Found = tuple[Mapping[str, Any], list[Problem]]


@dataclass(frozen=True)
class Response:
    """Records of the customer that count as a response, from the day on which he was addressed."""

    name: str
    label: Any
    entity: str
    back: str
    """The record's field that leads to the customer."""
    day: str
    """The record's field that says when it was."""
    is_moment: bool
    condition: Node | None
    within: int | None = None
    """Days."""


@dataclass(frozen=True)
class Campaign:
    """What is told of a campaign beyond its rule."""

    id: str
    label: Any
    period: Period
    responses: tuple[Response, ...] = ()


@dataclass
class Reader:
    """Reads one campaign's own words; gathers every problem."""

    vocabulary: Vocabulary
    selections: Mapping[str, Mapping[str, Any]]
    problems: list[Problem] = field(default_factory=list)

    def rule(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        """The rule it is. What is wrong with a rule's words is said when that is compiled."""
        own: list[Any] = data["where"] if isinstance(data.get("where"), list) else [data["where"]] if "where" in data else []
        return {**{key: data[key] for key in SAME if key in data}, "for": SUBJECT, "every": "day", "where": [*own, *self._selected(data)]}

    def _selected(self, data: Mapping[str, Any]) -> list[Any]:
        name = data.get("selection")
        if name is None:
            if "where" not in data:
                hint = "add `selection:` or `where:`; `where: []` is everybody"
                self.problems.append(Problem((), "campaign-for-nobody", "it does not say whom it is for", hint, key=True))
            return []
        found = self.selections.get(str(name))
        if found is None:
            hint = did_you_mean(str(name), self.selections, "declare it in `selections:`, or write `where:`")
            self.problems.append(Problem(("selection",), "campaign-unknown-selection", f"there is no selection '{name}'", hint))
            return []
        if found.get("for", SUBJECT) != SUBJECT:
            hint = "name one of customers, or write `where:`"
            self.problems.append(Problem(("selection",), "campaign-wrong-selection", f"'{name}' selects no customers but records of {found['for']}", hint))
            return []
        return list(found["where"]) if isinstance(found["where"], list) else [found["where"]]

    def responses(self, data: Mapping[str, Any]) -> tuple[Response, ...]:
        """What counts as a response."""
        entries = (data.get("response") or {}).items()
        return tuple(one for name, spec in entries if (one := self._response(str(name), spec, ("response", str(name)))) is not None)

    def _response(self, name: str, spec: Mapping[str, Any], where: Where) -> Response | None:
        try:
            found = self.vocabulary.field_of(SUBJECT, str(spec["some"]))
        except UnknownName as error:
            self.problems.append(Problem((*where, "some"), "campaign-bad-response", error.message, error.hint))
            return None
        target = self.vocabulary.entities.get(found.target)
        if found.type != "many" or target is None or not target.happened:
            message = f"'{spec['some']}' are no records that say when they were"
            self.problems.append(Problem((*where, "some"), "campaign-bad-response", message, "name e.g. visits, contracts, opportunities, activities"))
            return None
        condition, problems = parse_condition(spec["where"], target.name, self.vocabulary, (*where, "where")) if "where" in spec else (None, [])
        self.problems += problems
        is_moment = target.fields[target.happened].type == "datetime"
        return Response(name, spec.get("label", name), target.name, found.back, target.happened, is_moment, condition, self._within(spec, where))

    def _within(self, spec: Mapping[str, Any], where: Where) -> int | None:
        if "within" not in spec:
            return None
        try:
            length = parse_duration(str(spec["within"]))
        except PhraseError as error:
            self.problems.append(Problem((*where, "within"), "campaign-bad-response", error.message, error.hint))
            return None
        if not length.days or length.months or length.business_days or length.is_elapsed:
            message = f"'{spec['within']}' is not counted in days"
            self.problems.append(Problem((*where, "within"), "campaign-bad-response", message, "write e.g. `6 weeks` or `30 days`"))
        return length.days


def rule_of(data: Mapping[str, Any], vocabulary: Vocabulary, selections: Mapping[str, Mapping[str, Any]]) -> Found:
    """The rule a campaign is, and what is wrong with its own words."""
    reader = Reader(vocabulary, selections)
    rule = reader.rule(data)
    reader.responses(data)
    return rule, reader.problems


def campaign_of(name: str, data: Mapping[str, Any], vocabulary: Vocabulary) -> Campaign:
    """A campaign that is in order."""
    reader = Reader(vocabulary, {})
    return Campaign(name, data["label"], parse_period(str(data["from"]), str(data["until"])), reader.responses(data))


WHY = {
    "campaign-no-way-to-object": "Every advertisement has to say how to object to further ones (§ 7 UWG, Art. 21 DSGVO). Only the text is looked at, for words that commonly say so.",
}
"""Code of the advice given here -> why it is given."""


def advice(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Warnings: advertising says in each of its texts how to object."""
    for name, effect in (data.get("do") or {}).items() if data.get("purpose") == "advertising" else ():
        template = vocabulary.templates.get(str(effect.get("message"))) if isinstance(effect, Mapping) and "message" in effect else None
        body = (template or {}).get("body") or {}
        for language, text in body.items() if isinstance(body, Mapping) else [("", body)]:
            if not any(word in str(text).lower() for word in OBJECTION):
                message = f"the text of '{effect['message']}'{f' ({language})' if language else ''} does not say how to object"
                hint = "add e.g. `No more advertising: a short reply is enough`; the law wants it in every advertisement"
                yield Problem(("do", name, "message"), "campaign-no-way-to-object", message, hint, severity="warning")
