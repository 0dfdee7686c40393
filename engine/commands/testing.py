"""`regelwerk test`: the YAML tests of packs."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.site import load_site
from engine.testing.run import Outcome, run_tests


@click.command("test")
@click.argument("ids", nargs=-1)
@options
def test(ids: tuple[str, ...], folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Run the packs' YAML tests, all or those of IDS (a test's, a rule's or a workflow's). Exit 1 if one fails, 3 if one cannot be run."""
    site = load_site(folder, tests=True)
    known = [*site.sections["tests"], *sorted({rule.id for rule in site.compiled.rules} | {flow.id for flow in site.compiled.flows})]
    for name in ids:
        if name not in known:
            raise RegelwerkError(f"there is no test, rule or workflow '{name}'", did_you_mean(name, known), exit_code=2, code="not-found")
    outcomes = []
    for outcome in run_tests(site, frozenset(ids)):
        outcomes.append(outcome)
        if not as_json:
            _show(outcome)
    failed, wrong = sum(bool(one.failures) for one in outcomes), sum(bool(one.wrong) for one in outcomes)
    findings = [finding for finding in site.findings() if finding.severity == "error"]
    if as_json:
        click.echo(json.dumps({"version": 1, "tests": [_data(one) for one in outcomes], "errors": [f.as_json() for f in findings]}, ensure_ascii=False))
    for finding in findings:
        click.echo(str(finding), err=True)
    click.echo(f"{len(outcomes)} run, {failed} failed, {wrong} cannot be run", err=True)
    return 3 if wrong or findings else (1 if failed else 0)


def _name(outcome: Outcome) -> str:
    return f"{outcome.test} [{outcome.row}]" if outcome.row else outcome.test


def _show(outcome: Outcome) -> None:
    if not outcome.failures and not outcome.wrong:
        click.echo(f"ok      {_name(outcome)}")
        return
    click.echo(f"{'FAILED' if outcome.failures else 'WRONG '}  {_name(outcome)}")
    for finding in [*outcome.wrong, *outcome.failures]:
        click.echo(f"        {finding.place}: {finding.message}{f'; {finding.hint}' if finding.hint else ''}")


def _data(outcome: Outcome) -> dict[str, object]:
    differences = [finding.as_json() for finding in [*outcome.wrong, *outcome.failures]]
    return {"test": outcome.test, "row": outcome.row, "ok": not differences, "differences": differences}
