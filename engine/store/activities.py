"""Planned work as a whole: which is open, and the two ways it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.store.store import Store

OPEN = ("open", "blocked")
"""The statuses of work that is still to be done; blocked work waits for its legal ground."""
IS_OPEN = "status IN ('open', 'blocked')"
"""The same, as a statement asks for it."""


def complete(store: Store, activity: int, outcome: str, by: int | None, now: datetime) -> None:
    """Work was done and ended so."""
    _close(store, [activity], "done", outcome, by, now)


def complete_all(store: Store, ended: Sequence[tuple[int, str, int | None]], now: datetime) -> None:
    """Pieces of work were done: each with its outcome, and who did it."""
    rows = [{"id": row, "status": "done", "outcome": outcome, "completed_at": now, "completed_by": by} for row, outcome, by in ended]
    store.update_many("activity", rows)


def cancel(store: Store, activities: Sequence[int], because: str, now: datetime, by: int | None = None) -> None:
    """Work is not wanted any more. The only place that knows where the reason is kept: beside outcomes, told apart by the status."""
    _close(store, activities, "cancelled", because, by, now)


def _close(store: Store, activities: Sequence[int], status: str, outcome: str, by: int | None, now: datetime) -> None:
    store.update_many("activity", [{"id": row, "status": status, "outcome": outcome, "completed_at": now, "completed_by": by} for row in activities])
