"""Commands that list: agenda, select."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from engine.commands.common import Frame, csv_cell, emit, frame, named, parse_day, table
from engine.commands.options import options
from engine.definitions.reader import read_text
from engine.language.conditions import parse_condition
from engine.language.findings import Finding, Place, RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import Field, UnknownName, plural
from engine.planning.query import QueryContext, ids
from engine.planning.values import load
from engine.running.cases.standing import steps_of_work
from engine.store.agenda import due_work


@click.command()
@click.option("--until", help="Look ahead to this day (today).")
@click.option("--branch", default="", help="Only of this branch, by its code.")
@click.option("--kind", default="", help="Only activities of this kind.")
@options
def agenda(until: str | None, branch: str, kind: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """What is due today or late, or reminded of: of --user, or of everybody."""
    here = frame(folder, clock, user, as_json)
    day = parse_day(until) if until else here.site.calendar.today(here.now)
    if kind and kind not in here.site.sections["activities"]:
        raise RegelwerkError(f"there is no activity '{kind}'", did_you_mean(kind, here.site.sections["activities"]), exit_code=2, code="not-found")
    codes = [str(row[0]) for row in here.store.rows("SELECT code FROM branch", [])]
    if branch and branch not in codes:
        raise RegelwerkError(f"there is no branch '{branch}'", did_you_mean(branch, codes, "import the branches first"), exit_code=2, code="not-found")
    head = ("activity", "due", "time", "kind", "customer", "name", "who", "status", "note", "blocked because")
    due = due_work(here.store, day, user, branch, kind)
    steps = steps_of_work(here.setting, [row[1] for row in due])
    rows = [(number, on, _time(here, at, on, due_at), *rest, here.at(reminded), *_step(steps.get(number))) for at, number, on, due_at, *rest, reminded in due]
    full = (*head, "reminded", "case", "step", "next")
    shown = [n for n in range(len(full)) if n < len(head) or any(row[n] for row in rows)]  # rules alone have none of these
    lines = table([full[n] for n in shown], [[row[n] for n in shown] for row in rows]) if rows else ["nothing is due"]
    emit(here, {"activities": named(full, rows)}, lines)
    return 0


def _step(found: tuple[int, str, tuple[str, ...]] | None) -> tuple[int | None, str | None, str | None]:
    """A case, its step and what comes next, for the agenda."""
    return (found[0], found[1], ", ".join(found[2])) if found else (None, None, None)


def _time(here: Frame, branch: str | None, day: Any, due_at: Any) -> str | None:
    """The time of day work is due at, in its branch's zone; None where only the day counts."""
    calendar = here.site.calendars.get(branch or "", here.site.calendar)
    instant = datetime.fromisoformat(str(due_at)) if due_at else None
    only_a_day = instant is None or instant == calendar.first_instant(date.fromisoformat(str(day)))
    return None if only_a_day or instant is None else f"{calendar.local(instant):%H:%M}"


@click.command()
@click.argument("what")
@click.option("--for", "chosen", help="What is selected (customer); a saved selection says it itself.")
@click.option("--show", "columns", default="", help="Fields to print, with commas: number,name,city.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with `;`.")
@options
def select(what: str, chosen: str | None, columns: str, as_csv: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """The filter: WHAT is a saved selection's id, or a condition such as "[{tagged: reklamation}]"."""
    here = frame(folder, clock, user, as_json)
    saved = here.site.sections["selections"].get(what)
    if saved:
        entity, condition = str(saved.get("for", "customer")), saved.get("where", [])
        if chosen not in (None, entity):
            raise RegelwerkError(f"'{what}' selects {plural(entity)}, not '{chosen}'", f"leave out `--for`, or write `--for {entity}`", exit_code=2)
    else:
        document, findings = read_text(f"where: {what}".encode(), "condition")
        if document is None:
            raise RegelwerkError("\n".join(str(finding) for finding in findings), exit_code=2, findings=findings)
        entity, condition = "customer" if chosen is None else chosen, document.data["where"]
    _check_entity(here, entity)
    node, problems = parse_condition(condition, entity, here.setting.vocabulary)
    if node is None:
        raise RegelwerkError(
            "\n".join(f"{p.message}; {p.hint}" for p in problems),
            exit_code=2,
            findings=[Finding(Place("condition"), p.code, p.message, p.hint) for p in problems],
        )
    found = ids(here.store, entity, node, QueryContext(here.now, here.site.calendar))
    key = here.setting.vocabulary.entity(entity).key or "id"
    names = [name.strip() for name in columns.split(",") if name.strip()] or [key, *(["name", "city"] if entity == "customer" else [])]
    fields = [_shown_field(here, entity, name) for name in names]
    values = load(here.store, entity, found, names)
    rows = [tuple(_shown(here, field, values[row][name]) for name, field in zip(names, fields, strict=True)) for row in found]
    if as_csv:
        click.echo(";".join(names))
        for row in rows:
            click.echo(";".join(_cell(value, field) for value, field in zip(row, fields, strict=True)))
        return 0
    emit(here, {"count": len(rows), "rows": named(names, rows)}, [*table(names, rows), f"{len(rows)} found"])
    return 0


def _shown_field(here: Frame, entity: str, name: str) -> Field:
    try:
        found = here.setting.vocabulary.last(entity, name)
    except UnknownName as error:
        raise RegelwerkError(error.message, error.hint, exit_code=2, code="not-found") from None
    if found.type == "many":
        raise RegelwerkError(f"'{name}' is many records", f"show fields of {an(entity)}, or select `--for {found.target}`", exit_code=2)
    return found


def _shown(here: Frame, field: Field, value: Any) -> Any:
    return here.at(value) if field.type == "datetime" else here.money(value) if field.type == "money" else value


def _check_entity(here: Frame, name: str) -> None:
    try:
        here.setting.vocabulary.record(name)
    except UnknownName as error:
        raise RegelwerkError(error.message, error.hint, exit_code=2, code="not-found") from None


def _cell(value: object, field: Field) -> str:
    """A value as a CSV cell; an amount is nothing that somebody typed."""
    return csv_cell(value, typed=field.type != "money")
