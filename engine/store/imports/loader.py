"""What one import knows while it goes on: its file, its map, what is wrong so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.language.findings import Finding, Place
from engine.language.vocabulary import Entity, Field
from engine.store.imports.cells import Format
from engine.store.imports.read import Line
from engine.store.store import Store

Row = tuple[Line, dict[str, Any]]
"""A line and its typed values."""


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
class Loader:
    """A file on its way into the store."""

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
        """What the file holds records of."""
        return self.store.model[str(self.spec["entity"])]

    @property
    def keys(self) -> list[str]:
        """The fields a record is known by."""
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


def column_field(loader: Loader, column: str) -> tuple[Field, Mapping[str, Any]] | None:
    """The field a column goes to, and its options; None where it is ignored."""
    spec = loader.spec["columns"].get(column, "ignore")
    if spec == "ignore":
        return None
    options = spec if isinstance(spec, Mapping) else {"field": spec}
    return loader.entity.fields[str(options["field"])], options


def key_of(row: Mapping[str, Any], keys: Sequence[str]) -> tuple[str, ...]:
    """A key that is the same for a typed value and for what SQLite gives back as text."""
    return tuple(str(row[name])[:19] if isinstance(row[name], datetime) or ":" in str(row[name])[13:14] else str(row[name]) for name in keys)
