"""`regelwerk import`: a file of the dealer management system, by a map of the site."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.common import emit, frame
from engine.commands.options import options
from engine.law.ledger import cancel_objected
from engine.maps import import_map
from engine.running.calls import block_contacts, changed_customers
from engine.store.imports import load_file

SHOWN = 50


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "kind", required=True, help="The kind of file: an id of `imports:`.")
@click.option("--map", "map_name", default="", help="Another map for it: an id of `imports:`, or a YAML file that holds one.")
@click.option("--skip-bad", is_flag=True, help="Take the good rows; the bad ones go to FILE.bad.csv.")
@click.option("--events/--no-events", default=None, help="Raise events (default: not for the first load of an entity).")
@options
def import_file(file: Path, kind: str, map_name: str, skip_bad: bool, events: bool | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Take in FILE. Every bad line is named, and by default nothing of the file is taken."""
    here = frame(folder, clock, user, as_json)
    spec = import_map(here.site, kind, map_name)
    quiet = None if events is None else not events
    with here.store.session(write=True):
        result = load_file(here.store, spec, file, here.now, here.site.calendar, quiet=quiet, skip_bad=skip_bad)
        if result.taken and here.setting.vocabulary.entity(str(spec["entity"])).ledger is not None:
            changed = changed_customers(here.store)
            cancel_objected(here.store, changed)
            block_contacts(here.setting, changed, here.now)
    if result.taken:
        here.store.analyze()
    for finding in result.findings[:SHOWN]:
        click.echo(str(finding), err=True)
    if len(result.findings) > SHOWN:
        click.echo(f"... and {len(result.findings) - SHOWN} more", err=True)
    counts = {name: getattr(result, name) for name in ("added", "changed", "unchanged", "vanished", "bad")}
    lines = [", ".join(f"{number} {name}" for name, number in counts.items()) if result.taken else f"nothing taken: {result.bad} bad lines"]
    if result.bad_file:
        lines.append(f"the bad lines are in {result.bad_file}")
    emit(here, {**counts, "taken": result.taken, "errors": [finding.as_json() for finding in result.findings]}, lines)
    return 1 if result.findings else 0
