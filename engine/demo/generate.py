"""The exports of a realistic dealership, from a seed: the same seed and day give the same files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

from engine.demo.book import Book
from engine.demo.cars import make_other_cars, make_recalls, make_stock
from engine.demo.house import make_house
from engine.demo.people import make_people
from engine.demo.sales import make_open_wishes, make_pipeline, make_sales
from engine.demo.service import make_service
from engine.demo.words import names
from engine.demo.world import World

DAYS = 21
"""How many days before the last one the first load was exported; later days have files of their own."""


def write_exports(folder: Path, today: date, seed: int = 1, customers: int = 5000) -> list[Path]:
    """Write `first/KIND.csv` and `daily/YYYY-MM-DD/KIND.csv`; returns them in the order of their import.

    Raises RegelwerkError where Faker is not installed.
    """
    world = World(Random(seed), today, Book(today, today - timedelta(days=DAYS)), names(seed))
    make_house(world)
    make_people(world, customers)
    make_stock(world, customers // 15)
    make_sales(world)
    make_other_cars(world, share=0.62)
    make_open_wishes(world, customers // 12)
    make_pipeline(world, customers // 20)
    make_recalls(world)
    make_service(world)
    return world.book.write(folder)
