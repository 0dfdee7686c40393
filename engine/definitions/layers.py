"""Packs and a dealer's own files, put together: every definition once, with the place of every value.

Full ids are `pack.id`. Only `change:` alters a definition of an earlier layer (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.document import Document
from engine.language.findings import Finding, Place, Where

BUILT_IN = "standard"
"""The pack whose kinds of tag are fixed (S0.18)."""
SECTIONS = (
    "fields", "rules", "workflows", "campaigns", "questionnaires", "offer_tools", "tags", "activities", "roles", "choices", "lists", "templates", "events", "parameters", "calendars", "selections", "imports", "tests",
)  # fmt: skip
GLOBAL = (
    "fields",
    "questionnaires",
    "offer_tools",
    "tags",
    "activities",
    "roles",
    "choices",
    "lists",
    "templates",
    "events",
    "selections",
    "calendars",
    "imports",
)
"""Sections whose ids are words of the trade, the same for all packs; rules and parameters belong to their pack."""
RESERVED_TAG = "werbesperre"
"""The tag that follows from objections alone: it stays as it is shipped, or its posting could be cut short (P25)."""
ACTING = ("rules", "workflows", "campaigns")
"""Sections whose definitions act; they share one set of ids."""


@dataclass(frozen=True)
class Said:
    """One thing a layer says: the value of a key, or that the key goes. `was` is what it replaces, None where there was nothing."""

    path: Where
    value: Any
    place: Place
    was: Any = None
    was_at: Place | None = None
    removes: bool = False
    restates: bool = False
    """It says what is there already."""


@dataclass
class Part:
    """What one file of one layer says of a definition."""

    pack: str
    place: Place
    said: list[Said] = field(default_factory=list)


@dataclass
class Definition:
    """One merged definition; `places` leads from a path in it to the file and line that says so."""

    id: str
    section: str
    data: Any
    places: dict[Where, tuple[Place, Place]]
    files: list[str] = field(default_factory=list)
    pack: str = ""
    """The pack that brought it; others may have changed it."""
    removed: dict[Where, Place] = field(default_factory=dict)
    """Where a `change:` takes a key away: what then is missing is said there."""
    parts: list[Part] = field(default_factory=list)
    """What each layer says of it, in order; empty while no `change:` has touched it."""

    def place(self, path: Where) -> Place:
        """Where a value stands; a path that is not there is shortened until it is."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path][1] if path else self.places.get((), (Place(""), Place("")))[0]


@dataclass
class Definitions:
    """All layers together: section -> id -> definition, and everything found wrong on the way."""

    sections: dict[str, dict[str, Definition]] = field(default_factory=lambda: {name: {} for name in SECTIONS})
    findings: list[Finding] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    halves: dict[str, Any] = field(default_factory=dict)
    """Rules whose shape is wrong, without what is wrong: looked at for further findings, never run."""
    variants: dict[str, list[Any]] = field(default_factory=dict)
    """Rule id -> its variants, where parameters differ per branch or brand."""
    values: Any = None
    """The parameters' values in force (engine/definitions/parameters.py)."""

    def get(self, section: str, name: str) -> Definition | None:
        """A definition by its id."""
        return self.sections.get(section, {}).get(name)

    def acting(self, name: str) -> Definition | None:
        """A rule, workflow or campaign by its id."""
        return next((found for section in ACTING if (found := self.get(section, name))), None)

    def acting_names(self) -> list[str]:
        """The ids of all rules, workflows and campaigns."""
        return [name for section in ACTING for name in self.sections[section]]

    def owner(self, name: str) -> Definition:
        """The rule, workflow or campaign of an id that is there."""
        found = self.acting(name)
        assert found is not None
        return found

    def wrong(self, place: Place, code: str, message: str, hint: str = "") -> None:
        """Note a finding."""
        self.findings.append(Finding(place, code, message, hint))

    def advise(self, place: Place, code: str, message: str, hint: str) -> None:
        """Note advice: what it is about stays in force."""
        self.findings.append(Finding(place, code, message, hint, "warning"))


def copied(value: Any) -> Any:
    """A value of its own, maps and lists in it too."""
    if isinstance(value, Mapping):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


def leaves(value: Any, at: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every plain value, empty map and list of plain values in some data, with the way to it."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from leaves(inner, (*at, key))
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*at, index))
    else:
        yield at, value
