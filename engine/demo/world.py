"""What all makers of the demo share: the dice, the clock, the book, the people and vehicles made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from engine.demo.book import Book, Record
from engine.demo.words import Model, Names

YEARS_OF_SALES = 62 * 30  # a little over five years, so that the 60th month after a delivery comes up as well


@dataclass(slots=True)
class Person:
    """A customer as the makers need to know them."""

    number: int
    record: Record
    since: date
    branch: str
    salesperson: str
    adviser: str
    company: bool
    biker: bool
    buys: bool = False


@dataclass(slots=True)
class Car:
    """A vehicle with its owner's days: from when and until when it was theirs."""

    vin: str
    record: Record
    model: Model
    owner: Person | None
    first_registered: date
    owned_from: date
    owned_until: date

    @property
    def known_from(self) -> date:
        """Since when the house knows vehicle and owner: nothing is written about it before."""
        return max(self.record.day, self.owned_from, self.owner.since if self.owner else self.owned_from)


@dataclass
class World:
    """The dealership while it is being made."""

    rng: Random
    today: date
    book: Book
    names: Names
    sellers: dict[str, list[str]] = field(default_factory=dict)
    advisers: dict[str, list[str]] = field(default_factory=dict)
    back_office: str = ""
    people: list[Person] = field(default_factory=list)
    cars: list[Car] = field(default_factory=list)
    vins: set[str] = field(default_factory=set)
    served: dict[tuple[int, str], date] = field(default_factory=dict)
    """The last day of a kind of work per customer, up to the first load."""
    demos: dict[str, list[Car]] = field(default_factory=dict)
    numbers: dict[str, count[int]] = field(default_factory=dict)

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.rng.random() < share

    def days(self, least: int, most: int) -> timedelta:
        """A number of days between the two, both included."""
        return timedelta(days=int(least + self.rng.random() * (most - least + 1)))

    def ago(self, least: int, most: int) -> date:
        """A working day that many days before today."""
        day = self.today - self.days(least, most)
        return day - timedelta(days=1) if day.weekday() == 6 else day

    def between(self, first: date, last: date) -> date:
        """A day between the two, no Sunday where that can be; the first when they are in the wrong order."""
        day = first + self.days(0, max((last - first).days, 0))
        return min(workday(day), max(first, last))

    def at(self, day: date, first_hour: int = 9, last_hour: int = 17) -> datetime:
        """A moment of that day in opening hours, on a quarter of an hour."""
        return datetime.combine(day, time(self.rng.randint(first_hour, last_hour), self.rng.choice((0, 15, 30, 45))))

    def number(self, prefix: str) -> str:
        """The next number of a kind of record."""
        return f"{prefix}-{next(self.numbers.setdefault(prefix, count(100001)))}"


def workday(day: date) -> date:
    """The day itself, or Monday for a Sunday: the dealership is open on Saturdays."""
    return day + timedelta(days=1) if day.weekday() == 6 else day


def months_after(day: date, months: int) -> date:
    """The same day that many months later, at most the 28th: good enough for a contract's end."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, min(day.day, 28))
