"""One row of the journal: what was decided about whom, in which run, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def decision(
    run: int,
    definition: str,
    subject: tuple[str, int],
    verdict: str,
    at: datetime,
    *,
    occurrence: str = "",
    effect: str = "",
    target: str = "",
    reason: str = "",
    detail: str | None = None,
) -> dict[str, Any]:
    """The row; `subject` is (entity, row), `at` naive UTC."""
    return {
        "run": run,
        "definition": definition,
        "subject_entity": subject[0],
        "subject_id": subject[1],
        "occurrence": occurrence or None,
        "effect": effect or None,
        "target": target or None,
        "verdict": verdict,
        "reason": reason or None,
        "decided_at": at,
        "detail": detail,
    }
