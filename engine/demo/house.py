"""The dealership itself: branches, employees with their roles, absences."""

from __future__ import annotations

from datetime import date, timedelta

from engine.demo.words import PLACES, REGIONS
from engine.demo.world import World

BRANCHES = {
    "KOE": ("Autohaus Lindenthal Köln", "Dürener Straße 100", "0221 4710-0"),
    "BON": ("Autohaus Lindenthal Bonn", "Königswinterer Straße 55", "0228 5550-0"),
    "WIE": ("Zweirad Lindenthal Wien", "Rennweg 12", "+43 1 5550-0"),
}
# Initials, branch, department, manager, roles. The first of a branch leads it.
STAFF = (
    ("gli", "KOE", "Verwaltung", None, ("Geschäftsführer", "Verkaufsleiter")),
    ("hvo", "KOE", "Verkauf", "gli", ("Verkaufsleiter", "Verkäufer")),
    ("ana", "KOE", "Verkauf", "hvo", ("Verkäufer",)),
    ("tmö", "KOE", "Verkauf", "hvo", ("Verkäufer",)),
    ("rki", "KOE", "Verkauf", "hvo", ("Verkäufer",)),
    ("dschä", "KOE", "Service", "gli", ("Serviceleiter", "Serviceberater")),
    ("pwe", "KOE", "Service", "dschä", ("Serviceberater",)),
    ("sbü", "KOE", "Verwaltung", "gli", ("Innendienst",)),
    ("mfr", "BON", "Verkauf", "gli", ("Verkaufsleiter", "Verkäufer")),
    ("lho", "BON", "Verkauf", "mfr", ("Verkäufer",)),
    ("jgr", "BON", "Verkauf", "mfr", ("Verkäufer",)),
    ("eke", "BON", "Service", "mfr", ("Serviceleiter", "Serviceberater")),
    ("uba", "BON", "Service", "eke", ("Serviceberater",)),
    ("fpi", "WIE", "Verkauf", "gli", ("Verkaufsleiter", "Verkäufer")),
    ("vst", "WIE", "Verkauf", "fpi", ("Verkäufer",)),
    ("kwi", "WIE", "Service", "fpi", ("Serviceleiter", "Serviceberater")),
)
LEAVER = "rki"
DEPUTIES = {"ana": "tmö", "tmö": "ana", "rki": "ana", "pwe": "dschä", "lho": "jgr", "jgr": "lho", "uba": "eke", "vst": "fpi"}


def make_house(world: World) -> None:
    """Branches, employees, roles, absences; one salesperson leaves in these weeks."""
    opened = world.today - timedelta(days=4000)
    for code, (name, street, phone) in BRANCHES.items():
        _branch(world, opened, code, name, street, phone)
    for initials, branch, department, manager, roles in STAFF:
        _employee(world, opened, initials, branch, department, manager)
        for role in roles:
            world.book.add("employee_roles", opened, employee=initials, role=role)
        if "Verkäufer" in roles:
            world.sellers.setdefault(branch, []).append(initials)
        if "Serviceberater" in roles:
            world.advisers.setdefault(branch, []).append(initials)
        if "Innendienst" in roles:
            world.back_office = initials
    for code in BRANCHES:
        leader = next(one[0] for one in STAFF if one[1] == code)
        world.book.add("branch_managers", opened, code=code, manager=leader)
    _absences(world)


def _branch(world: World, opened: date, code: str, name: str, street: str, phone: str) -> None:
    (postal_code, city), (country, region) = PLACES[code][0], REGIONS[code]
    mail = f"{code.lower()}@lindenthal.example"
    place = {"street": street, "postal_code": postal_code, "city": city, "country": country, "region": region}
    world.book.add("branches", opened, code=code, name=name, phone=phone, email=mail, sender_email=mail, **place)


def _employee(world: World, opened: date, initials: str, branch: str, department: str, manager: str | None) -> None:
    record = world.book.add(
        "employees",
        opened,
        initials=initials,
        first_name=world.rng.choice(world.names.women + world.names.men),
        last_name=world.rng.choice(world.names.last),
        email=f"{initials.translate(_PLAIN)}@lindenthal.example",
        phone=f"0221 4710-{100 + len(world.book.records['employees'])}",
        department=department,
        branch=branch,
        manager=manager,
        deputy=DEPUTIES.get(initials),
        joined_on=opened + world.days(0, 2000),
    )
    if initials == LEAVER:
        world.book.change(record, world.today - timedelta(days=9), left_on=world.today - timedelta(days=9))


def _absences(world: World) -> None:
    """Past and coming holidays; the service adviser of Bonn is away today."""
    add, today = world.book.add, world.today
    for initials, deputy in DEPUTIES.items():
        start = world.today - world.days(-40, 300)
        until = start + world.days(4, 20)
        known = min(start - timedelta(days=60), today)
        add("absences", known, employee=initials, from_on=start, until_on=until, reason="Urlaub", deputy=deputy)
    sick = today - timedelta(days=2)
    add("absences", sick, employee="uba", from_on=sick, until_on=today + timedelta(days=5), reason="Krankheit", deputy="eke")


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
