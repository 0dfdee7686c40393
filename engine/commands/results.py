"""`results`: what came of a rule, workflow or campaign, its versions side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import click

from engine.commands.common import Frame, emit, frame, parse_day, table
from engine.commands.in_force import in_full, off, refused
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.planning.campaigns import campaign_of
from engine.planning.query import QueryContext
from engine.running.campaigns import campaign_rules
from engine.running.results.acts import Acts
from engine.running.results.campaigns import Reached
from engine.running.results.campaigns import reached as reached_by
from engine.running.results.cases import Cases
from engine.running.results.periods import Length, Measured
from engine.running.results.versions import Version, known, versions
from engine.store.given import as_instant

SHOWN = 4
"""How many versions a line has room for; `--json` gives all."""
Line = tuple[str, str]


@click.command()
@click.argument("definition")
@click.option("--since", help="Only what was decided or begun on this day or later.")
@click.option("--until", help="Only what was decided or begun until this day, included.")
@options
def results(definition: str, since: str | None, until: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """What came of rule, workflow or campaign DEFINITION, version by version, newest first: whether an edit helped."""
    here = frame(folder, clock, user, as_json)
    measured = measure(here, definition, since, until)
    found = versions(measured)
    reached = with_campaign(here, measured, found)
    data = {"definition": measured.definition, "versions": shown_as_json(here, found, reached)}
    said = "" if measured.definition in in_force(here) else off(here.site, measured.definition) or f"{measured.definition} is not written anywhere any more"
    emit(here, {**data, "not_in_force": said or None}, [said or measured.definition, *side_by_side(here, found, reached)])
    return 0


def in_force(here: Frame) -> set[str]:
    """The ids of all that runs."""
    return {rule.id for rule in here.setting.rules} | {flow.id for flow in here.setting.flows}


def with_campaign(here: Frame, measured: Measured, found: Sequence[Version]) -> dict[int | None, Reached]:
    """What a campaign has beyond a rule, for each version; nothing for anything else."""
    said = here.setting.sections.get("campaigns", {}).get(measured.definition)
    if said is None or measured.definition not in campaign_rules(here.setting):
        return {}
    campaign = campaign_of(measured.definition, said, here.setting.vocabulary)
    figures = reached_by(measured, campaign, QueryContext(here.now, here.site.calendar))
    return {**{one.number: Reached() for one in found}, **figures}


def shown_as_json(here: Frame, found: Sequence[Version], reached: Mapping[int | None, Reached]) -> list[dict[str, Any]]:
    """All versions as JSON."""
    return [{**_data(here, one), **({"campaign": asdict(reached[one.number])} if one.number in reached else {})} for one in found]


def measure(here: Frame, definition: str, since: str | None, until: str | None) -> Measured:
    """What is asked for; the pack's name may be left out. Raises RegelwerkError."""
    names = {*known(here.store), *in_force(here)}
    name = in_full(here.site, definition, names)
    if name not in names:
        raise refused(here.site, definition, "rule, workflow or campaign", names, "`regelwerk status` and `regelwerk workflow list` name some")
    first = parse_day(since) if since else None
    last = parse_day(until) if until else None
    if first and last and last < first:
        raise RegelwerkError(f"{until} is before {since}", "give --until a later day", exit_code=2)
    calendar = here.site.calendar
    start = calendar.at(first, time(0)) if first else None
    return Measured(here.store, name, start, calendar.at(last + timedelta(days=1), time(0)) if last else None)


def side_by_side(here: Frame, found: Sequence[Version], reached: Mapping[int | None, Reached]) -> list[str]:
    """A column for each version, what changed above it."""
    if not found:
        return ["no run has taken it up yet"]
    shown = found[:SHOWN]
    lines = [f"version {one.number} changed {change}" for one in shown for change in one.changed]
    columns = [dict(_lines(here, one, reached.get(one.number))) for one in shown]
    names = list(dict.fromkeys(name for column in columns for name in column))
    heads = [f"version {one.number}" if one.number is not None else "before versions" for one in shown]
    lines += table(("", *heads), [(name, *(column.get(name, "") for column in columns)) for name in _in_order(names)])
    return [*lines, f"{len(found) - SHOWN} older versions; `--json` shows all"] if len(found) > SHOWN else lines


