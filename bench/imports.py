"""How many rows a second the import takes in: a first load, the same file again, and one with a tenth changed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.rules import timed
from bench.world import NOW
from engine.language.calendars import Calendar
from engine.store.imports import load_file
from engine.store.store import Store

MAP: dict[str, Any] = {
    "entity": "customer",
    "file": {"encoding": "windows-1252"},
    "columns": {
        "KdNr": "number",
        "Art": {"field": "kind", "values": {"P": "person", "F": "company"}},
        "Name": "name",
        "Strasse": "street",
        "PLZ": "postal_code",
        "Ort": "city",
        "Land": "country",
        "Telefon": "phone",
        "E-Mail": "email",
        "Geburtstag": "birthday",
        "Verkäufer": "salesperson",
        "Erfasst": "recorded_on",
    },
}


def write(path: Path, rows: int, changed: int = 0) -> None:
    """A dealer management system's export of customers; `changed` of them moved."""
    born = date(1950, 1, 1)
    with path.open("w", encoding="windows-1252", newline="") as handle:
        handle.write(";".join(MAP["columns"]) + "\n")
        for n in range(rows):
            street = f"Neue Straße {n}" if n < changed else f"Gäßchen {n}"
            day = (born + timedelta(days=n % 18_000)).strftime("%d.%m.%Y")
            handle.write(f"{n + 1};{'PF'[n % 6 == 0]};Müller-{n};{street};5{n % 10000:04d};Köln;DE;0221 {n};k{n}@beispiel.de;{day};e{n % 10};01.02.2024\n")


def seconds(folder: Path, rows: int) -> dict[str, float]:
    """Seconds for each of three loads."""
    store = Store.open(folder / "import.db", create=True)
    with store.session(write=True):
        store.insert_many("employee", [{"initials": f"e{n}"} for n in range(10)])
    found: dict[str, float] = {}
    for name, changed in (("first load", 0), ("nothing changed", 0), ("a tenth changed", rows // 10)):
        write(folder / "customers.csv", rows, changed)
        results: list[Any] = []
        found[name] = timed(lambda out=results: out.append(load_file(store, MAP, folder / "customers.csv", NOW, Calendar())))  # type: ignore[misc]
        assert results[0].taken, results[0].findings[:3]
    store.close()
    return found
