"""What all commands share: the site, the clock, the user, and how results are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timezone
from pathlib import Path
from typing import Any

import click

from engine.language.findings import RegelwerkError
from engine.running.setting import Setting
from engine.site import Site, error_findings, open_site
from engine.store.given import instant as instant_of
from engine.store.store import Store

NUMBER = click.IntRange(0, 2**63 - 1)
"""A record's number as a database can hold it."""


@dataclass
class Frame:
    """A command's site, store and clock (naive UTC)."""

    site: Site
    store: Store
    setting: Setting
    now: datetime
    as_json: bool
    user: str

    def at(self, moment: Any) -> str | None:
        """A moment of the store (SQLite gives text) in local time: to the minute for people, ISO 8601 with its offset as JSON."""
        if moment is None:
            return None
        stored = instant_of(moment)
        local = self.site.calendar.local(stored)
        offset = local - stored.replace(microsecond=0)
        return local.replace(tzinfo=timezone(offset)).isoformat(timespec="seconds") if self.as_json else f"{local:%Y-%m-%d %H:%M}"

    def money(self, cents: int | None) -> Any:
        """An amount: with its decimals for people, cents as JSON."""
        return cents if cents is None or self.as_json else f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def frame(folder: Path, clock: str | None, user: str, as_json: bool) -> Frame:
    """Open a site. Raises RegelwerkError."""
    site, store = open_site(folder)
    if user and not store.rows("SELECT 1 FROM employee WHERE initials = ?", [user]):
        raise RegelwerkError(f"there is no employee '{user}'", "name one by the initials", exit_code=2, code="not-found")
    return Frame(site, store, site.setting(store, user), instant(site, clock), as_json, user)


def instant(site: Site, clock: str | None) -> datetime:
    """The clock as naive UTC: the machine's, or a local time given. The only place that reads a clock."""
    if not clock:
        return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    try:
        local = datetime.fromisoformat(clock if len(clock) > 10 else f"{clock}T12:00")
    except ValueError:
        raise RegelwerkError(f"'{clock}' is no time", "write e.g. 2026-11-24T08:00", exit_code=2) from None
    if not 1970 <= local.year <= 2200:
        raise RegelwerkError(f"'{clock}' is no time that can be worked with", "name a year from 1970 to 2200", exit_code=2)
    if local.tzinfo:
        return local.astimezone(UTC).replace(tzinfo=None)
    return site.calendar.at(local.date(), local.time())


def parse_day(text: str) -> date:
    """A local day as typed. Raises RegelwerkError."""
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a local calendar day
        except ValueError:
            continue
    raise RegelwerkError(f"'{text}' is no day", "write e.g. 2026-11-24 or 24.11.2026", exit_code=2)


def emit(here: Frame, data: dict[str, Any], lines: Sequence[str]) -> None:
    """Print a result: JSON with a versioned top object, or lines for people."""
    if here.as_json:
        click.echo(json.dumps({"version": 1, **data}, ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)


def progress() -> Callable[[str], None]:
    """Shows how far long work is, on a terminal only."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda text: click.echo(f"\r\033[K{text}", err=True, nl=False)


def report_left_out(here: Frame) -> int:
    """Name the definitions that were left out on stderr; 1 if there are any."""
    findings = error_findings(here.site)
    for finding in findings:
        click.echo(str(finding), err=True)
    return 1 if findings else 0


def errors_data(here: Frame) -> dict[str, Any]:
    """The same for JSON, beside what was done in spite of them; nothing where there are none."""
    findings = error_findings(here.site)
    return {"errors": [finding.as_json() for finding in findings]} if findings else {}


def csv_cell(value: object, *, typed: bool = True) -> str:
    """A CSV cell between `;`; what somebody typed and a spreadsheet would run as a formula gets an apostrophe."""
    text = "" if value is None else str(value)
    if typed and isinstance(value, str) and text[:1] in ("=", "+", "-", "@"):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ';"\n') else text


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows as aligned lines."""
    cells = [[("" if value is None else " ".join(str(value).split("\n"))) for value in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def named(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    """The same rows as JSON has them."""
    return [dict(zip(head, row, strict=True)) for row in rows]


def emit_table(here: Frame, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
    """Print rows: as JSON under their name, or as aligned lines; `empty` says that there are none."""
    emit(here, {name: named(head, rows)}, table(head, rows) if rows else [empty])
