"""What is told of cases: how many, where they stand, what one went through."""

from __future__ import annotations

from typing import Any

from engine.store.store import Store

Rows = list[tuple[Any, ...]]


def cases_by_status(store: Store) -> dict[str, dict[str, int]]:
    """Workflow -> status -> how many cases."""
    found: dict[str, dict[str, int]] = {}
    for definition, status, count in store.rows("SELECT definition, status, COUNT(*) FROM instance GROUP BY definition, status", []):
        found.setdefault(str(definition), {})[str(status)] = count
    return found


def cases_by_step(store: Store, definition: str) -> Rows:
    """Where a workflow's running cases stand: (version, step, how many, since when the oldest)."""
    sql = (
        "SELECT i.version, t.step, COUNT(*), MIN(t.opened_at) FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE i.definition = ? AND i.status IN ('running', 'parked') AND t.status IN ('open', 'queued') GROUP BY i.version, t.step ORDER BY i.version, t.step"
    )
    return [tuple(row) for row in store.rows(sql, [definition])]


def results(store: Store, definition: str) -> list[tuple[str, int]]:
    """How a workflow's cases ended, most frequent first."""
    sql = (
        "SELECT coalesce(result, status), COUNT(*) FROM instance WHERE definition = ? AND status IN ('done', 'stopped', 'cancelled')"
        " GROUP BY coalesce(result, status) ORDER BY COUNT(*) DESC, 1"
    )
    return [(str(row[0]), row[1]) for row in store.rows(sql, [definition])]


def case(store: Store, number: int) -> dict[str, Any]:
    """A case's workflow, subject, version and result."""
    sql = "SELECT definition, subject_entity, subject_id, version, result, started_by FROM instance WHERE id = ?"
    definition, entity, row, version, result, by = store.rows(sql, [number])[0]
    key = store.model[entity].key or "id"
    named = store.rows(f'SELECT "{key}" FROM "{entity}" WHERE id = ?', [row])
    return {
        "workflow": definition,
        "subject": f"{entity}:{named[0][0] if named else row}",
        "version": version,
        "result": result or "",
        "started_by": by or "",
    }


def passed(store: Store, number: int) -> Rows:
    """The steps of a case in order: (opened, closed, step, status, outcome, activity)."""
    sql = "SELECT opened_at, closed_at, step, run, item_entity, item_id, status, outcome, activity FROM token WHERE instance = ? ORDER BY number"
    found: Rows = []
    for opened, closed, step, run, entity, item, status, outcome, activity in store.rows(sql, [number]):
        name = f"{step}{f' ({run}.)' if (run or 1) > 1 else ''}{f' {entity}:{item}' if entity else ''}"
        found.append((opened, closed, name, status, outcome or "", activity))
    return found


def timers(store: Store, number: int) -> Rows:
    """What a case waits for: (when, step, what)."""
    sql = (
        "SELECT m.due_at, t.step, m.name FROM timer m JOIN token t ON t.instance = m.instance AND t.number = m.token"
        " WHERE m.instance = ? AND m.status IN ('armed', 'parked') ORDER BY m.due_at, m.id"
    )
    return [(row[0], row[1], str(row[2]).removesuffix(" 0").strip()) for row in store.rows(sql, [number])]


def noted(store: Store, number: int) -> Rows:
    """What the journal says of a case beyond its steps: (when, step, verdict, reason)."""
    sql = "SELECT decided_at, occurrence, verdict, reason FROM decision WHERE (occurrence = ? OR occurrence LIKE ?) AND effect IS NULL AND reason IS NOT NULL ORDER BY id"
    head = f"case {number}"
    return [(row[0], str(row[1]).removeprefix(head).strip(), row[2], row[3]) for row in store.rows(sql, [head, f"{head} %"])]


def open_incidents(store: Store) -> Rows:
    """Incidents nobody has dealt with: (number, since, case, workflow, what was to happen, reason)."""
    sql = (
        "SELECT n.id, n.opened_at, n.instance, i.definition, n.what, n.reason FROM incident n JOIN instance i ON i.id = n.instance"
        " WHERE n.status = 'open' ORDER BY n.id"
    )
    return [tuple(row) for row in store.rows(sql, [])]


def standing_of(store: Store, where: str, args: list[Any]) -> Rows:
    """Running cases and where they stand: (case, workflow, step, when its work is due or its next moment comes, activity).

    `where` is a literal of ours over `i` (the case) and `a` (its activity).
    """
    sql = (
        "SELECT i.id, i.definition, t.step,"
        " coalesce(a.due_at, (SELECT MIN(m.due_at) FROM timer m WHERE m.instance = i.id AND m.token = t.number AND m.status = 'armed')), t.activity"
        " FROM token t JOIN instance i ON i.id = t.instance LEFT JOIN activity a ON a.id = t.activity"
        f" WHERE t.status IN ('open', 'queued') AND t.opened = 0 AND i.status IN ('running', 'parked') AND {where} ORDER BY i.id, t.number"
    )
    return [tuple(row) for row in store.rows(sql, args)]
