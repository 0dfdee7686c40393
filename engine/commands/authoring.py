"""Commands of those who write definitions: init, check, show, fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from engine.commands.common import named, options, table
from engine.definitions.parameters import used_by
from engine.language.findings import Finding, RegelwerkError
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import UnknownName, Vocabulary
from engine.site import Site, checked_site, error_findings, load_site
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
        click.echo(f"A site is in {folder}. Next: regelwerk check --site {folder}")
    return 0


@click.command()
@options
def check(folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Show all findings of all layers, sorted by place. Exit 3 if there are errors."""
    site = checked_site(folder)
    rules, findings = len({rule.id for rule in site.compiled.rules} & set(site.sections["rules"])), site.check()
    flows = len({flow.id for flow in site.compiled.flows})
    campaigns = len({rule.id for rule in site.compiled.rules} & set(site.sections["campaigns"]))
    if as_json:
        click.echo(
            json.dumps(
                {"version": 1, "rules": rules, "workflows": flows, "campaigns": campaigns, "errors": [finding.as_json() for finding in findings]},
                ensure_ascii=False,
            )
        )
    else:
        for finding in findings:
            click.echo(str(finding))
            for line in _excerpt(site, finding):
                click.echo(line)
        counted = [
            f"{rules} rules",
            *([f"{flows} workflows"] if flows else []),
            *([f"{campaigns} campaign{'' if campaigns == 1 else 's'}"] if campaigns else []),
        ]
        click.echo(", ".join([*counted, f"{len(findings)} findings"]), err=True)
    return 3 if error_findings(site) else 0


def _excerpt(site: Site, finding: Finding) -> list[str]:
    """The line a finding is about, with a caret below."""
    document = site.definitions.documents.get(finding.place.file)
    text = document.excerpt(finding.place) if document else ""
    return [f"    {line}" for line in text.splitlines()]


@click.command()
@click.argument("definition")
@options
def show(definition: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Print a definition as it is in force, with file and line behind every value."""
    site = load_site(folder)
    section, _, rest = definition.partition(".")
    name, kind = (rest, section) if section in site.definitions.sections else (definition, "rules")
    found = site.definitions.get(kind, name) or site.definitions.acting(name)
    if found is None:
        known = site.definitions.acting_names()
        raise RegelwerkError(f"there is no '{definition}'", did_you_mean(definition, known), exit_code=2, code="not-found")
    parameters = used_by(found, site.definitions.values)
    if as_json:
        places = {".".join(map(str, path)): str(marks[1]) for path, marks in found.places.items()}
        click.echo(
            json.dumps({"version": 1, "id": found.id, "definition": found.data, "places": places, "parameters": parameters}, ensure_ascii=False, default=str)
        )
        return 0
    click.echo(f"{found.id}:")
    for line in _lines(found.data, (), found, 1):
        click.echo(line)
    if parameters:
        click.echo("with:")
    for name_, value in parameters.items():
        click.echo(f"  ${name_.partition('.')[2]} = {value}".ljust(72) + f"  # {site.parameter_place(name_)}")
    return 0


def _lines(value: Any, path: tuple[str | int, ...], found: Any, depth: int) -> list[str]:
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    lines = []
    for key, inner in pairs:
        head = f"{'  ' * depth}{f'{key}:' if isinstance(value, dict) else '-'}"
        if isinstance(inner, dict | list) and inner:
            lines += [head, *_lines(inner, (*path, key), found, depth + 1)]
        else:
            place = found.place((*path, key))
            lines.append(f"{head} {inner}".ljust(72) + f"  # {place.file}:{place.line}")
    return lines


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
