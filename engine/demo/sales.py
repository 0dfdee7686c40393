"""Sales from the first contact to delivery: past ones of five years and those that run in these weeks.

A sale is planned to its end; the book leaves out what has not happened yet, so past and running sales are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.demo.book import Cents, Record, Row
from engine.demo.cars import hand_over, make_warranty, new_vehicle, pick_model
from engine.demo.words import BANKS, BIKE, BIKE_OPTIONS, CAR_OPTIONS, INSURERS, LOST_REASONS, RIVALS, Model
from engine.demo.world import YEARS_OF_SALES, Car, Person, World, months_after, workday

SOURCES = ("Internet", "Laufkundschaft", "Telefon", "Empfehlung", "Veranstaltung", "Kampagne")


@dataclass(slots=True)
class Sale:
    """One sale while it is made."""

    person: Person
    model: Model
    day: date
    salesperson: str
    opportunity: Record
    number: str

    def row(self, number: str) -> Row:
        """What every record of this sale says."""
        return {"number": number, "customer": self.person.number, "salesperson": self.salesperson, "branch": self.person.branch}


def make_sales(world: World) -> None:
    """Past sales of the customers who buy here, the later ones with the former vehicle traded in."""
    for person in world.people:
        first = max(person.since, world.today - timedelta(days=YEARS_OF_SALES))
        if first > world.today - timedelta(days=70):
            continue
        if not world.chance(0.62):
            if world.chance(0.2):
                lose(world, person, world.between(first, world.today - timedelta(days=70)))
            continue
        person.buys = True
        day, old = world.between(first, world.today - timedelta(days=70)), None
        for _ in range(world.rng.choices((1, 2, 3), (0.72, 0.22, 0.06))[0]):
            if day > world.today - timedelta(days=60):
                break
            old = sell(world, person, day, old)
            day = workday(day + world.days(700, 1300))


def make_pipeline(world: World, number: int) -> None:
    """Prospects of these weeks: some are only asking, some buy, some are lost."""
    for person in world.rng.sample(world.people, min(number, len(world.people))):
        day = max(world.ago(0, 55), person.since)
        mine = [car for car in world.cars if car.owner is person]
        if world.chance(0.55):
            sell(world, person, day, mine[0] if mine and world.chance(0.5) else None)
        else:
            lose(world, person, day)


def open_sale(world: World, person: Person, day: date, model: Model) -> Sale:
    """A prospect's first contact: opportunity and mostly a wish."""
    number = world.number("VC")
    salesperson = person.salesperson
    wish = make_wish(world, person, day, model) if world.chance(0.4) else None
    friend = world.rng.choice(world.people)
    referrer = friend.number if friend is not person and friend.since <= day and world.chance(0.04) else None
    record = world.book.add(
        "opportunities",
        day,
        number=number,
        customer=person.number,
        salesperson=salesperson,
        branch=person.branch,
        owner=salesperson,
        brand=model.brand,
        source="Empfehlung" if referrer else world.rng.choice(SOURCES),
        wish=wish,
        referrer=referrer,
        recorded_at=world.at(day),
        status="offen",
        asked_for=world.rng.choice((None, "Finanzierung", "Versicherung", "Finanzierung und Versicherung")),
        requested_contact=world.chance(0.7),
    )
    return Sale(person, model, day, salesperson, record, number)


def make_wish(world: World, person: Person, day: date, model: Model) -> str:
    """A wish, and what it asks for."""
    rng, number = world.rng, world.number("KG")
    choosy = world.chance(0.5)
    record = world.book.add(
        "wishes",
        day,
        number=number,
        customer=person.number,
        salesperson=person.salesperson,
        kind=model.kind,
        brand=model.brand,
        model=model.name if choosy else None,
        year_from=day.year - rng.randint(2, 8) if choosy else None,
        max_km=rng.choice((None, 40000, 80000, 120000)),
        max_price=Cents(int(model.price * rng.uniform(0.6, 1.1)) * 100),
        licence_class=model.licence if model.kind == BIKE else None,
        recorded_on=day,
        valid_until_on=months_after(day, 6),
    )
    if world.chance(0.4):
        world.book.add("wish_options", day, wish=number, name=rng.choice(BIKE_OPTIONS if model.kind == BIKE else CAR_OPTIONS))
    if day < world.today - timedelta(days=150):
        world.book.change(record, day + timedelta(days=90), fulfilled_on=day + timedelta(days=90))
    return number


