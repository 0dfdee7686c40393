"""A new site, and what conditions can name: init, fields."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from engine.commands.common import named, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.language.vocabulary import UnknownName, Vocabulary
from engine.site import load_site
from engine.starting import write_site
from engine.store.disk import network_disk
from engine.store.model import ENTITIES


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def init(folder: Path, as_json: bool) -> int:
    """Make a new site in FOLDER: settings, own rules and workflows, an empty store, settings for editors."""
    files = write_site(folder)
    store = load_site(folder).open_store(create=True)
    disk = network_disk(folder) if store.provider == "sqlite" else ""
    store.close()
    warning = f"{folder} lies on a network disk ({disk}); SQLite needs a local one: move the site, or name a PostgreSQL address under `store:`" if disk else ""
    if warning:
        click.echo(f"warning: {warning}", err=True)
    if as_json:
        made = [path.relative_to(folder).as_posix() for path in files]
        click.echo(json.dumps({"version": 1, "folder": str(folder), "files": made, "warnings": [warning] if warning else []}, ensure_ascii=False))
    else:
        click.echo(f"A site is in {folder} now. Next: regelwerk check --site {shlex.quote(str(folder))}")
    return 0


@click.command()
@click.argument("entity", required=False)
@options
def fields(entity: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """What conditions can name: all entities, or the fields of one. In a site its own fields are among them."""
    entities = load_site(folder).compiled.vocabulary.entities if (folder / "regelwerk.yaml").is_file() else ENTITIES
    public = {name: e for name, e in entities.items() if not e.engine}
    if entity is None:
        rows: list[tuple[object, ...]] = [(name, e.de, e.en, len(e.fields)) for name, e in sorted(public.items())]
        head: tuple[str, ...] = ("entity", "Deutsch", "English", "fields")
    else:
        try:
            found = Vocabulary(public).entity(entity)
        except UnknownName as error:
            raise RegelwerkError(error.message, error.hint, exit_code=2, code="not-found") from None
        rows = [(f.name, f.type, f.target or ", ".join(f.choices), f.de, f.en) for f in found.fields.values()]
        head = ("field", "type", "leads to / one of", "Deutsch", "English")
    if as_json:
        click.echo(json.dumps({"version": 1, "fields": named(head, rows)}, ensure_ascii=False))
    else:
        for line in table(head, rows):
            click.echo(line)
    return 0
