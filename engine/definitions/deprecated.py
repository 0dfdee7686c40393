"""Spellings that are still read, and advised on: the word that is written instead takes their place before anything else sees them.

Where each stood is kept, so that findings name what the person wrote. `check --fix` writes the new word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.definitions.document import Document
from engine.definitions.layers import ACTING, SECTIONS
from engine.language.findings import Finding, Where

NAMED = "*"
"""In a way: any name."""


@dataclass(frozen=True)
class Spelling:
    """A key that is written otherwise now. `within` leads to the map it stands in; `since` is the version that changed it."""

    within: tuple[str, ...]
    old: str
    new: str
    since: str = "0.1.0"


SPELLINGS = (
    *(Spelling((section, NAMED), "entity", "for") for section in ("rules", "workflows", "selections", "fields")),
    *(Spelling((section, NAMED), "for", "entity") for section in ("events", "imports")),
    *(Spelling((section, NAMED), "title", "label") for section in (*ACTING, "activities", "tags", "templates", "selections", "fields", "parameters")),
    *(Spelling((section, NAMED), "effects", "do") for section in ("rules", "campaigns")),
    *(Spelling((section, NAMED, "do", NAMED), "assignee", "assign") for section in ("rules", "campaigns")),
    Spelling(("workflows", NAMED, "steps", NAMED), "assignee", "assign"),
    Spelling(("templates", NAMED), "text", "body"),
    Spelling(("fields", NAMED), "options", "values"),
    Spelling(("questionnaires", NAMED, "questions", NAMED), "options", "values"),
)
"""What other systems, or other sections, call our keys. One that we rename goes in here."""
OLD = frozenset(one.old for one in SPELLINGS)
WHY = {
    "deprecated": "The key is called otherwise now. It is still read, so nothing stops; write the new word, which the guides and other people's files use.",
}
"""Code of the advice given here -> why it is given."""


def translate(document: Document) -> list[Finding]:
    """Put the new words into a file's data, and advise on the old ones. Where both stand, the old one stays and is unknown."""
    found = []
    for path in [path for path in document.positions if path[-1] in OLD]:
        moved = modern(path)
        here = _at(document.data, _known(document.data, path[:-1]))
        if moved[-1] == path[-1] or moved[-1] in here:
            continue
        since = next(one.since for one in SPELLINGS if one.old == path[-1] and one.new == moved[-1])
        message = f"`{path[-1]}` is called `{moved[-1]}` since {since}"
        found.append(Finding(document.place(path, key=True), "deprecated", message, f"write {moved[-1]}", "warning"))
        rename(here, str(path[-1]), str(moved[-1]))
    if found:
        document.positions = {_known(document.data, path): marks for path, marks in document.positions.items()}
    return found


def modern(path: Where) -> Where:
    """A way with the new word for every key that has one."""
    way: Where = ()
    for step in path:
        way = (*way, next((one.new for one in old_words(way) if one.old == step), step))
    return way


def old_words(way: Where) -> list[Spelling]:
    """The words of old for the keys of the map that a way leads to; elsewhere they are no old words."""
    return [one for one in SPELLINGS if _within(one, way)]


def rename(data: dict[str, Any], old: str, new: str) -> None:
    """Another key for a value, at the same place in the order."""
    entries = [(new if key == old else key, value) for key, value in data.items()]
    data.clear()
    data.update(entries)


def _within(one: Spelling, way: Where) -> bool:
    """Whether a way leads to the map of a spelling. A change has the keys of what it changes, and names it by its section or as one of those that act."""
    if way[:1] == ("change",) and len(way) > 1:
        section = str(way[1]).partition(".")[0]
        sections = (section,) if section in SECTIONS else ACTING
        return any(_fits(one.within, (section, NAMED, *way[2:])) for section in sections)
    return _fits(one.within, way)


def _fits(within: tuple[str, ...], way: Where) -> bool:
    return len(within) == len(way) and all(step in (NAMED, there) for step, there in zip(within, way, strict=True))


def _known(data: Any, path: Where) -> Where:
    """A position's path as the data has it now."""
    way: Where = ()
    for step, newer in zip(path, modern(path), strict=True):
        way = (*way, step if _has(_at(data, way), step) else newer)
    return way


def _has(data: Any, step: Any) -> bool:
    return step in data if isinstance(data, dict) else True


def _at(data: Any, path: Where) -> Any:
    for step in path:
        data = data[step]
    return data
