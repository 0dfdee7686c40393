"""What a definition's occurrences came to: what was decided, and what became of the work, the messages and the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.running.results.periods import Measured

Counts = dict[str, int]


@dataclass
class Acts:
    """One version's decisions and what they made."""

    occurrences: int = 0
    subjects: int = 0
    statuses: Counts = field(default_factory=dict)
    """Of effects: done, held, blocked, failed, discarded."""
    reasons: dict[str, Counts] = field(default_factory=dict)
    """Status -> reason -> how many, of what was not done."""
    activities: dict[str, Counts] = field(default_factory=dict)
    """Kind -> outcome, or open, blocked, cancelled -> how many."""
    messages: dict[str, Counts] = field(default_factory=dict)
    """Channel -> status -> how many."""
    tags: dict[str, Counts] = field(default_factory=dict)
    """Kind -> posted, still counting."""
    made: Counts = field(default_factory=dict)
    """Everything else that was made, by kind of record."""


def acts(measured: Measured) -> dict[int | None, Acts]:
    """The figures by version; under None what was decided before versions were kept."""
    found: dict[int | None, Acts] = {}
    where, args = measured.of("o", "made_at")
    rows = measured.store.rows

    def of(version: int | None) -> Acts:
        return found.setdefault(version, Acts())

    sql = f"SELECT version, COUNT(*), COUNT(DISTINCT subject_id) FROM (SELECT DISTINCT version, subject_id, occurrence FROM occurrence o WHERE {where}) x GROUP BY version"
    for version, occurrences, subjects in rows(sql, args):
        of(version).occurrences, of(version).subjects = occurrences, subjects
    for version, status, number in rows(f"SELECT version, status, COUNT(*) FROM occurrence o WHERE {where} GROUP BY version, status", args):
        of(version).statuses[status] = number
    sql = f"SELECT version, status, reason, COUNT(*) FROM occurrence o WHERE {where} AND status <> 'done' GROUP BY version, status, reason ORDER BY COUNT(*) DESC, reason"
    for version, status, reason, number in rows(sql, args):
        of(version).reasons.setdefault(status, {})[reason or ""] = number
    state = "CASE WHEN m.status = 'done' THEN coalesce(m.outcome, 'done') ELSE m.status END"
    for version, kind, what, number in rows(_made("activity", f"m.kind, {state}", where), args):
        of(version).activities.setdefault(kind, {})[what] = number
    for version, channel, status, number in rows(_made("message", "m.channel, m.status", where), args):
        of(version).messages.setdefault(channel, {})[status] = number
    for version, kind, back, number in rows(_made("tag", "m.kind, CASE WHEN m.taken_back_on IS NULL THEN 'standing' ELSE 'taken back' END", where), args):
        of(version).tags.setdefault(kind, {})[back] = number
    sql = (
        f"SELECT version, made_entity, COUNT(DISTINCT made_id) FROM occurrence o WHERE {where} AND made_entity IS NOT NULL"
        " AND made_entity NOT IN ('activity', 'message', 'tag', 'instance') GROUP BY version, made_entity"
    )
    for version, entity, number in rows(sql, args):
        of(version).made[entity] = number
    return found


def _made(entity: str, columns: str, where: str) -> str:
    """The records of an entity that occurrences made (or added themselves to), by columns; all names are ours."""
    places = "3" if columns.count(",") else "2"
    return (
        f"SELECT o.version, {columns}, COUNT(DISTINCT m.id) FROM occurrence o JOIN {entity} m ON o.made_entity = '{entity}' AND m.id = o.made_id"
        f" WHERE {where} GROUP BY 1, 2, {places} ORDER BY 1, 2, {places}"
    )
