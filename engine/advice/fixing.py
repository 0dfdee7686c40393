"""`check --fix`: what is mechanical is mended in the dealer's own files, by positions, so that comments and layout stay.

Each edit has its expected result: the file's data with that one thing different. A file that would read any other way, or would bring
a new finding, stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.definitions.changes import renamed, same
from engine.definitions.deprecated import modern, rename
from engine.definitions.layers import Definitions, copied
from engine.definitions.reader import Spans, read_spans
from engine.language.findings import Finding, Place, Where

FIXES = ("yaml-ambiguous", "change-nothing", "change-restates", "change-old-id", "deprecated")
"""The codes of what can be mended."""
TOKEN = re.compile(r"[A-Za-z0-9_.:+-]+")


@dataclass(frozen=True)
class Edit:
    """A piece of text replaced: from one offset to another."""

    start: int
    end: int
    text: str


def fixed(text: str, findings: Iterable[Finding], definitions: Definitions | None) -> str:
    """The text with all that can be mended in it mended; the same text where nothing can. What is not mended keeps its line ends."""
    spans = read_spans(text)
    data = copied(spans.document.data)
    wrong = list(findings)
    if any(finding.code == "yaml-ambiguous" for finding in wrong):
        edits: list[Edit | None] = [_quoted(text, finding.place) for finding in wrong if finding.code == "yaml-ambiguous"]
    else:
        edits = _changed(text, spans, data, wrong, definitions)
    result = _applied(text, [edit for edit in edits if edit])
    return result if same(read_spans(result).document.data, data) else text


def _changed(text: str, spans: Spans, data: Any, wrong: Sequence[Finding], definitions: Definitions | None) -> list[Edit | None]:
    """The edits of `change:`; `data` becomes what the file is to read like."""
    paths = {marks[0]: path for path, marks in spans.document.positions.items()}
    gone = _whole([paths[at] for one in wrong if one.code in ("change-nothing", "change-restates") and (at := _bare(one.place)) in paths], data)
    edits = [_deleted(text, spans, path, gone) for path in gone]
    for path in gone:
        _delete(data, path)
    if gone and not data["change"]:
        return [_emptied(text, spans)]
    for finding in wrong if definitions else ():
        path = paths.get(_bare(finding.place), ())
        if finding.code == "change-old-id" and definitions and path and path not in gone:
            edits.append(_called_anew(text, finding.place, path, data, definitions))
    old = {paths[at] for one in wrong if one.code == "deprecated" and (at := _bare(one.place)) in paths}
    stays = [path for path in old if not any(path[:length] in gone for length in range(1, len(path) + 1))]
    for path in sorted(stays, key=len, reverse=True):  # what lies deeper first: its way has the old words still
        edits.append(_spelled_anew(text, spans.document.positions[path][0], path, data))
    return edits


def _spelled_anew(text: str, place: Place, path: Where, data: Any) -> Edit | None:
    word, new = str(path[-1]), str(modern(path)[-1])
    start = text.index(word, _offset(text, place.line, place.column))  # quotes may stand before it
    rename(_at(data, path[:-1]), word, new)
    return Edit(start, start + len(word), new)


def mended(text: str, findings: Sequence[Finding], definitions: Definitions | None, look: Callable[[str], Sequence[Finding]]) -> str:
    """The text with all mended that makes nothing else wrong; `look` tells what would be found in all files with a new text here."""
    wrong = [finding for finding in findings if finding.code == "yaml-ambiguous"]
    if wrong:
        whole = fixed(text, wrong, None)
        bad = {(one.place.line, one.place.column) for one in look(whole) if one.severity == "error" and one.place.file == wrong[0].place.file}
        return fixed(text, [finding for finding in wrong if _moved(finding.place, wrong) not in bad], None)
    wrong = [finding for finding in findings if finding.code in FIXES]
    known = {(one.code, one.message) for one in look(text)}
    for several in (wrong, *([one] for one in reversed(wrong))):  # all at once, else one by one from the end: what stands before keeps its place
        new = fixed(text, several, definitions)
        if new != text and all((one.code, one.message) in known for one in look(new)):
            text = new
            if several is wrong:
                break
    return text


def _moved(place: Place, quoted: Sequence[Finding]) -> tuple[int, int]:
    """Where a value stands once those before it in its line have their quotes."""
    before = sum(1 for other in quoted if other.place.line == place.line and other.place.column < place.column)
    return place.line, place.column + 2 * before


def _bare(place: Place) -> Place:
    return Place("", place.line, place.column)


def _offset(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _quoted(text: str, place: Place) -> Edit | None:
    start = _offset(text, place.line, place.column)
    found = TOKEN.match(text, start)
    return Edit(start, found.end(), f'"{found.group()}"') if found else None


def _whole(paths: Iterable[Where], data: Any) -> list[Where]:
    """The paths to delete; a map all of whose keys go is deleted itself, up to the definition that is changed."""
    gone = set(paths)
    while True:
        parents = {path[:-1] for path in gone if len(path) > 2}
        full = {path for path in parents if all((*path, key) in gone for key in _at(data, path))}
        if not full:
            return sorted((path for path in gone if not any(path[:length] in gone for length in range(len(path)))), key=str)
        gone = {path for path in gone if path[:-1] not in full} | full


def _at(data: Any, path: Where) -> Any:
    for step in path:
        data = data[step]
    return data


def _delete(data: Any, path: Where) -> None:
    del _at(data, path[:-1])[path[-1]]


def _deleted(text: str, spans: Spans, path: Where, gone: Sequence[Where]) -> Edit | None:
    """Whole lines of a block; in brackets the entry with its comma."""
    key = spans.document.positions[path][0]
    start = _offset(text, key.line, key.column)
    end = _end(text, spans, path, start)
    if path[:-1] in spans.flow:
        after = re.compile(r"\s*,\s*").match(text, end)
        if after:
            return Edit(start, after.end(), "")
        siblings = [(*path[:-1], name) for name in _at(spans.document.data, path[:-1])]
        stays = [one for one in siblings if one not in gone]
        before = re.compile(r",\s*\Z").search(text, 0, start) if stays else None
        return Edit(before.start() if before and stays[-1] == siblings[siblings.index(path) - 1] else start, end, "")
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", end)
    if text[line_start:start].strip():
        return None
    return Edit(line_start, len(text) if line_end < 0 else line_end + 1, "")


def _end(text: str, spans: Spans, path: Where, start: int) -> int:
    """Where a value ends; a text in a block of its own ends with its last line."""
    if path not in spans.ends:
        return text.index(":", start) + 1
    end = _offset(text, *spans.ends[path]) if spans.ends[path][0] <= text.count("\n") + 1 else len(text)
    if spans.ends[path][1] > 1 or end <= start:
        return end
    return end - 2 if text.endswith("\r\n", start, end) else end - 1


def _emptied(text: str, spans: Spans) -> Edit:
    """No change is left: the map becomes an empty one, and the file keeps what else it says."""
    path: Where = ("change",)
    key = spans.document.positions[path][0]
    start = _offset(text, key.line, key.column)
    return Edit(text.index(":", start) + 1, _end(text, spans, path, start), " {}")


def _called_anew(text: str, place: Place, path: Where, data: Any, definitions: Definitions) -> Edit | None:
    old = str(path[-1])
    definition = renamed(definitions, old)
    start = text.find(old, _offset(text, place.line, place.column))
    changes = data["change"]
    if definition is None or start < 0 or definition.id in changes:
        return None
    data["change"] = {definition.id if name == old else name: said for name, said in changes.items()}
    return Edit(start, start + len(old), definition.id)


def _applied(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
