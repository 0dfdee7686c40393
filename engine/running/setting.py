"""What a tick works with: a store and a site's compiled definitions, put together by engine/site.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.definitions.parameters import Only
from engine.effects.base import Batch
from engine.language.calendars import Calendar
from engine.language.conditions import All, AnyOf, Literal, Node, Not, Test
from engine.language.vocabulary import Entity, Vocabulary
from engine.planning.candidates import Scene
from engine.planning.parts import Kit
from engine.planning.query import QueryContext, ids
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow
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
    flows: Sequence[Flow] = ()
    kit: Kit | None = None
    """What stored versions of workflows are compiled with."""
    versions: dict[int, Flow] = field(default_factory=dict)
    """Stored versions of this store that were compiled already."""
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """The stored versions of this store: definition and digest -> number."""
    unheard: frozenset[str] = frozenset()
    """The events that a rule left out for its mistakes listens to: they wait until it is mended."""
    declared: frozenset[str] | None = None
    """The ids of all rules in force, and what they were called before; None where that is not known for sure."""
    left_open: str = "keep"
    """What becomes of the open work of a definition that is gone: keep or close."""

    def on(self, store: Store) -> Setting:
        """The same definitions over another store (a copy that is thrown away)."""
        return replace(self, store=store, versions={}, numbers={})

    def narrowed(self, only: Collection[str]) -> Setting:
        """Some of the definitions alone; the others count as there, so nothing of theirs is cleared away."""
        return replace(
            self, rules=[rule for rule in self.rules if rule.id in only], flows=[flow for flow in self.flows if flow.id in only], versions={}, numbers={}
        )

    def scenes(self, rule: Rule, now: datetime, last_tick: datetime | None) -> list[Scene]:
        """One scene per group of branches with one calendar, narrowed to the rule's branches and brands."""
        groups: dict[Calendar, set[str]] = {}
        for code, calendar in self.calendars.items():
            if calendar != self.calendar:
                groups.setdefault(calendar, set()).add(code)
        others = Only(frozenset().union(*groups.values()), inside=False) if groups else None
        scenes = []
        for calendar, only in [(self.calendar, others), *((calendar, Only(frozenset(codes))) for calendar, codes in groups.items())]:
            nodes = narrowing(rule, self.vocabulary.entity(rule.entity), only)
            if nodes is not None:
                scenes.append(Scene(self.store, self.vocabulary, now, last_tick, calendar, All(nodes) if nodes else None))
        return scenes

    def whole(self, rule: Rule, now: datetime, last_tick: datetime | None) -> Scene | None:
        """One scene over all subjects of a rule, whatever their calendar; None where it can have none."""
        nodes = narrowing(rule, self.vocabulary.entity(rule.entity), None)
        return Scene(self.store, self.vocabulary, now, last_tick, self.calendar, All(nodes) if nodes else None) if nodes is not None else None

    def mine(self, rule: Rule | Flow, subjects: Sequence[int]) -> set[int]:
        """Which of the subjects this variant of a rule is for."""
        nodes = narrowing(rule, self.vocabulary.entity(rule.entity), None)
        if not nodes:
            return set(subjects) if nodes is not None else set()
        return set(ids(self.store, rule.entity, All(nodes), QueryContext(datetime.min, self.calendar), only=sorted(set(subjects))))

    def batches(self, now: datetime) -> Callable[[Rule | Flow], Batch]:
        """A maker of batches at a moment. Staff and branches are read once per tick; what is read of customers, once per batch."""
        staff: Staff = read_staff(self.store)
        codes = dict(self.store.rows("SELECT id, code FROM branch", []))
        self.numbers.update({(row[0], row[1]): row[2] for row in self.store.rows("SELECT definition, digest, id FROM definition_version", [])})

        def calendar_of(branch: int | None) -> Calendar:
            return self.calendars.get(codes.get(branch, ""), self.calendar)

        def make(rule: Rule | Flow) -> Batch:
            return Batch(
                store=self.store,
                now=now,
                vocabulary=self.vocabulary,
                values=LoadedValues(self.store),
                people=staff,
                gate=Gatekeeper(self.store, now, self.language),
                calendar_of=calendar_of,
                sections=self.sections,
                purpose=rule.purpose,
                ground=rule.ground,
                ground_about=rule.ground_about,
                language=self.language,
                version=self.numbers.get((rule.id, rule.digest)),
                campaign=self._campaign(rule) if isinstance(rule, Rule) and rule.period else None,
                derived=isinstance(rule, Rule) and rule.trigger == "while",
            )

        return make

    def _campaign(self, rule: Rule) -> int | None:
        """The campaign's record, where a tick has made it (engine/running/campaigns.py)."""
        found = self.store.rows("SELECT id FROM campaign WHERE number = ?", [rule.id])
        return int(found[0][0]) if found else None


def narrowing(rule: Rule | Flow, entity: Entity, group: Only | None) -> tuple[Node, ...] | None:
    """The conditions that narrow a rule to its branches, brands and a group of branches; None where nothing is left."""
    branch = "code" if entity.branch == "self" else (f"{entity.branch}.code" if entity.branch else "")
    nodes: list[Node] = []
    for path, only in ((branch, group), (branch, rule.branches), (entity.brand, rule.brands)):
        if only is None:
            continue
        if path:
            nodes.append(_one_of(path, only))
        elif only.inside:
            return None  # a record without a branch or brand is never one of those named
    return tuple(nodes)


def _one_of(path: str, only: Only) -> Node:
    named = AnyOf(tuple(Test(path, "is", Literal(name)) for name in sorted(only.names)))
    return named if only.inside else Not(named)
