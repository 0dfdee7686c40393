"""What is due or was reminded of: activities with whom they are about and whose they are."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.store.activities import IS_OPEN
from engine.store.store import Store

AGENDA = f"""
SELECT b.code, a.id, a.due_on, a.due_at, a.kind, c.number, c.name, e.initials, a.status, a.note, a.blocked_because,
  (SELECT MAX(r.reminded_at) FROM reminder r WHERE r.activity = a.id)
FROM activity a LEFT JOIN customer c ON c.id = a.customer LEFT JOIN employee e ON e.id = a.assignee
LEFT JOIN branch b ON b.id = a.branch
WHERE a.{IS_OPEN} AND (a.due_on <= ? OR EXISTS (SELECT 1 FROM reminder r WHERE r.activity = a.id)) AND (? = '' OR e.initials = ?) AND (? = '' OR b.code = ?) AND (? = '' OR a.kind = ?)
ORDER BY a.due_at, a.id
"""


def due_work(store: Store, until: date, user: str = "", branch: str = "", kind: str = "") -> list[tuple[Any, ...]]:
    """Open and blocked activities due by a day, or that somebody was reminded of, of one employee, branch or kind where they are named.

    First the branch's code, last when somebody was reminded.
    """
    return [tuple(row) for row in store.rows(AGENDA, [until, user, user, branch, branch, kind, kind])]
