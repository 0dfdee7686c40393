"""What a simulation takes for granted about people: how work ends, after how long, and how much is never done."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from engine.definitions.assumptions_schema import SPAN
from engine.language.calendars import Calendar
from engine.language.findings import Problem, Where
from engine.language.nearest import did_you_mean

Sections = Mapping[str, Mapping[str, Mapping[str, Any]]]
_SPAN = re.compile(SPAN)


@dataclass(frozen=True)
class Span:
    """So many days, drawn evenly between two ends (both included)."""

    least: int
    most: int
    business: bool

    def __str__(self) -> str:
        days = f"{self.least} to {self.most}" if self.least != self.most else str(self.least)
        return f"{days} {'business ' if self.business else ''}days"

    def after(self, day: date, calendar: Calendar, random: Random) -> date:
        """A day drawn, so long after another."""
        number = random.randint(self.least, self.most)
        return calendar.add_business_days(day, number) if self.business else day + timedelta(days=number)


def span(text: str) -> Span:
    """`0 to 2 business days` read; its form was checked by the schema, its order by `mistakes`."""
    found = _SPAN.fullmatch(text)
    assert found is not None
    least, most = int(found[1]), int(found[3] or found[1])
    return Span(least, most, bool(found[4]))


@dataclass(frozen=True)
class Assumed:
    """What holds for one kind of activity. `never` is of a hundred; no `outcomes`: half end as the first one named, the rest evenly."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    after: Span = Span(0, 2, True)
    never: int = 10
    appointment: Span = Span(1, 5, True)
    answers: Mapping[str, Any] = field(default_factory=dict)

    def outcome(self, possible: Sequence[str], random: Random) -> str:
        """One of the possible outcomes, drawn by the shares."""
        shares = [self.outcomes.get(name, 0) for name in possible]
        if not any(shares):
            shares = default_shares(possible)
        return random.choices(list(possible), shares)[0] if possible else "done"


def default_shares(possible: Sequence[str]) -> list[int]:
    """Half for the first outcome, what is left evenly for the others; nobody cancels."""
    others = [name for name in possible[1:] if name != "cancelled"]
    return [len(others) or 1, *(0 if name == "cancelled" else 1 for name in possible[1:])]


@dataclass(frozen=True)
class Assumptions:
    """All of them, and the seed they are drawn by."""

    seed: int = 1
    otherwise: Assumed = Assumed()
    kinds: Mapping[str, Assumed] = field(default_factory=dict)

    def of(self, kind: str) -> Assumed:
        """What holds for a kind of activity."""
        return self.kinds.get(kind, self.otherwise)

    def lines(self, kinds: Iterable[str], sections: Sections) -> list[str]:
        """What was assumed for some kinds, for people."""
        return [f"{kind}: {_said(self.of(kind), sections.get('activities', {}).get(kind, {}).get('outcomes') or [])}" for kind in sorted(kinds)]


def _said(one: Assumed, possible: Sequence[str]) -> str:
    shares = one.outcomes or dict(zip(possible, default_shares(possible), strict=True) if possible else ())
    total = sum(shares.values()) or 1
    ends = ", ".join(f"{name} {round(100 * share / total)} %" for name, share in shares.items() if share) or "as its step says"
    return f"{ends}; {one.after} after it is due; {one.never} % never"


def assumptions_of(data: Mapping[str, Any], seed: int | None = None) -> Assumptions:
    """Assumptions from a file's data, shape and content checked before."""
    otherwise = _with(Assumed(), data.get("otherwise") or {})
    kinds = {str(kind): _with(otherwise, spec) for kind, spec in (data.get("activities") or {}).items()}
    return Assumptions(seed if seed is not None else int(data.get("seed", 1)), otherwise, kinds)


def _with(base: Assumed, spec: Mapping[str, Any]) -> Assumed:
    said: dict[str, Any] = {name: spec[name] for name in ("outcomes", "never", "answers") if name in spec}
    said |= {name: span(str(spec[name])) for name in ("after", "appointment") if name in spec}
    return replace(base, **said)


def _backwards(where: Where, spec: Mapping[str, Any]) -> Iterable[Problem]:
    for name in ("after", "appointment"):
        said = span(str(spec[name])) if name in spec else None
        if said and said.most < said.least:
            hint = f"write {replace(said, least=said.most, most=said.least)}"
            yield Problem((*where, name), "assume-backwards", f"'{spec[name]}' begins with the greater number", hint)


def mistakes(data: Mapping[str, Any], sections: Sections, outcomes: Mapping[str, set[str]]) -> Iterable[Problem]:
    """What names a kind of activity, an outcome or a question that this site does not have. `outcomes` are those of workflows' steps, by kind."""
    known = sections.get("activities", {})
    yield from _backwards(("otherwise",), data.get("otherwise") or {})
    for kind, spec in (data.get("activities") or {}).items():
        where = ("activities", kind)
        yield from _backwards(where, spec)
        if kind not in known:
            yield Problem(where, "assume-unknown-activity", f"there is no kind of activity '{kind}'", did_you_mean(kind, known), key=True)
            continue
        possible = sorted({*known[kind].get("outcomes", ()), *outcomes.get(kind, ())})
        for name in spec.get("outcomes", {}):
            if name not in possible:
                hint = did_you_mean(name, possible, "one of " + ", ".join(possible) if possible else "leave it out")
                yield Problem((*where, "outcomes", name), "assume-unknown-outcome", f"a {kind} never ends with '{name}'", hint, key=True)
        if spec.get("outcomes") and not any(spec["outcomes"].values()):
            yield Problem((*where, "outcomes"), "assume-no-share", f"no outcome of {kind} has a share", "give one more than 0")
        questions = {name for form in sections.get("questionnaires", {}).values() for name in form.get("questions", {})}
        for name in spec.get("answers", {}):
            if name not in questions:
                yield Problem((*where, "answers", name), "assume-unknown-question", f"no form asks '{name}'", did_you_mean(name, sorted(questions)), key=True)
