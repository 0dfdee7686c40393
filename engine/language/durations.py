"""Amounts of time as people write them: `32 months`, `3 business days`, `1 year and 6 months`, `4 opening hours`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.language.findings import Refused
from engine.language.nearest import did_you_mean


class PhraseError(Refused, ValueError):
    """A phrase that cannot be read, with what to write instead."""


@dataclass(frozen=True, order=True)
class Duration:
    """An amount of time. Calendar months, calendar days, business days; elapsed and opening minutes."""

    months: int = 0
    days: int = 0
    business_days: int = 0
    minutes: int = 0
    opening_minutes: int = 0

    @property
    def is_elapsed(self) -> bool:
        """Whether it counts hours and minutes rather than days."""
        return bool(self.minutes or self.opening_minutes)

    def __str__(self) -> str:
        parts = []
        for amount, unit in ((self.months, "month"), (self.days, "day"), (self.business_days, "business day")):
            if amount:
                parts.append(f"{amount} {unit}{'' if amount == 1 else 's'}")
        for amount, unit in ((self.minutes, "minute"), (self.opening_minutes, "opening minute")):
            if amount:
                parts.append(f"{amount} {unit}{'' if amount == 1 else 's'}")
        return " and ".join(parts) or "0 days"


UNITS: dict[str, tuple[str, int]] = {
    "year": ("months", 12),
    "month": ("months", 1),
    "week": ("days", 7),
    "day": ("days", 1),
    "business day": ("business_days", 1),
    "hour": ("minutes", 60),
    "minute": ("minutes", 1),
    "opening hour": ("opening_minutes", 60),
    "opening minute": ("opening_minutes", 1),
}
_WORDS = {**UNITS, **{f"{unit}s": value for unit, value in UNITS.items()}}
_PART = re.compile(r"([0-9]{1,5}) ([a-z]+(?: [a-z]+)?)\Z")
MOST_MONTHS = 1200


def parse_duration(text: str) -> Duration:
    """Read an amount of time. Raises PhraseError."""
    amounts: dict[str, int] = {}
    for part in text.strip().split(" and "):
        found = _PART.match(part.strip())
        if not found:
            raise PhraseError(f"'{text}' is no amount of time", "write e.g. `5 days`, `3 business days`, `32 months`, `4 hours`")
        number, unit = int(found.group(1)), found.group(2)
        if unit not in _WORDS:
            raise PhraseError(f"'{unit}' is no unit of time", did_you_mean(unit, _WORDS, "one of " + ", ".join(UNITS)))
        name, factor = _WORDS[unit]
        amounts[name] = amounts.get(name, 0) + number * factor
    if amounts.get("months", 0) > MOST_MONTHS or amounts.get("days", 0) > MOST_MONTHS * 31 or amounts.get("business_days", 0) > 5000:
        raise PhraseError(f"'{text}' is more than a hundred years", "write a shorter time")
    return Duration(**amounts)
