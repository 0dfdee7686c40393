"""The file itself: encoding, lines, columns. Every bad line is named, none stops the others from being looked at."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.language.findings import Finding, Place
from engine.language.nearest import did_you_mean

LONGEST = 131_072
"""The most characters a cell may have; more is a quote that was never closed."""
csv.field_size_limit(2**31 - 1)  # so that one long cell is one bad line and not the end of the file
_LOST = re.compile("[\udc80-\udcff]")
NAMES = {"utf-8-sig": "UTF-8", "windows-1252": "Windows-1252"}


@dataclass(frozen=True)
class Line:
    """One record of the file: the line it begins in, and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """A file's lines; `columns` are its header in order."""

    columns: list[str]
    lines: list[Line]
    encoding: str
    unread: dict[int, list[str]]
    """Lines that are bad whatever the map says (undecodable, NUL, too long, ragged), kept for the file of bad lines."""


def read_sheet(path: Path, spec: Mapping[str, Any]) -> tuple[Sheet | None, list[Finding]]:
    """Read a CSV file as the map's `file:` and `columns:` say."""
    form = spec.get("file") or {}
    shown = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Finding(Place(shown), "import-unreadable", f"the file cannot be read: {error.strerror}", "check its name and rights")]
    text, encoding = _decode(raw, str(form.get("encoding", "auto")))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=str(form.get("delimiter", ";")), strict=True)
    return _lines(reader, spec, shown, encoding)


def _decode(raw: bytes, wanted: str) -> tuple[str, str]:
    """The text and its encoding. A byte that the encoding does not have becomes a lone surrogate: its line is bad, the others are read."""
    if wanted != "auto":
        name = {"utf-8": "utf-8-sig"}.get(wanted, wanted)
        return raw.decode(name, "surrogateescape"), name
    text = raw.decode("utf-8-sig", "surrogateescape")
    wrong = len(_LOST.findall(text))
    if wrong == 0 or wrong < sum(one > "\x7f" for one in text) - wrong:  # more that is UTF-8 than is not
        return text, "utf-8-sig"
    return raw.decode("windows-1252", "surrogateescape"), "windows-1252"


def _unreadable(row: list[str], encoding: str) -> tuple[str, str, str] | None:
    """Why a line cannot be taken whatever its map says: code, message, hint."""
    for cell in row:
        if lost := _LOST.search(cell):
            return "import-encoding", f"byte 0x{ord(lost.group()) - 0xDC00:02X} is not {NAMES.get(encoding, encoding)}", "name the file's encoding in the map"
        if "\0" in cell:
            return "import-nul", "there is a NUL byte in the line", "export it again"
        if len(cell) > LONGEST:
            return "import-too-long", f"a cell has {len(cell)} characters, more than {LONGEST}", "check the quotes around it"
    return None


def _lines(reader: Any, spec: Mapping[str, Any], shown: str, encoding: str) -> tuple[Sheet | None, list[Finding]]:
    findings: list[Finding] = []
    lines: list[Line] = []
    columns: list[str] = []
    unread: dict[int, list[str]] = {}
    try:
        columns = [name.strip() for name in next(reader, [])]
        findings = _header(columns, spec, shown)
        if findings:
            return None, findings
        before = reader.line_num
        for row in reader:
            number, before = before + 1, reader.line_num
            if not row:
                continue
            if bad := _unreadable(row, encoding):
                findings.append(Finding(Place(shown, number, 1), *bad))
                unread[number] = row
                continue
            if len(row) != len(columns):
                message = f"the line has {len(row)} cells, the header {len(columns)}"
                findings.append(Finding(Place(shown, number, 1), "import-ragged", message, "check separators and quotes"))
                unread[number] = row
                continue
            lines.append(Line(number, dict(zip(columns, row, strict=True))))
    except csv.Error as error:
        findings.append(Finding(Place(shown, reader.line_num, 1), "import-quotes", f"the line cannot be read: {error}", "check its quotes"))
        return None, findings
    return Sheet(columns, lines, encoding, unread), findings


def _header(columns: list[str], spec: Mapping[str, Any], shown: str) -> list[Finding]:
    place = Place(shown, 1, 1)
    wanted = spec["columns"]
    if not columns:
        return [Finding(place, "import-empty", "the file is empty", "export it again")]
    findings = [
        Finding(place, "import-missing-column", f"the column '{name}' is missing", did_you_mean(name, columns, "check the map"))
        for name in wanted
        if name not in columns
    ]
    findings += [
        Finding(place, "import-double-column", f"the column '{n}' stands twice", "rename one") for n in sorted({c for c in columns if columns.count(c) > 1})
    ]
    if spec.get("other_columns") != "ignore":
        unknown = [name for name in columns if name not in wanted]
        hint = "map it, or say `ignore`"
        findings += [Finding(place, "import-unknown-column", f"the map does not know the column '{n}'", did_you_mean(n, wanted, hint)) for n in unknown]
    return findings
