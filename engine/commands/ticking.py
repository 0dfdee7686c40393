"""Commands of those who run it: plan, run, status, release, discard, pause, resume."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from engine.commands.ahead import show_effects
from engine.commands.common import Frame, emit, errors_data, frame, named, progress, report_left_out, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.running import held
from engine.running.acting import PAUSED
from engine.running.ahead.outcome import marks
from engine.running.ahead.saved import Decision, SavedPlan, decisions_since, fingerprint, may_be_written, otherwise, refuse_if_moved, refuse_if_otherwise
from engine.running.ahead.saved import read as read_plan
from engine.running.ahead.saved import save as keep
from engine.running.cases.reports import open_incidents
from engine.running.clock import clock_trouble
from engine.running.compiling import LAW_RULES
from engine.running.idle import looked_with
from engine.running.left_behind import left_behind
from engine.running.overview import overview
from engine.running.rights import require
from engine.running.tick import TickReport, tick

FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN = 10
"""How many incidents `status` shows."""


def _rows(report: TickReport) -> list[tuple[str, str, int]]:
    return [(name, verdict, number) for name, counts in sorted(report.tally.by_definition.items()) for verdict, number in sorted(counts.items())]


def _print(here: Frame, report: TickReport, what: str) -> int:
    progress()("")
    left_out = report_left_out(here)
    for name, why in sorted(report.left_out.items()):
        click.echo(f"{name} starts no cases: {why}", err=True)
    left_out = 1 if report.left_out else left_out
    rows = _rows(report)
    data = {
        "run": report.run,
        "stopped": report.stopped_code,
        "left_out": report.left_out,
        "decisions": named(("definition", "verdict", "count"), rows),
        **errors_data(here),
    }
    lines = [report.stopped] if report.stopped else (table(("definition", what, "count"), rows) if rows else ["nothing to do"])
    emit(here, data, lines)
    return 1 if report.tally.total("failed") or report.stopped else left_out


@click.command()
@click.option("--against", help="Compare with: a git revision, an earlier run (run:17), a folder with a site, or one with another version of a pack.")
@click.option("--days", type=click.IntRange(1, 3650), default=30, help="With --against: how far to look ahead (30).")
@click.option("--save", type=FILE, help="Keep the plan in this file, for `run --plan`.")
@options
def plan(folder: Path, clock: str | None, user: str, as_json: bool, against: str | None, days: int, save: Path | None) -> int:
    """Show what a tick would do now, or, with --against, what an edit does. Nothing is written."""
    here = frame(folder, clock, user, as_json)
    if against is not None:
        if not against:
            raise RegelwerkError("--against names nothing", "write e.g. `--against HEAD`", exit_code=2)
        if save:
            raise RegelwerkError("a comparison cannot be saved", "leave out --save or --against", exit_code=2)
        return show_effects(here, against, days)
    return _print(here, _plan_to(here, save) if save else _planned(here, here.now)[0], "would be")


def _plan_to(here: Frame, path: Path) -> TickReport:
    """Plan, and keep it in a file."""
    may_be_written(path)
    stands = fingerprint(here.store)
    report, decisions = _planned(here, here.now, listed=True)
    if report.stopped:
        click.echo(f"{path} was not written: nothing would be done", err=True)
    else:
        keep(SavedPlan(here.now, looked_with(here.setting), stands, decisions), path)
    return report


def _planned(here: Frame, now: datetime, *, confirm_jump: bool = False, listed: bool = False) -> tuple[TickReport, list[Decision]]:
    """What a tick would do at a moment (naive UTC), its decisions one by one if `listed`: nothing of it stays."""
    with here.store.throwaway() as copy:
        before = marks(copy)
        report = tick(here.setting.on(copy), now, confirm_jump=confirm_jump, lasting=False, progress=progress())
        return report, decisions_since(copy, before) if listed else []


@click.command()
@click.option("--confirm-jump", is_flag=True, help="The clock really jumped more than 400 days.")
@click.option("--plan", "saved", type=FILE, help="Do what `plan --save` kept in this file, or refuse where something has moved.")
@options
def run(folder: Path, clock: str | None, user: str, as_json: bool, confirm_jump: bool, saved: Path | None) -> int:
    """Do one tick: everything that is due now. Doing it again does nothing twice."""
    here = frame(folder, clock, user, as_json)
    kept = read_plan(saved) if saved else None
    with here.store.lease():
        before = marks(here.store)
        if kept:
            refuse_if_moved(kept, here.setting, here.now)
            refuse_if_otherwise(kept, _planned(here, kept.now, confirm_jump=confirm_jump, listed=True)[1])
        report = tick(here.setting, kept.now if kept else here.now, confirm_jump=confirm_jump, progress=progress())
        wrong = otherwise(kept, decisions_since(here.store, before)) if kept and not report.stopped else 0
    code = _print(here, report, "verdict")
    if wrong:
        click.echo(f"{wrong} decisions came out otherwise than the plan showed; `regelwerk status` shows what waits", err=True)
    return 1 if wrong else code


@click.command()
@options
def status(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """What is held, blocked, failed, late, not sent or paused, and when the last tick was."""
    here = frame(folder, clock, user, as_json)
    found = overview(here.setting, here.now)
    paused = [name or "everything" for name in found.paused]
    last = here.at(found.last_tick)
    head, work_head = ("definition", "status", "count", "reason"), ("work", "state", "count")
    clock_says, gone = clock_trouble(here.setting), left_behind(here.setting)
    gone_head = ("definition", "what", "count")
    incident_head = ("incident", "since", "case", "workflow", "what was to happen", "reason")
    incidents = [(row[0], here.at(row[1]), *row[2:]) for row in open_incidents(here.store)]
    data = {
        "last_tick": last,
        "clock": clock_says,
        "paused": paused,
        "waiting": named(head, found.waiting),
        "work": named(work_head, found.work),
        "gone": named(gone_head, gone),
        "incidents": named(("incident", "since", "case", "workflow", "what", "reason"), incidents),
        **errors_data(here),
    }
    lines = [f"last tick: {last}" if last else "there was no tick yet"]
    lines += [f"stopped: {clock_says['message']}"] if clock_says else []
    lines += [f"paused: {', '.join(paused)}"] if paused else []
    lines += table(head, found.waiting) if found.waiting else ["nothing waits"]
    lines += table(work_head, found.work) if found.work else []
    lines += [*table(incident_head, incidents[:SHOWN]), *_more(len(incidents))] if incidents else []
    emit(here, data, lines + (table(("rule that is gone", "left", "count"), gone) if gone else []))
    return report_left_out(here)


def _more(number: int) -> list[str]:
    """That there are more incidents than are shown."""
    return [f"{number - SHOWN} more; `regelwerk incidents list` lists them all"] if number > SHOWN else []


def _may(here: Frame) -> None:
    require(here.store, here.user, here.site.sections["roles"], "release_held")


def _known(here: Frame, definition: str, also: Sequence[str] = ()) -> None:
    known = sorted({*(rule.id for rule in here.setting.rules), *(flow.id for flow in here.setting.flows), *also})
    if definition not in known:
        raise RegelwerkError(f"there is no rule or workflow '{definition}'", did_you_mean(definition, known), exit_code=2, code="not-found")


def _holding(here: Frame) -> list[str]:
    """Under which ids something is held: a rule that was removed too."""
    return [name for name, *_ in held.held_counts(here.store)]


@click.command()
@click.argument("definition")
@options
def release(definition: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Do what is held for a rule."""
    here = frame(folder, clock, user, as_json)
    _known(here, definition, _holding(here))
    _may(here)
    with here.store.lease():
        tally = held.release(here.setting, definition, here.now)
    counts = tally.by_definition.get(definition, {})
    left = held.without_effect(here.setting, definition)
    lines = [", ".join(f"{number} {verdict}" for verdict, number in counts.items()) or ("nothing released" if left else "nothing was held")]
    lines += [f"'{effect}' is no effect of {definition} any more; `regelwerk discard {definition}` drops what is held for it" for effect in left]
    emit(here, {"released": counts, "without_effect": left}, lines)
    return 1 if counts.get("failed") else 0


