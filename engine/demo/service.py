"""After-sales: workshop and shop visits, appointments, storage, complaints, dunning, and what people noted."""

from __future__ import annotations

from datetime import date, timedelta

from engine.demo.book import Cents, Record, Row
from engine.demo.words import BIKE, COMPLAINTS, SERVICE_WORKS
from engine.demo.world import Car, Person, World, months_after, workday

HABITS = ((0.9, 0.5), (0.55, 0.3), (0.15, 0.2))
"""How likely a customer comes to a yearly service, and which share of the customers is so."""
TYRES, STORED = "Räderwechsel", "Reifeneinlagerung"
OLD_TAGS = {"Inspektion": ("Inspektionskunde", 24), TYRES: ("Reifendienstkunde", 18)}
EVENTS = ("Saisonstart", "Tag der offenen Tür", "Fahrsicherheitstraining")


def make_service(world: World) -> None:
    """The visits of every vehicle in the days it belonged to somebody, and the shop's."""
    for car in world.cars:
        habit = world.rng.choices([one[0] for one in HABITS], [one[1] for one in HABITS])[0]
        _yearly(world, car, habit)
        if car.model.kind == BIKE:
            _winter_storage(world, car)
        elif habit > 0.5 and world.chance(0.2):
            _tyres(world, car)
    for person in world.people:
        _shop(world, person)
        _notes(world, person)
        _troubles(world, person)
    _tags_of_old(world)


def _tags_of_old(world: World) -> None:
    """What the former system had tagged: the first load raises no events, so these come as data."""
    for (number, work), day in world.served.items():
        kind, months = OLD_TAGS.get(work, ("", 0))
        until = months_after(day, months) if months else day
        if until > world.book.first_until:
            world.book.add("tags", day, customer=number, kind=kind, posted_on=day, valid_until_on=until)


def _yearly(world: World, car: Car, habit: float) -> None:
    end = min(car.owned_until, world.today + timedelta(days=40))
    day, last = car.owned_from + world.days(330, 400), None
    while day < end:
        if day >= car.known_from and world.chance(habit):
            _workshop(world, car, workday(day), "Inspektion" if world.chance(0.6) else "Service", more=True)
            last = workday(day)
        if world.chance(0.32):
            _workshop(world, car, workday(day + world.days(30, 300)), world.rng.choice(("Reparatur", "Umbau", "Zubehör")), more=False)
        day += world.days(330, 400)
    if last and last <= world.today:
        world.book.change(car.record, last, last_service_on=last, next_service_on=months_after(last, 12), odometer_km=_km(car, last), odometer_read_on=last)
    elif car.owned_from > world.today - timedelta(days=700):
        world.book.change(car.record, car.owned_from, next_service_on=months_after(car.owned_from, 12))
    if last and world.today - timedelta(days=20) < last <= world.today + timedelta(days=40):
        _appointment(world, car, last)


def _km(car: Car, day: date) -> int:
    start = car.record.row.get("odometer_km")
    return (start if isinstance(start, int) else 0) + (day - car.owned_from).days * (14 if car.model.kind == BIKE else 38)


def _workshop(world: World, car: Car, day: date, kind: str, *, more: bool) -> None:
    if car.owner is None or not car.known_from <= day <= min(car.owned_until, world.today):
        return
    works = [(kind, *world.rng.choice(SERVICE_WORKS[kind]))]
    if more and world.chance(0.4):
        extra = world.rng.choice(("Reparatur", "Zubehör"))
        works.append((extra, *world.rng.choice(SERVICE_WORKS[extra])))
    visit(world, car.owner, day, "Werkstatt", works, car)


def visit(world: World, person: Person, day: date, kind: str, works: list[tuple[str, str, int]], car: Car | None = None) -> Record:
    """A visit with its positions; it is closed the same or the next day and invoiced after that."""
    number = world.number("WA")
    row: Row = {"number": number, "customer": person.number, "kind": kind, "visited_on": day, "branch": person.branch}
    if car:
        row |= {"vehicle": car.vin, "odometer_km": _km(car, day), "service_adviser": person.adviser}
    for work, _, _ in works if day <= world.book.first_until else ():
        world.served[person.number, work] = max(day, world.served.get((person.number, work), day))
    record = world.book.add("visits", day, **row, amount=Cents(sum(work[2] for work in works)))
    for work, what, amount in works:
        world.book.add("visit_positions", day, number=world.number("WP"), visit=number, kind=work, what=what, amount=Cents(amount))
    closed = workday(day + world.days(0, 1))
    invoiced = workday(closed + world.days(0, 1))
    world.book.change(record, closed, closed_on=closed)
    world.book.change(record, invoiced, invoiced_on=invoiced)
    return record


