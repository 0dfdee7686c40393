"""How things stand: what is held, blocked, failed, late or not sent, what is paused, and when the last tick was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.running.clock import read_last_tick
from engine.running.held import held_counts
from engine.running.setting import Setting
from engine.running.tick import paused


@dataclass(frozen=True)
class Overview:
    """`waiting`: (definition, status, how many, reason); `work`: (what, state, how many) of activities, messages and cases."""

    last_tick: datetime | None
    paused: list[str]
    waiting: list[tuple[str, str, int, str]]
    work: list[tuple[str, str, int]]


def _why(row: Sequence[Any]) -> str:
    """Why something failed, or one of its reasons; what the law blocked is told of each customer."""
    _, status, _, several, reason = row
    return "" if status != "failed" or not reason else f"{reason}, among others" if several > 1 else str(reason)


def overview(setting: Setting, now: datetime) -> Overview:
    """The state at a moment (naive UTC)."""
    store = setting.store
    decided = store.rows(
        "SELECT definition, status, COUNT(*), COUNT(DISTINCT reason), MIN(reason) FROM occurrence WHERE status IN ('blocked', 'failed')"
        " GROUP BY definition, status ORDER BY 1, 2",
        [],
    )
    waiting = [(row[0], "held", row[2], row[1]) for row in held_counts(store)] + [(row[0], row[1], row[2], _why(row)) for row in decided]
    late = store.rows("SELECT COUNT(*) FROM activity WHERE status = 'open' AND due_on < ?", [setting.calendar.today(now)])[0][0]
    blocked = store.rows("SELECT COUNT(*) FROM activity WHERE status = 'blocked'", [])[0][0]
    parked = store.rows("SELECT COUNT(*) FROM instance WHERE status = 'parked'", [])[0][0]
    messages = store.rows("SELECT status, COUNT(*) FROM message WHERE status IN ('queued', 'blocked', 'sending', 'failed') GROUP BY status ORDER BY status", [])
    work = [("activity", "late", late), ("activity", "blocked", blocked), *(("message", row[0], row[1]) for row in messages), ("case", "parked", parked)]
    return Overview(read_last_tick(setting), sorted(paused(setting)), waiting, [one for one in work if one[2]])
