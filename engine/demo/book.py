"""A book of records with their changes by day, written as exports: a first load and one folder per later day.

What lies after `today` has not happened and is never written, so that the makers may plan a sale to its end.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

from engine.demo.sheets import IMPORT_ORDER, SHEETS


class Cents(int):
    """An amount in cents; written with a decimal comma."""


Value = str | int | date | None
Row = dict[str, Value]


@dataclass(slots=True)
class Record:
    """One record: since when it exists, its values then, and what changed later (in order of the days)."""

    kind: str
    day: date
    row: Row
    changes: list[tuple[date, Row]] = field(default_factory=list)


class Book:
    """All records of the dealership, and the days on which they changed."""

    def __init__(self, today: date, first_until: date) -> None:
        self.today = today
        self.first_until = first_until
        self.records: dict[str, list[Record]] = {kind: [] for kind in SHEETS}

    def add(self, kind: str, day: date, /, **row: Value) -> Record:
        """Enter a record as of a day; one in the future is returned but never written."""
        record = Record(kind, day, row)
        if day <= self.today:
            self.records[kind].append(record)
        return record

    def change(self, record: Record, day: date, /, **row: Value) -> None:
        """Change a record as of a day; changes come in the order of their days."""
        day = max(day, record.day)
        if day > self.today:
            return
        if day <= self.first_until:
            record.row.update(row)
        else:
            record.changes.append((day, row))

    def write(self, folder: Path) -> list[Path]:
        """Write `first/KIND.csv` and `daily/YYYY-MM-DD/KIND.csv`; returns the files in the order of their import."""
        first: dict[str, list[Row]] = {}
        daily: dict[date, dict[str, list[Row]]] = {}
        for kind in IMPORT_ORDER:
            first[kind] = [record.row for record in self.records[kind] if record.day <= self.first_until]
            for record in self.records[kind]:
                for day, row in self._later(record):
                    daily.setdefault(day, {}).setdefault(kind, []).append(row)
        written = _write_folder(folder / "first", first)
        for day in sorted(daily):
            written += _write_folder(folder / "daily" / day.isoformat(), daily[day])
        return written

    def _later(self, record: Record) -> Iterable[tuple[date, Row]]:
        """The record as it stood at the end of each later day on which something happened to it."""
        days: dict[date, Row] = {}
        if record.day > self.first_until:
            days[record.day] = record.row
        row = record.row
        for day, change in sorted(record.changes, key=lambda one: one[0]):
            row = days[day] = row | change
        return days.items()


def _write_folder(folder: Path, sheets: Mapping[str, list[Row]]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for kind, rows in sheets.items():
        path = folder / f"{kind}.csv"
        columns = SHEETS[kind]
        with path.open("w", encoding="windows-1252", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerow(columns.values())
            writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
        written.append(path)
    return written


def _cell(value: Value) -> str:
    """A value as a German program writes it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Ja" if value else "Nein"
    if isinstance(value, Cents):
        return f"{value // 100},{value % 100:02d}"
    if isinstance(value, date):
        return _day(value)
    return str(value)


@cache
def _day(value: date) -> str:
    return value.strftime("%d.%m.%Y %H:%M" if isinstance(value, datetime) else "%d.%m.%Y")