def _appointment(world: World, car: Car, day: date) -> None:
    if car.owner is None:
        return
    booked = max(day - world.days(7, 30), car.known_from)
    record = world.book.add(
        "service_appointments",
        booked,
        number=world.number("WT"),
        customer=car.owner.number,
        vehicle=car.vin,
        service_adviser=car.owner.adviser,
        branch=car.owner.branch,
        kind="Inspektion",
        status="gebucht",
        planned_at=world.at(day, 8, 16),
        verified=world.chance(0.8),
    )
    world.book.change(record, day, status="nicht erschienen" if world.chance(0.08) else "wahrgenommen")


def _winter_storage(world: World, car: Car) -> None:
    if car.owner is None or not world.chance(0.18):
        return
    for year in range(car.known_from.year, world.today.year + 1):
        start = workday(date(year, 10, 15) + world.days(0, 40))
        if car.known_from < start < min(car.owned_until, world.today):
            row: Row = {"number": world.number("EL"), "customer": car.owner.number, "vehicle": car.vin, "branch": car.owner.branch}
            world.book.add("storage_contracts", start, **row, kind="Überwinterung", starts_on=start, ends_on=date(year + 1, 3, 31))
            visit(world, car.owner, start, "Werkstatt", [("Wintereinlagerung", *SERVICE_WORKS["Wintereinlagerung"][0])], car)


def _tyres(world: World, car: Car) -> None:
    if car.owner is None:
        return
    for year in range(max(world.today.year - 2, car.known_from.year), world.today.year + 1):
        for month, day in ((4, 1), (10, 5)):
            when = workday(date(year, month, day) + world.days(0, 35))
            if car.known_from < when <= min(car.owned_until, world.today) and world.chance(0.8):
                works = [(TYRES, *world.rng.choice(SERVICE_WORKS[TYRES]))]
                works += [(STORED, *SERVICE_WORKS[STORED][0])] if world.chance(0.5) else []
                visit(world, car.owner, when, "Werkstatt", works, car)


def _shop(world: World, person: Person) -> None:
    """The shop sells clothing and accessories over the counter."""
    for _ in range(world.rng.choices((0, 1, 2), (0.58, 0.3, 0.12))[0]):
        day = world.between(person.since, world.today)
        what, amount = world.rng.choice(SERVICE_WORKS["Zubehör"])
        visit(world, person, day, "Verkaufsraum" if world.chance(0.3) else "Laden", [("Zubehör", what, amount)])
    if world.chance(0.1):
        day = world.between(max(person.since, world.today - timedelta(days=700)), world.today)
        world.book.add("attendances", day, customer=person.number, name=world.rng.choice(EVENTS), attended_on=day)


def _notes(world: World, person: Person) -> None:
    """What people wrote into the history: telephone calls, mailings, discounts, information evenings."""
    if world.chance(0.25):
        day = world.between(person.since, world.today)
        action, info, content = world.rng.choice(
            (
                ("Telefonat", None, "Wollte wissen, wann die neuen Modelle kommen"),
                ("Mailing", None, "Frühjahrsmailing"),
                ("Besuch", "Infoabend", "War beim Infoabend"),
                ("Besuch", "Prospekt angefordert", "Prospekt mitgenommen"),
                ("Telefonat", "Rabatt gewährt", "3 % auf Zubehör zugesagt"),
            )
        )
        world.book.add("history_entries", day, customer=person.number, entered_on=day, employee=person.salesperson, action=action, info=info, content=content)
    if person.biker and world.chance(0.06):
        day = world.between(person.since, world.today)
        kind, value = world.rng.choice((("Motorradclub", "MC Rheinland"), ("Motorradclub", "Bergische Biker"), ("Motorradurlaub", None)))
        world.book.add("tags", day, customer=person.number, kind=kind, value=value, posted_on=day, posted_by=person.salesperson)


def _troubles(world: World, person: Person) -> None:
    """Complaints and dunning notices."""
    if world.chance(0.02):
        day = world.between(max(person.since, world.today - timedelta(days=1000)), world.today)
        row: Row = {"number": world.number("TK"), "kind": "Beschwerde", "customer": person.number, "owner": person.adviser}
        record = world.book.add("tickets", day, **row, subject=world.rng.choice(COMPLAINTS), status="offen", opened_at=world.at(day))
        closed = workday(day + world.days(1, 12))
        world.book.change(record, closed, status="geschlossen", closed_at=world.at(closed))
    if world.chance(0.015):
        day = world.between(person.since, world.today)
        amount = Cents(world.rng.randrange(8000, 90000))
        paid = workday(day + world.days(5, 30))
        dunned = world.book.add("dunnings", day, number=world.number("MA"), customer=person.number, level=1, issued_on=day, amount=amount)
        world.book.change(dunned, paid, settled_on=paid)
