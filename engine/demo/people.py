"""Customers: people and companies, contact persons, consents and objections."""

from __future__ import annotations

from datetime import date, timedelta

from engine.demo.book import Record, Row
from engine.demo.words import DEPARTMENTS, PLACES, PROFESSIONS, REGIONS
from engine.demo.world import Person, World

BRANCH_SHARES = (("KOE", "BON", "WIE"), (0.55, 0.33, 0.12))
SOURCES = ("Internet", "Laufkundschaft", "Telefon", "Empfehlung", "Veranstaltung", "Kampagne", "Sonstiges")
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", " ": "-", "Ä": "ae", "Ö": "oe", "Ü": "ue"})


def make_people(world: World, customers: int) -> None:
    """All customers in the order in which they became known, over the last nine years."""
    known = sorted(world.ago(0, 9 * 365) for _ in range(customers))
    companies: list[Person] = []
    for number, since in enumerate(known, start=10001):
        branch = world.rng.choices(*BRANCH_SHARES)[0]
        company = world.chance(0.08)
        person = _customer(world, number, since, branch, company, companies)
        world.people.append(person)
        if company:
            companies.append(person)
            _contact_persons(world, person)
        _fate(world, person)
        _consents(world, person)


def _customer(world: World, number: int, since: date, branch: str, company: bool, companies: list[Person]) -> Person:
    rng = world.rng
    salesperson, adviser = rng.choice(world.sellers[branch]), rng.choice(world.advisers[branch])
    biker = branch == "WIE" or world.chance(0.3)
    row: Row = {
        "number": number,
        "status": "Interessent",
        "branch": branch,
        "salesperson": salesperson if world.chance(0.96) else None,
        "service_adviser": adviser if world.chance(0.9) else None,
        "source": rng.choice(SOURCES),
        "preferred_channel": rng.choice(("E-Mail", "Telefon", "Brief", "SMS", None)),
        "deceased": False,
        "moved": False,
        "recorded_on": since,
        "remark": "Kommt gern samstags; bitte vorher anrufen" if world.chance(0.05) else None,
    }
    row |= _company(world, companies) if company else _private(world, biker)
    row |= _address(world, branch)
    record = world.book.add("customers", since, **row)
    if row["source"] == "Empfehlung" and world.people:
        record.row["referred_by"] = rng.choice(world.people).number
    return Person(number, record, since, branch, salesperson, adviser, company, biker)


def _private(world: World, biker: bool) -> Row:
    rng = world.rng
    woman = world.chance(0.47)
    first, last = rng.choice(world.names.women if woman else world.names.men), rng.choice(world.names.last)
    born = date(world.today.year - rng.randint(18, 86), 1, 1) + world.days(0, 364)
    return {
        "kind": "Privat",
        "salutation": "Frau" if woman else "Herr",
        "title": "Dr." if world.chance(0.03) else None,
        "first_name": first,
        "name": last,
        "birthday": born if world.chance(0.78) else None,
        "profession": rng.choice(PROFESSIONS) if world.chance(0.5) else None,
        "marital_status": rng.choice(("ledig", "verheiratet", "geschieden", "verwitwet")) if world.chance(0.4) else None,
        "household_size": rng.randint(1, 5) if world.chance(0.3) else None,
        "licence_class": (rng.choice(("A1", "A2", "A")) if biker else "B") if world.chance(0.8) else None,
        "email": _mail(f"{first}.{last}", rng.randint(1, 99)) if world.chance(0.82) else None,
        "mobile": f"0171 39200{rng.randint(0, 99):02d}" if world.chance(0.75) else None,
    }


def _company(world: World, companies: list[Person]) -> Row:
    """A company; a quarter of them are branches of one that is already known."""
    parent = world.rng.choice(companies) if companies and world.chance(0.25) else None
    name = str(parent.record.row["name"]) if parent else world.rng.choice(world.names.companies)
    return {
        "kind": "Firma",
        "salutation": "ohne",
        "name": name,
        "name_addition": world.rng.choice(("Niederlassung Süd", "Zweigstelle Köln", "Werk Bonn")) if parent else None,
        "parent": parent.number if parent else None,
        "email": _mail("info", world.rng.randint(100, 9999)),
    }


