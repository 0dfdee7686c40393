"""What happened with a customer, by date."""

from __future__ import annotations

from typing import Any

from engine.store.store import Store

PARTS = (
    "SELECT entered_on AS day, 'history' AS what, coalesce(action, info, content) AS detail FROM history_entry WHERE customer = ? AND deleted_at IS NULL",
    "SELECT held_on, 'conversation', coalesce(content, kind) FROM conversation WHERE customer = ?",
    "SELECT visited_on, 'visit', kind FROM visit WHERE customer = ?",
    "SELECT posted_on, 'tag', kind FROM tag WHERE customer = ?",
    "SELECT due_on, 'activity', kind || ' ' || status FROM activity WHERE customer = ?",
    "SELECT made_on, 'offer', number FROM offer WHERE customer = ?",
    "SELECT signed_on, 'contract', number FROM contract WHERE customer = ? AND signed_on IS NOT NULL",
    "SELECT signed_on, 'purchase', coalesce(what, kind) FROM purchase WHERE customer = ?",
    "SELECT delivered_on, 'delivery', number FROM delivery WHERE customer = ?",
    "SELECT ordered_on, 'order', number FROM \"order\" WHERE customer = ?",
    "SELECT added_on, 'document', coalesce(title, file, kind) FROM document WHERE customer = ?",
)
HISTORY = f"SELECT day, what, detail FROM ({' UNION ALL '.join(PARTS)}) x ORDER BY day, what, detail"


def history(store: Store, customer: int) -> tuple[str | None, str | None, list[tuple[Any, ...]]]:
    """A customer's name and city, and (day, what, detail) of everything that happened."""
    name, city = store.rows("SELECT name, city FROM customer WHERE id = ?", [customer])[0]
    return name, city, [tuple(entry) for entry in store.rows(HISTORY, [customer] * len(PARTS))]
