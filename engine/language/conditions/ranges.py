"""How two values of a condition compare, whenever it is asked: for sure, or not known.

A day reckoned from now is a span of days from today: months have 28 to 31 days, business days may lie far apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from math import ceil, floor

from engine.language.conditions.nodes import FieldRef, Given, Literal, Value
from engine.language.phrases import Fixed, FromNow

MONTH, SLACK = 30.436875, 3
"""The average month in days, and how far so many months may lie from so many averages (28 February to 1 May, leap years)."""
FAR = 10**6
STARTS = {"week": 6, "month": 30, "quarter": 91, "year": 365}


@dataclass(frozen=True)
class Point:
    """A value on a line: numbers, cents and named days on one, days from now on another (`now`). It lies from `low` to `high`."""

    value: Value
    now: bool
    low: int
    high: int

    def moved(self, step: int) -> Point:
        """The point so many steps on; what is strictly above 3 is at least 4."""
        return Point(self.value, self.now, self.low + step, self.high + step)


def point_of(value: Value) -> Point | None:
    """Where a value lies; None for what has no order or is not known until it is asked."""
    if isinstance(value, FieldRef | Given):
        return None
    if isinstance(value, Literal):
        found = value.value
        if isinstance(found, date) and not isinstance(found, datetime):
            return Point(value, False, found.toordinal(), found.toordinal())
        return Point(value, False, found, found) if isinstance(found, int) and not isinstance(found, bool) else None
    phrase = value.phrase
    if isinstance(phrase, Fixed) and phrase.start_of and phrase.at is None:
        return Point(value, True, -STARTS[phrase.start_of], 0)
    if not isinstance(phrase, FromNow) or phrase.at is not None or phrase.duration.is_elapsed:
        return None
    length = phrase.duration
    slack = SLACK if length.months else 0
    low = length.days + floor(length.months * MONTH) - slack + length.business_days
    high = length.days + ceil(length.months * MONTH) + slack + (FAR if length.business_days else 0)
    return Point(value, True, low, high) if phrase.sign > 0 else Point(value, True, -high, -low)


def surely_above(one: Point, other: Point) -> bool:
    """Whether one lies above the other, whenever they are asked."""
    if one.now != other.now:
        return False
    if one.value == other.value:  # the same span: what differs is how far each was moved
        return one.low > other.low
    return one.low > other.high


def surely_same(one: Point, other: Point) -> bool:
    """Whether both are the same value, whenever they are asked."""
    if one.now != other.now:
        return False
    return one.low == other.low and one.high == other.high and (one.value == other.value or one.low == one.high)
