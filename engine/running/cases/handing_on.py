"""What a case that ended hands on to the one that waits for it: the appointment agreed last in it, and the work it was agreed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.planning.workflows.case import Case
from engine.store.given import as_instant
from engine.store.store import Store

AGREED = "agreed"
"""The timer that holds the appointment of a case that is over: a moment that nothing waits for any more, so it is `gone`."""


@dataclass(frozen=True)
class HandedOn:
    """The appointment (naive UTC), and the activity that ended together with the case."""

    appointment: datetime | None = None
    activity: int | None = None


def hand_on(store: Store, cases: Iterable[Case]) -> None:
    """Keep what was agreed as the cases ended: the one that waits hears of it later, in a tick of its own. Needs a writing session."""
    agreed = [case for case in cases if case.status == "done" and case.appointment is not None]
    rows = [{"instance": case.id, "token": case.counts.get("", 0), "name": AGREED, "due_at": case.appointment, "status": "gone"} for case in agreed]
    store.insert_many("timer", rows)


def handed_on(store: Store, cases: Sequence[int]) -> dict[int, HandedOn]:
    """What each of these cases handed on."""
    agreed = dict(store.rows_in(f"SELECT instance, due_at FROM timer WHERE name = '{AGREED}' AND instance IN ({{}})", [], cases))
    work = _last_work(store, cases)
    return {case: HandedOn(as_instant(agreed.get(case)), work.get(case)) for case in cases}


def _last_work(store: Store, cases: Sequence[int]) -> dict[int, int]:
    """The activity that ended as each case did, also where it was in a case within that one."""
    sql = (
        "SELECT t.instance, t.activity, t.child FROM token t JOIN instance i ON i.id = t.instance WHERE t.status = 'done' AND t.closed_at = i.ended_at"
        " AND (t.activity IS NOT NULL OR t.child IS NOT NULL) AND t.instance IN ({}) ORDER BY t.number"
    )
    last = {case: (activity, child) for case, activity, child in store.rows_in(sql, [], cases)}
    within = [child for _, child in last.values() if child is not None]
    inner = _last_work(store, within) if within else {}
    found = {case: activity if child is None else inner.get(child) for case, (activity, child) in last.items()}
    return {case: activity for case, activity in found.items() if activity is not None}
