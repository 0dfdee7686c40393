"""Taking a file in: rows update or add by their key, set-based, in one transaction.

1. Read the file and every cell; gather all that is wrong.
2. Look up references and existing rows by key, in chunks.
3. Insert what is new, update what really differs, mark what vanished from a full file.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.language.calendars import Calendar
from engine.language.findings import Finding, Place
from engine.language.vocabulary import Entity, Field
from engine.store.imports.cells import BadCell, Format, read_cell
from engine.store.imports.read import Line, Sheet, read_sheet
from engine.store.past import fixed, time_missing
from engine.store.store import Store


@dataclass
class ImportResult:
    """What became of a file. With findings and without `skip_bad`, nothing was taken."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    vanished: int = 0
    bad: int = 0
    findings: list[Finding] = field(default_factory=list)
    bad_file: Path | None = None
    taken: bool = False


@dataclass
class _Loader:
    store: Store
    spec: Mapping[str, Any]
    path: Path
    now: datetime
    form: Format
    findings: list[Finding] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    named: set[tuple[str, ...]] = field(default_factory=set)
    """The keys of all lines that tell one, bad or good."""
    nameless: bool = False
    """Whether a line is so bad that it does not tell whom it is about."""

    @property
    def entity(self) -> Entity:
        return self.store.model[str(self.spec["entity"])]

    @property
    def keys(self) -> list[str]:
        key = self.spec.get("key") or self.entity.key
        return [str(name) for name in key] if isinstance(key, list) else [str(key)]

    @property
    def plain_keys(self) -> list[str]:
        """The keys that are the same in the file and in the store: no references."""
        return [name for name in self.keys if self.entity.fields[name].type != "ref"]

    def wrong(self, line: Line, column: str, code: str, message: str, hint: str = "") -> None:
        """Note a bad cell."""
        number = list(line.cells).index(column) + 1 if column in line.cells else 1
        text = f"{column}: {message}" if column else message
        self.findings.append(Finding(Place(self.path.name, line.number, number), f"import-{code}", text, hint))
        self.bad.add(line.number)


def load_file(
    store: Store, spec: Mapping[str, Any], path: Path, now: datetime, calendar: Calendar, *, quiet: bool | None = None, skip_bad: bool = False
) -> ImportResult:
    """Take a file in by a map. `quiet` (no events) is the default for the first load of an entity."""
    form = spec.get("file") or {}
    loader = _Loader(store, spec, path, now, Format(str(form.get("decimal", ",")), str(form.get("dates", "dd.mm.yyyy")), calendar))
    sheet, loader.findings = read_sheet(path, spec)
    if sheet is None:
        return ImportResult(bad=len(loader.findings), findings=loader.findings)
    loader.bad = {finding.place.line for finding in loader.findings}
    loader.nameless = bool(sheet.unread)
    rows = _typed(loader, sheet)
    with store.session(write=True):
        first = not store.rows(f'SELECT 1 FROM "{loader.entity.name}" LIMIT 1', [])
        if not (first or sheet.lines or loader.findings) and spec.get("mode") == "full":
            hint = "export it again: all records would count as vanished"
            loader.findings.append(Finding(Place(path.name, 1, 1), "import-nothing", "the full file holds no line", hint))
            return ImportResult(findings=loader.findings)
        rows = _kept(loader, _referenced(loader, rows))
        result = ImportResult(bad=len(loader.bad), findings=sorted(loader.findings))
        if loader.findings and not skip_bad:
            return result
        with store.context(cause=f"import of {path.name}", quiet=first if quiet is None else quiet):
            _write(loader, rows, result)
        result.taken = True
    if loader.findings:
        result.bad_file = _bad_file(loader, sheet)
    return result


Row = tuple[Line, dict[str, Any]]


def _column_field(loader: _Loader, column: str) -> tuple[Field, Mapping[str, Any]] | None:
    spec = loader.spec["columns"].get(column, "ignore")
    if spec == "ignore":
        return None
    options = spec if isinstance(spec, Mapping) else {"field": spec}
    return loader.entity.fields[str(options["field"])], options


