"""The words the demo dealership is made of: brands and models, places, names, works and complaints."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.findings import RegelwerkError


@dataclass(frozen=True)
class Model:
    """A model of a brand as the dealership sells it. `wmi` opens the VIN, `price` is in euros."""

    brand: str
    name: str
    kind: str
    wmi: str
    kw: int
    fuel: str
    price: int
    licence: str = "B"


CAR, BIKE = "Pkw", "Motorrad"

MODELS = (
    Model("Ford", "Fiesta", CAR, "WF0", 74, "Benzin", 21900),
    Model("Ford", "Focus", CAR, "WF0", 92, "Benzin", 29900),
    Model("Ford", "Kuga", CAR, "WF0", 140, "Plug-in-Hybrid", 42900),
    Model("Ford", "Transit Custom", "Transporter", "WF0", 110, "Diesel", 46900),
    Model("Hyundai", "i20", CAR, "NLH", 74, "Benzin", 20900),
    Model("Hyundai", "Tucson", CAR, "TMA", 132, "Hybrid", 38900),
    Model("Hyundai", "Kona Elektro", CAR, "KMH", 115, "Elektro", 41900),
    Model("Opel", "Corsa", CAR, "W0V", 74, "Benzin", 22900),
    Model("Opel", "Astra", CAR, "W0V", 96, "Diesel", 31900),
    Model("Opel", "Mokka", CAR, "W0V", 100, "Elektro", 37900),
    Model("Volvo", "XC40", CAR, "YV1", 120, "Benzin", 43900),
    Model("Volvo", "V60", CAR, "YV1", 145, "Diesel", 51900),
    Model("Volvo", "EX30", CAR, "YV1", 200, "Elektro", 39900),
    Model("BMW Motorrad", "R 1250 GS", BIKE, "WB1", 100, "Benzin", 19900, "A"),
    Model("BMW Motorrad", "F 750 GS", BIKE, "WB1", 57, "Benzin", 10900, "A"),
    Model("BMW Motorrad", "G 310 R", BIKE, "WB1", 25, "Benzin", 5900, "A2"),
    Model("Honda", "CB 500 F", BIKE, "ZDC", 35, "Benzin", 6900, "A2"),
    Model("Honda", "Africa Twin", BIKE, "JH2", 75, "Benzin", 15900, "A"),
    Model("Honda", "CB 125 R", BIKE, "JH2", 11, "Benzin", 4900, "A1"),
    Model("KTM", "125 Duke", BIKE, "VBK", 11, "Benzin", 5600, "A1"),
    Model("KTM", "390 Duke", BIKE, "VBK", 33, "Benzin", 6800, "A2"),
    Model("KTM", "1290 Super Adventure", BIKE, "VBK", 118, "Benzin", 18900, "A"),
)
CARS = tuple(model for model in MODELS if model.kind != BIKE)
BIKES = tuple(model for model in MODELS if model.kind == BIKE)

COLOURS = ("Schwarz", "Weiß", "Silber", "Grau", "Blau", "Rot", "Grün", "Orange")
CAR_OPTIONS = ("Anhängerkupplung", "Navigationssystem", "Sitzheizung", "Glasdach", "Rückfahrkamera", "Standheizung")
BIKE_OPTIONS = ("Koffersystem", "Heizgriffe", "ABS Pro", "Quickshifter", "Hauptständer", "Tempomat")

PLACES = {
    "KOE": (("50667", "Köln"), ("50968", "Köln"), ("51103", "Köln"), ("50321", "Brühl"), ("50354", "Hürth"), ("50226", "Frechen")),
    "BON": (("53111", "Bonn"), ("53177", "Bonn"), ("53721", "Siegburg"), ("53840", "Troisdorf"), ("53639", "Königswinter")),
    "WIE": (("1030", "Wien"), ("1100", "Wien"), ("1220", "Wien"), ("2320", "Schwechat"), ("2340", "Mödling")),
}
PLATES = {"KOE": ("K", "BM"), "BON": ("BN", "SU"), "WIE": ("W", "MD")}
REGIONS = {"KOE": ("DE", "NW"), "BON": ("DE", "NW"), "WIE": ("AT", "9")}

PROFESSIONS = ("Ärztin", "Bäcker", "Bürokauffrau", "Dachdecker", "Elektriker", "Ingenieur", "Krankenpflegerin", "Lehrer", "Rentner", "Schüler")
SERVICE_WORKS = {
    "Inspektion": (("Große Inspektion", 42900), ("Kleine Inspektion", 24900), ("Inspektion nach Herstellervorgabe", 35900)),
    "Service": (("Ölwechsel mit Filter", 17900), ("Bremsflüssigkeit erneuern", 9900), ("Klimaservice", 12900)),
    "Räderwechsel": (("Räderwechsel 4 Räder", 3900), ("Reifen ummontieren und wuchten", 8900)),
    "Reifeneinlagerung": (("Einlagerung Radsatz", 4900),),
    "Wintereinlagerung": (("Überwinterung Motorrad", 29900),),
    "Umbau": (("Fahrwerk tiefer gelegt", 89000), ("Umbau auf Höherlegung", 64000), ("Auspuffanlage montiert", 119000)),
    "Reparatur": (("Bremsbeläge vorn erneuert", 32900), ("Kupplung erneuert", 98000), ("Stoßfänger lackiert", 54000)),
    "Zubehör": (("Gepäckträger", 24900), ("Fußmatten", 6900), ("Koffersatz", 89900), ("Dachbox", 42900)),
}
COMPLAINTS = (
    "Geräusch nach Reparatur noch da",
    "Fahrzeug nicht gereinigt übergeben",
    "Rechnung höher als Kostenvoranschlag",
    "Rückruf durch Werkstatt blieb aus",
    "Lackschaden bei Übergabe",
    "Termin wurde nicht eingehalten",
)
INSURERS = ("Rheinische Versicherung", "Allgemeine Süd", "Dom-Versicherung")
BANKS = ("Hersteller Bank", "Autobank Köln", "Leasing Süd GmbH")
RIVALS = ("Autohaus Müller", "Zweirad Böhm", "Internethändler", "Autozentrum Süd")
DEPARTMENTS = (("Geschäftsführung", "Geschäftsführer"), ("Fuhrpark", "Fuhrparkleiterin"), ("Einkauf", "Einkäufer"), ("Buchhaltung", "Buchhalterin"))
LOST_REASONS = ("Preis", "Anderswo gekauft", "Kein Interesse mehr", "Lieferzeit")
RECALLS = (
    ("F-2023-07", "Ford", "Kraftstoffleitung prüfen", True, 900),
    ("H-2024-02", "Hyundai", "Softwareupdate Bordladegerät", False, 500),
    ("K-2025-11", "KTM", "Bremszange vorn prüfen", True, 200),
    ("O-2026-01", "Opel", "Gurtstraffer erneuern", True, 12),
    ("B-2026-02", "BMW Motorrad", "Seitenständer prüfen", False, 5),
)


@dataclass(frozen=True)
class Names:
    """Pools of names to draw from."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    last: tuple[str, ...]
    streets: tuple[str, ...]
    companies: tuple[str, ...]


def names(seed: int) -> Names:
    """Draw the pools once: asking Faker for every customer would take longer than all the rest."""
    try:
        from faker import Faker
    except ImportError as missing:
        raise RegelwerkError("the demo needs Faker, which is not installed", "pip install 'regelwerk[demo]'") from missing
    fake = Faker("de_DE")
    fake.seed_instance(seed)

    def pool(draw: str, size: int) -> tuple[str, ...]:
        drawn = (str(getattr(fake, draw)()) for _ in range(size))
        # The exports are Windows-1252: a name it cannot hold is left out.
        return tuple(dict.fromkeys(name for name in drawn if name.encode("windows-1252", "ignore").decode("windows-1252") == name))

    return Names(
        women=pool("first_name_female", 300),
        men=pool("first_name_male", 300),
        last=pool("last_name", 900),
        streets=pool("street_name", 300),
        companies=pool("company", 600),
    )
