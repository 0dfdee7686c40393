"""Mutation testing: a definition is changed in one place at a time; a change that none of its tests notices is a gap in them.

For each change only that definition is compiled anew, and its tests run until one fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

from engine.definitions.layers import ACTING, Definition
from engine.definitions.parameters import Variant
from engine.language.findings import Place
from engine.running.compiling import Compiled, compile_flows, compile_rules, soundness
from engine.schemas import SECTIONS
from engine.site import Site, load_site
from engine.testing.changes import REMOVED, Change, changes
from engine.testing.run import Bench, benches, cost_of, rows_of, rules_of, run_row

NOTICED, REFUSED, SURVIVED = "noticed", "refused", "survived"


@dataclass(frozen=True)
class Mutant:
    """What became of one change: noticed by a test, refused by `check`, or survived."""

    place: Place
    kind: str
    old: str
    new: str
    fate: str
    by: str = ""
    """The test that noticed."""

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        found = {"file": self.place.file, "line": self.place.line, "kind": self.kind, "old": self.old, "new": self.new, "fate": self.fate}
        return found | ({"by": self.by} if self.by else {})


@dataclass(frozen=True)
class Target:
    """A definition as the tests of a pack see it."""

    pack: str
    id: str


@dataclass
class Mutated:
    """A definition with all its changes."""

    target: Target
    mutants: list[Mutant]

    def number(self, fate: str) -> int:
        """How many changes ended so."""
        return sum(mutant.fate == fate for mutant in self.mutants)


class Mutation:
    """All that can be changed in a site: what each pack wrote itself, tried with that pack's own tests."""

    def __init__(self, site: Site) -> None:
        self._benches = {bench.pack: (bench, tests) for bench, tests in benches(site)}

    def targets(self, only: frozenset[str] = frozenset()) -> list[Target]:
        """The definitions of which a pack with tests wrote something, all or those named (by id, or by the pack)."""
        found = []
        for pack, (bench, _) in self._benches.items():
            ids = [name for section in ACTING for name in bench.site.sections[section]]
            found += [Target(pack, name) for name in ids if (not only or name in only or pack in only) and self._mine(bench, name)]
        return found

    def _mine(self, bench: Bench, name: str) -> bool:
        owner = bench.site.definitions.owner(name)
        return owner.pack == bench.pack or any(bench.wrote(mark) for mark, _ in owner.places.values())

    def run(self, target: Target, limit: int | None = None) -> Mutated:
        """Try all changes to a definition, or the first so many of those spread over it."""
        bench, tests = self._benches[target.pack]
        owner = bench.site.definitions.owner(target.id)
        data = bench.site.sections[owner.section][target.id]
        all_changes = [one for one in changes(data, bench.compiled.vocabulary) if bench.wrote(owner.place(one.where))]
        if limit and len(all_changes) > limit:
            all_changes = all_changes[:: -(-len(all_changes) // limit)]
        rows = [(test, row) for test in tests if target.id in rules_of(test, bench.compiled) for row in rows_of(test)]
        rows.sort(key=lambda one: cost_of(bench, *one))  # cheap ones first: most changes are noticed by any
        return Mutated(target, [self._try(bench, owner, one, rows) for one in all_changes])

    def _try(self, bench: Bench, owner: Definition, change: Change, rows: list[tuple[Definition, str]]) -> Mutant:
        compiled = changed(bench.site, bench.compiled, owner, change)
        fate, by = (REFUSED if compiled is None else SURVIVED), ""
        there = replace(bench, compiled=compiled, impatient=True) if compiled else bench
        for test, row in list(rows) if compiled else ():
            outcome = run_row(there, test, row)
            if outcome.failures or outcome.wrong:
                fate, by = NOTICED, f"{test.id} [{row}]" if row else test.id
                rows.remove((test, row))
                rows.insert(0, (test, row))  # what noticed one change is likely to notice the next
                break
        return Mutant(owner.place(change.where), change.kind, *_said(change), fate, by)


def _said(change: Change) -> tuple[str, str]:
    """Old and new as a person writes them, behind their key."""
    if not change.where:
        return "enabled: true", "enabled: false"
    key = change.where[-1]
    if change.renamed:
        return str(key), change.renamed
    before = "" if isinstance(key, int) else f"{key}: "
    return f"{before}{_text(change.old)}", "left out" if change.new is REMOVED else f"{before}{_text(change.new)}"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(one) for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def changed(site: Site, compiled: Compiled, owner: Definition, change: Change) -> Compiled | None:
    """All definitions with one of them changed, no other compiled anew; None where `check` would refuse it."""
    section, name = owner.section, owner.id
    variants = {name: [Variant(change.applied(one.data), one.branches, one.brands) for one in site.definitions.variants.get(name, ())]}
    data = change.applied(compiled.sections[section][name])
    if any(SECTIONS[section].mistakes(one) for one in [data, *(one.data for one in variants[name])]):
        return None
    sections = {**compiled.sections, section: {**compiled.sections[section], name: data}}
    others = [rule for rule in compiled.rules if rule.id != name]
    flows = compiled.flows
    if section != "workflows":
        beside = {"selections": compiled.sections.get("selections", {})}
        rules, problems = compile_rules({**beside, section: {name: data}}, compiled.vocabulary, variants)
        mine = [rule for rule in rules if rule.id == name]
    else:
        found, problems = compile_flows({"workflows": {name: data}}, compiled.vocabulary, variants)
        problems = problems or soundness(found)
        mine = [flow.start for flow in found if flow.start]
        flows = [*(flow for flow in flows if flow.id != name), *found]
    if problems:
        return None
    place = next((index for index, rule in enumerate(compiled.rules) if rule.id == name), len(others))
    return replace(compiled, sections=sections, rules=[*others[:place], *mine, *others[place:]], flows=flows)


_mutation: Mutation


def _begin(site: Site) -> None:
    global _mutation
    _mutation = Mutation(load_site(site.folder, tests=True))


def _one(job: tuple[Target, int | None]) -> Mutated:
    return _mutation.run(*job)


def mutate(site: Site, only: frozenset[str] = frozenset(), jobs: int = 1, limit: int | None = None) -> Iterator[Mutated]:
    """Change every definition (or those named) in every way, in so many processes; a definition's result as soon as it is there, in order."""
    here = Mutation(site)
    todo: Sequence[tuple[Target, int | None]] = [(target, limit) for target in here.targets(only)]
    if jobs <= 1 or len(todo) <= 1:
        for job in todo:
            yield here.run(*job)
        return
    with get_context("spawn").Pool(jobs, _begin, (site,)) as pool:
        yield from pool.imap(_one, todo)
