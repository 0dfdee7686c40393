"""A person's changes to planned work: complete, move, assign, cancel, be absent (S1.16, S1.57, S1.58).

Every function wants a writing session and raises RegelwerkError with what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.language.calendars import Calendar
from engine.language.findings import RegelwerkError
from engine.planning.workflows.case import Trouble
from engine.planning.workflows.stimuli import Ended
from engine.running import rights
from engine.running.cases.drive import Pending
from engine.running.cases.run import one_case
from engine.running.cases.steps import OpenStep, step_of
from engine.running.forms import fill_in
from engine.running.handover import Moved, hand_over
from engine.running.setting import Setting
from engine.store import activities
from engine.store.store import Store

CANCELLED = "cancelled"
"""The outcome that says what follows when a step's work is cancelled."""


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


def complete(
    setting: Setting, activity: int, outcome: str, now: datetime, appointment: datetime | None = None, answers: Mapping[str, str] | None = None
) -> bool:
    """Complete an activity with its outcome; False where just this was done already. A case it is a step of goes on at once.

    `appointment` (naive UTC) is the one that the next step asks for; `answers` are those of the activity's form.
    """
    found = _activity(setting.store, activity)
    if found.status == "done" and found.outcome == outcome:
        return False
    _open(found)
    step, readable = _step(setting, activity)
    outcomes = _outcomes(setting, found.kind, step, readable)
    if outcomes and outcome not in outcomes:
        what = f"the step '{step.step.name}' of case {step.case}" if step else f"a {found.kind}"
        raise RegelwerkError(f"{what} never ends with '{outcome}'", "one of " + ", ".join(outcomes), exit_code=2)
    if step:
        asked = step.asks_for_appointment(outcome)
        if asked and appointment is None:
            raise RegelwerkError(f"{asked} needs an appointment", "add --appointment, e.g. 2026-11-30T14:30", exit_code=2)
    form = _form(setting, found.kind, step)
    if answers or (form and not (step and step.comes_again(outcome))):
        fill_in(setting, activity, form, answers or {}, now)
    activities.complete(setting.store, found.id, outcome, _me(setting), now)
    if step:
        one_case(setting, now, lambda _: [Pending(now, 0, activity, step.case, Ended(step.token, outcome, appointment))])
    return True


def outcomes_of(setting: Setting, activity: int) -> Sequence[str]:
    """How an activity can end: as its case's step says, else its kind."""
    return _outcomes(setting, _activity(setting.store, activity).kind, *_step(setting, activity))


def form_of(setting: Setting, activity: int) -> str:
    """The questionnaire that is filled in with an activity, "" where there is none."""
    return _form(setting, _activity(setting.store, activity).kind, _step(setting, activity)[0])


def _outcomes(setting: Setting, kind: str, step: OpenStep | None, readable: bool) -> Sequence[str]:
    if step:
        return list(step.step.outcomes)
    outcomes: Sequence[str] = setting.sections["activities"].get(kind, {}).get("outcomes", []) if readable else []
    return outcomes


def _form(setting: Setting, kind: str, step: OpenStep | None) -> str:
    return (step.step.form if step else "") or str(setting.sections["activities"].get(kind, {}).get("form", ""))


def blocked_because(setting: Setting, activity: int) -> str:
    """Why the law blocked an activity, "" if it did not."""
    rows = setting.store.rows("SELECT blocked_because FROM activity WHERE id = ? AND status = 'blocked'", [activity])
    return str(rows[0][0] or "") if rows else ""


def cancel(setting: Setting, activity: int, because: str, now: datetime) -> None:
    """Cancel open work; the reason is kept as its outcome. The work of a case's step only where the step says what follows then."""
    found = _mine(setting, activity)
    step, _ = _step(setting, activity)
    if step and CANCELLED not in step.step.outcomes:
        ends = f"`regelwerk done {activity} OUTCOME` ({', '.join(step.step.outcomes) or 'done'})"
        raise RegelwerkError(
            f"activity {activity} is the step '{step.step.name}' of case {step.case}, which has no outcome '{CANCELLED}'",
            f"end it with {ends}, or the case with `regelwerk workflow stop {step.case}`",
        )
    activities.cancel(setting.store, [found.id], because or "cancelled by hand", now, _me(setting))
    if step:
        one_case(setting, now, lambda _: [Pending(now, 0, activity, step.case, Ended(step.token, CANCELLED))])


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


def _step(setting: Setting, activity: int) -> tuple[OpenStep | None, bool]:
    """The step it is the work of, and False where its case's version cannot be read: the next run sets that case aside."""
    try:
        return step_of(setting, activity), True
    except Trouble:
        return None, False


def _activity(store: Store, number: int) -> Planned:
    sql = (
        "SELECT a.kind, a.status, a.outcome, e.initials, b.code FROM activity a LEFT JOIN employee e ON e.id = a.assignee"
        " LEFT JOIN branch b ON b.id = a.branch WHERE a.id = ?"
    )
    if store.provider == "postgres":  # whoever else changes it waits: its case first, as a tick locks them
        store.rows("SELECT id FROM instance WHERE id IN (SELECT instance FROM token WHERE activity = ?) ORDER BY id FOR UPDATE", [number])
        sql += " FOR UPDATE OF a"
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
