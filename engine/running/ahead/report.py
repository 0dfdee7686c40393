"""What a simulation brought: counts by period and definition, load per employee and week, timelines of customers."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from engine.language.findings import RegelwerkError
from engine.running.ahead.outcome import Marks, things
from engine.running.setting import Setting
from engine.store.given import as_day, as_instant

Period = Literal["day", "week", "month"]
COUNT_HEAD = ("period", "definition", "what", "verdict", "count")
LOAD_HEAD = ("week", "employee", "new", "done", "open")
LINE_HEAD = ("customer", "day", "what", "definition", "status")


@dataclass
class Simulated:
    """Rows under COUNT_HEAD, LOAD_HEAD and LINE_HEAD."""

    counts: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    load: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    lines: list[tuple[int, str, str, str, str]] = field(default_factory=list)


def report(setting: Setting, since: Marks, start: datetime, until: datetime, by: Period, customers: list[int]) -> Simulated:
    """Read a walked copy. Days are the site's; raises RegelwerkError for a customer that is not there."""
    return Simulated(
        _counts(setting, since, start, by), _load(setting, start, until), [line for number in customers for line in timeline(setting, number, start)]
    )


def period_of(day: date, by: Period) -> str:
    """`2026-11-24`, `2026-W48` or `2026-11`."""
    if by == "day":
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if by == "week" else f"{day:%Y-%m}"


def _counts(setting: Setting, since: Marks, start: datetime, by: Period) -> list[tuple[str, str, str, str, int]]:
    everything = {rule.id for rule in setting.rules} | {flow.id for flow in setting.flows}
    found: Counter[tuple[str, str, str, str]] = Counter()
    for name, thing in things(setting, since, everything).items():
        if thing.day:
            found[period_of(thing.day, by), name.definition, thing.what, {"done": "made"}.get(thing.verdict, thing.verdict)] += 1
    sql = "SELECT completed_at, definition, kind, outcome FROM activity WHERE status = 'done' AND completed_at >= ?"
    for completed, definition, kind, outcome in setting.store.rows(sql, [start]):
        moment = as_instant(completed)
        if moment:
            found[period_of(setting.calendar.today(moment), by), definition or "by hand", f"activity {kind}", f"ended {outcome}"] += 1
    return [(*key, number) for key, number in sorted(found.items())]


def _load(setting: Setting, start: datetime, until: datetime) -> list[tuple[str, str, int, int, int]]:
    """For each employee and week: how much work came, how much was done, how much was open and due at its end."""
    sql = (
        "SELECT e.initials, a.created_at, a.completed_at, a.due_on FROM activity a LEFT JOIN employee e ON e.id = a.assignee"
        " WHERE a.status IN ('open', 'blocked') OR a.completed_at >= ?"
    )
    weeks = _weeks(setting.calendar.today(start), setting.calendar.today(until))
    new: Counter[tuple[str, date]] = Counter()
    done: Counter[tuple[str, date]] = Counter()
    standing: dict[str, Counter[date]] = defaultdict(Counter)
    for initials, created, completed, due_on in setting.store.rows(sql, [start]):
        who = initials or "nobody"
        made, ended = (setting.calendar.today(one) if one else None for one in (as_instant(created), as_instant(completed)))
        if made and made >= weeks[0]:
            new[who, _monday(made)] += 1
        if ended:
            done[who, _monday(ended)] += 1
        begins = max(_monday(as_day(due_on) or made or weeks[0]), weeks[0])
        standing[who][begins] += 1
        if ended:
            standing[who][max(_monday(ended), begins)] -= 1
    rows = []
    for who in sorted(standing):
        open_ = 0
        for week in weeks:
            open_ += standing[who][week]
            rows.append((period_of(week, "week"), who, new[who, week], done[who, week], open_))
    return sorted(rows)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(first: date, last: date) -> list[date]:
    monday = _monday(first)
    return [monday + timedelta(days=7 * number) for number in range((last - monday).days // 7 + 1)]


def timeline(setting: Setting, number: int, start: datetime) -> list[tuple[int, str, str, str, str]]:
    """What one customer meets, by day."""
    store = setting.store
    rows = store.rows("SELECT id FROM customer WHERE number = ?", [number])
    if not rows:
        raise RegelwerkError(f"there is no customer {number}", "`regelwerk select` finds them", exit_code=2, code="not-found")
    today = setting.calendar.today(start)
    found: list[tuple[Any, str, str, str]] = []
    sql = "SELECT due_on, completed_at, kind, definition, status, outcome FROM activity WHERE customer = ? AND (created_at >= ? OR completed_at >= ?)"
    for due_on, completed, kind, definition, status, outcome in store.rows(sql, [rows[0][0], start, start]):
        moment = as_instant(completed)
        day = setting.calendar.today(moment) if moment else as_day(due_on)
        found.append((day, f"activity {kind}", definition or "by hand", f"{status}: {outcome}" if outcome else status))
    for queued, template, definition, status in store.rows(
        "SELECT queued_at, template, definition, status FROM message WHERE customer = ? AND queued_at >= ?", [rows[0][0], start]
    ):
        moment = as_instant(queued)
        found.append((setting.calendar.today(moment) if moment else None, f"message {template}", definition or "", status))
    for posted, taken, kind in store.rows(
        "SELECT posted_on, taken_back_on, kind FROM tag WHERE customer = ? AND (posted_on >= ? OR taken_back_on >= ?)", [rows[0][0], today, today]
    ):
        found += [(as_day(day), f"tag {kind}", "", status) for day, status in ((posted, "posted"), (taken, "taken back")) if day and as_day(day) >= today]  # type: ignore[operator]
    return [(number, str(day), what, definition, status) for day, what, definition, status in sorted(found, key=lambda one: (str(one[0]), *one[1:]))]
