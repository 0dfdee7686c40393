"""Which wishes fit a vehicle, and why (requirements.md §3, at the end)."""

from datetime import date

import pytest

from engine.planning.matching import matches

TODAY = date(2024, 3, 1)
GS = {"kind": "motorcycle", "brand": "BMW", "model": "R 1250 GS", "type": "Adventure", "colour": "Blau", "model_year": 2020, "odometer_km": 20_000,
      "price": 1_500_000, "power_kw": 100, "licence_class": "A"}  # fmt: skip


def fits(store, wish, car=GS, *, wished=(), has=(), least=0, language="en"):
    """The score and reasons of one wish for one vehicle; None where it does not fit."""
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        made = store.insert_many("wish", [{"customer": customer, **wish}])[0]
        vehicle = store.insert_many("vehicle", [{"vin": "V", **car}])[0]
        store.insert_many("wish_option", [{"wish": made, "name": name} for name in wished])
        store.insert_many("vehicle_option", [{"vehicle": vehicle, "name": name} for name in has])
    found = matches(store, [vehicle], TODAY, least, language)[vehicle]
    assert all(fit.wish_id == made for fit in found)
    return (found[0].score, "; ".join(found[0].reasons)) if found else None


def without(*names):
    return {name: value for name, value in GS.items() if name not in names}


@pytest.mark.req("S0.24")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({}, (100, "no restriction")),
        ({"kind": "motorcycle", "brand": " bmw ", "model": "r 1250 gs"}, (100, "brand BMW; model R 1250 GS")),
        ({"kind": "car"}, None),
        ({"brand": "Ducati"}, None),
        ({"model": "GS"}, (50, "no restriction")),
        ({"model": "Monster"}, (0, "no restriction")),
        ({"year_from": 2020, "year_to": 2020}, (100, "no restriction")),
        ({"year_from": 2021}, None),
        ({"year_to": 2019}, None),
        ({"max_km": 20_000}, (100, "kilometres fit")),
        ({"max_km": 19_999}, None),
        ({"max_price": 1_500_000}, (100, "price fits")),
        ({"max_price": 1_420_000}, (44, "no restriction")),
        ({"max_price": 1_300_000}, None),
        ({"min_kw": 100, "max_kw": 100}, (100, "no restriction")),
        ({"min_kw": 101}, None),
        ({"max_kw": 99}, None),
        ({"licence_class": "A"}, (100, "no restriction")),
        ({"licence_class": "A2"}, None),
        ({"licence_class": "A1"}, None),
        ({"colour": "blau"}, (100, "colour Blau")),
        ({"brand": "BMW", "colour": "rot"}, (80, "brand BMW")),
    ],
)
def test_what_the_wish_asks_for(store, wish, found):
    assert fits(store, wish) == found


@pytest.mark.parametrize(
    ("vehicle", "rider", "may"),
    [
        ("A1", "A1", True),
        ("A1", "A2", True),
        ("A1", "A", True),
        ("A2", "A1", False),
        ("A2", "A2", True),
        ("A2", "A", True),
        ("A", "A2", False),
        ("B", "A1", True),
    ],
)
def test_who_may_ride_what(store, vehicle, rider, may):
    assert (fits(store, {"licence_class": rider}, GS | {"licence_class": vehicle}) is not None) == may


@pytest.mark.parametrize(
    ("wished", "has", "found"),
    [
        (["ABS", "Koffer"], ["abs", "koffer", "Navi"], (100, "all wished options")),
        (["ABS", "Koffer"], ["ABS", "Navi"], None),
        (["ABS"], [], (50, "options unknown")),
        ([], ["ABS"], (100, "no restriction")),
    ],
)
def test_wished_options_are_must_haves(store, wished, has, found):
    assert fits(store, {}, wished=wished, has=has) == found


@pytest.mark.parametrize(
    ("unsaid", "wish", "found"),
    [
        ("kind", {"kind": "motorcycle", "brand": "BMW"}, (83, "brand BMW; kind unknown")),
        ("brand", {"brand": "BMW", "model": "R 1250 GS"}, (80, "brand unknown; model R 1250 GS")),
        ("model", {"brand": "BMW", "model": "R 1250 GS"}, (40, "brand BMW; model unknown")),
        ("model_year", {"brand": "BMW", "year_from": 2019}, (90, "brand BMW; year unknown")),
        ("power_kw", {"brand": "BMW", "max_kw": 35}, (90, "brand BMW; power unknown")),
        ("licence_class", {"brand": "BMW", "licence_class": "A2"}, (90, "brand BMW; licence class unknown")),
        ("price", {"brand": "BMW", "max_price": 100}, (79, "brand BMW; price unknown")),
        ("odometer_km", {"brand": "BMW", "max_km": 100}, (83, "brand BMW; odometer unknown")),
        ("colour", {"brand": "BMW", "colour": "rot"}, (80, "brand BMW; colour unknown")),
    ],
)
def test_what_the_vehicle_does_not_say_rules_nothing_out_but_costs_points(store, unsaid, wish, found):
    assert fits(store, wish, without(unsaid)) == found


def test_a_brand_is_the_same_in_capitals_with_umlauts_too(store):
    assert fits(store, {"brand": "ŠKODA"}, {"kind": "car", "brand": "Škoda"}, language="de") == (100, "Marke Škoda")


def test_the_year_of_first_registration_stands_in_for_the_model_year(store):
    car = without("model_year") | {"first_registration_on": date(2018, 5, 1)}
    assert fits(store, {"year_from": 2019}, car) is None
