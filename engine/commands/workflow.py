"""Commands for running cases: workflow list, show, start, stop, migrate; incidents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.commands.asking import find_subject
from engine.commands.common import NUMBER, Frame, emit, emit_table, frame, named, table
from engine.commands.in_force import in_full, refused
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.language.labels import label_in
from engine.running import rights
from engine.running.cases import admin, reports
from engine.running.cases.migrate import Migration, migrate, plan_migration


def workflow_id(here: Frame, name: str) -> str:
    """A workflow's full id; the pack's name may be left out."""
    return in_full(here.site, name, sections=("workflows",))


@click.group()
def workflow() -> None:
    """Workflows and their running cases."""


@workflow.command("list")
@options
def list_(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """All workflows, and how many cases run, wait for mending, and have ended."""
    here = frame(folder, clock, user, as_json)
    counts = reports.cases_by_status(here.store)
    labels = {flow.id: label_in(flow.label, here.site.language) for flow in here.setting.flows}
    head = ("workflow", "label", "running", "parked", "ended")
    rows = []
    for name in sorted({*labels, *counts}):
        of = counts.get(name, {})
        ended = sum(of.get(status, 0) for status in ("done", "stopped", "cancelled"))
        rows.append((name, labels.get(name, "is gone"), of.get("running", 0) + of.get("starting", 0), of.get("parked", 0), ended))
    emit_table(here, "workflows", head, rows, "there are no workflows")
    return 0


@workflow.command("show")
@click.argument("what")
@options
def show_(what: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """WHAT is a workflow's id: where its cases stand; or a case's number: its open steps and what it went through."""
    here = frame(folder, clock, user, as_json)
    return _show_case(here, int(what)) if what.isdigit() and len(what) < 19 else _show_workflow(here, workflow_id(here, what))


def _show_workflow(here: Frame, name: str) -> int:
    steps = reports.cases_by_step(here.store, name)
    known = {flow.id for flow in here.setting.flows}
    if not steps and name not in known:
        raise refused(here.site, name, "workflow", known, "`regelwerk workflow list` lists them", ("workflows",))
    head = ("version", "step", "cases", "oldest")
    rows = [(version, step, count, here.at(oldest)) for version, step, count, oldest in steps]
    results = reports.results(here.store, name)
    lines = [name, *(table(head, rows) if rows else ["no case is running"])]
    lines += [f"ended: {', '.join(f'{count} {result}' for result, count in results)}"] if results else []
    emit(here, {"workflow": name, "steps": named(head, rows), "results": dict(results)}, lines)
    return 0


def _show_case(here: Frame, number: int) -> int:
    status = admin.status_of(here.setting, number)
    case = reports.case(here.store, number)
    passed = [(here.at(row[0]), here.at(row[1]), *row[2:]) for row in reports.passed(here.store, number)]
    head = ("opened", "closed", "step", "status", "outcome", "activity")
    timers = [(here.at(row[0]), *row[1:]) for row in reports.timers(here.store, number)]
    noted = [(here.at(row[0]), *row[1:]) for row in reports.noted(here.store, number)]
    lines = [f"case {number} of {case['workflow']} for {case['subject']}: {status}{' ' + case['result'] if case['result'] else ''} (version {case['version']})"]
    lines += table(head, passed)
    lines += ["", *table(("comes", "step", "what"), timers)] if timers else []
    lines += ["", *table(("when", "step", "verdict", "reason"), noted)] if noted else []
    data: dict[str, Any] = {"case": number, "status": status, **case, "steps": named(head, passed)}
    data["timers"] = named(("comes", "step", "what"), timers)
    emit(here, data, lines)
    return 0


@workflow.command("start")
@click.argument("name")
@click.argument("subject")
@options
def start_(name: str, subject: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Start a case of workflow NAME for SUBJECT, such as opportunity:C17."""
    here = frame(folder, clock, user, as_json)
    entity, row = find_subject(here, subject)
    with here.store.session(write=True), here.store.context(cause=f"started by {user or 'nobody named'}"):
        case = admin.start(here.setting, workflow_id(here, name), entity, row, here.now)
    emit(here, {"case": case}, [f"case {case} of {workflow_id(here, name)} for {subject}"])
    return 0


