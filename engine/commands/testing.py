"""`regelwerk test`: the YAML tests of packs, what they reach, and what they would not notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from engine.commands.in_force import refused
from engine.commands.options import options
from engine.language.findings import Finding, RegelwerkError
from engine.site import Site, error_findings, load_site
from engine.testing.coverage import Coverage, Covered
from engine.testing.junit import junit
from engine.testing.mutate import NOTICED, REFUSED, SURVIVED, Mutated, mutate
from engine.testing.run import Outcome, benches, run_test, wanted
from engine.testing.watch import concerned, folders_of, stamps, wait_for_edit


@click.command("test")
@click.argument("ids", nargs=-1)
@click.option("--junit", "report", type=click.Path(path_type=Path, dir_okay=False), help="Write the outcomes as JUnit XML.")
@click.option("--watch", is_flag=True, help="Wait for edits and run what they concern, until interrupted.")
@click.option("--coverage", "covering", is_flag=True, help="Show what the tests reach, and name what they do not.")
@click.option("--mutate", "mutating", is_flag=True, help="Change the definitions, one place at a time, and name the changes no test notices.")
@click.option("--threshold", type=float, metavar="PERCENT", help="Exit 1 where less is reached (--coverage) or noticed (--mutate).")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes for --mutate.")
@options
def test(
    ids: tuple[str, ...],
    report: Path | None,
    watch: bool,
    covering: bool,
    mutating: bool,
    threshold: float | None,
    jobs: int,
    folder: Path,
    clock: str | None,  # noqa: ARG001 - all commands take the same options
    user: str,  # noqa: ARG001
    as_json: bool,
) -> int:
    """Run the packs' YAML tests, all or those of IDS (a test's, a rule's, a workflow's, or a pack's name). Exit 1 if one fails, 3 if one cannot be run."""
    _together(report, watch, covering, mutating, threshold, as_json)
    site = load_site(folder, tests=True)
    _known(site, ids)
    only = frozenset(ids)
    if mutating:
        return _mutate(site, only, threshold, jobs, as_json)
    if watch:
        return _watch(site, only)
    outcomes, covered = _run(site, only, covering, (lambda _: None) if as_json else _show)
    if report:
        try:
            report.write_text(junit(outcomes, error_findings(site)), "utf-8")
        except OSError as error:
            raise RegelwerkError(f"{report} cannot be written: {error.strerror}", "name another file", exit_code=2) from None
    if as_json:
        findings = [finding.as_json() for finding in error_findings(site)]
        more = {"coverage": [one.as_json() for one in covered]} if covering else {}
        click.echo(json.dumps({"version": 1, "tests": [_data(one) for one in outcomes], **more, "errors": findings}, ensure_ascii=False))
    elif covering:
        _show_coverage(covered)
    code = _sum_up(site, outcomes)
    if only and not outcomes:
        click.echo(f"no test is about {', '.join(sorted(only))}", err=True)
    reached = 0.0 if only and not covered else _percent(covered)
    return code or int(covering and threshold is not None and reached < threshold)


def _together(report: Path | None, watch: bool, covering: bool, mutating: bool, threshold: float | None, as_json: bool) -> None:
    """Refuse options that say nothing together."""
    alone = [name for name, given in (("--watch", watch), ("--coverage", covering), ("--mutate", mutating)) if given]
    if len(alone) > 1 or (watch and as_json) or (report and (watch or mutating)):
        names = [*alone, *(["--json"] if as_json and watch else []), *(["--junit"] if report else [])]
        raise RegelwerkError(f"{' and '.join(names)} do not go together", "take one", exit_code=2)
    if threshold is not None and not 0 <= threshold <= 100:  # also where it is no number at all (nan)
        raise RegelwerkError(f"--threshold {threshold:g} is no per cent", "write 0 to 100, e.g. 90", exit_code=2)
    if threshold is not None and not covering and not mutating:
        raise RegelwerkError("--threshold of what?", "add --coverage or --mutate", exit_code=2)


def _known(site: Site, ids: Sequence[str]) -> None:
    packs = dict.fromkeys(name.partition(".")[0] for name in site.sections["tests"])
    known = [*packs, *site.sections["tests"], *sorted({rule.id for rule in site.compiled.rules} | {flow.id for flow in site.compiled.flows})]
    for name in ids:
        if name not in known:
            raise refused(site, name, "test, rule or workflow", known)


def _run(site: Site, only: frozenset[str], covering: bool, tell: Callable[[Outcome], None]) -> tuple[list[Outcome], list[Covered]]:
    outcomes, covered = [], []
    for bench, tests in benches(site):
        coverage = Coverage(bench) if covering else None
        if coverage:
            bench.around = coverage.around
        mine = [one for one in tests if wanted(one, bench.compiled, only)]
        for outcome in (outcome for one in mine for outcome in run_test(bench, one)):
            outcomes.append(outcome)
            tell(outcome)
        named = only & {one.id for one in coverage.report()} if coverage else only
        covered += [one for one in coverage.report() if not named or one.id in named] if coverage and (mine or named or not only) else []
    return outcomes, covered


