"""What a tick works with: a store and a site's compiled definitions, put together by engine/site.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.effects.base import Batch
from engine.language.calendars import Calendar
from engine.language.conditions import AnyOf, Literal, Node, Test
from engine.language.vocabulary import Vocabulary
from engine.planning.candidates import Scene
from engine.planning.rules import Rule
from engine.running.apply import LoadedValues
from engine.running.events import EventKind
from engine.running.gatekeeper import Gatekeeper
from engine.running.people import Staff, read_staff
from engine.store.store import Store


@dataclass
class Setting:
    """A store with the definitions in force. `calendars` maps branch codes to calendars; others use `calendar`."""

    store: Store
    vocabulary: Vocabulary
    rules: Sequence[Rule]
    events: Sequence[EventKind]
    sections: Mapping[str, Mapping[str, Mapping[str, Any]]]
    calendar: Calendar
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    language: str = "de"
    digest: str = ""
    user: str = ""

    def on(self, store: Store) -> Setting:
        """The same definitions over another store (a copy that is thrown away)."""
        return Setting(
            store,
            self.vocabulary,
            self.rules,
            self.events,
            self.sections,
            self.calendar,
            self.calendars,
            self.language,
            self.digest,
            self.user,
        )

    def scenes(self, rule: Rule, now: datetime, last_tick: datetime | None) -> list[Scene]:
        """One scene per group of branches with one calendar, narrowed to the rule's branches and brands."""
        groups: dict[Calendar, list[str]] = {self.calendar: []}
        for code, calendar in self.calendars.items():
            groups.setdefault(calendar, []).append(code)
        scenes = []
        for calendar, codes in groups.items():
            narrowed, nodes = _narrow(rule, codes, self._entity_branch(rule), calendar == self.calendar, len(groups) > 1)
            if narrowed:
                scenes.append(Scene(self.store, self.vocabulary, now, last_tick, calendar, nodes))
        return scenes

    def _entity_branch(self, rule: Rule) -> tuple[str, str]:
        entity = self.vocabulary.entity(rule.entity)
        branch = "code" if entity.branch == "self" else (f"{entity.branch}.code" if entity.branch else "")
        return branch, entity.brand

    def batches(self, now: datetime) -> Callable[[Rule], Batch]:
        """A maker of batches at a moment: staff, branches' calendars and consents are read once per tick."""
        staff: Staff = read_staff(self.store)
        codes = dict(self.store.rows("SELECT id, code FROM branch", []))

        def calendar_of(branch: int | None) -> Calendar:
            return self.calendars.get(codes.get(branch, ""), self.calendar)

        def make(rule: Rule) -> Batch:
            return Batch(
                store=self.store,
                now=now,
                vocabulary=self.vocabulary,
                values=LoadedValues(self.store),
                people=staff,
                gate=Gatekeeper(self.store, now, self.calendar, self.language),
                calendar_of=calendar_of,
                sections=self.sections,
                purpose=rule.purpose,
                ground=rule.ground,
                language=self.language,
                label=rule.id,
                derived=rule.trigger == "while",
            )

        return make


def _narrow(rule: Rule, codes: list[str], paths: tuple[str, str], default: bool, several: bool) -> tuple[bool, Node | None]:
    """Whether any subject is left in a group, and the condition that says which."""
    branch, brand = paths
    parts: list[Node] = []
    if several or rule.branches is not None:
        if not branch:
            if not default or (rule.branches is not None and "" not in rule.branches):
                return False, None
        else:
            wanted = codes if rule.branches is None else [code for code in codes if code in rule.branches]
            missing = default and (rule.branches is None or "" in rule.branches)
            if not wanted and not missing:
                return False, None
            parts.append(one_of(branch, wanted, missing))
    if rule.brands is not None and brand:
        parts.append(one_of(brand, [b for b in rule.brands if b], "" in rule.brands))
    elif rule.brands is not None and "" not in rule.brands:
        return False, None
    if not parts:
        return True, None
    return True, parts[0] if len(parts) == 1 else _all(parts)


def _all(parts: list[Node]) -> Node:
    from engine.language.conditions import All

    return All(tuple(parts))


def one_of(path: str, values: Sequence[str], missing: bool) -> Node:
    """The field is one of these values, or missing where that is wanted too."""
    tests: list[Node] = [Test(path, "is", Literal(value)) for value in values]
    if missing:
        tests.append(Test(path, "missing", Literal(True)))
    return AnyOf(tuple(tests))
