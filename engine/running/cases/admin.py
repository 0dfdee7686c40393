"""What people do with cases by hand: start and stop them, mend what went wrong."""

from __future__ import annotations

from datetime import datetime

from engine.language.findings import RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.planning.workflows.stimuli import Happened, Started, Stop
from engine.running import rights
from engine.running.cases.drive import Pending, describe
from engine.running.cases.gather import due_timers, ended_work, open_work
from engine.running.cases.run import one_case
from engine.running.setting import Setting
from engine.running.state import LOOK_AGAIN, LOOKED_AT


def start(setting: Setting, definition: str, entity: str, subject: int, now: datetime) -> int:
    """Start a case by hand and let it take its first steps; its number. Needs a writing session. Raises RegelwerkError."""
    flow = next((flow for flow in setting.flows if flow.id == definition), None)
    if flow is None:
        known = sorted({flow.id for flow in setting.flows})
        raise RegelwerkError(f"there is no workflow '{definition}' that runs", did_you_mean(definition, known), exit_code=2)
    if flow.entity != entity:
        raise RegelwerkError(f"{definition} is for {an(flow.entity)}, not {an(entity)}", f"write {flow.entity}:...", exit_code=2)
    sql = "SELECT id FROM instance WHERE definition = ? AND subject_entity = ? AND subject_id = ? AND status IN ('starting', 'running', 'parked')"
    running = setting.store.rows(sql, [definition, entity, subject])
    if running:
        raise RegelwerkError(f"case {running[0][0]} of {definition} is running for it already", f"`regelwerk workflow show {running[0][0]}` shows it")
    number = setting.store.rows("SELECT COUNT(*) FROM instance WHERE definition = ? AND subject_entity = ? AND subject_id = ?", [definition, entity, subject])[
        0
    ][0]
    row = {
        "definition": definition,
        "subject_entity": entity,
        "subject_id": subject,
        "occurrence": f"by hand {number + 1}",
        "status": "starting",
        "started_at": now,
        "started_by": setting.user or None,
        "cause": f"by hand{f': {setting.user}' if setting.user else ''}",
        "depth": 0,
    }
    case = int(setting.store.insert_many("instance", [row])[0])
    one_case(setting, now, lambda _: [Pending(now, 0, case, case, Started())])
    return case


def stop(setting: Setting, case: int, because: str, now: datetime) -> None:
    """End a case: open work and timers go. Needs a writing session. Raises RegelwerkError."""
    status = status_of(setting, case)
    if status not in ("starting", "running", "parked"):
        raise RegelwerkError(f"case {case} is {status}", "only a running one can be stopped")
    rights.require(setting.store, setting.user, setting.sections["roles"], "change_others_work")
    if status == "parked":
        setting.store.update_many("instance", [{"id": case, "status": "running"}])
        _arm(setting, case)
        _close_incidents(setting, case, "dropped", now)
    why = f"stopped by hand{f' by {setting.user}' if setting.user else ''}{f': {because}' if because else ''}"
    one_case(setting, now, lambda _: [Pending(now, 0, case, case, Stop(why))])


def status_of(setting: Setting, case: int) -> str:
    """A case's status. Raises RegelwerkError where there is none of that number."""
    rows = setting.store.rows("SELECT status FROM instance WHERE id = ?", [case])
    if not rows:
        raise RegelwerkError(f"there is no case {case}", "`regelwerk workflow list` counts them, `regelwerk workflow show ID` names them", exit_code=2)
    return str(rows[0][0])


def retry(setting: Setting, incident: int, now: datetime) -> str:
    """Take a parked case up again at what failed; its status then. Needs a writing session. Raises RegelwerkError."""
    case, what = _open_incident(setting, incident)
    setting.store.update_many("instance", [{"id": case, "status": "running"}])
    _arm(setting, case)
    _close_incidents(setting, case, "retried", now)
    setting.store.set_switch(LOOKED_AT, LOOK_AGAIN, setting.user, now)
    moved = open_work(setting, case, now)
    if moved:
        one_case(setting, now, lambda _: moved)  # before its timers are asked for: they count from where the work is now
    pending = _again(setting, case, what, now) + _missed(setting, case, now)
    pending += due_timers(setting, now, case)
    if pending:
        one_case(setting, now, lambda _: pending)
    return status_of(setting, case)


def drop(setting: Setting, incident: int, because: str, now: datetime) -> int:
    """Give a parked case up: it is stopped. Returns its number. Needs a writing session."""
    case, _ = _open_incident(setting, incident)
    stop(setting, case, because or f"incident {incident} dropped", now)
    return case


def _arm(setting: Setting, case: int) -> None:
    """The timers that waited with a parked case."""
    timers = setting.store.rows("SELECT id FROM timer WHERE instance = ? AND status = 'parked'", [case])
    setting.store.update_many("timer", [{"id": row[0], "status": "armed"} for row in timers])


def _open_incident(setting: Setting, incident: int) -> tuple[int, str]:
    rows = setting.store.rows("SELECT instance, what, status FROM incident WHERE id = ?", [incident])
    if not rows:
        raise RegelwerkError(f"there is no incident {incident}", "`regelwerk incidents list` lists them", exit_code=2)
    if rows[0][2] != "open":
        raise RegelwerkError(f"incident {incident} is {rows[0][2]} already", "`regelwerk incidents list` lists the open ones")
    return int(rows[0][0]), str(rows[0][1])


def _close_incidents(setting: Setting, case: int, status: str, now: datetime) -> None:
    rows = setting.store.rows("SELECT id FROM incident WHERE instance = ? AND status = 'open'", [case])
    setting.store.update_many("incident", [{"id": row[0], "status": status, "closed_at": now, "by": setting.user or None} for row in rows])


def _again(setting: Setting, case: int, what: str, now: datetime) -> list[Pending]:
    """What failed, let in once more: a start, an event, ended work. Timers are armed again."""
    if what == describe(Started()):
        return [Pending(now, 0, case, case, Started())]
    if what.startswith("event "):
        number = int(what.split(" ")[1])
        rows = setting.store.rows("SELECT name, subject_entity, subject_id FROM event WHERE id = ?", [number])
        return [Pending(now, 0, number, case, Happened(str(rows[0][0]), str(rows[0][1]), rows[0][2], number))] if rows else []
    return []


def _missed(setting: Setting, case: int, now: datetime) -> list[Pending]:
    """What came for the case while it was set aside: events, and work that people ended."""
    rows = setting.store.rows("SELECT id, event, name, record_entity, record_id FROM received WHERE instance = ? AND status = 'waiting' ORDER BY id", [case])
    return [Pending(now, 0, row[1], case, Happened(row[2], row[3], row[4], row[1])) for row in rows] + ended_work(setting, case, now)