def make_open_wishes(world: World, number: int) -> None:
    """Wishes without a running sale, recorded over the last half year."""
    for person in world.rng.sample(world.people, min(number, len(world.people))):
        make_wish(world, person, max(world.ago(0, 149), person.since), pick_model(world, person))


def _test_drive(world: World, sale: Sale, day: date) -> None:
    demos = [car for car in world.demos.get(sale.person.branch, []) if car.model.kind == sale.model.kind and car.record.day <= day]
    drive = world.at(day)
    world.book.add(
        "test_drives",
        day,
        customer=sale.person.number,
        vehicle=world.rng.choice(demos).vin if demos else None,
        opportunity=sale.number,
        assignee=sale.salesperson,
        branch=sale.person.branch,
        completed_at=drive,
    )


def _offer(world: World, sale: Sale, day: date, price: int) -> Record:
    number = world.number("AN")
    row = sale.row(number) | {"opportunity": sale.number, "kind": "Fahrzeug", "status": "Entwurf", "made_on": day, "valid_until_on": day + timedelta(days=21)}
    record = world.book.add("offers", day, **row, amount=Cents(price * 100), tool="Herstellerprogramm")
    sent = workday(day + world.days(0, 2))
    world.book.change(record, sent, status="versandt", sent_at=world.at(sent))
    return record


def lose(world: World, person: Person, day: date) -> None:
    """A sale that comes to nothing."""
    model = pick_model(world, person)
    sale = open_sale(world, person, day, model)
    if world.chance(0.5):
        _test_drive(world, sale, workday(day + world.days(2, 9)))
    offer = _offer(world, sale, workday(day + world.days(3, 14)), model.price) if world.chance(0.7) else None
    end = workday(day + world.days(20, 60))
    world.book.change(sale.opportunity, end, status="verloren", closed_on=end, lost_reason=world.rng.choice(LOST_REASONS))
    if offer:
        world.book.change(offer, end, status="abgelehnt")
    if world.chance(0.25):
        rival: Row = {"supplier": world.rng.choice(RIVALS), "kind": world.rng.choice(("Leasing", "Kauf", "Kredit")), "learned_on": end}
        rival["ends_on"] = months_after(end, world.rng.choice((12, 24, 36)))
        world.book.add("competitor_contracts", end, **sale.row(world.number("MB")), **rival)


def sell(world: World, person: Person, day: date, old: Car | None) -> Car:
    """A sale from the first contact to delivery; `old` is traded in. Returns the vehicle."""
    rng, model = world.rng, pick_model(world, person)
    sale = open_sale(world, person, day, model)
    used = world.chance(0.35)
    price = int(model.price * (rng.uniform(0.45, 0.75) if used else rng.uniform(0.9, 1.05)))
    if world.chance(0.6):
        _test_drive(world, sale, workday(day + world.days(1, 8)))
    offer = _offer(world, sale, workday(day + world.days(1, 10)), price)
    signed = workday(max(day + world.days(8, 28), offer.day + timedelta(days=3)))
    world.book.change(offer, signed, status="angenommen")
    world.book.change(sale.opportunity, signed, status="gewonnen", closed_on=signed)
    world.book.change(person.record, signed, status="Kunde", customer_since_on=person.record.row.get("customer_since_on") or signed)
    registered = signed - world.days(300, 1900) if used else None
    km = rng.randrange(5000, 110000, 100) if used else 0
    car = new_vehicle(world, model, signed, registered, person.branch, odometer_km=km, market_value=Cents(price * 100))
    contract, delivered = _contract(world, sale, car, signed, price, used)
    hand_over(world, car, person, delivered)
    _delivery(world, sale, car, contract, delivered, price)
    _around(world, sale, car, delivered, price)
    if old is not None:
        _trade_in(world, sale, old, signed, delivered)
    return car


def _contract(world: World, sale: Sale, car: Car, signed: date, price: int, used: bool) -> tuple[str, date]:
    number = world.number("KV")
    promised = workday(signed + (world.days(5, 15) if used else world.days(18, 75)))
    late = world.chance(0.15)
    delivered = workday(promised + (world.days(9, 30) if late else timedelta(0)))
    drafted = signed - timedelta(days=min(2, (signed - sale.day).days))
    record = world.book.add(
        "contracts",
        drafted,
        **sale.row(number),
        vehicle=None,
        opportunity=sale.number,
        vehicle_state="gebraucht" if used else "neu",
        drafted_on=drafted,
        amount=Cents(price * 100),
    )
    ends = months_after(delivered, 12) if used else None
    world.book.change(record, signed, signed_on=signed, promised_on=promised, first_promised_on=promised, vehicle=car.vin, liability_ends_on=ends)
    if late:
        world.book.change(record, promised - timedelta(days=3), promised_on=delivered)
    return number, delivered


