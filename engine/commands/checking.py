"""`check`: everything found wrong in a site's definitions, and advice on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from engine.commands.options import options
from engine.editing import refresh_editor_schemas
from engine.language.findings import Finding, InvalidSite, errors
from engine.mending import mend
from engine.site import Site, checked_site

FORMATS = ("text", "github", "json")


@click.command()
@click.option("--strict", is_flag=True, help="Exit 3 for advice, too.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", help="text, JSON, or GitHub's workflow commands (text).")
@click.option("--fix", is_flag=True, help="Mend what is mechanical in the site's own files, and show the difference.")
@options
def check(strict: bool, form: str, fix: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Show all findings of all layers, sorted by place. Exit 3 if there are errors; advice (warnings) leaves it at 0."""
    form = "json" if as_json else form
    if fix:
        for line in mend(folder):
            click.echo(line, err=form != "text")
    try:
        site = checked_site(folder)
        findings = site.check()
        refresh_editor_schemas(site)
    except InvalidSite as error:
        if form != "github":
            raise
        _github(folder, error.findings)
        return error.exit_code
    rules = len({rule.id for rule in site.compiled.rules} & set(site.sections["rules"]))
    flows = len({flow.id for flow in site.compiled.flows})
    campaigns = len({rule.id for rule in site.compiled.rules} & set(site.sections["campaigns"]))
    if form == "json":
        shown = [finding.as_json() for finding in findings]
        click.echo(json.dumps({"version": 1, "rules": rules, "workflows": flows, "campaigns": campaigns, "errors": shown}, ensure_ascii=False))
    elif form == "github":
        _github(folder, findings)
    else:
        _text(site, findings)
    if form != "json":
        counted = [
            f"{rules} rules",
            *([f"{flows} workflows"] if flows else []),
            *([f"{campaigns} campaign{'' if campaigns == 1 else 's'}"] if campaigns else []),
        ]
        click.echo(", ".join([*counted, f"{len(findings)} findings"]), err=True)
    return 3 if errors(findings) or (strict and findings) else 0


def _text(site: Site, findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(str(finding))
        document = site.definitions.documents.get(finding.place.file)
        for line in document.excerpt(finding.place).splitlines() if document else ():
            click.echo(f"    {line}")


def _github(folder: Path, findings: Sequence[Finding]) -> None:
    """Lines that GitHub's runner shows beside the code. Its escapes: `%`, line ends; in a property `:` and `,` as well."""
    for finding in findings:
        file = folder / finding.place.file
        name = file.as_posix() if file.is_file() else finding.place.file
        properties = {"file": name, "line": finding.place.line, "col": finding.place.column, "title": finding.code}
        said = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value)
        text = f"{finding.message}; {finding.hint}" if finding.hint else finding.message
        click.echo(f"::{finding.severity} {said}::{_escaped(text)}")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
