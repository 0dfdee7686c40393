"""What can be done about what was held back, blocked or failed, in words: the next step behind each reason."""

from __future__ import annotations

from typing import Any

from engine.law.ways_out import is_suspended, way_out
from engine.planning.values import load
from engine.running.acting import ALREADY_TRUE, PAUSED
from engine.running.setting import Setting
from engine.store.given import as_data, instant

SUSPENSION = "advertising_suspended"


def next_step(setting: Setting, definition: str, verdict: str, reason: str, subject: tuple[str, int]) -> str:
    """What frees it, "" where there is nothing to say; `subject` is (entity, row)."""
    if verdict == "held":
        return _held(definition, reason)
    if verdict == "blocked":
        by = suspended_by(setting, subject) if is_suspended(reason) else ""
        return by or way_out(reason)
    if verdict == "stopped":
        return f"the case is over; another begins when its start comes again, or with `regelwerk workflow start {definition}`"
    return f"a run tries it three times in all; `regelwerk status` lists what failed for good ({definition})" if verdict == "failed" else ""


def _held(definition: str, reason: str) -> str:
    if reason == PAUSED:
        return f"`regelwerk resume {definition}` goes on, the next run does it"
    both = f"`regelwerk release {definition}` does it, `regelwerk discard {definition}` drops it"
    if ", limit " in reason:
        return f"more came at once than `limit` allows: {both}"
    return f"{both}; `at_start: act` would not have asked" if reason == ALREADY_TRUE else both


def suspended_by(setting: Setting, subject: tuple[str, int]) -> str:
    """Which rules suspend advertising to the subject's customer, and since when; that somebody did by hand, where none does."""
    customer = _customer(setting, subject)
    if customer is None:
        return ""
    sql = (
        "SELECT o.definition, o.detail, s.since_at FROM occurrence o JOIN standing s ON s.definition = o.definition"
        " AND s.subject_entity = o.subject_entity AND s.subject_id = o.subject_id"
        " WHERE o.subject_entity = 'customer' AND o.subject_id = ? AND s.stands AND o.definition IN ({}) ORDER BY s.since_at, o.id"
    )
    levels = sorted({rule.id for rule in setting.rules if rule.trigger == "while" and rule.entity == "customer"})
    found: dict[str, Any] = {}
    for definition, detail, since in setting.store.rows_in(sql, [customer], levels):
        if SUSPENSION in as_data(detail).get("set", {}):
            found[definition] = since
    number = load(setting.store, "customer", [customer], ["number"]).get(customer, {}).get("number")
    said = [f"{name} since {_day(setting, since)} (`regelwerk why {name} customer:{number}` says when it ends)" for name, since in found.items()]
    return f"suspended by {' and '.join(said)}" if said else f"no rule suspends it: somebody did; `regelwerk record customer --set {number} {SUSPENSION}=no`"


def _customer(setting: Setting, subject: tuple[str, int]) -> int | None:
    path = setting.vocabulary.entity(subject[0]).customer
    if path == "self":
        return subject[1]
    found = load(setting.store, subject[0], [subject[1]], [path]).get(subject[1], {}).get(path) if path else None
    return int(found) if found is not None else None


def _day(setting: Setting, since: Any) -> str:
    return str(setting.calendar.today(instant(since)))