def _typed(loader: _Loader, sheet: Sheet) -> list[Row]:
    columns = {column: found for column in sheet.columns if (found := _column_field(loader, column))}
    seen: dict[tuple[Any, ...], int] = {}
    rows: list[Row] = []
    for line in sheet.lines:
        row = _read_line(loader, line, columns)
        key = tuple(row.get(name) for name in loader.keys)
        if any(part is None for part in key):
            loader.nameless = True
        else:
            loader.named.add(_key(row, loader.plain_keys))
        if any(part is None for part in key) and line.number not in loader.bad:
            loader.wrong(line, "", "no-key", f"the key {', '.join(loader.keys)} is empty", "fill it in")
        elif key in seen and None not in key:
            loader.wrong(line, "", "double-key", f"the key {', '.join(map(str, key))} stands in line {seen[key]} already", "keep one of them")
        seen.setdefault(key, line.number)
        if line.number not in loader.bad:
            rows.append((line, row))
    return rows


def _read_line(loader: _Loader, line: Line, columns: Mapping[str, tuple[Field, Mapping[str, Any]]]) -> dict[str, Any]:
    row: dict[str, Any] = dict(loader.spec.get("constants") or {})
    for column, (found, options) in columns.items():
        text = line.cells[column]
        if found.type == "ref":
            row[found.name] = text.strip() or None
            continue
        try:
            row[found.name] = read_cell(text, found, loader.form, options.get("values"))
        except BadCell as error:
            loader.wrong(line, column, "bad-cell", error.message, error.hint)
    return row


def _referenced(loader: _Loader, rows: list[Row]) -> list[Row]:
    """References by the target's key become row numbers; one that leads nowhere is a bad cell. A file may refer to itself."""
    for column in loader.spec["columns"]:
        found = _column_field(loader, column)
        if not found or found[0].type != "ref":
            continue
        name, target = found[0].name, loader.store.model[found[0].target]
        by = str(found[1].get("by", target.key))
        wanted = sorted({row[name] for _, row in rows if row[name] is not None})
        known = _numbers(loader.store, target, by, wanted)
        mine = {str(row.get(by)) for _, row in rows} if target.name == loader.entity.name else set()
        for line, row in rows:
            value = row[name]
            if value is None:
                if found[0].required:
                    loader.wrong(line, column, "missing", "is empty", "it must be filled in")
            elif str(value) in known:
                row[name] = known[str(value)]
            elif str(value) in mine:
                row[name] = _Later(by, str(value))
            else:
                loader.wrong(line, column, "unknown-reference", f"there is no {target.name} '{value}'", "import it first")
    return [(line, row) for line, row in rows if line.number not in loader.bad]


def _kept(loader: _Loader, rows: list[Row]) -> list[Row]:
    """What the ledger, the engine or the law keeps is not rewritten: a line that would is bad (domain.md P24)."""
    entity = loader.entity
    for line, row in rows:
        if missing := time_missing(entity, row):
            loader.wrong(line, "", "no-time", f"{row['status']}, but {missing} is empty", "fill it in")
    if entity.ledger is not None or any(f.kept for f in entity.fields.values()):
        present = _present(loader, rows, sorted({name for _, row in rows for name in row}))
        for line, row in rows:
            known = present.get(_key(row, loader.keys), {})
            changed = [name for name, value in row.items() if name in known and not _same(known[name], value) and fixed(entity, name, known[name])]
            if changed:
                hint = "add an entry" if entity.ledger is not None else "a file does not change that; add a new one"
                loader.wrong(line, "", "kept", f"{entity.name} {', '.join(_key(row, loader.keys))} has another {', '.join(changed)} already", hint)
    return [(line, row) for line, row in rows if line.number not in loader.bad]


@dataclass(frozen=True)
class _Later:
    """A reference to a row of the same file, resolved once all rows have numbers."""

    by: str
    key: str


def _numbers(store: Store, target: Entity, by: str, wanted: Sequence[str]) -> dict[str, int]:
    is_number = target.fields[by].type == "integer"
    values: list[Any] = [int(value) for value in wanted if value.lstrip("-").isdecimal() and len(value) < 19] if is_number else list(wanted)
    return {str(row[0]): row[1] for row in store.rows_in(f'SELECT "{by}", id FROM "{target.name}" WHERE "{by}" IN ({{}})', [], values)}


