"""The same twelve decisions as somebody would write them first: loops over Pony entities, one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from bench.rules import Answer, values
from bench.world import TODAY
from engine.store.store import Store


class Loops:
    """Answers like `bench.rules.by_engine`, for one store."""

    def __init__(self, store: Store) -> None:
        self.all = store.entities
        self.values = values()
        self.store = store

    def __call__(self, name: str) -> Answer:
        with self.store.session():
            return set(getattr(self, name)())

    def _done(self, rule: str, row: Any) -> list[Any]:
        kind = self.all["occurrence"]
        return list(kind.select(lambda o: o.definition == rule and o.subject_id == row.id))

    def _events(self, name: str) -> list[Any]:
        return [e for e in self.all["event"].select() if e.name == name and not e.taken]

    def contract_signed(self) -> Iterable[tuple[int, str]]:
        return [(e.subject_id, f"event {e.id}") for e in self._events("contract.signed")]

    def inspection_invoiced(self) -> Iterable[tuple[int, str]]:
        for event in self._events("visit.invoiced"):
            if any(p.kind in ("service", "inspection") for p in self.all["visit"][event.subject_id].positions):
                yield event.subject_id, f"event {event.id}"

    def _dated(self, rule: str, entry: str, name: str, rows: Iterable[Any], anchor: Callable[[Any], date | None]) -> Iterable[tuple[int, str]]:
        oldest, newest = self.values[f"{name}_oldest"], self.values[f"{name}_newest"]
        for row in rows:
            day = anchor(row)
            if day is None or not oldest <= day <= newest:
                continue
            done = [o for o in self._done(rule, row) if o.entry == entry]
            if not any(o.anchor >= day for o in done):
                yield row.id, f"{entry}#{1 + len({o.occurrence for o in done})}"

    def remotorisation(self) -> Iterable[tuple[int, str]]:
        rows = (
            d
            for d in self.all["delivery"].select()
            if self.values["remotorisation_oldest"] <= d.delivered_on <= self.values["remotorisation_newest"]
            and d.vehicle.owner == d.customer
            and not any(p.kind == "vehicle" and p.signed_on > d.delivered_on for p in d.customer.purchases)
        )
        return self._dated("standard.remotorisation", "date", "remotorisation", rows, lambda d: d.delivered_on)

    def add_on_sales(self) -> Iterable[tuple[int, str]]:
        rows = (
            d
            for d in self.all["delivery"].select()
            if self.values["add_on_oldest"] <= d.delivered_on <= self.values["add_on_newest"]
            and not any(o.kind in ("accessories", "tyres") and o.ordered_on >= d.delivered_on for o in d.customer.orders)
        )
        return self._dated("standard.add_on_sales", "date", "add_on", rows, lambda d: d.delivered_on)

    def financing_ends(self) -> Iterable[tuple[int, str]]:
        for entry in ("first", "second", "third", "last"):
            rows = [f for f in self.all["finance_contract"].select() if f.settled_on is None]
            yield from self._dated("standard.financing_ends", entry, f"financing_{entry}", rows, lambda f: f.ends_on)

    def _again(self, rule: str, row: Any, since: date) -> str:
        done = self._done(rule, row)
        times = len({o.occurrence for o in done})
        return f"time {times + 1}" if times < 3 and not any(o.day > since for o in done) else ""

    def annual_service_by_km(self) -> Iterable[tuple[int, str]]:
        known = {s.subject_id: s for s in self.all["standing"].select() if s.definition == "standard.annual_service_by_km"}
        for car in self.all["vehicle"].select():
            if car.owner is None or car.next_service_km is None or car.odometer_km is None or car.next_service_km > car.odometer_km + 1500:
                continue
            standing = known.get(car.id)
            if not any(a.status == "booked" for a in car.service_appointments) and not (standing and standing.stands):
                yield car.id, f"episode {1 + (standing.episode if standing else 0)}"

    def trade_up_pays(self) -> Iterable[tuple[int, str]]:
        for contract in self.all["finance_contract"].select():
            if contract.settled_on is None and contract.vehicle.market_value > contract.settlement + 150_000:
                name = self._again("standard.trade_up_pays", contract, self.values["ago6"])
                if name:
                    yield contract.id, name

    def _level(self, rule: str, rows: Iterable[Any], holds: Callable[[Any], bool]) -> Iterable[tuple[int, str]]:
        known = {s.subject_id: s for s in self.all["standing"].select() if s.definition == rule}
        for row in rows:
            standing = known.get(row.id)
            stands = standing is not None and standing.stands
            if holds(row) and not stands:
                yield row.id, f"episode {1 + (standing.episode if standing else 0)}"
            elif stands and not holds(row):
                yield row.id, "gone"

    def regular_customer(self) -> Iterable[tuple[int, str]]:
        since = self.values["ago24"]
        rows = self.all["customer"].select()
        return self._level("standard.regular_customer", rows, lambda c: sum(v.visited_on > since for v in c.visits) >= 3)

    def never_in_the_workshop(self) -> Iterable[tuple[int, str]]:
        def holds(customer: Any) -> bool:
            return any(p.vehicle.kind == "motorcycle" for p in customer.purchases) and not any(v.kind == "workshop" for v in customer.visits)

        return self._level("standard.never_in_the_workshop", self.all["customer"].select(), holds)

    def open_recall(self) -> Iterable[tuple[int, str]]:
        return self._level("standard.open_recall", self.all["vehicle_recall"].select(), lambda r: r.done_on is None and r.customer is not None)

    def _slot(self, rule: str, slot: str, holds: Callable[[Any], bool]) -> Iterable[tuple[int, str]]:
        for customer in self.all["customer"].select():
            if holds(customer) and not any(o.occurrence == slot for o in self._done(rule, customer)):
                yield customer.id, slot

    def insurance_window(self) -> Iterable[tuple[int, str]]:
        def holds(customer: Any) -> bool:
            bought = any(p.kind == "vehicle" and p.signed_on > self.values["ago36"] for p in customer.purchases)
            return bought or any(policy.mediated for policy in customer.insurance_policies)

        return self._slot("standard.insurance_window", self.values["autumn"], holds)

    def winter_tyres(self) -> Iterable[tuple[int, str]]:
        def holds(customer: Any) -> bool:
            stored = any(s.kind == "wheels" and (s.ends_on is None or s.ends_on >= TODAY) for s in customer.storage_contracts)
            return (stored or any(_counts(t, "reifendienstkunde") for t in customer.tags)) and any(v.kind == "car" for v in customer.vehicles)

        return self._slot("standard.winter_tyres", self.values["winter"], holds)


def _counts(tag: Any, kind: str) -> bool:
    return tag.kind == kind and tag.taken_back_on is None and (tag.valid_until_on is None or tag.valid_until_on > TODAY)
