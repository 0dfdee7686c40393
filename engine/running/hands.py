"""A person's changes to planned work: complete, move, assign, cancel, be absent (S1.16, S1.57, S1.58).

Every function wants a writing session and raises RegelwerkError with what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.running import rights
from engine.running.handover import Moved, hand_over
from engine.running.setting import Setting
from engine.store import activities
from engine.store.store import Store


@dataclass(frozen=True)
class Planned:
    """An activity as a person's change finds it."""

    id: int
    kind: str
    status: str
    outcome: str
    assignee: str
    branch: str


def employee(store: Store, initials: str) -> int:
    """The employee's row. Raises RegelwerkError."""
    rows = store.rows("SELECT id FROM employee WHERE initials = ?", [initials])
    if not rows:
        known = ", ".join(str(row[0]) for row in store.rows("SELECT initials FROM employee ORDER BY initials LIMIT 20", []))
        raise RegelwerkError(f"there is no employee '{initials}'", f"one of {known}" if known else "import the employees first", exit_code=2, code="not-found")
    return int(rows[0][0])


def complete(setting: Setting, activity: int, outcome: str, now: datetime) -> bool:
    """Complete an activity with its outcome; False where just this was done already."""
    found = _activity(setting.store, activity)
    if found.status == "done" and found.outcome == outcome:
        return False
    _open(found)
    outcomes: Sequence[str] = setting.sections["activities"].get(found.kind, {}).get("outcomes", [])
    if outcomes and outcome not in outcomes:
        raise RegelwerkError(f"a {found.kind} never ends with '{outcome}'", "one of " + ", ".join(outcomes), exit_code=2)
    activities.complete(setting.store, found.id, outcome, _me(setting), now)
    return True


def blocked_because(setting: Setting, activity: int) -> str:
    """Why the law blocked an activity, "" if it did not."""
    rows = setting.store.rows("SELECT blocked_because FROM activity WHERE id = ? AND status = 'blocked'", [activity])
    return str(rows[0][0] or "") if rows else ""


def cancel(setting: Setting, activity: int, because: str, now: datetime) -> None:
    """Cancel open work; the reason is kept as its outcome."""
    found = _mine(setting, activity)
    activities.cancel(setting.store, [found.id], because or "cancelled by hand", now, _me(setting))


def move(setting: Setting, activity: int, day: date, at: time | None) -> None:
    """Move open work to a day; a date set by hand stays when the rule's anchor moves (S1.57)."""
    found = _mine(setting, activity)
    calendar: Calendar = setting.calendars.get(found.branch, setting.calendar)
    due_at = calendar.at(day, at) if at else calendar.first_instant(day)
    setting.store.update_many("activity", [{"id": found.id, "due_on": day, "due_at": due_at, "due_by_hand": True}])


def assign(setting: Setting, activity: int, initials: str) -> None:
    """Give open work to somebody."""
    found = _mine(setting, activity)
    to = employee(setting.store, initials)
    setting.store.update_many("activity", [{"id": found.id, "assignee": to, "assigned_because": f"by hand: {setting.user or 'nobody named'}"}])


def absent(setting: Setting, initials: str, span: tuple[date, date], reason: str, deputy: str, today: date) -> list[Moved]:
    """Note an absence (both days included) and hand over what is due in it."""
    first, last = span
    if last < first:
        raise RegelwerkError(f"{last} is before {first}", "write the first day first", exit_code=2)
    store = setting.store
    away = employee(store, initials)
    if initials != setting.user:
        rights.require(store, setting.user, setting.sections["roles"], "change_others_work")
    row = {"employee": away, "from_on": first, "until_on": last, "reason": reason, "deputy": employee(store, deputy) if deputy else None}
    if row["deputy"] == away:
        raise RegelwerkError(f"{initials} cannot stand in for themselves", "name another deputy", exit_code=2)
    known = store.rows("SELECT id FROM absence WHERE employee = ? AND from_on = ? AND until_on = ?", [away, first, last])
    if known:
        store.update_many("absence", [{"id": known[0][0], **row}])
    else:
        store.insert_many("absence", [row])
    return hand_over(store, today, [away])


def _activity(store: Store, number: int) -> Planned:
    sql = (
        "SELECT a.kind, a.status, a.outcome, e.initials, b.code FROM activity a LEFT JOIN employee e ON e.id = a.assignee"
        " LEFT JOIN branch b ON b.id = a.branch WHERE a.id = ?"
    )
    rows = store.rows(sql, [number])
    if not rows:
        raise RegelwerkError(f"there is no activity {number}", "`regelwerk agenda` lists them", exit_code=2, code="not-found")
    kind, status, outcome, assignee, branch = rows[0]
    return Planned(number, str(kind), str(status), outcome or "", assignee or "", branch or "")


def _open(found: Planned) -> None:
    if found.status not in activities.OPEN:
        raise RegelwerkError(f"activity {found.id} is {found.status} ({found.outcome})", "only open work can be changed")


def _mine(setting: Setting, number: int) -> Planned:
    """Open work that the user may change: their own, nobody's, or with the right to change others'."""
    found = _activity(setting.store, number)
    _open(found)
    if found.assignee not in ("", setting.user):
        rights.require(setting.store, setting.user, setting.sections["roles"], "change_others_work")
    return found


def _me(setting: Setting) -> int | None:
    return employee(setting.store, setting.user) if setting.user else None
