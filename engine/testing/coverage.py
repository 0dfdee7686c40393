"""What the tests reach: rules, effects, both sides of each test of a condition, the steps of workflows and the ways out of them.

It is read off what the planner asked and what a test's store recorded: occurrences and the cases' steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.definitions.layers import Definition
from engine.language.findings import Place, Where
from engine.planning.query import heard_by
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow, Step
from engine.planning.workflows.step_names import places_of
from engine.running.compiling import Compiled
from engine.running.setting import Setting
from engine.testing.leaves import Ears, conditions, leaves
from engine.testing.run import Bench

ACTED = ("done", "blocked")
"""An effect that the law forbids was reached, too."""
Key = tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One thing that tests can reach: its kind (rule, effect, condition, step, outcome), what it is and where it is written."""

    kind: str
    says: str
    place: Place
    reached: bool

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"kind": self.kind, "what": self.says, "file": self.place.file, "line": self.place.line, "reached": self.reached}


@dataclass
class Covered:
    """A definition and all that can be reached of it."""

    id: str
    items: list[Item]

    @property
    def reached(self) -> int:
        """How many were."""
        return sum(item.reached for item in self.items)

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {"definition": self.id, "reached": self.reached, "of": len(self.items), "items": [item.as_json() for item in self.items]}


@dataclass
class Coverage:
    """Gathers over the rows of one pack's tests."""

    bench: Bench
    ears: Ears = field(default_factory=Ears)
    effects: set[tuple[str, str, str]] = field(default_factory=set)
    """(definition, step or "", effect)"""
    steps: set[tuple[str, str, str]] = field(default_factory=set)
    """(definition, step, outcome or "")"""

    def __post_init__(self) -> None:
        for one in definitions_of(self.bench.compiled).values():
            for variant in one:
                self.ears.listen_for(variant)

    @contextmanager
    def around(self, setting: Setting) -> Iterator[None]:
        """Listen to one row of a test and read off what it left."""
        self.ears.under_test = frozenset(rule.id for rule in setting.rules) | {flow.id for flow in setting.flows}
        with heard_by(self.ears):
            yield
        sql = "SELECT DISTINCT definition, occurrence, effect FROM occurrence WHERE status IN (?, ?)"
        for definition, occurrence, effect in setting.store.rows(sql, ACTED):
            words = str(occurrence).split()
            step = words[2].partition("#")[0] if words[0] == "case" and len(words) > 2 else ""
            self.effects.add((definition, step, effect))
        sql = "SELECT DISTINCT i.definition, t.step, t.outcome FROM token t JOIN instance i ON i.id = t.instance"
        for definition, step, outcome in setting.store.rows(sql, []):
            self.steps |= {(definition, step, ""), (definition, step, str(outcome or ""))}

    def report(self) -> list[Covered]:
        """Every definition the pack brought, with what was reached of it."""
        found = []
        for name, variants in definitions_of(self.bench.compiled).items():
            owner = self.bench.site.definitions.acting(name)
            if owner is not None and owner.pack == self.bench.pack:
                items = dict.fromkeys(item for variant in variants for item in self._items(owner, variant))
                found.append(Covered(name, list(items)))
        return found

    def _items(self, owner: Definition, one: Rule | Flow) -> Iterator[Item]:
        if isinstance(one, Rule):
            acted = any(definition == one.id for definition, *_ in self.effects)
            yield Item("rule", "it acts", owner.place(()), acted)
            yield from (Item("effect", name, owner.place(("do", name)), (one.id, "", name) in self.effects) for name in one.effects)
        else:
            yield from self._steps(owner, one)
        for before, node in conditions(one):
            for leaf in leaves(node):
                place = owner.place((*before, *leaf.where))
                for side, said in ((self.ears.true, "true"), (self.ears.false, "false")):
                    held = any(seen.definition == one.id and seen.where == leaf.where and seen.node == leaf for seen in side)
                    yield Item("condition", f"{_last(leaf.where)} is {said}", place, held)

    def _steps(self, owner: Definition, flow: Flow) -> Iterator[Item]:
        places = places_of(flow.data)
        for name, step in flow.steps.items():
            at = places[name]
            yield Item("step", name, owner.place(at), (flow.id, name, "") in self.steps)
            for outcome, where in _ways(step).items():
                yield Item("outcome", f"{name}: {outcome}", owner.place((*at, *where)), (flow.id, name, outcome) in self.steps)
            for effect in step.act.effects if step.act and step.kind in ("do", "end") else ():
                yield Item("effect", f"{name}: {effect}", owner.place((*at, "do", effect)), (flow.id, name, effect) in self.effects)


def _ways(step: Step) -> Mapping[str, Where]:
    """The ways out of a step by the names the cases record, and where each is written."""
    found: dict[str, Where] = {name: ("outcomes", name) for name in step.outcomes}
    found |= {wait.name: ("wait", wait.name) for wait in step.waits}
    found |= {choice.name: ("decide", choice.name) for choice in step.choices}
    return found | ({"deadline": ("deadline",)} if step.deadline else {})


def _last(where: Where) -> str:
    return str(next((step for step in reversed(where) if isinstance(step, str)), "condition"))


def definitions_of(compiled: Compiled) -> dict[str, list[Rule | Flow]]:
    """The variants of every rule and workflow by id."""
    found: dict[str, list[Rule | Flow]] = {}
    flows = {flow.id for flow in compiled.flows}
    for rule in compiled.rules:
        if rule.id not in flows:
            found.setdefault(rule.id, []).append(rule)
    for flow in compiled.flows:
        found.setdefault(flow.id, []).append(flow)
    return found
