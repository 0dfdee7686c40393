"""What advice is given on: a site's definitions, as written and as compiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.definitions.layers import ACTING, Definition, Definitions
from engine.language.findings import Problem, Where
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow
from engine.running.compiling import Compiled


@dataclass(frozen=True)
class LookedAt:
    """A site's definitions."""

    definitions: Definitions
    compiled: Compiled
    shipped: frozenset[str] = frozenset()
    """The packs whose words are there for others to use."""
    held: frozenset[str] | None = None
    """The roles that the store's employees hold; None where nobody is known yet."""

    @cached_property
    def rules(self) -> Mapping[str, list[Rule]]:
        """Id -> the variants of every rule and campaign in force that somebody wrote."""
        found = defaultdict(list)
        for rule in self.compiled.rules:
            if rule.id in self.compiled.sections["rules"] or rule.id in self.compiled.sections["campaigns"]:
                found[rule.id].append(rule)
        return found

    @cached_property
    def flows(self) -> Mapping[str, list[Flow]]:
        """Id -> the variants of every workflow."""
        found = defaultdict(list)
        for flow in self.compiled.flows:
            found[flow.id].append(flow)
        return found

    def acting(self) -> Iterator[tuple[Definition, Mapping[str, Any]]]:
        """Every rule, workflow and campaign that is in order and not switched off, with its data, parameters filled in."""
        for section in ACTING:
            for name, data in self.compiled.sections[section].items():
                definition = self.definitions.get(section, name)
                if definition and name not in self.compiled.problems and data.get("enabled", True) is not False:
                    yield definition, data


def advice(where: Where, code: str, message: str, hint: str, *, key: bool = False) -> Problem:
    """A problem that is no error."""
    return Problem(where, code, message, hint, key, "warning")


def maps_in(data: Any, at: Where = ()) -> Iterator[tuple[Where, Mapping[str, Any]]]:
    """Every map in some data, with the way to it."""
    if isinstance(data, Mapping):
        yield at, data
        for key, inner in data.items():
            yield from maps_in(inner, (*at, key))
    elif isinstance(data, list):
        for index, inner in enumerate(data):
            yield from maps_in(inner, (*at, index))