def _mail(local: str, number: int) -> str:
    return f"{local.lower().translate(_PLAIN)}{number}@kunden.example"


def _address(world: World, branch: str) -> Row:
    """Most live near the branch. Telephone numbers are from the ranges kept free for films."""
    rng = world.rng
    (postal_code, city), (country, region) = rng.choice(PLACES[branch]), REGIONS[branch]
    if branch != "WIE" and world.chance(0.04):
        postal_code, city, region = "01067", "Dresden", "SN"
    return {
        "street": f"{rng.choice(world.names.streets)} {rng.randint(1, 180)}",
        "postal_code": postal_code,
        "city": city,
        "country": country,
        "region": region,
        "phone": f"0221 4710{rng.randint(0, 999):03d}" if world.chance(0.6) else None,
    }


def _contact_persons(world: World, company: Person) -> None:
    """One to four people, the first being the others' superior."""
    rng = world.rng
    superior: str | None = None
    for index, (department, position) in enumerate(DEPARTMENTS[: rng.randint(1, 4)]):
        first, last = rng.choice(world.names.women + world.names.men), rng.choice(world.names.last)
        email = _mail(f"{first}.{last}", company.number * 10 + index)
        row: Row = {"first_name": first, "last_name": last, "department": department, "position": position, "email": email}
        row |= {"phone": f"0221 4710{rng.randint(0, 999):03d}", "superior": superior, "customer": company.number}
        row["birthday"] = date(rng.randint(1958, 2002), rng.randint(1, 12), rng.randint(1, 28)) if world.chance(0.4) else None
        world.book.add("contact_persons", company.since, **row)
        superior = superior or email


def _fate(world: World, person: Person) -> None:
    """A few have died, moved away or had their mail returned, some of them in these weeks."""
    roll = world.rng.random()
    if roll > 0.017 or person.company:
        return
    day = world.ago(0, 27) if world.chance(0.2) else world.between(person.since + timedelta(days=200), world.today)
    if roll < 0.005:
        world.book.change(person.record, day, deceased=True)
    elif roll < 0.010:
        world.book.change(person.record, day, moved=True, mail_returned_on=day)
    else:
        world.book.change(person.record, day, mail_returned_on=day)


def _consents(world: World, person: Person) -> None:
    """Explicit consent with its evidence for some channels; some withdrawn, some objections."""
    for channel, share in (("E-Mail", 0.5), ("SMS", 0.22), ("Telefon", 0.28)):
        if world.chance(share) and (channel != "E-Mail" or person.record.row.get("email")):
            _consent(world, person, channel)
    if world.chance(0.03):
        day = world.between(person.since + timedelta(days=10), world.today)
        channel_or_all = world.rng.choice((None, None, "E-Mail", "Brief"))
        reason = "Widerspruch" if channel_or_all is None else "Abgemeldet"
        row: Row = {"channel": channel_or_all, "reason": reason, "objected_on": day, "source": "Schreiben des Kunden"}
        world.book.add("objections", day, customer=person.number, **row)


def _consent(world: World, person: Person, channel: str) -> Record:
    given = world.at(world.between(person.since, min(person.since + timedelta(days=400), world.today)))
    by_mail = channel == "E-Mail"
    record = world.book.add(
        "consents",
        given.date(),
        customer=person.number,
        purpose="Werbung",
        channel=channel,
        ground="Ausdrücklich",
        text_version=f"Fassung {given.year}",
        source="Internetformular" if by_mail else "Formular im Haus",
        evidence=f"{'Double-Opt-in-Protokoll' if by_mail else 'Ablage Einwilligung'} {person.number}/{given.year}",
        taken_by=None if by_mail else person.salesperson,
        given_at=given,
        confirmed_at=given + timedelta(hours=2) if by_mail and world.chance(0.92) else None,
        from_sale=False,
        own_similar_goods=False,
        notice_given=True,
    )
    if world.chance(0.06):
        withdrawn = world.at(world.between(given.date() + timedelta(days=1), world.today + timedelta(days=30)))
        world.book.change(record, withdrawn.date(), withdrawn_at=withdrawn)
    return record
