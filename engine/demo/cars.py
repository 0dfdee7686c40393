"""Vehicles: what customers own, what stands in stock, with options, warranties and recalls."""

from __future__ import annotations

from datetime import date, timedelta

from engine.demo.book import Cents, Row
from engine.demo.words import BIKE, BIKE_OPTIONS, BIKES, CAR_OPTIONS, CARS, COLOURS, PLATES, RECALLS, Model
from engine.demo.world import Car, Person, World, months_after, workday

VIN_SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"  # no I, O, Q: ISO 3779
STOCK = ("Neuwagen", "Gebrauchtwagen", "Vorführwagen")


def new_vehicle(world: World, model: Model, day: date, registered: date | None, branch: str, **row: object) -> Car:
    """Enter a vehicle as of a day; `registered` is None for one that never was."""
    rng, vin = world.rng, ""
    while not vin or vin in world.vins:
        vin = model.wmi + "".join(rng.choices(VIN_SIGNS, k=14))
    world.vins.add(vin)
    values: Row = {
        "vin": vin,
        "kind": model.kind,
        "brand": model.brand,
        "model": model.name,
        "colour": rng.choice(COLOURS),
        "first_registration_on": registered,
        "model_year": (registered or day).year,
        "power_kw": model.kw,
        "fuel": model.fuel,
        "licence_class": model.licence,
        "inspection_booked": False,
        "branch": branch,
        **row,  # type: ignore[dict-item]
    }
    record = world.book.add("vehicles", day, **values)
    return Car(vin, record, model, None, registered or day, day, date.max)


def hand_over(world: World, car: Car, owner: Person, day: date) -> None:
    """The vehicle becomes the customer's as of a day: owner, plate, dates of inspection."""
    if car.record.row.get("first_registration_on") is None:
        car.first_registered = day
    car.owner, car.owned_from, car.owned_until = owner, day, date.max
    season = car.model.kind == BIKE and world.chance(0.4)
    world.book.change(
        car.record,
        day,
        owner=owner.number,
        keeper=owner.number if world.chance(0.9) else None,
        stock="Kundenfahrzeug",
        license_plate=f"{world.rng.choice(PLATES[owner.branch])}-{''.join(world.rng.choices('ABCDEFGHKLMNPRST', k=2))} {world.rng.randint(1, 9999)}",
        first_registration_on=car.first_registered,
        next_inspection_on=_inspection(world, car),
        season_from_month=3 if season else None,
        season_to_month=10 if season else None,
    )
    world.cars.append(car)


def _inspection(world: World, car: Car) -> date:
    """The next periodic inspection from today: for new cars after 36 months, else every 24 (§ 29 StVZO, annex VIII). A few are late."""
    day = months_after(car.first_registered, 24 if car.model.kind == BIKE else 36)
    late = timedelta(days=45) if world.chance(0.04) else timedelta(0)
    while day < world.today - late:
        day = months_after(day, 24)
    return day


def pick_model(world: World, person: Person) -> Model:
    """A model for a customer: Vienna sells motorcycles alone."""
    return world.rng.choice(BIKES if person.biker else CARS)


def make_other_cars(world: World, share: float) -> None:
    """Vehicles that were bought elsewhere, serviced here or simply known."""
    rng = world.rng
    for person in world.people:
        for _ in range(int(world.chance(share)) + int(world.chance(share * 0.45))):
            known = world.between(person.since, world.today)
            registered = known - world.days(30, 4000)
            car = new_vehicle(world, pick_model(world, person), known, registered, person.branch, market_value=Cents(rng.randrange(3000, 25000, 100) * 100))
            hand_over(world, car, person, known)
            car.owned_from = registered


def make_stock(world: World, number: int) -> None:
    """What stands in the yard, some of it since these days; each branch has demonstration vehicles."""
    rng = world.rng
    for branch in world.sellers:
        for index in range(number // len(world.sellers)):
            model = rng.choice(BIKES if branch == "WIE" or world.chance(0.25) else CARS)
            kind = STOCK[2] if index < 6 else rng.choice(STOCK[:2])
            came = world.ago(0, 25) if world.chance(0.25) else world.ago(26, 150)
            registered = None if kind == "Neuwagen" else came - world.days(120, 2000)
            price = model.price if registered is None else int(model.price * (0.85 - 0.1 * min((came - registered).days / 365, 6)))
            km = None if registered is None else rng.randrange(900, 90000, 50)
            car = new_vehicle(
                world, model, came, registered, branch, stock=kind, available_on=came, price=Cents(price * 100), odometer_km=km, odometer_read_on=came
            )
            for name in rng.sample(BIKE_OPTIONS if model.kind == BIKE else CAR_OPTIONS, rng.randint(1, 3)):
                world.book.add("vehicle_options", came, vehicle=car.vin, name=name)
            if kind == STOCK[2]:
                world.demos.setdefault(branch, []).append(car)


def make_warranty(world: World, car: Car, kind: str, months: int) -> None:
    """A warranty from the day the vehicle was handed over."""
    owner = car.owner.number if car.owner else None
    row: Row = {"customer": owner, "vehicle": car.vin, "kind": kind, "starts_on": car.owned_from, "ends_on": months_after(car.owned_from, months)}
    world.book.add("warranties", car.owned_from, number=world.number("GA"), **row)


def make_recalls(world: World) -> None:
    """Recalls of the makers, matched to vehicles; those of old are mostly done."""
    for code, brand, title, safety, ago in RECALLS:
        issued = workday(world.today - timedelta(days=ago))
        world.book.add("recalls", issued, code=code, brand=brand, title=title, safety=safety, issued_on=issued)
        for car in [car for car in world.cars if car.model.brand == brand and car.first_registered < issued and world.chance(0.08)]:
            number, matched = car.owner.number if car.owner else None, max(issued, car.known_from)
            row: Row = {"number": world.number("RR"), "customer": number, "vehicle": car.vin, "recall": code, "matched_on": matched}
            record = world.book.add("vehicle_recalls", matched, **row)
            if world.chance(0.8):
                done = world.between(matched + timedelta(days=3), matched + timedelta(days=150))
                world.book.change(record, done, done_on=done)
