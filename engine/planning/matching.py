"""Wishes that fit a vehicle, scored with reasons (requirements.md §3; S0.24, S0.25, S4.30).

Missing wish fields match everything. What cannot fit (kind, brand, year, licence class, too many kilometres, a
price more than a tenth too high) is left out by the query; the rest is scored out of 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.language.conditions import ANY, Touch
from engine.store.store import Store

LICENCE_ORDER = {"AM": 0, "A1": 1, "A2": 2, "A": 3}
WEIGHTS = {"brand": 20, "model": 30, "type": 10, "price": 15, "km": 10, "colour": 5, "options": 10}
"""How much each wished property counts. A wish scores the weight it asked for and got, over the weight it asked for."""

_WISHES = """
SELECT w.id, w.customer, w.kind, w.brand, w.model, w.type, w.year_from, w.year_to, w.max_km, w.max_price, w.colour,
       w.licence_class, w.min_kw, w.max_kw
FROM wish w JOIN customer c ON c.id = w.customer
WHERE (w.valid_until_on IS NULL OR w.valid_until_on > ?) AND w.fulfilled_on IS NULL AND NOT c.deceased
  AND (w.kind IS NULL OR w.kind = ?) AND (w.brand IS NULL OR lower(w.brand) = ?)
ORDER BY w.id
"""
_VEHICLES = (
    "SELECT id, kind, brand, model, type, first_registration_on, model_year, odometer_km, price, colour, licence_class, power_kw FROM vehicle WHERE id IN ({})"
)
READS: frozenset[Touch] = frozenset({("vehicle", ANY), ("vehicle_option", ANY), ("wish", ANY), ("wish_option", ANY), ("customer", "deceased")})
"""What the queries of this file depend on."""


@dataclass(frozen=True)
class Fit:
    """A wish that fits a vehicle: 0 to 100 points and why."""

    wish_id: int
    customer_id: int
    score: int
    reasons: tuple[str, ...]


def matches(store: Store, vehicles: Sequence[int], today: date, least: int, language: str = "de") -> dict[int, list[Fit]]:
    """The open wishes that fit each vehicle with at least so many points, the best first.

    Wishes are read once per kind and brand, whatever the number of vehicles.
    """
    cars = {row[0]: _vehicle(row) for row in store.rows_in(_VEHICLES, [], vehicles)}
    for vehicle, name in store.rows_in("SELECT vehicle, name FROM vehicle_option WHERE vehicle IN ({})", [], list(cars)):
        cars[vehicle]["options"].add(str(name).lower())
    wishes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    found: dict[int, list[Fit]] = {}
    for vehicle, car in cars.items():
        sort = (car["kind"] or "", (car["brand"] or "").lower())
        if sort not in wishes:
            wishes[sort] = _wishes(store, today, *sort)
        fits_it = [fit for wish in wishes[sort] if (fit := score(car, wish, language)) and fit.score >= least]
        found[vehicle] = sorted(fits_it, key=lambda fit: (-fit.score, fit.wish_id))
    return found


def _wishes(store: Store, today: date, kind: str, brand: str) -> list[dict[str, Any]]:
    names = ("id", "customer", "kind", "brand", "model", "type", "year_from", "year_to", "max_km", "max_price", "colour", "licence", "min_kw", "max_kw")
    found = {row[0]: {**dict(zip(names, row, strict=True)), "options": set()} for row in store.rows(_WISHES, [today, kind, brand])}
    for wish, name in store.rows_in("SELECT wish, name FROM wish_option WHERE wish IN ({})", [], list(found)):
        found[wish]["options"].add(str(name).lower())
    return list(found.values())


def _vehicle(row: Any) -> dict[str, Any]:
    names = ("id", "kind", "brand", "model", "type", "registered", "year", "km", "price", "colour", "licence", "kw")
    car = dict(zip(names, row, strict=True))
    if car["year"] is None and car["registered"] is not None:
        car["year"] = int(str(car["registered"])[:4])
    return {**car, "options": set()}


def score(car: dict[str, Any], wish: dict[str, Any], language: str = "de") -> Fit | None:
    """The points of one wish for one vehicle, None where it cannot fit."""
    if not fits(car, wish):
        return None
    asked = got = 0.0
    reasons: list[str] = []
    for name, share, de, en in _parts(car, wish):
        asked += WEIGHTS[name]
        got += WEIGHTS[name] * share
        if share == 1:
            reasons.append(en if language == "en" else de)
    points = round(100 * got / asked) if asked else 100
    return Fit(wish["id"], wish["customer"], points, tuple(reasons or ["no restriction" if language == "en" else "keine Einschränkung"]))


def fits(car: dict[str, Any], wish: dict[str, Any]) -> bool:
    """Whether nothing the wish rules out is true of the vehicle. What the vehicle does not say rules nothing out."""
    year, km, price, kw = car["year"], car["km"], car["price"], car["kw"]
    if wish["kind"] and car["kind"] and wish["kind"] != car["kind"]:
        return False
    if wish["brand"] and car["brand"] and str(wish["brand"]).lower() != str(car["brand"]).lower():
        return False
    if year is not None and ((wish["year_from"] or year) > year or (wish["year_to"] or year) < year):
        return False
    if km is not None and wish["max_km"] is not None and km > wish["max_km"]:
        return False
    if price is not None and wish["max_price"] is not None and price > wish["max_price"] * 1.1:
        return False
    if kw is not None and ((wish["min_kw"] or kw) > kw or (wish["max_kw"] or kw) < kw):
        return False
    return _may_ride(car["licence"], wish["licence"])


def _may_ride(needs: str | None, has: str | None) -> bool:
    """A1 may ride A1 alone, A2 also A2, A all (domain.md §4.3). Car classes rule nothing out."""
    if needs not in LICENCE_ORDER or has not in LICENCE_ORDER:
        return True
    return LICENCE_ORDER[needs] <= LICENCE_ORDER[has]


def _parts(car: dict[str, Any], wish: dict[str, Any]) -> list[tuple[str, float, str, str]]:
    """Each property the wish asked for: how well it is met, and the reason in both languages."""
    parts: list[tuple[str, float, str, str]] = []
    for name, de, en in (("brand", "Marke", "brand"), ("model", "Modell", "model"), ("type", "Typ", "type"), ("colour", "Farbe", "colour")):
        if wish[name]:
            parts.append((name, _alike(wish[name], car[name]), f"{de} {car[name]}", f"{en} {car[name]}"))
    if wish["max_price"] is not None:
        price = car["price"]
        share = 0.5 if price is None else max(0.0, 1.0 - max(0.0, price / wish["max_price"] - 1.0) * 10) if wish["max_price"] else 0.0
        parts.append(("price", share, "Preis passt", "price fits"))
    if wish["max_km"] is not None:
        parts.append(("km", 0.5 if car["km"] is None else 1.0, "Kilometer passen", "kilometres fit"))
    if wish["options"]:
        share = len(wish["options"] & car["options"]) / len(wish["options"])
        parts.append(("options", share, "alle Wunschausstattungen", "all wished options"))
    return parts


def _alike(wanted: str, found: str | None) -> float:
    """1 for the same text, a half where one contains the other, else 0."""
    if not found:
        return 0.0
    a, b = str(wanted).strip().lower(), str(found).strip().lower()
    return 1.0 if a == b else 0.5 if a in b or b in a else 0.0
