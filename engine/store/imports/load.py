"""Taking a file in: rows update or add by their key, set-based, in one transaction.

1. Read the file and every cell; gather all that is wrong.
2. Look up references and existing rows by key, in chunks.
3. Insert what is new, update what really differs, mark what vanished from a full file.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.language.calendars import Calendar
from engine.language.findings import Finding, Place
from engine.language.vocabulary import Field
from engine.store.imports.bad_lines import write_bad_file
from engine.store.imports.cells import BadCell, Format, read_cell
from engine.store.imports.loader import ImportResult, Loader, Row, column_field, key_of
from engine.store.imports.read import Line, Sheet, read_sheet
from engine.store.imports.write import Later, numbers_of, rows_there, same, write_rows
from engine.store.past import fixed, time_missing
from engine.store.store import Store


def load_file(
    store: Store, spec: Mapping[str, Any], path: Path, now: datetime, calendar: Calendar, *, quiet: bool | None = None, skip_bad: bool = False
) -> ImportResult:
    """Take a file in by a map. `quiet` (no events) is the default for the first load of an entity."""
    form = spec.get("file") or {}
    loader = Loader(store, spec, path, now, Format(str(form.get("decimal", ",")), str(form.get("dates", "dd.mm.yyyy")), calendar))
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
            write_rows(loader, rows, result)
        result.taken = True
    if loader.findings:
        result.bad_file = write_bad_file(loader, sheet)
    return result


def _typed(loader: Loader, sheet: Sheet) -> list[Row]:
    columns = {column: found for column in sheet.columns if (found := column_field(loader, column))}
    seen: dict[tuple[Any, ...], int] = {}
    rows: list[Row] = []
    for line in sheet.lines:
        row = _read_line(loader, line, columns)
        key = tuple(row.get(name) for name in loader.keys)
        if any(part is None for part in key):
            loader.nameless = True
        else:
            loader.named.add(key_of(row, loader.plain_keys))
        if any(part is None for part in key) and line.number not in loader.bad:
            loader.wrong(line, "", "no-key", f"the key {', '.join(loader.keys)} is empty", "fill it in")
        elif key in seen and None not in key:
            loader.wrong(line, "", "double-key", f"the key {', '.join(map(str, key))} stands in line {seen[key]} already", "keep one of them")
        seen.setdefault(key, line.number)
        if line.number not in loader.bad:
            rows.append((line, row))
    return rows


def _read_line(loader: Loader, line: Line, columns: Mapping[str, tuple[Field, Mapping[str, Any]]]) -> dict[str, Any]:
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


def _referenced(loader: Loader, rows: list[Row]) -> list[Row]:
    """References by the target's key become row numbers; one that leads nowhere is a bad cell. A file may refer to itself."""
    for column in loader.spec["columns"]:
        found = column_field(loader, column)
        if not found or found[0].type != "ref":
            continue
        name, target = found[0].name, loader.store.model[found[0].target]
        by = str(found[1].get("by", target.key))
        wanted = sorted({row[name] for _, row in rows if row[name] is not None})
        known = numbers_of(loader.store, target, by, wanted)
        mine = {str(row.get(by)) for _, row in rows} if target.name == loader.entity.name else set()
        for line, row in rows:
            value = row[name]
            if value is None:
                if found[0].required:
                    loader.wrong(line, column, "missing", "is empty", "it must be filled in")
            elif str(value) in known:
                row[name] = known[str(value)]
            elif str(value) in mine:
                row[name] = Later(by, str(value))
            else:
                loader.wrong(line, column, "unknown-reference", f"there is no {target.name} '{value}'", "import it first")
    return [(line, row) for line, row in rows if line.number not in loader.bad]


def _kept(loader: Loader, rows: list[Row]) -> list[Row]:
    """What the ledger, the engine or the law keeps is not rewritten: a line that would is bad (domain.md P24)."""
    entity = loader.entity
    for line, row in rows:
        if missing := time_missing(entity, row):
            loader.wrong(line, "", "no-time", f"{row['status']}, but {missing} is empty", "fill it in")
    if entity.ledger is not None or any(f.kept for f in entity.fields.values()):
        present = rows_there(loader, rows, sorted({name for _, row in rows for name in row}))
        for line, row in rows:
            known = present.get(key_of(row, loader.keys), {})
            changed = [name for name, value in row.items() if name in known and not same(known[name], value) and fixed(entity, name, known[name])]
            if changed:
                hint = "add an entry" if entity.ledger is not None else "a file does not change that; add a new one"
                loader.wrong(line, "", "kept", f"{entity.name} {', '.join(key_of(row, loader.keys))} has another {', '.join(changed)} already", hint)
    return [(line, row) for line, row in rows if line.number not in loader.bad]