@workflow.command("stop")
@click.argument("case", type=NUMBER)
@click.option("--because", default="", help="Why; kept with the case.")
@options
def stop_(case: int, because: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """End a running case: its open work and its timers go."""
    here = frame(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause=f"stopped by {user or 'nobody named'}"):
        admin.stop(here.setting, case, because, here.now)
    emit(here, {"case": case, "status": "cancelled"}, [f"case {case} is stopped"])
    return 0


@workflow.command("migrate")
@click.argument("name")
@click.option("--map", "pairs", multiple=True, help="OLD=NEW: where a step's cases go, if it has another name now. May be repeated.")
@click.option("--timers", type=click.Choice(["keep", "recompute"]), default="keep", help="What becomes of moments already reckoned (keep).")
@click.option("--yes", is_flag=True, help="Do it; without it the plan is shown and nothing is changed.")
@options
def migrate_(name: str, pairs: tuple[str, ...], timers: str, yes: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Move the running cases of workflow NAME to the version in force. Shows the plan; --yes does it."""
    here = frame(folder, clock, user, as_json)
    mapping = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not equals or not old or not new:
            raise RegelwerkError(f"'{pair}' maps nothing", "write --map OLD=NEW", exit_code=2)
        mapping[old] = new
    plan = plan_migration(here.setting, workflow_id(here, name), mapping)
    moved = 0
    if yes:
        rights.require(here.store, user, here.site.sections["roles"], "release_held")
        with here.store.lease():
            moved = migrate(here.setting, plan, here.now, timers=timers)
    _show_plan(here, plan, moved if yes else None)
    return 1 if yes and plan.stuck else 0


def _show_plan(here: Frame, plan: Migration, moved: int | None) -> None:
    head = ("from version", "step", "goes to", "open")
    rows = [(*key, count) for key, count in sorted(plan.moves.items())]
    stuck = [(why, len(cases), ", ".join(map(str, cases[:5]))) for why, cases in sorted(plan.stuck.items())]
    lines = table(head, rows) if rows else ["no case has to move"]
    lines += ["", *table(("cannot move, because", "cases", "for example"), stuck)] if stuck else []
    lines.append(f"{len(plan.cases)} cases can move, {sum(map(len, plan.stuck.values()))} cannot, {plan.there} are there already")
    lines.append(f"{moved} moved" if moved is not None else "nothing is changed yet; add --yes to do it")
    data = {
        "workflow": plan.definition,
        "moves": named(("version", "step", "to", "open"), rows),
        "stuck": named(("because", "count", "examples"), stuck),
        "can_move": len(plan.cases),
        "there": plan.there,
        "moved": moved,
    }
    emit(here, data, lines)


@click.group()
def incidents() -> None:
    """Cases that were set aside because something went wrong."""


@incidents.command("list")
@options
def incidents_list(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """The open incidents, oldest first."""
    here = frame(folder, clock, user, as_json)
    rows = [(row[0], here.at(row[1]), *row[2:]) for row in reports.open_incidents(here.store)]
    head = ("incident", "since", "case", "workflow", "what", "reason")
    emit_table(here, "incidents", head, rows, "no incident is open")
    return 0


@incidents.command("retry")
@click.argument("incident", type=NUMBER)
@options
def incidents_retry(incident: int, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Take the case up again where it failed. Exit 1 if it fails again."""
    here = frame(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause=f"retried by {user or 'nobody named'}"):
        status = admin.retry(here.setting, incident, here.now)
    emit(
        here,
        {"incident": incident, "status": status},
        [f"the case is {status}" if status != "parked" else "it failed again; `regelwerk incidents list` says why"],
    )
    return 1 if status == "parked" else 0


@incidents.command("drop")
@click.argument("incident", type=NUMBER)
@click.option("--because", default="", help="Why; kept with the case.")
@options
def incidents_drop(incident: int, because: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Give the case up: it is stopped."""
    here = frame(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause=f"dropped by {user or 'nobody named'}"):
        case = admin.drop(here.setting, incident, because, here.now)
    emit(here, {"incident": incident, "case": case}, [f"case {case} is stopped"])
    return 0