def _delivery(world: World, sale: Sale, car: Car, contract: str, day: date, price: int) -> None:
    number = world.number("AL")
    world.book.add("deliveries", day, **sale.row(number), vehicle=car.vin, contract=contract, planned_at=world.at(day), delivered_on=day)
    bought = sale.row(world.number("KA"))
    world.book.add(
        "purchases",
        day,
        **bought,
        vehicle=car.vin,
        contract=contract,
        kind="Fahrzeug",
        what=f"{car.model.brand} {car.model.name}",
        signed_on=day,
        amount=Cents(price * 100),
    )
    if world.chance(0.6):
        asked = workday(day + world.days(7, 21))
        country = "AT" if sale.person.branch == "WIE" else "DE"
        grade = world.rng.choices((1, 2, 3, 4, 5), (0.42, 0.33, 0.15, 0.07, 0.03))[0]
        row: Row = {"customer": sale.person.number, "questionnaire": "Auslieferung", "delivery": number, "completed_on": asked}
        world.book.add("questionnaire_responses", asked, **row, grade=grade, scale=country)


def _around(world: World, sale: Sale, car: Car, day: date, price: int) -> None:
    """Finance, insurance, warranties and accessories."""
    rng, row = world.rng, sale.row
    if world.chance(0.48):
        kind, months = rng.choice((("Leasing", 36), ("Leasing", 48), ("Schlussratenkredit", 36), ("Schlussratenkredit", 48), ("Kredit", 60)))
        ends = months_after(day, months)
        finance = world.book.add(
            "finance_contracts",
            day,
            **row(world.number("FV")),
            vehicle=car.vin,
            kind=kind,
            provider=rng.choice(BANKS),
            starts_on=day,
            ends_on=ends,
            rate=Cents(int(price * 1.1 / months) * 100),
            balloon_payment=Cents(int(price * 0.4) * 100) if kind == "Schlussratenkredit" else None,
        )
        world.book.change(finance, ends, settled_on=ends)
    if world.chance(0.25):
        policy = row(world.number("VS")) | {"vehicle": car.vin, "insurer": rng.choice(INSURERS), "mediated": True, "starts_on": day}
        world.book.add("insurance_policies", day, **policy, ends_on=months_after(day, 12 * ((world.today.year - day.year) + 1)))
    make_warranty(world, car, "Hersteller", 24)
    if world.chance(0.12):
        make_warranty(world, car, "Verlängerung", 60)
    if world.chance(0.3):
        ordered = workday(day + world.days(0, 40))
        world.book.add(
            "orders",
            ordered,
            **row(world.number("BE")),
            vehicle=car.vin,
            kind=rng.choice(("Zubehör", "Reifen")),
            status="berechnet",
            ordered_on=ordered,
            amount=Cents(rng.randrange(50, 1900) * 100),
        )


def _trade_in(world: World, sale: Sale, old: Car, signed: date, delivered: date) -> None:
    """The former vehicle comes in and goes into stock, or to the auction when it is old."""
    worth = int(old.model.price * max(0.15, 0.7 - 0.1 * (signed - old.first_registered).days / 365))
    row = sale.row(world.number("IZ")) | {"vehicle": old.vin, "opportunity": sale.number, "recorded_on": signed}
    world.book.add("trade_ins", signed, **row, appraised=Cents(worth * 100), paid=Cents(int(worth * world.rng.uniform(0.9, 1.1)) * 100))
    old.owned_until = delivered
    keep = (signed - old.first_registered).days < 2500 and delivered > world.today - timedelta(days=120)
    stock: Row = {"stock": "Gebrauchtwagen", "available_on": workday(delivered + timedelta(days=7)), "price": Cents(int(worth * 1.2) * 100)}
    gone: Row = {"owner": None, "keeper": None, "license_plate": None}
    world.book.change(old.record, delivered, **gone, **(stock if keep else {"stock": None}))
