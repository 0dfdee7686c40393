"""The files of all layers read in order, each definition put into its section; changes are applied layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.definitions.changes import apply_changes
from engine.definitions.deprecated import translate
from engine.definitions.document import Document
from engine.definitions.layers import ACTING, GLOBAL, SECTIONS, Definition, Definitions, copied
from engine.definitions.reader import read_file
from engine.language.findings import Place, Where
from engine.language.nearest import did_you_mean


def collect(layers: Iterable[tuple[str, Path, str]], *, tests: bool = True, instead: Mapping[str, str] | None = None) -> Definitions:
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
                document, findings = read_file(path, name, instead)
                found.findings += findings
                found.findings += translate(document) if document else []
                documents += [document] if document else []
        for document in documents:
            found.documents[document.file] = document
            _add(found, pack, document)
        for document in documents:
            apply_changes(found, pack, document)
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
    found.sections[section][full] = Definition(full, section, copied(data), document.below(where), [document.file], pack)
