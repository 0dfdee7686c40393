"""A moving clock: tick after tick over a copy, at the moments at which a runner would do something.

That is the start, then each local day's beginning (`day_starts`, the site's calendar); with `hours`, also the full hour
after each moment at which a case's timer falls due in between. A case's timers of hours and minutes then come at most an
hour late instead of the next morning; days, dates and schedules by the day are the same either way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.language.findings import RegelwerkError
from engine.running.setting import Setting
from engine.running.tick import TickReport, tick
from engine.store.given import as_instant

MOST_DAYS = 3700
"""How far a walk may go: ten years."""
Act = Callable[[datetime, datetime], None]
"""What people do after a tick at a moment, until another."""


@dataclass
class Walked:
    """What a walk did."""

    ticks: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    """Workflows that are not sound, and why."""
    failed: Counter[str] = field(default_factory=Counter)
    """What failed, by definition."""


def walk(
    setting: Setting, start: datetime, until: datetime, *, hours: bool = False, act: Act | None = None, progress: Callable[[str], None] | None = None
) -> Walked:
    """Tick over a copy from `start` to `until` (both included, naive UTC). Raises RegelwerkError where the first tick may not run."""
    if (until - start).days > MOST_DAYS:
        raise RegelwerkError(f"{until.year} is more than ten years ahead", "name a day that is nearer", exit_code=2)
    walked = Walked()
    now = start
    while now <= until:
        _note(walked, tick(setting, now, confirm_jump=True, daily=False, lasting=False))
        if progress:
            progress(f"{setting.calendar.today(now)}")
        if act:
            act(now, _next(setting, now, hours))
        now = _next(setting, now, hours)  # asked again: what people did may have set a timer
    return walked


def _note(walked: Walked, report: TickReport) -> None:
    if report.stopped:
        raise RegelwerkError(report.stopped, "start later")
    walked.ticks += 1
    walked.left_out |= report.left_out
    for name, counts in report.tally.by_definition.items():
        if counts.get("failed"):
            walked.failed[name] += counts["failed"]


def _next(setting: Setting, now: datetime, hours: bool) -> datetime:
    calendar = setting.calendar
    morning = calendar.first_instant(calendar.today(now))
    if morning <= now:
        morning = calendar.first_instant(calendar.today(now) + timedelta(days=1))
    if not hours:
        return morning
    sql = "SELECT MIN(t.due_at) FROM timer t JOIN instance i ON i.id = t.instance WHERE t.status = 'armed' AND i.status = 'running' AND t.due_at > ?"
    due = as_instant(setting.store.rows(sql, [now])[0][0])
    return min(morning, _full_hour(due)) if due is not None else morning


def _full_hour(moment: datetime) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(hours=1)
