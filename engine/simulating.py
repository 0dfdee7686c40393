"""A simulation of a site: assumptions read, a copy walked, its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine import schemas
from engine.definitions.reader import read_file
from engine.language.findings import Finding, RegelwerkError
from engine.running.ahead.assumptions import Assumptions, assumptions_of, mistakes
from engine.running.ahead.outcome import marks
from engine.running.ahead.people import People
from engine.running.ahead.report import Period, Simulated, report
from engine.running.ahead.walk import Walked, walk
from engine.site import Site
from engine.store.store import Store


@dataclass
class Simulation:
    """What was simulated, with what, and what came of it."""

    walked: Walked
    assumed: list[str]
    seed: int
    came: Simulated


def read_assumptions(site: Site, path: Path | None, seed: int | None) -> Assumptions:
    """A file of assumptions, or what is assumed without one. Raises RegelwerkError (exit 2) with every finding."""
    if path is None:
        return assumptions_of({}, seed)
    document, findings = read_file(path, path.name)
    if document is not None:
        found = schemas.ASSUMPTIONS.mistakes(document.data)
        found = found or list(mistakes(document.data, site.sections, step_outcomes(site)))
        findings = [Finding(document.place(one.where, key=one.key), one.code, one.message, one.hint) for one in found]
    if findings or document is None:
        raise RegelwerkError("\n".join(str(one) for one in sorted(findings)), exit_code=2, findings=findings)
    return assumptions_of(document.data, seed)


def step_outcomes(site: Site) -> Mapping[str, set[str]]:
    """The outcomes that workflows' steps give to each kind of activity."""
    found: Mapping[str, set[str]] = defaultdict(set)

    def look(data: Any) -> None:
        if isinstance(data, Mapping):
            if isinstance(data.get("activity"), str) and isinstance(data.get("outcomes"), Mapping):
                found[data["activity"]].update(map(str, data["outcomes"]))
            for inner in data.values():
                look(inner)

    for flow in site.compiled.flows:
        look(flow.data)
    return found


def simulate(
    site: Site,
    store: Store,
    start: datetime,
    until: datetime,
    assumptions: Assumptions,
    *,
    by: Period = "month",
    customers: Sequence[int] = (),
    hours: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Simulation:
    """Walk a copy from start to end with people acting as assumed. Nothing is written to the store and nothing is sent."""
    with store.throwaway() as copy:
        setting = site.setting(copy)
        since = marks(copy)
        people = People(setting, assumptions)
        walked = walk(setting, start, until, hours=hours, act=people.act, progress=progress)
        came = report(setting, since, start, until, by, list(customers))
        return Simulation(walked, assumptions.lines(people.kinds, site.sections), assumptions.seed, came)
