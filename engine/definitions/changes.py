"""`change:`: how a later layer alters a definition of an earlier one.

Maps merge by key all the way down, lists and scalars are replaced, `remove:` takes keys away, an unknown target is
an error (language.md, last section). What each layer said is kept, for `show --layers` and for advice on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.definitions.document import Document
from engine.definitions.layers import ACTING, BUILT_IN, RESERVED_TAG, SECTIONS, Definition, Definitions, Part, Said, copied, leaves
from engine.language.findings import Where
from engine.language.nearest import did_you_mean


def apply_changes(found: Definitions, pack: str, document: Document) -> None:
    """Apply a file's `change:` to the definitions that are there; `pack` is the layer it belongs to."""
    changes = document.data.get("change")
    if changes is None:
        return
    if not isinstance(changes, Mapping):
        found.wrong(document.place(("change",)), "section-no-map", "`change:` must name definitions", "write `pack.id: {...}` below it")
        return
    for target, data in changes.items():
        where: Where = ("change", target)
        section, _, rest = str(target).partition(".")
        name = rest if section in SECTIONS else str(target)
        definition = found.get(section, name) if section in SECTIONS else found.acting(name) or renamed(found, name)
        if definition and section not in SECTIONS and definition.id != name:
            message = f"'{target}' is called '{definition.id}' now"
            found.advise(document.place(where, key=True), "change-old-id", message, f"write {definition.id}")
        if definition is None:
            known = [*found.acting_names(), *(f"{s}.{n}" for s in SECTIONS if s not in ACTING for n in found.sections[s])]
            found.wrong(document.place(where, key=True), "unknown-target", f"there is no '{target}' to change", did_you_mean(str(target), known))
        elif definition.section == "tags" and name == RESERVED_TAG:
            hint = "delete the change; an objection ends by new consent alone"
            found.wrong(document.place(where, key=True), "change-of-law", f"'{target}' follows from the law and stays as it is", hint)
        elif section == "tags" and isinstance(data, Mapping) and _fixed(found, definition, data, where, document):
            continue
        elif isinstance(data, Mapping):
            _apply(found, definition, str(target), data, _Change(found, definition, document, Part(pack, document.place(where, key=True))))
        else:
            found.wrong(document.place(where), "definition-no-map", f"the change of '{target}' says nothing", "restate the keys that differ")


def renamed(found: Definitions, name: str) -> Definition | None:
    """The rule or workflow that was called so before."""
    for definition in (one for section in ACTING for one in found.sections[section].values()):
        formerly = definition.data.get("formerly")
        if formerly and name in (formerly, f"{definition.pack}.{formerly}"):
            return definition
    return None


def _apply(found: Definitions, definition: Definition, target: str, data: Mapping[str, Any], change: _Change) -> None:
    if not definition.parts:
        said = [Said(path, value, definition.place(path)) for path, value in leaves(definition.data)]
        definition.parts.append(Part(definition.pack, definition.place(()), said))
    before = len(found.findings)
    change.merge(definition.data, data, (), ("change", target))
    if len(found.findings) == before:
        advice_on(found, target, change.part, definition.parts[1:])
    definition.parts.append(change.part)
    definition.files.append(change.document.file)


def _fixed(found: Definitions, definition: Definition, data: Mapping[str, Any], where: Where, document: Document) -> bool:
    """Whether a change would do away with a built-in kind of tag or its number (S0.18); the kind stays as it is delivered."""
    if definition.pack != BUILT_IN:
        return False
    if "number" in data:
        place = document.place((*where, "number"))
        found.wrong(place, "tag-number-fixed", f"the number of the built-in tag '{definition.id}' is fixed", "delete this line")
    for key in [key for key in ("enabled", "remove") if key in data]:
        place = document.place((*where, key), key=True)
        found.wrong(place, "tag-fixed", f"the built-in tag '{definition.id}' is always there", "switch off the rule that posts it")
    return not {"number", "enabled", "remove"}.isdisjoint(data)


WHY = {
    "change-nothing": "A `change:` restates what is there already, key by key: mostly the pack was upgraded and now says so itself.",
    "change-restates": "One key of a `change:` says what is there already. It hides the pack's next value of that key, and says nothing today.",
    "change-shadowed": "Two changes say different things of one key. The later layer's counts, and the earlier one is lost without a trace.",
    "change-old-id": "The definition was renamed (`formerly:`). A change under the old id still reaches it; write the new one.",
}
"""Code of the advice given here -> why it is given."""


@dataclass
class _Change:
    """One change at work: every key it says is taken over and noted in its part."""

    found: Definitions
    definition: Definition
    document: Document
    part: Part

    def merge(self, base: dict[str, Any], data: Mapping[str, Any], at: Where, where: Where) -> None:
        """Take over a map's keys; `at` is the way in the definition, `where` in the file."""
        removed = data.get("remove")
        for index, key in enumerate(removed) if isinstance(removed, list) else ():
            self._remove(base, key, at, (*where, "remove"), index)
        for key, value in data.items():
            inner = base.get(key)
            if key == "remove":
                continue
            if isinstance(inner, dict) and isinstance(value, Mapping):
                self.merge(inner, value, (*at, key), (*where, key))
            else:
                self._set(base, key, value, (*at, key), (*where, key))

    def _remove(self, base: dict[str, Any], key: Any, at: Where, where: Where, index: int) -> None:
        if key not in base:
            self.found.wrong(self.document.place(where), "remove-unknown", f"there is no '{key}' to remove", did_you_mean(str(key), base))
            return
        place, path = self.document.place((*where, index)), (*at, key)
        self.part.said.append(Said(path, None, place, base.pop(key), self.definition.place(path), removes=True))
        self._forget(path)
        self.definition.removed[path] = place

    def _set(self, base: dict[str, Any], key: str, value: Any, path: Where, where: Where) -> None:
        was, was_at = (base[key], self.definition.place(path)) if key in base else (None, None)
        restates = was_at is not None and same(was, value)
        self.part.said.append(Said(path, value, self.document.place(where, key=True), was, was_at, restates=restates))
        self._forget(path)
        self.definition.removed.pop(path, None)
        base[key] = copied(value)
        self.definition.places.update({(*path, *below): marks for below, marks in self.document.below(where).items()})

    def _forget(self, path: Where) -> None:
        places = self.definition.places
        for known in [known for known in places if known[: len(path)] == path]:
            del places[known]


def same(one: Any, other: Any) -> bool:
    """Whether two values read the same: 1 is not true, and an order of keys means something (the order of `assign:`, of branches)."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def advice_on(found: Definitions, target: str, part: Part, earlier: list[Part]) -> None:
    """What a change says in vain: what is there already, and what another change said before it and is lost."""
    if all(said.restates for said in part.said):
        found.advise(part.place, "change-nothing", f"the change of '{target}' changes nothing: all it says is there already", "delete it")
        return
    for said in part.said:
        name = ".".join(map(str, said.path))
        if said.restates:
            found.advise(said.place, "change-restates", f"`{name}` reads so already at {said.was_at}", "delete it here")
            continue
        for other in (one for before in earlier for one in before.said if not one.restates and not one.removes):
            if other.path[: len(said.path)] == said.path:
                lost = ".".join(map(str, other.path))
                found.advise(said.place, "change-shadowed", f"`{lost}` is changed at {other.place} too, which is lost", "keep one of the two")
