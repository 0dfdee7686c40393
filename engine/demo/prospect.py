"""One prospect's way through the house, from the first call to the next vehicle 32 months after delivery (S1, steps 1 to 13).

Played with the site's own definitions on a small store that is thrown away: three weeks of a demo are too short for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from engine.language.arithmetic import add_months
from engine.running import hands
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.store.given import as_day, as_instant
from engine.store.store import Store

MORNING = time(8)
Line = tuple[date, str, str, str]
OUTCOMES = {
    "phone_call": "test_drive_agreed",
    "test_drive": "taken",
    "vehicle_offer": "made",
    "appraisal": "made",
    "personal_meeting": "wants_more",
    "financing": "made",
    "insurance": "made",
    "email_follow_up": "wants_contract",
    "purchase_contract": "ready",
    "signing": "signed",
    "vehicle_delivery": "delivered",
    "customer_satisfaction": "asked",
    "after_sales": "done",
    "service_appointment": "booked",
    "remotorisation": "interested",
}
"""How each kind of work ends for this prospect."""
ANSWERS = {"personal_meeting": {"asked_for": "finance,insurance"}, "customer_satisfaction": {"grade": "1", "add_on": "accessories"}}


@dataclass
class Prospect:
    """The prospect's store, the clock, and what was done when: (day, what, who, how it ended)."""

    setting: Setting
    now: datetime
    done: list[Line]

    def go_to(self, day: date) -> None:
        """Tick on the morning of a day, if it is not past."""
        self.now = max(self.now, self.setting.calendar.at(day, MORNING))
        tick(self.setting, self.now)

    def work_until(self, last: date, stop: str = "") -> None:
        """Do what falls due, each on its day, up to a day or until work of a kind was done."""
        for _ in range(200):
            found = self._next()
            if found is None or found[1] > last:
                step = min(last, self.setting.calendar.today(self.now) + timedelta(days=28))
                if self.setting.calendar.today(self.now) >= last:
                    return
                self.go_to(step)
                continue
            number, day, kind, who = found
            self.go_to(day)
            self._complete(number, day, kind, who)
            tick(self.setting, self.now)
            if kind == stop:
                return

    def _next(self) -> tuple[int, date, str, str] | None:
        sql = (
            "SELECT a.id, a.due_on, a.kind, e.initials FROM activity a LEFT JOIN employee e ON e.id = a.assignee"
            " WHERE a.status IN ('open', 'blocked') ORDER BY a.due_at, a.id LIMIT 1"
        )
        rows = self.setting.store.rows(sql, [])
        return (rows[0][0], as_day(rows[0][1]) or date.max, rows[0][2], rows[0][3] or "") if rows else None

    def _complete(self, number: int, day: date, kind: str, who: str) -> None:
        offered = hands.outcomes_of(self.setting, number)
        outcome = OUTCOMES.get(kind, "")
        outcome = outcome if outcome in offered or not offered else offered[0]
        self.now += timedelta(hours=1)
        agreed = as_instant(self.now + timedelta(days=2))
        with self.setting.store.session(write=True):
            hands.complete(
                replace(self.setting, user=who), number, outcome, self.now, agreed, ANSWERS.get(kind, {}) if hands.form_of(self.setting, number) else {}
            )
        self.done.append((day, kind, who, outcome))


def play_prospect(setting: Setting, start: date) -> list[Line]:
    """The prospect's work in order: (day, kind of work, who, how it ended), and what the house recorded on the way."""
    store = Store.open(":memory:", create=True)
    try:
        here = Prospect(setting.on(store), setting.calendar.at(start, MORNING), [])
        _house(store)
        tick(here.setting, here.now)
        day = here.setting.calendar.today(here.now)
        with store.session(write=True):
            store.insert_many("opportunity", [_opportunity(here.now)])
        here.done.append((day, "prospect recorded", "ana", ""))
        here.go_to(day)
        here.work_until(add_months(day, 4), "signing")
        signed = here.setting.calendar.today(here.now)
        _record(here, "contract", {"number": "V1", "opportunity": 1, "signed_on": signed, "promised_on": signed + timedelta(days=30)}, "contract recorded")
        here.work_until(add_months(signed, 3), "vehicle_delivery")
        delivered = here.setting.calendar.today(here.now)
        _record(here, "delivery", {"number": "A1", "contract": 1, "delivered_on": delivered}, "delivery recorded")
        here.work_until(add_months(delivered, 34), "remotorisation")
        return here.done
    finally:
        store.close()


def _house(store: Store) -> None:
    with store.session(write=True):
        store.insert_many("branch", [{"code": "M", "name": "München"}])
        store.insert_many("employee", [{"initials": "ana", "branch": 1}, {"initials": "kle", "branch": 1}, {"initials": "svc", "branch": 1}])
        roles = [(1, "salesperson"), (2, "sales_manager"), (3, "service_adviser")]
        store.insert_many("employee_role", [{"employee": employee, "role": role} for employee, role in roles])
        customer = {"number": 1, "kind": "person", "status": "prospect", "name": "Probst", "country": "DE", "branch": 1, "salesperson": 1, "service_adviser": 3}
        store.insert_many("customer", [customer | {"email": "probst@example.org", "phone": "089 1"}])
        store.insert_many("vehicle", [{"vin": "WF0PROSPECT000001", "kind": "car", "brand": "Ford", "model": "Focus", "owner": 1}])


def _opportunity(now: datetime) -> dict[str, object]:
    people = {"customer": 1, "salesperson": 1, "owner": 1, "branch": 1, "vehicle": 1}
    return people | {"number": "C1", "brand": "Ford", "source": "walk_in", "status": "open", "requested_contact": True, "recorded_at": now}


def _record(here: Prospect, entity: str, values: dict[str, object], what: str) -> None:
    with here.setting.store.session(write=True):
        here.setting.store.insert_many(entity, [{"customer": 1, "vehicle": 1, "salesperson": 1, "branch": 1, **values}])
    here.done.append((here.setting.calendar.today(here.now), what, "", ""))
    tick(here.setting, here.now)


def as_rows(lines: Sequence[Line]) -> list[tuple[str, str, str, str]]:
    """The lines as a table shows them."""
    return [(f"{day:%d.%m.%Y}", what.replace("_", " "), who, outcome.replace("_", " ")) for day, what, who, outcome in lines]
