"""What the steps of one workflow do and where their ways lead: effects compiled for the workflow's purpose and ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.language.findings import Where
from engine.planning.parts import Reader
from engine.planning.rules import Each, Rule
from engine.planning.workflows.graph import Way
from engine.planning.workflows.step_names import Match, Spot, StepNames


@dataclass(frozen=True)
class Deeds:
    """What every kind of step is compiled with; problems are on the reader."""

    id: str
    label: Mapping[str, str]
    purpose: str
    ground: str
    ground_about: str
    reader: Reader
    names: StepNames

    def rule(self, effects: dict[str, tuple[str, Any]], paths: set[str], match: Match) -> Rule:
        """Compiled effects as the rule that a step carries out."""
        return Rule(
            id=self.id,
            label=self.label,
            entity=self.reader.entity,
            purpose=self.purpose,
            ground=self.ground,
            ground_about=self.ground_about,
            trigger="step",
            each=Each("", 0, match[0], match[1]) if match else None,
            effects=effects,
            paths=frozenset(paths | {path for path in (self.ground, self.ground_about) if path}),
        )

    def do(self, data: Any, where: Where, match: Match) -> Rule | None:
        """The effects written under a `do:`; None where there are none."""
        if not data:
            return None
        if any("message" in spec for spec in data.values() if isinstance(spec, Mapping)):
            self.reaches_customer(where, "an internal workflow may not reach the customer")
        return self.rule(*self.reader.effects(data, where, match=match), match)

    def reaches_customer(self, where: Where, message: str) -> None:
        """Only a workflow with a purpose may reach the customer."""
        if self.purpose == "internal":
            self.reader.wrong(where, "rule-internal-reaches-customer", message, "state its purpose: advertising, service with its ground, or safety")

    def way(self, spec: Mapping[str, Any], spot: Spot, where: Where) -> Way:
        """`next:` and `do:`."""
        return Way(self.names.resolve(spec.get("next"), spot, (*where, "next")), self.do(spec.get("do"), (*where, "do"), spot.match))

    def outcomes(self, spot: Spot) -> dict[str, Way]:
        """The way out of a step by its outcome, perhaps after some tries."""
        outcomes = (spot.data.get("outcomes") or {}).items()
        return {str(name): self._outcome(spec or {}, spot, (*spot.where, "outcomes", name)) for name, spec in outcomes}

    def _outcome(self, spec: Mapping[str, Any], spot: Spot, where: Where) -> Way:
        tries = tuple(d for n, text in enumerate(spec.get("tries") or ()) if (d := self.reader.duration(text, (*where, "tries", n))))
        if tries and "next" in spec:
            self.reader.wrong((*where, "next"), "flow-tries-next", "with `tries` it goes on after the last one", "write `else: {next: ...}`", key=True)
        if not tries and "else" in spec:
            self.reader.wrong((*where, "else"), "flow-else-unused", "nothing leads to `else` without `tries`", "write `next:`", key=True)
        target, at = (spec.get("else") or {}, (*where, "else", "next")) if tries else (spec, (*where, "next"))
        return Way(self.names.resolve(target.get("next"), spot, at), self.do(spec.get("do"), (*where, "do"), spot.match), tries)
