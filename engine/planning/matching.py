"""Wishes that fit a vehicle, scored with reasons (requirements.md §3; S0.24, S0.25, S4.30).

Missing wish fields match everything. What cannot fit (kind, brand, year, power, licence class, too many kilometres,
a price more than a tenth too high, a wished option that is not among the vehicle's) is left out; the rest is scored
out of 100. What the vehicle does not say rules nothing out, but costs points, and the reason says so.
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
TEXTS = (("brand", "Marke", "brand"), ("model", "Modell", "model"), ("type", "Typ", "type"), ("colour", "Farbe", "colour"))
MUST = (
    ("kind", ("kind",), 10, "Art", "kind"),
    ("year", ("year_from", "year_to"), 5, "Baujahr", "year"),
    ("kw", ("min_kw", "max_kw"), 5, "Leistung", "power"),
    ("licence", ("licence",), 5, "Führerscheinklasse", "licence class"),
)
"""What rules a vehicle out where it does not fit, and costs half its weight where the vehicle does not say it."""

_WISHES = """
SELECT w.id, w.customer, w.kind, w.brand, w.model, w.type, w.year_from, w.year_to, w.max_km, w.max_price, w.colour,
       w.licence_class, w.min_kw, w.max_kw
FROM wish w JOIN customer c ON c.id = w.customer
WHERE (w.valid_until_on IS NULL OR w.valid_until_on > ?) AND w.fulfilled_on IS NULL AND NOT c.deceased
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
        cars[vehicle]["options"].add(_same(name))
    wishes: dict[tuple[str, str], list[dict[str, Any]]] = {}
    brands = [row[0] for row in store.rows("SELECT DISTINCT brand FROM wish WHERE brand IS NOT NULL", [])]
    found: dict[int, list[Fit]] = {}
    for vehicle, car in cars.items():
        sort = (car["kind"] or "", _same(car["brand"]))
        if sort not in wishes:
            wishes[sort] = _wishes(store, today, sort[0], [brand for brand in brands if _same(brand) == sort[1]] if sort[1] else None)
        fits_it = [fit for wish in wishes[sort] if (fit := score(car, wish, language)) and fit.score >= least]
        found[vehicle] = sorted(fits_it, key=lambda fit: (-fit.score, fit.wish_id))
    return found


def _wishes(store: Store, today: date, kind: str, brands: Sequence[str] | None) -> list[dict[str, Any]]:
    """The open wishes of a kind ("" is any) and of one brand in all its spellings (None is any), with their options."""
    names = ("id", "customer", "kind", "brand", "model", "type", "year_from", "year_to", "max_km", "max_price", "colour", "licence", "min_kw", "max_kw")
    sql, args = _WISHES, [today, *([kind] if kind else ()), *(brands or ())]
    sql += " AND (w.kind IS NULL OR w.kind = ?)" if kind else ""
    if brands is not None:  # lower() of SQLite knows no umlauts, so the spellings are looked up
        sql += f" AND (w.brand IS NULL OR w.brand IN ({', '.join('?' * len(brands))}))" if brands else " AND w.brand IS NULL"
    found = {row[0]: {**dict(zip(names, row, strict=True)), "options": set()} for row in store.rows(f"{sql} ORDER BY w.id", args)}
    for wish, name in store.rows_in("SELECT wish, name FROM wish_option WHERE wish IN ({})", [], list(found)):
        found[wish]["options"].add(_same(name))
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
    for weight, share, de, en in [*_parts(car, wish), *_unknown(car, wish)]:
        asked += weight
        got += weight * share
        if de:
            reasons.append(en if language == "en" else de)
    points = round(100 * got / asked) if asked else 100
    return Fit(wish["id"], wish["customer"], points, tuple(reasons or ["no restriction" if language == "en" else "keine Einschränkung"]))


def fits(car: dict[str, Any], wish: dict[str, Any]) -> bool:
    """Whether nothing the wish rules out is true of the vehicle. What the vehicle does not say rules nothing out."""
    year, km, price, kw = car["year"], car["km"], car["price"], car["kw"]
    if wish["kind"] and car["kind"] and wish["kind"] != car["kind"]:
        return False
    if wish["brand"] and car["brand"] and _same(wish["brand"]) != _same(car["brand"]):
        return False
    if car["options"] and not wish["options"] <= car["options"]:
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


Part = tuple[int, float, str, str]
"""The weight of a property, how well it is met (0 to 1), and the reason in both languages, "" for none."""


def _parts(car: dict[str, Any], wish: dict[str, Any]) -> list[Part]:
    """Each property the wish asked for that the vehicle meets more or less."""
    parts: list[Part] = []
    for name, de, en in TEXTS:
        if wish[name] and car[name]:
            share = _alike(wish[name], car[name])
            parts.append((WEIGHTS[name], share, *((f"{de} {car[name]}", f"{en} {car[name]}") if share == 1 else ("", ""))))
        elif wish[name]:  # a brand left open may be the right one; a model or colour left open is not what was wished
            parts.append((WEIGHTS[name], 0.5 if name == "brand" else 0.0, f"{de} unbekannt", f"{en} unknown"))
    for name, limit, fits_de, fits_en, de, en in (
        ("price", "max_price", "Preis passt", "price fits", "Preis", "price"),
        ("km", "max_km", "Kilometer passen", "kilometres fit", "Kilometerstand", "odometer"),
    ):
        if wish[limit] is not None and car[name] is None:
            parts.append((WEIGHTS[name], 0.5, f"{de} unbekannt", f"{en} unknown"))
        elif wish[limit] is not None:
            share = _within(car[name], wish[limit])
            parts.append((WEIGHTS[name], share, *((fits_de, fits_en) if share == 1 else ("", ""))))
    if wish["options"] and not car["options"]:
        parts.append((WEIGHTS["options"], 0.5, "Ausstattung unbekannt", "options unknown"))
    elif wish["options"]:
        parts.append((WEIGHTS["options"], 1.0, "alle Wunschausstattungen", "all wished options"))
    return parts


def _unknown(car: dict[str, Any], wish: dict[str, Any]) -> list[Part]:
    """What the wish insists on and the vehicle does not say: it may fit, so it costs half."""
    return [
        (weight, 0.5, f"{de} unbekannt", f"{en} unknown") for name, wanted, weight, de, en in MUST if not car[name] and any(wish[field] for field in wanted)
    ]


def _within(value: int, limit: int) -> float:
    """1 up to the limit, falling to 0 at a tenth above it."""
    return max(0.0, 1.0 - max(0.0, value / limit - 1.0) * 10) if limit else float(value <= 0)


def _same(text: Any) -> str:
    """A name without its spelling's accidents."""
    return str(text or "").strip().casefold()


def _alike(wanted: str, found: str) -> float:
    """1 for the same text, a half where one contains the other, else 0."""
    a, b = _same(wanted), _same(found)
    return 1.0 if a == b else 0.5 if a in b or b in a else 0.0
