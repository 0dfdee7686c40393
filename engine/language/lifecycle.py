"""The phases after a delivery (S1.45 to S1.47; requirements.md A5): 1 getting to know, 2 use, 3 reorientation."""

from __future__ import annotations

from datetime import date, timedelta

from engine.language.arithmetic import add_months, latest_anchor

PHASE_STARTS = {1: 0, 2: 6, 3: 28}
"""Full months since delivery at which a phase begins."""
ENDS = 36


def phase_bounds(delivered: date, phase: int) -> tuple[date, date]:
    """First day of a phase and the first day after it."""
    starts = [*PHASE_STARTS.values(), ENDS]
    return add_months(delivered, starts[phase - 1]), add_months(delivered, starts[phase])


def phase_of(delivered: date, today: date) -> int | None:
    """The phase a delivery is in, None before it and after month 36."""
    for phase in PHASE_STARTS:
        first, after = phase_bounds(delivered, phase)
        if first <= today < after:
            return phase
    return None


def delivered_window(phase: int, today: date) -> tuple[date, date] | None:
    """The delivery days (both included) that are in a phase today."""
    starts = [*PHASE_STARTS.values(), ENDS]
    newest = latest_anchor(today, lambda day: add_months(day, starts[phase - 1]))
    too_old = latest_anchor(today, lambda day: add_months(day, starts[phase]))
    if newest is None:
        return None
    oldest = too_old + timedelta(days=1) if too_old else date(1900, 1, 1)
    return (oldest, newest) if oldest <= newest else None
