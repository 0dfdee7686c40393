"""The steps of a workflow's data by name: where each is written, in which branch it lies, and which one a name means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.language.findings import Where
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import UnknownName
from engine.planning.parts import Reader

Match = tuple[str, str] | None


def places_of(data: Mapping[str, Any]) -> dict[str, Where]:
    """Where each step of a workflow is written, by its full name."""
    found: dict[str, Where] = {}

    def walk(name: str, spec: Mapping[str, Any], where: Where) -> None:
        found[name] = where
        for word in ("branches", "each", "steps"):
            for inner, one in (spec.get(word) or {}).items():
                walk(f"{name}.{inner}", one, (*where, word, inner))

    for step, spec in data["steps"].items():
        walk(str(step), spec, ("steps", step))
    return found


@dataclass(frozen=True)
class Spot:
    """A step's full name, its data, where it stands, the branch it lies in, and what `each` calls the record it is for."""

    name: str
    data: Mapping[str, Any]
    where: Where
    block: str
    match: Match = None


class StepNames:
    """Every step of one workflow; names that lead nowhere are problems on the reader."""

    def __init__(self, steps: Mapping[str, Any], reader: Reader) -> None:
        self.reader = reader
        self.spots: dict[str, Spot] = {}
        for step, spec in steps.items():
            self._collect(str(step), spec, ("steps", step), "", None)

    def resolve(self, target: Any, spot: Spot, where: Where) -> str:
        """A step's full name from what is written in a step: its own branch's steps first, then further out; "" for none."""
        name = str(target or "")
        if not name:
            return ""
        block = spot.block
        while True:
            if block and f"{block}.{name}" in self.spots and self.spots[f"{block}.{name}"].block == block:
                return f"{block}.{name}"
            if block and block.rpartition(".")[2] == name:
                return block
            if not block:
                break
            block = self.spots[block.rpartition(".")[0]].block
        if name in self.spots and not self.spots[name].block:
            return name
        self._not_found(name, where)
        return ""

    def exact(self, name: Any, where: Where) -> str:
        """A full name that must be a step's."""
        if str(name) not in self.spots:
            self.reader.wrong(where, "flow-unknown-step", f"there is no step '{name}'", did_you_mean(str(name), self.spots))
        return str(name)

    def _not_found(self, name: str, where: Where) -> None:
        inside = [full for full in self.spots if full.rpartition(".")[2] == name or full == name]
        if inside:
            hint = f"go on at {inside[0].partition('.')[0]}, or after it"
            self.reader.wrong(where, "flow-into-branch", f"'{name}' lies inside the branch {self.spots[inside[0]].block}", hint)
        else:
            known = [full.rpartition(".")[2] for full in self.spots]
            self.reader.wrong(where, "flow-unknown-step", f"there is no step '{name}'", did_you_mean(name, known, "declare it in `steps:`"))

    def _collect(self, name: str, data: Mapping[str, Any], where: Where, block: str, match: Match) -> None:
        self.spots[name] = Spot(name, data, where, block, match)
        for branch, inner in (data.get("branches") or {}).items():
            self._collect_branch(f"{name}.{branch}", inner, (*where, "branches", branch), match)
        each = data.get("each")
        if isinstance(each, Mapping):
            if len(each) != 1:
                self.reader.wrong(
                    (*where, "each"), "flow-each-one", "`each` names one kind of branch", "write `each: {vehicle: {of: vehicles, activity: ...}}`"
                )
            for record, inner in each.items():
                place: Where = (*where, "each", record)
                self._collect_branch(f"{name}.{record}", inner, place, (str(record), self._each_entity(inner, place)))

    def _collect_branch(self, name: str, data: Mapping[str, Any], where: Where, match: Match) -> None:
        self._collect(name, data, where, name, match)
        for step, inner in (data.get("steps") or {}).items():
            full = f"{name}.{step}"
            if full in self.spots:
                self.reader.wrong((*where, "steps", step), "flow-name-twice", f"'{step}' is a branch of this step already", "take another name", key=True)
            self._collect(full, inner, (*where, "steps", step), name, match)

    def _each_entity(self, data: Mapping[str, Any], where: Where) -> str:
        path = str(data.get("of", ""))
        if not path:
            self.reader.wrong(where, "flow-each-of", "it does not say which records", "add `of:`, a path to many records")
            return ""
        try:
            found = list(self.reader.kit.vocabulary.walk(self.reader.entity, path))[-1]
        except UnknownName as error:
            self.reader.wrong((*where, "of"), "rule-unknown-field", error.message, error.hint)
            return ""
        if found.type != "many":
            self.reader.wrong((*where, "of"), "flow-each-of", f"'{path}' is {an(found.type)}, not many records", "name a path to many records")
        return found.target