def _sum_up(site: Site, outcomes: Sequence[Outcome]) -> int:
    findings = error_findings(site)
    for finding in findings:
        click.echo(str(finding), err=True)
    failed, wrong = sum(bool(one.failures) for one in outcomes), sum(bool(one.wrong) for one in outcomes)
    click.echo(f"{len(outcomes)} run, {failed} failed, {wrong} cannot be run", err=True)
    return 3 if wrong or findings else (1 if failed else 0)


def _watch(site: Site, only: frozenset[str]) -> int:
    """Run, wait for an edit, run what it concerns. It ends when it is interrupted."""
    folders = folders_of(site)
    seen = stamps(folders)
    _sum_up(site, _run(site, only, False, _show)[0])
    while True:
        click.echo("waiting for an edit; Ctrl-C ends it", err=True)
        seen = wait_for_edit(folders, seen)
        try:
            edited = load_site(site.folder, tests=True)
        except RegelwerkError as error:  # half an edit: the rest will come
            click.echo(f"{error.message}; {error.hint}" if error.hint else error.message, err=True)
            continue
        tests = concerned(site, edited) & _those(edited, only)
        site = edited
        _sum_up(site, _run(site, tests, False, _show)[0] if tests else [])


def _those(site: Site, only: frozenset[str]) -> frozenset[str]:
    return frozenset(one.id for bench, tests in benches(site) for one in tests if wanted(one, bench.compiled, only))


def _mutate(site: Site, only: frozenset[str], threshold: float | None, jobs: int, as_json: bool) -> int:
    found = []
    for one in mutate(site, only, jobs):
        found.append(one)
        if not as_json:
            _show_mutants(one)
    noticed, refused, survived = (sum(one.number(fate) for one in found) for fate in (NOTICED, REFUSED, SURVIVED))
    tried = noticed + survived
    percent = 100 * noticed / tried if tried else 0.0 if only and not found else 100.0
    if as_json:
        data = [{"definition": one.target.id, "pack": one.target.pack, "mutants": [mutant.as_json() for mutant in one.mutants]} for one in found]
        click.echo(json.dumps({"version": 1, "noticed": noticed, "refused": refused, "survived": survived, "definitions": data}, ensure_ascii=False))
    if only and not found:
        click.echo(f"no test is about {', '.join(sorted(only))}: nothing would notice a change", err=True)
    click.echo(f"{tried} changes, {noticed} noticed ({percent:.1f} %), {survived} not; {refused} more are refused by `check`", err=True)
    return int(threshold is not None and percent < threshold)


def _show_mutants(one: Mutated) -> None:
    click.echo(f"{one.target.id}: {one.number(NOTICED)} of {one.number(NOTICED) + one.number(SURVIVED)} noticed, {one.number(REFUSED)} refused")
    for mutant in one.mutants:
        if mutant.fate == SURVIVED:
            click.echo(f"        {mutant.place.file}:{mutant.place.line}: {mutant.old} -> {mutant.new}")


def _show_coverage(covered: Sequence[Covered]) -> None:
    for one in covered:
        click.echo(f"{one.id}: {one.reached} of {len(one.items)}")
        for item in one.items:
            if not item.reached:
                click.echo(f"        {item.place.file}:{item.place.line}: {item.kind} not reached: {item.says}")
    click.echo(f"{sum(one.reached for one in covered)} of {sum(len(one.items) for one in covered)} reached ({_percent(covered):.1f} %)")


def _percent(covered: Sequence[Covered]) -> float:
    number = sum(len(one.items) for one in covered)
    return 100 * sum(one.reached for one in covered) / number if number else 100.0


def _name(outcome: Outcome) -> str:
    return f"{outcome.test} [{outcome.row}]" if outcome.row else outcome.test


def _show(outcome: Outcome) -> None:
    if not outcome.failures and not outcome.wrong:
        click.echo(f"ok      {_name(outcome)}")
        return
    click.echo(f"{'FAILED' if outcome.failures else 'WRONG '}  {_name(outcome)}")
    for finding in [*outcome.wrong, *outcome.failures]:
        click.echo(f"        {_line(finding)}")


def _line(finding: Finding) -> str:
    return f"{finding.place}: {finding.message}{f'; {finding.hint}' if finding.hint else ''}"


def _data(outcome: Outcome) -> dict[str, Any]:
    differences = [finding.as_json() for finding in [*outcome.wrong, *outcome.failures]]
    return {"test": outcome.test, "row": outcome.row, "ok": not differences, "differences": differences}
