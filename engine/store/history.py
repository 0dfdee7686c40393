"""What happened with a customer, by date."""

from __future__ import annotations

from typing import Any

from engine.store.store import Store

HISTORY = """
SELECT day, what, detail FROM (
  SELECT entered_on AS day, 'history' AS what, coalesce(action, info, content) AS detail FROM history_entry WHERE customer = ? AND deleted_at IS NULL
  UNION ALL SELECT visited_on, 'visit', kind FROM visit WHERE customer = ?
  UNION ALL SELECT posted_on, 'tag', kind FROM tag WHERE customer = ?
  UNION ALL SELECT due_on, 'activity', kind || ' ' || status FROM activity WHERE customer = ?
  UNION ALL SELECT signed_on, 'purchase', what FROM purchase WHERE customer = ?
  UNION ALL SELECT delivered_on, 'delivery', number FROM delivery WHERE customer = ?
) x ORDER BY day, what, detail
"""


def history(store: Store, customer: int) -> tuple[str | None, str | None, list[tuple[Any, ...]]]:
    """A customer's name and city, and (day, what, detail) of everything that happened."""
    name, city = store.rows("SELECT name, city FROM customer WHERE id = ?", [customer])[0]
    return name, city, [tuple(entry) for entry in store.rows(HISTORY, [customer] * 6)]
