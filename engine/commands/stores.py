"""Commands about the store itself: db status, check, backup, upgrade."""

from __future__ import annotations

import os
from pathlib import Path

import click

from engine.commands.common import emit, frame, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.running.clock import read_last_tick
from engine.site import load_site
from engine.store.health import problems
from engine.store.migrations import upgrade
from engine.store.store import SCHEMA_VERSION


@click.group()
def db() -> None:
    """The store: its state, a check, a backup, an upgrade."""


@db.command("status")
@options
def status_(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """The schema's version, the size, the rows of each kind, the last tick."""
    here = frame(folder, clock, user, as_json)
    counts = [(name, int(here.store.rows(f'SELECT COUNT(*) FROM "{name}"', [])[0][0])) for name in here.store.model]
    filled = sorted((pair for pair in counts if pair[1]), key=lambda pair: (-pair[1], pair[0]))
    size = os.path.getsize(here.store.target) if here.store.provider == "sqlite" else here.store.rows("SELECT pg_database_size(current_database())", [])[0][0]
    last = here.at(read_last_tick(here.setting))
    data = {"provider": here.store.provider, "schema": here.store.schema_version(), "bytes": int(size), "last_tick": last, "rows": dict(filled)}
    lines = [
        f"{here.store.provider}, schema {data['schema']}, {int(size) / 1e6:.1f} MB",
        f"last tick: {last}" if last else "there was no tick yet",
        *table(("kind", "rows"), filled),
    ]
    emit(here, data, lines)
    return 0


@db.command("check")
@options
def check_(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Whether the store is sound: the file itself, references, the engine's own rows. Exit 1 if not."""
    here = frame(folder, clock, user, as_json)
    found = problems(here.store)
    emit(here, {"problems": found}, found or ["the store is sound"])
    return 1 if found else 0


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@options
def backup(file: Path, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Copy a SQLite store to FILE while others may go on working."""
    here = frame(folder, clock, user, as_json)
    if here.store.provider != "sqlite":
        raise RegelwerkError("PostgreSQL has its own backup", "use pg_dump", exit_code=2)
    if file.exists():
        raise RegelwerkError(f"{file} exists already", "name another file", exit_code=2, code="exists")
    if not file.parent.is_dir():
        raise RegelwerkError(f"there is no folder {file.parent}", "make it first", exit_code=2, code="not-found")
    here.store.copy_to(file)
    emit(here, {"file": str(file), "bytes": file.stat().st_size}, [f"the store is in {file} ({file.stat().st_size / 1e6:.1f} MB)"])
    return 0


@db.command("upgrade")
@click.option("--backup", "backup_file", type=click.Path(path_type=Path), help="Where the old store is kept (beside it, with its version in the name).")
@options
def upgrade_(backup_file: Path | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Bring an older store to this version, after a backup."""
    site = load_site(folder)
    store = site.open_store(upgrading=True)
    with store.lease():
        old = store.schema_version()
        target = Path(store.target)
        place = (backup_file or target.with_name(f"{target.stem}.schema-{old}{target.suffix}")) if store.provider == "sqlite" else None
        steps = upgrade(store, SCHEMA_VERSION, place)
    if as_json:
        import json

        click.echo(json.dumps({"version": 1, "from": old, "to": SCHEMA_VERSION, "backup": str(place) if steps and place else None}))
    elif steps:
        click.echo(f"the store has schema {SCHEMA_VERSION} now" + (f"; the old one is in {place}" if place else ""))
    else:
        click.echo(f"the store has schema {SCHEMA_VERSION} already")
    return 0
