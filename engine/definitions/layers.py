"""Packs and a dealer's own files, put together: every definition once, with the place of every value.

Full ids are `pack.id`. Only `change:` alters a definition of an earlier layer: maps merge by key all the way down,
lists and scalars are replaced, `remove:` takes keys away, an unknown target is an error (language.md, last section).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.definitions.reader import Document, read_file
from engine.language.findings import Finding, Place, Where
from engine.language.nearest import did_you_mean

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


def collect(layers: Iterable[tuple[str, Path, str]], *, tests: bool = True) -> Definitions:
    """Read layers in order: (pack id, folder, the folder's name in findings). Nothing is raised; all is found.

    Without `tests`, files in a folder of that name are left alone: only `check` and `test` want them.
    """
    found = Definitions()
    for pack, folder, shown in layers:
        documents = []
        for path in sorted(folder.rglob("*.yaml")):
            if not tests and "tests" in path.relative_to(folder).parts:
                continue
            name = f"{shown}/{path.relative_to(folder).as_posix()}" if shown else path.relative_to(folder).as_posix()
            if path.is_symlink():
                found.wrong(Place(name), "file-is-a-link", "the file is a link and is not read", "put the file itself here")
            elif path.is_file() and path.name not in ("pack.yaml", "regelwerk.yaml"):
                document, findings = read_file(path, name)
                found.findings += findings
                documents += [document] if document else []
        for document in documents:
            found.documents[document.file] = document
            _add(found, pack, document)
        for document in documents:
            _change(found, document)
    return found


def _add(found: Definitions, pack: str, document: Document) -> None:
    for section, entries in document.data.items():
        if section == "change":
            continue
        place = document.place((section,), key=True)
        if section not in SECTIONS:
            found.wrong(
                place, "unknown-section", f"there is no section '{section}'", did_you_mean(section, [*SECTIONS, "change"], "one of " + ", ".join(SECTIONS))
            )
            continue
        if not isinstance(entries, Mapping):
            found.wrong(place, "section-no-map", f"`{section}:` must hold named definitions", "write `name: {...}` below it")
            continue
        for name, data in entries.items():
            _add_one(found, pack, section, str(name), data, document)


def _add_one(found: Definitions, pack: str, section: str, name: str, data: Any, document: Document) -> None:
    where: Where = (section, name)
    place = document.place(where, key=True)
    full = name if section in GLOBAL else f"{pack}.{name}"
    plain = name.replace(".", "_") if section == "events" else name
    if not plain.isascii() or not plain.replace("_", "a").isalnum() or plain != plain.lower() or plain[0].isdigit():
        found.wrong(place, "bad-id", f"'{name}' is no id", "use lower case letters, digits and _")
        return
    if not isinstance(data, Mapping):
        found.wrong(place, "definition-no-map", f"'{name}' says nothing", "write keys below it")
        return
    known = found.acting(full) if section in ACTING else found.get(section, full)
    if known:
        if section in ("choices",):
            known.data.update(data)
            return
        found.wrong(place, "duplicate-id", f"'{full}' is already defined at {known.place(())}", "give it another name, or use `change:`")
        return
    places = {path[2:]: marks for path, marks in document.positions.items() if path[:2] == where}
    found.sections[section][full] = Definition(full, section, _copy(data), places, [document.file], pack)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _change(found: Definitions, document: Document) -> None:
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
        definition = found.get(section, name) if section in SECTIONS else found.acting(name)
        if definition is None:
            known = [*found.acting_names(), *(f"{s}.{n}" for s in SECTIONS if s not in ACTING for n in found.sections[s])]
            found.wrong(document.place(where, key=True), "unknown-target", f"there is no '{target}' to change", did_you_mean(str(target), known))
        elif definition.section == "tags" and name == RESERVED_TAG:
            hint = "delete the change; an objection ends by new consent alone"
            found.wrong(document.place(where, key=True), "change-of-law", f"'{target}' follows from the law and stays as it is", hint)
        elif section == "tags" and isinstance(data, Mapping) and _fixed(found, definition, data, where, document):
            continue
        elif isinstance(data, Mapping):
            definition.files.append(document.file)
            _merge(found, definition, definition.data, data, (), where, document)
        else:
            found.wrong(document.place(where), "definition-no-map", f"the change of '{target}' says nothing", "restate the keys that differ")


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


def _merge(found: Definitions, definition: Definition, base: dict[str, Any], data: Mapping[str, Any], at: Where, where: Where, document: Document) -> None:
    for key in data.get("remove") or () if isinstance(data.get("remove"), list) else ():
        if key in base:
            del base[key]
            _forget(definition, (*at, key))
            definition.removed[(*at, key)] = document.place((*where, "remove", data["remove"].index(key)))
        else:
            hint = did_you_mean(str(key), base)
            found.wrong(document.place((*where, "remove")), "remove-unknown", f"there is no '{key}' to remove", hint)
    for key, value in data.items():
        if key == "remove":
            continue
        inner = base.get(key)
        if isinstance(inner, dict) and isinstance(value, Mapping):
            _merge(found, definition, inner, value, (*at, key), (*where, key), document)
            continue
        _forget(definition, (*at, key))
        definition.removed.pop((*at, key), None)
        base[key] = _copy(value)
        source = (*where, key)
        for path, marks in document.positions.items():
            if path[: len(source)] == source:
                definition.places[(*at, key, *path[len(source) :])] = marks


def _forget(definition: Definition, path: Where) -> None:
    for known in [known for known in definition.places if known[: len(path)] == path]:
        del definition.places[known]
