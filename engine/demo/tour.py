"""What is worth a look after the demo's weeks."""

from __future__ import annotations

from datetime import date

from engine.demo.play import Played
from engine.language.arithmetic import add_months

SALESPERSON = "ana"
EXISTS = """
SELECT o.definition, o.subject_entity, o.subject_id FROM activity a
JOIN occurrence o ON o.made_entity = 'activity' AND o.made_id = a.id LEFT JOIN employee e ON a.assignee = e.id
ORDER BY CASE WHEN a.status = 'open' THEN 0 ELSE 1 END, CASE WHEN e.initials = ? THEN 0 ELSE 1 END,
(SELECT COUNT(*) FROM occurrence x WHERE x.definition = o.definition AND x.subject_entity = o.subject_entity AND x.subject_id = o.subject_id), a.id DESC LIMIT 1
"""
ABSENT = """
SELECT d.number FROM delivery d
JOIN purchase p ON p.customer = d.customer AND p.kind = 'vehicle' AND p.signed_on > d.delivered_on
WHERE d.id NOT IN (SELECT subject_id FROM occurrence WHERE definition = 'standard.remotorisation')
AND d.delivered_on BETWEEN ? AND ? ORDER BY d.id LIMIT 1
"""
RICHEST = """
SELECT c.number FROM customer c JOIN activity a ON a.customer = c.id JOIN delivery d ON d.customer = c.id JOIN tag t ON t.customer = c.id
WHERE a.definition IS NOT NULL AND c.kind = 'person' GROUP BY c.id, c.number ORDER BY COUNT(DISTINCT a.kind) DESC, COUNT(DISTINCT t.kind) DESC, c.id LIMIT 1
"""
LONGEST = """
SELECT i.id FROM instance i JOIN token t ON t.instance = i.id WHERE i.status NOT IN ('starting', 'parked')
GROUP BY i.id, i.status ORDER BY COUNT(DISTINCT t.step) DESC, CASE WHEN i.status = 'running' THEN 0 ELSE 1 END, i.id LIMIT 1
"""
BUSIEST = "SELECT definition FROM instance WHERE status = 'running' GROUP BY definition ORDER BY COUNT(*) DESC, definition LIMIT 1"


def tour(played: Played, today: date) -> list[list[str]]:
    """The commands that show a day: an agenda, a history, why one activity exists and another does not."""
    store = played.setting.store
    shown = [["status"], ["agenda", "--user", SALESPERSON]]
    shown += [["customer", str(row[0])] for row in store.rows(RICHEST, [])]
    for definition, entity, row in store.rows(EXISTS, [SALESPERSON]):
        key = played.setting.vocabulary.entity(entity).key or "id"
        number = store.rows(f'SELECT "{key}" FROM "{entity}" WHERE id = ?', [row])[0][0]
        shown.append(["why", definition, f"{entity}:{number}"])
    shown += _cases(played)
    span = [add_months(today, -36), add_months(today, -24)]
    shown += [["why", "standard.remotorisation", f"delivery:{row[0]}"] for row in store.rows(ABSENT, span)]
    return shown


def _cases(played: Played) -> list[list[str]]:
    """The workflows with their counts, the steps of the case that went furthest, and the fullest pipeline as a picture; nothing where no case runs."""
    store, known = played.setting.store, {flow.id for flow in played.setting.flows}
    shown = [["workflow", "show", str(row[0])] for row in store.rows(LONGEST, [])]
    shown += [["graph", str(row[0])] for row in store.rows(BUSIEST, []) if row[0] in known]
    return [["workflow", "list"], *shown] if shown else []
