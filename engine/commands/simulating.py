"""The command that looks far ahead: simulate."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from engine.commands.common import NUMBER, emit, errors_data, frame, instant, progress, report_left_out, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.picture.chart import bars
from engine.picture.png import ending, write_picture
from engine.running.ahead.report import COUNT_HEAD, LINE_HEAD, LOAD_HEAD
from engine.simulating import Simulation, read_assumptions
from engine.simulating import simulate as simulated

SHOWN = 60
"""How many lines of each table are shown to people; --csv and --json have all."""
FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--until", required=True, help="How far, local time: 2027-11-24.")
@click.option("--assume", type=FILE, help="What people do: shares of outcomes and how long they take (YAML).")
@click.option("--seed", type=click.IntRange(0, 2**31), help="The same seed gives the same simulation (1).")
@click.option("--by", type=click.Choice(["day", "week", "month"]), default="month", help="Count by (month).")
@click.option("--step", type=click.Choice(["day", "hour"]), default="day", help="hour: stop at cases' timers within a day, too (day).")
@click.option("--customer", "customers", type=NUMBER, multiple=True, help="Show this customer's timeline. May be repeated.")
@click.option("--csv", "folder_csv", type=click.Path(path_type=Path, file_okay=False), help="Write counts.csv, load.csv and timeline.csv into this folder.")
@click.option("--picture", type=FILE, help="Draw the counts into this file: ahead.svg or ahead.png.")
@options
def simulate(
    folder: Path, clock: str | None, user: str, as_json: bool, until: str, assume: Path | None, seed: int | None,
    by: Any, step: str, customers: tuple[int, ...], folder_csv: Path | None, picture: Path | None,
) -> int:  # fmt: skip
    """Let the clock run on over a copy of the store, people acting as assumed. Nothing is written to the store, nothing is sent."""
    here = frame(folder, clock, user, as_json)
    if picture:
        ending(picture, {".svg": "svg", ".png": "png"})
    if not until:
        raise RegelwerkError("--until names no day", "write e.g. 2026-11-24", exit_code=2)
    end = instant(here.site, until)
    if end < here.now:
        raise RegelwerkError(f"{until} is before the start", "name a later day", exit_code=2)
    assumptions = read_assumptions(here.site, assume, seed)
    found = simulated(here.site, here.store, here.now, end, assumptions, by=by, customers=customers, hours=step == "hour", progress=progress())
    progress()("")
    if folder_csv:
        _csv(folder_csv, found)
    if picture:
        title = f"{here.site.calendar.today(here.now)} - {here.site.calendar.today(end)}"
        write_picture(picture, bars(title, [(row[0], row[2], row[4]) for row in found.came.counts if row[3] == "made"]))
    emit(here, {**_data(found), **errors_data(here)}, _lines(found))
    left_out = report_left_out(here)
    return 1 if found.walked.left_out else left_out


def _data(found: Simulation) -> dict[str, Any]:
    def rows(head: Sequence[str], several: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
        return [dict(zip(head, row, strict=True)) for row in several]

    return {
        "ticks": found.walked.ticks,
        "seed": found.seed,
        "assumed": found.assumed,
        "failed": found.walked.failed,
        "left_out": found.walked.left_out,
        "counts": rows(COUNT_HEAD, found.came.counts),
        "load": rows(LOAD_HEAD, found.came.load),
        "timeline": rows(LINE_HEAD, found.came.lines),
    }


def _lines(found: Simulation) -> list[str]:
    lines = [f"{found.walked.ticks} ticks on a copy; seed {found.seed}. Assumed:", *(f"  {line}" for line in found.assumed)]
    for head, rows in ((COUNT_HEAD, found.came.counts), (LOAD_HEAD, found.came.load)):
        lines += ["", *(table(head, rows[:SHOWN]) if rows else ["nothing came"])]
        lines += [f"{len(rows) - SHOWN} more; --csv and --json have all"] if len(rows) > SHOWN else []
    lines += ["", *table(LINE_HEAD, found.came.lines)] if found.came.lines else []
    lines += [f"{name}: {count} failed, as they would" for name, count in sorted(found.walked.failed.items())]
    lines += [f"{name} starts no cases: {why}" for name, why in sorted(found.walked.left_out.items())]
    return lines


def _csv(folder: Path, found: Simulation) -> None:
    for name, head, rows in (("counts", COUNT_HEAD, found.came.counts), ("load", LOAD_HEAD, found.came.load), ("timeline", LINE_HEAD, found.came.lines)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, delimiter=";")
                writer.writerow(head)
                writer.writerows(rows)
        except OSError as error:
            raise RegelwerkError(f"{folder} cannot be written: {error.strerror}", "check the folder's rights") from None
