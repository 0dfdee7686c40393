"""`regelwerk demo`: a realistic dealer, its import, its ticks, its agenda, in one go."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from engine.commands.common import instant, table
from engine.demo.play import make_site, play
from engine.demo.prospect import as_rows, play_prospect
from engine.demo.tour import tour
from engine.language.arithmetic import add_months


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo-site"))
@click.option("--customers", type=click.IntRange(50, 100_000), default=5000, show_default=True, help="How many customers the dealership has.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another dealership.")
@click.option("--now", "clock", help="The clock, local time (now).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(folder: Path, customers: int, seed: int, clock: str | None, as_json: bool) -> int:
    """A made-up dealership in FOLDER: its exports, their import, three weeks of ticks, and what came of it."""
    site = make_site(folder)
    now = instant(site, clock)
    played = play(site, now, seed, customers, lambda line: click.echo(line, err=True))
    shown = tour(played, site.calendar.today(now))
    way = play_prospect(played.setting, add_months(site.calendar.today(now), -40)) if played.setting.flows else []
    played.setting.store.close()
    if as_json:
        data = {"folder": str(folder), "rows": played.rows, "ticks": played.ticks, "decisions": played.counts, "commands": shown, "prospect": as_rows(way)}
        click.echo(json.dumps({"version": 1, **data}, ensure_ascii=False))
        return 0
    click.echo(f"\n{played.rows} rows taken in, {played.ticks} ticks. What the rules did:")
    rows = [(name, *(counts.get(verdict) for verdict in ("done", "blocked", "held", "failed"))) for name, counts in sorted(played.counts.items())]
    for line in table(("rule", "done", "blocked", "held", "failed"), rows):
        click.echo(line)
    for words in shown:
        _show(words, folder, clock)
    if way:
        click.echo("\nOne prospect's way, from the first call to the next vehicle:")
        for line in table(("day", "what", "who", "ended with"), as_rows(way)):
            click.echo(line)
    site_option = f"--site {shlex.quote(str(folder))}"
    click.echo(f"\nGo on: regelwerk agenda {site_option}; change {folder / 'rules' / 'own.yaml'} and see with `regelwerk plan {site_option}`.")
    return 0


def _show(words: list[str], folder: Path, clock: str | None) -> None:
    from engine.commands import run  # the front door, which imports this file

    click.echo(f"\n$ regelwerk {shlex.join(words)}")
    run([*words, "--site", str(folder), *(["--now", clock] if clock else [])])
