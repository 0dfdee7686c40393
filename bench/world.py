"""A big store from a seed: written set-based, so that making it takes a minute and not an hour."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from engine.store.store import Store

TODAY = date(2026, 10, 1)
NOW = datetime(2026, 10, 1, 10)
BEFORE = datetime(2026, 9, 20, 10)
"""The last tick before the one that is measured: ten days with the 25th of September and the 1st of October in them."""
CHUNK = 20_000
Row = dict[str, Any]


class World:
    """Fills a store with about eight rows a customer."""

    def __init__(self, store: Store, customers: int, seed: int = 1) -> None:
        self.store = store
        self.size = customers
        self.random = random.Random(seed)

    def fill(self) -> int:
        """Write everything; returns how many rows there are."""
        store, size = self.store, self.size
        with store.session(write=True), store.context(quiet=True):
            branches = store.insert_many("branch", [{"code": f"B{n}", "name": f"Haus {n}"} for n in range(3)])
            people = store.insert_many("employee", [{"initials": f"e{n}", "branch": branches[n % 3]} for n in range(30)])
            store.insert_many("employee_role", [{"employee": p, "role": ("salesperson", "service_adviser")[n % 2]} for n, p in enumerate(people)])
            recalls = store.insert_many("recall", [{"code": f"R{n}"} for n in range(20)])
            customers = self._many("customer", (self._customer(n, branches, people) for n in range(size)))
            vehicles = self._many("vehicle", (self._vehicle(n, customers, branches) for n in range(size)))
            self._many("purchase", (self._purchase(n, customers, vehicles) for n in range(size)))
            self._many("delivery", (self._delivery(n, customers, vehicles, people) for n in range(size * 7 // 10)))
            self._many("contract", (self._contract(n, customers, vehicles) for n in range(size * 4 // 10)))
            self._many("finance_contract", (self._finance(n, customers, vehicles, people) for n in range(size * 4 // 10)))
            self._many("order", (self._order(n, customers) for n in range(size // 5)))
            self._many("insurance_policy", (self._policy(n, customers) for n in range(size // 10)))
            visits = self._many("visit", (self._visit(n, customers, vehicles) for n in range(size * 2)))
            self._many("visit_position", (self._position(n, visits) for n in range(size)))
            self._many("vehicle_recall", (self._recall(n, recalls, customers, vehicles) for n in range(size // 20)))
            self._many("service_appointment", (self._appointment(n, customers, vehicles) for n in range(size // 20)))
            self._many("tag", (self._tag(n, customers) for n in range(size // 2)))
        store.analyze()
        return sum(int(store.rows(f'SELECT COUNT(*) FROM "{name}"', [])[0][0]) for name, entity in store.model.items() if not entity.engine)

    def go_on(self) -> None:
        """Ten days of business after the last tick: what is signed, invoiced, revalued, visited, repaired."""
        store, some = self.store, max(self.size // 50, 5)
        day = TODAY - timedelta(days=3)
        with store.session(write=True), store.context(cause="bench"):
            open_ = [row[0] for row in store.rows("SELECT id FROM contract WHERE signed_on IS NULL ORDER BY id LIMIT ?", [some])]
            store.update_many("contract", [{"id": row, "signed_on": day} for row in open_])
            open_ = [row[0] for row in store.rows("SELECT id FROM visit WHERE invoiced_on IS NULL ORDER BY id LIMIT ?", [some])]
            store.update_many("visit", [{"id": row, "invoiced_on": day} for row in open_])
            cars = [row[0] for row in store.rows("SELECT id FROM vehicle ORDER BY id LIMIT ?", [some * 5])]
            store.update_many("vehicle", [{"id": row, "market_value": self.random.randrange(500_000, 3_000_000)} for row in cars])
            driven = store.rows("SELECT id, odometer_km FROM vehicle ORDER BY id DESC LIMIT ?", [some * 5])
            store.update_many("vehicle", [{"id": row, "odometer_km": km + 1_000} for row, km in driven])
            owners = [row[0] for row in store.rows("SELECT id FROM customer ORDER BY id DESC LIMIT ?", [some])]
            rows = [{"number": f"N{n}", "customer": owner, "kind": "workshop", "visited_on": day} for n, owner in enumerate(owners)]
            store.insert_many("visit", rows)
            done = [row[0] for row in store.rows("SELECT id FROM vehicle_recall WHERE done_on IS NULL ORDER BY id LIMIT ?", [some // 5])]
            store.update_many("vehicle_recall", [{"id": row, "done_on": day} for row in done])

    def _many(self, entity: str, rows: Iterator[Row]) -> list[int]:
        made: list[int] = []
        part: list[Row] = []
        for row in rows:
            part.append(row)
            if len(part) == CHUNK:
                made += self.store.insert_many(entity, part)
                part = []
        return made + self.store.insert_many(entity, part)

    def _day(self, most: int, least: int = 0) -> date:
        return TODAY - timedelta(days=self.random.randint(least, most))

    def _maybe(self, chance: float, value: Any) -> Any:
        return value if self.random.random() < chance else None

    def _customer(self, n: int, branches: list[int], people: list[int]) -> Row:
        return {
            "number": n + 1,
            "name": f"Müller-{n}",
            "kind": "company" if n % 6 == 0 else "person",
            "country": "DE",
            "city": "Köln",
            "street": f"Weg {n}",
            "phone": f"0221 {n}",
            "email": f"k{n}@beispiel.de",
            "branch": branches[n % 3],
            "salesperson": people[n % 30],
            "service_adviser": people[(n + 1) % 30],
            "recorded_on": self._day(3000, 100),
        }

    def _vehicle(self, n: int, customers: list[int], branches: list[int]) -> Row:
        return {
            "vin": f"V{n}",
            "kind": self.random.choices(("car", "van", "motorcycle"), (6, 1, 3))[0],
            "brand": ("Ford", "BMW", "Honda")[n % 3],
            "model": "Modell",
            "owner": customers[n],
            "branch": branches[n % 3],
            "market_value": self.random.randrange(500_000, 3_000_000),
            "odometer_km": 8_000 + n * 37 % 90_000,
            "next_service_km": 8_000 + n * 37 % 90_000 + n * 5_303 % 15_000,
        }

    def _purchase(self, n: int, customers: list[int], vehicles: list[int]) -> Row:
        return {"number": f"P{n}", "customer": customers[n], "vehicle": vehicles[n], "kind": "vehicle", "signed_on": self._day(2500, 12)}

    def _delivery(self, n: int, customers: list[int], vehicles: list[int], people: list[int]) -> Row:
        return {"number": f"D{n}", "customer": customers[n], "vehicle": vehicles[n], "salesperson": people[n % 30], "delivered_on": self._day(1600)}

    def _contract(self, n: int, customers: list[int], vehicles: list[int]) -> Row:
        return {"number": f"C{n}", "customer": customers[n], "vehicle": vehicles[n], "signed_on": self._maybe(0.9, self._day(900, 12))}

    def _finance(self, n: int, customers: list[int], vehicles: list[int], people: list[int]) -> Row:
        return {
            "number": f"F{n}",
            "customer": customers[n],
            "vehicle": vehicles[n],
            "salesperson": people[n % 30],
            "ends_on": TODAY + timedelta(days=self.random.randint(-600, 1200)),
            "settlement": self.random.randrange(400_000, 2_500_000),
            "settled_on": self._maybe(0.2, self._day(600)),
        }

    def _order(self, n: int, customers: list[int]) -> Row:
        return {
            "number": f"O{n}",
            "customer": customers[n * 3 % len(customers)],
            "kind": ("accessories", "tyres", "parts")[n % 3],
            "ordered_on": self._day(1200),
        }

    def _policy(self, n: int, customers: list[int]) -> Row:
        return {"number": f"I{n}", "customer": customers[n * 7 % len(customers)], "mediated": n % 2 == 0}

    def _visit(self, n: int, customers: list[int], vehicles: list[int]) -> Row:
        who = self.random.randrange(len(customers))
        day = self._day(1800, 12)
        return {
            "number": f"W{n}",
            "customer": customers[who],
            "vehicle": vehicles[who],
            "kind": self.random.choices(("workshop", "shop"), (3, 1))[0],
            "visited_on": day,
            "closed_on": day,
            "invoiced_on": self._maybe(0.97, day),
        }

    def _position(self, n: int, visits: list[int]) -> Row:
        return {"number": f"X{n}", "visit": visits[n * 2 % len(visits)], "kind": ("inspection", "repair", "tyre_change", "service")[n % 4]}

    def _recall(self, n: int, recalls: list[int], customers: list[int], vehicles: list[int]) -> Row:
        done = self._maybe(0.7, self._day(600, 12))
        return {
            "number": f"RR{n}",
            "recall": recalls[n % 20],
            "vehicle": vehicles[n],
            "customer": self._maybe(0.95, customers[n]),
            "matched_on": self._day(700, 12),
            "done_on": done,
        }

    def _appointment(self, n: int, customers: list[int], vehicles: list[int]) -> Row:
        who = n * 11 % len(vehicles)
        return {"number": f"A{n}", "customer": customers[who], "vehicle": vehicles[who], "kind": "service", "status": ("booked", "kept")[n % 2]}

    def _tag(self, n: int, customers: list[int]) -> Row:
        posted = self._day(1200, 12)
        return {
            "customer": customers[n * 2 % len(customers)],
            "kind": ("inspektionskunde", "reifendienstkunde", "probefahrt")[n % 3],
            "posted_on": posted,
            "valid_until_on": posted + timedelta(days=730),
        }