def _in_order(names: Sequence[str]) -> list[str]:
    """What older versions alone have stands with its heading (`head: name`)."""
    heads = list(dict.fromkeys(name.partition(":")[0] for name in names))
    return sorted(names, key=lambda name: heads.index(name.partition(":")[0]))


def _lines(here: Frame, one: Version, campaign: Reached | None) -> Iterator[Line]:
    """One version's figures as (name, cell)."""
    yield "in force since", here.at(one.since) or ""
    yield "in force until", (here.at(one.until) or "now") if one.number is not None else ""
    yield from _of_campaign(here, campaign) if campaign else ()
    yield from _of_cases(one.cases) if one.cases else ()
    yield from _of_acts(one.acts, own=one.cases is None)


def _of_campaign(here: Frame, of: Reached) -> Iterator[Line]:
    yield "customers: addressed", _share(of.addressed, of.addressed + of.blocked)
    yield "customers: kept out", _share(of.blocked, of.addressed + of.blocked)
    for channel, number in of.given.items():
        yield f"addresses given out: {channel}", str(number)
    for name, number in of.responses.items():
        yield f"response: {name}", _share(number, of.addressed)
    if len(of.responses) > 1:
        yield "response: any", _share(of.responded, of.addressed)
    yield "sales since: contracts", _share(of.sales, of.addressed)
    if of.sales:
        yield "sales since: amount", str(here.money(of.sales_amount))


def _of_cases(of: Cases) -> Iterator[Line]:
    ended = sum(of.ended.values())
    yield "cases begun", str(of.begun)
    yield "cases running", _share(of.running, of.begun)
    for result, number in of.ended.items():
        yield f"ended: {result}", _share(number, ended)
    yield from _length("days in case", of.length)
    for name, step in of.steps.items():
        yield f"{name}: reached", _share(step.reached, of.begun)
        if step.open:
            yield f"{name}: open", str(step.open)
        for outcome, number in step.outcomes.items():
            yield f"{name}: {outcome}", _share(number, sum(step.outcomes.values()))
        yield from _length(f"{name}: days", step.length)


def _of_acts(of: Acts, *, own: bool) -> Iterator[Line]:
    """`own`: a rule's; of a workflow the cases tell how often it acted."""
    if own:
        yield "occurrences", str(of.occurrences)
        yield "records", str(of.subjects)
    total = sum(of.statuses.values())
    for status, number in of.statuses.items():
        if own or status != "done":
            yield f"effects: {status}", _share(number, total)
    for status, reasons in of.reasons.items():
        for reason, number in reasons.items():
            yield f"{status}: {reason or 'no reason given'}", str(number)
    for head, groups in (("activity", of.activities), ("message", of.messages), ("tag", of.tags)):
        for kind, counts in groups.items():
            for what, number in counts.items():
                yield f"{head} {kind}: {what}", _share(number, sum(counts.values()))
    for entity, number in of.made.items():
        yield f"made: {entity}", str(number)


def _share(number: int, of: int) -> str:
    return f"{number} ({100 * number / of:.0f} %)" if of else str(number)


def _length(name: str, length: Length) -> Iterator[Line]:
    if length.median:
        yield f"{name}, median", f"{length.median:.1f}"
        yield f"{name}, mean", f"{length.mean:.1f}"


def _data(here: Frame, one: Version) -> dict[str, Any]:
    """A version as JSON, with all shares as counts."""
    figures = asdict(one)
    figures["version"] = figures.pop("number")
    figures["in_force"] = one.number is not None and one.until is None
    for name in ("since", "until"):
        figures[name] = here.at(as_instant(figures[name]))
    return figures