@click.command()
@click.argument("definition")
@options
def discard(definition: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Drop what is held for a rule, be it gone; it does not come back."""
    here = frame(folder, clock, user, as_json)
    _known(here, definition, _holding(here))
    _may(here)
    with here.store.lease():
        number = held.discard(here.setting, definition, here.now)
    emit(here, {"discarded": number}, [f"{number} discarded"])
    return 0


def _switch(here: Frame, definition: str, value: str | None) -> None:
    if definition:
        _known(here, definition)
    if definition in LAW_RULES:
        raise RegelwerkError(f"{definition} follows from the law and is not paused", "it holds as long as the objection stands", exit_code=2)
    _may(here)
    with here.store.session(write=True):
        here.store.set_switch(f"pause:{definition}", value, here.user, here.now)


@click.command()
@click.argument("definition", default="")
@options
def pause(definition: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Pause one rule or workflow, or all of them: what falls due is held, cases wait."""
    here = frame(folder, clock, user, as_json)
    _switch(here, definition, "on")
    emit(here, {"paused": definition or "everything"}, [f"paused: {definition or 'everything'}; `regelwerk resume` goes on"])
    return 0


@click.command()
@click.argument("definition", default="")
@options
def resume(definition: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Go on with one rule or workflow, or with all that were paused at once, and with what was held meanwhile."""
    here = frame(folder, clock, user, as_json)
    _switch(here, definition, None)
    waiting = {name: number for name, reason, number, _ in held.held_counts(here.store) if reason == PAUSED and definition in ("", name)}
    lines = [f"resumed: {definition or 'everything'}"]
    lines += [f"{name}: {number} held meanwhile; the next run does them, `regelwerk discard {name}` drops them" for name, number in waiting.items()]
    emit(here, {"resumed": definition or "everything", "held": waiting}, lines)
    return 0