def _write(loader: _Loader, rows: list[Row], result: ImportResult) -> None:
    entity, keys = loader.entity, loader.keys
    later = {name for _, row in rows for name, value in row.items() if isinstance(value, _Later)}
    present = _present(loader, rows, sorted({name for _, row in rows for name in row}))
    new: list[dict[str, Any]] = []
    changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for _, row in rows:
        known = present.get(_key(row, keys))
        plain = {name: (None if isinstance(value, _Later) else value) for name, value in row.items()}
        if known is None:
            new.append(plain)
            continue
        differs = {name: value for name, value in plain.items() if name not in later and not _same(known[name], value)}
        if "vanished_on" in entity.fields and known["vanished_on"] is not None:
            differs["vanished_on"] = None
        if differs:
            changed.setdefault(tuple(differs), []).append({"id": known["id"], **differs})
        else:
            result.unchanged += 1
    loader.store.insert_many(entity.name, new)
    for group in changed.values():
        loader.store.update_many(entity.name, group)
    result.added, result.changed = len(new), sum(len(group) for group in changed.values())
    _resolve_later(loader, rows, later)
    if loader.spec.get("mode") == "full" and "vanished_on" in entity.fields:
        result.vanished = _vanish(loader)


def _same(old: Any, new: Any) -> bool:
    if isinstance(new, bool):
        return bool(old) == new
    if isinstance(new, datetime):
        return old is not None and str(old)[:19] == str(new)[:19]
    return (str(old) if isinstance(new, date) and old is not None else old) == (str(new) if isinstance(new, date) else new)


def _present(loader: _Loader, rows: list[Row], names: list[str]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The rows that are in the store already, by key."""
    entity, keys = loader.entity, loader.keys
    columns = ["id", *names, *(["vanished_on"] if "vanished_on" in entity.fields and "vanished_on" not in names else [])]
    text = ", ".join(f'"{name}"' for name in columns)
    values = sorted({row[keys[0]] for _, row in rows}, key=str)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in loader.store.rows_in(f'SELECT {text} FROM "{entity.name}" WHERE "{keys[0]}" IN ({{}})', [], values):
        record = dict(zip(columns, row, strict=True))
        found[_key(record, keys)] = record
    return found


def _key(row: Mapping[str, Any], keys: Sequence[str]) -> tuple[str, ...]:
    """A key that is the same for a typed value and for what SQLite gives back as text."""
    return tuple(str(row[name])[:19] if isinstance(row[name], datetime) or ":" in str(row[name])[13:14] else str(row[name]) for name in keys)


def _resolve_later(loader: _Loader, rows: list[Row], names: set[str]) -> None:
    """References between rows of the file itself, now that all have numbers."""
    entity = loader.entity
    for name in sorted(names):
        waiting = [(line, row) for line, row in rows if isinstance(row[name], _Later)]
        targets = _numbers(loader.store, entity, waiting[0][1][name].by, sorted({row[name].key for _, row in waiting}))
        mine = _present(loader, waiting, loader.keys)
        known = [{"id": mine[_key(row, loader.keys)]["id"], name: targets[row[name].key]} for _, row in waiting]
        loader.store.update_many(entity.name, known)


def _vanish(loader: _Loader) -> int:
    """Mark what a full file no longer holds; nothing is deleted. A bad line still says that its record is there:

    nothing is marked where a line does not tell whom it is about.
    """
    keys = loader.plain_keys
    if loader.nameless or not keys:
        return 0
    text = ", ".join(f'"{name}"' for name in ("id", *keys))
    known = loader.store.rows(f'SELECT {text} FROM "{loader.entity.name}" WHERE vanished_on IS NULL', [])
    day = loader.form.calendar.today(loader.now)
    gone = [{"id": row[0], "vanished_on": day} for row in known if _key(dict(zip(keys, row[1:], strict=True)), keys) not in loader.named]
    loader.store.update_many(loader.entity.name, gone)
    return len(gone)


def _bad_file(loader: _Loader, sheet: Sheet) -> Path:
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
