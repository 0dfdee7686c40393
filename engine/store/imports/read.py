"""The file itself: encoding, lines, columns. Every bad line is named, none stops the others from being looked at."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.language.findings import Finding, Place
from engine.language.nearest import did_you_mean


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
    ragged: dict[int, list[str]]
    """Lines with another number of cells than the header: bad, and kept for the file of bad lines."""


def read_sheet(path: Path, spec: Mapping[str, Any]) -> tuple[Sheet | None, list[Finding]]:
    """Read a CSV file as the map's `file:` and `columns:` say."""
    form = spec.get("file") or {}
    shown = path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return None, [Finding(Place(shown), "import-unreadable", f"the file cannot be read: {error.strerror}", "check its name and rights")]
    text, encoding, finding = _decode(raw, str(form.get("encoding", "auto")), shown)
    if finding:
        return None, [finding]
    if "\0" in text:
        return None, [Finding(Place(shown, text[: text.index("\0")].count("\n") + 1, 1), "import-nul", "there is a NUL byte in the file", "export it again")]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=str(form.get("delimiter", ";")), strict=True)
    return _lines(reader, spec, shown, encoding)


def _decode(raw: bytes, wanted: str, shown: str) -> tuple[str, str, Finding | None]:
    tried = ["utf-8-sig", "windows-1252"] if wanted == "auto" else [{"utf-8": "utf-8-sig"}.get(wanted, wanted)]
    for name in tried:
        try:
            return raw.decode(name), name, None
        except UnicodeDecodeError as error:
            place, bad = Place(shown, raw[: error.start].count(b"\n") + 1, 1), error
    message = f"byte 0x{raw[bad.start]:02X} is {'neither UTF-8 nor Windows-1252' if wanted == 'auto' else f'not {wanted}'}"
    return "", "", Finding(place, "import-encoding", message, "name the file's encoding in the map")


def _lines(reader: Any, spec: Mapping[str, Any], shown: str, encoding: str) -> tuple[Sheet | None, list[Finding]]:
    findings: list[Finding] = []
    lines: list[Line] = []
    columns: list[str] = []
    ragged: dict[int, list[str]] = {}
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
            if len(row) != len(columns):
                message = f"the line has {len(row)} cells, the header {len(columns)}"
                findings.append(Finding(Place(shown, number, 1), "import-ragged", message, "check separators and quotes"))
                ragged[number] = row
                continue
            lines.append(Line(number, dict(zip(columns, row, strict=True))))
    except csv.Error as error:
        findings.append(Finding(Place(shown, reader.line_num, 1), "import-quotes", f"the line cannot be read: {error}", "check its quotes"))
        return None, findings
    return Sheet(columns, lines, encoding, ragged), findings


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
