"""`check`: everything found wrong in a site's definitions."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.commands.options import options
from engine.language.findings import Finding
from engine.site import Site, checked_site, error_findings


@click.command()
@options
def check(folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Show all findings of all layers, sorted by place. Exit 3 if there are errors."""
    site = checked_site(folder)
    rules, findings = len({rule.id for rule in site.compiled.rules} & set(site.sections["rules"])), site.check()
    flows = len({flow.id for flow in site.compiled.flows})
    if as_json:
        click.echo(json.dumps({"version": 1, "rules": rules, "workflows": flows, "errors": [finding.as_json() for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(str(finding))
            for line in _excerpt(site, finding):
                click.echo(line)
        click.echo(f"{rules} rules, {f'{flows} workflows, ' if flows else ''}{len(findings)} findings", err=True)
    return 3 if error_findings(site) else 0


def _excerpt(site: Site, finding: Finding) -> list[str]:
    """The line a finding is about, with a caret below."""
    document = site.definitions.documents.get(finding.place.file)
    text = document.excerpt(finding.place) if document else ""
    return [f"    {line}" for line in text.splitlines()]
