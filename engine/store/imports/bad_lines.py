"""The bad lines of a file, in a file of their own beside it."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from engine.store.imports.loader import Loader
from engine.store.imports.read import Sheet


def write_bad_file(loader: Loader, sheet: Sheet) -> Path:
    """The bad lines in a file of their own beside, each with its reasons, in the encoding and with the bytes it came in."""
    path = loader.path.with_suffix(".bad.csv")
    reasons: dict[int, list[str]] = {}
    for finding in loader.findings:
        reasons.setdefault(finding.place.line, []).append(finding.message)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=str((loader.spec.get("file") or {}).get("delimiter", ";")))
    writer.writerow([*sheet.columns, "Fehler"])
    lines = sheet.unread | {line.number: list(line.cells.values()) for line in sheet.lines if line.number in loader.bad}
    for number, cells in sorted(lines.items()):
        writer.writerow([*cells, *[""] * (len(sheet.columns) - len(cells)), "; ".join(reasons.get(number, []))])
    path.write_bytes(text.getvalue().encode(sheet.encoding, "regelwerk-as-it-came"))
    return path


def _as_it_came(error: UnicodeError) -> tuple[bytes, int]:
    """A byte that could not be read is written as it was; a character that the encoding does not have as `?`."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return b"".join(bytes([ord(one) - 0xDC00]) if "\udc80" <= one <= "\udcff" else b"?" for one in lost), error.end


codecs.register_error("regelwerk-as-it-came", _as_it_came)
