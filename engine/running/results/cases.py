"""What became of a workflow's cases: how they ended, how far they came, how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.running.results.periods import Length, Measured, lengths

ENDED = "('done', 'stopped', 'cancelled')"


@dataclass
class Step:
    """One step: how many cases reached it, how many stand at it, how it ended, how long it took."""

    reached: int = 0
    open: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    length: Length = field(default_factory=Length)


@dataclass
class Cases:
    """The cases of one version that began in the time looked at."""

    begun: int = 0
    running: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    """Result (where there is none, the status) -> how many."""
    length: Length = field(default_factory=Length)
    steps: dict[str, Step] = field(default_factory=dict)
    """In the order in which cases come to them."""


def cases(measured: Measured) -> dict[int | None, Cases]:
    """The figures by version: a case that was migrated counts for the version it has now."""
    found: dict[int | None, Cases] = {}
    where, args = measured.of("i", "started_at")
    rows, store = measured.store.rows, measured.store
    sql = f"SELECT version, COUNT(*), SUM(CASE WHEN status IN {ENDED} THEN 0 ELSE 1 END) FROM instance i WHERE {where} GROUP BY version"
    for version, begun, running in rows(sql, args):
        found[version] = Cases(begun, int(running))
    what = "coalesce(result, status)"
    sql = f"SELECT version, {what}, COUNT(*) FROM instance i WHERE {where} AND status IN {ENDED} GROUP BY version, {what} ORDER BY COUNT(*) DESC, {what}"
    for version, result, number in rows(sql, args):
        found[version].ended[result] = number
    for (version,), length in lengths(
        store, ["i.version"], "i.started_at", "i.ended_at", f"FROM instance i WHERE {where} AND i.ended_at IS NOT NULL", args
    ).items():
        found[version].length = length
    _steps(measured, found)
    return found


def _steps(measured: Measured, found: dict[int | None, Cases]) -> None:
    where, args = measured.of("i", "started_at")
    source = f"FROM token t JOIN instance i ON i.id = t.instance WHERE {where}"
    sql = (
        "SELECT i.version, t.step, COUNT(DISTINCT t.instance), SUM(CASE WHEN t.status IN ('open', 'queued') THEN 1 ELSE 0 END)"
        f" {source} GROUP BY i.version, t.step ORDER BY AVG(t.number), t.step"
    )
    for version, step, reached, standing in measured.store.rows(sql, args):
        found[version].steps[step] = Step(reached, int(standing))
    sql = (
        f"SELECT i.version, t.step, t.outcome, COUNT(*) {source} AND t.status = 'done' AND t.outcome IS NOT NULL"
        " GROUP BY i.version, t.step, t.outcome ORDER BY COUNT(*) DESC, t.outcome"
    )
    for version, step, outcome, number in measured.store.rows(sql, args):
        found[version].steps[step].outcomes[outcome] = number
    closed = f"{source} AND t.closed_at IS NOT NULL AND t.status = 'done'"
    for (version, step), length in lengths(measured.store, ["i.version", "t.step"], "t.opened_at", "t.closed_at", closed, args).items():
        found[version].steps[step].length = length
