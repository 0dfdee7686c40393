"""Periods of days: from 2027-03-01 until 2027-04-15, or every year from 03-01 until 04-15; the last day is included."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from engine.language.durations import PhraseError

YEARLY = re.compile(r"([0-9]{2})-([0-9]{2})\Z")
Span = tuple[date, date]


@dataclass(frozen=True)
class Period:
    """The first and the last day, as they are written. One without years comes every year and may go over New Year."""

    first: str
    last: str

    @property
    def yearly(self) -> bool:
        """Whether it comes every year."""
        return YEARLY.match(self.first) is not None

    def spans(self, day: date) -> list[Span]:
        """Its spans around a day, in order: the only one, or those of the years around it."""
        if not self.yearly:
            return [(date.fromisoformat(self.first), date.fromisoformat(self.last))]
        over = self.last < self.first
        years = range(max(day.year - 2, 1), min(day.year + 1, 9998) + 1)
        return [(_day(self.first, year), _day(self.last, year + over)) for year in years]

    def around(self, day: date) -> Span | None:
        """The span a day lies in, None outside."""
        return next((span for span in self.spans(day) if span[0] <= day <= span[1]), None)

    def coming(self, day: date) -> Span:
        """The span a day lies in, else the next one, else the last there was."""
        spans = self.spans(day)
        return next((span for span in spans if day <= span[1]), spans[-1])

    def ended_before(self, day: date) -> date | None:
        """The last day of the span before the one around a day (or the next one); None where there was none."""
        ends = [span[1] for span in self.spans(day) if span[1] < day]
        return ends[-1] if ends and self.yearly else None


def parse_period(first: str, last: str) -> Period:
    """Read both days. Raises PhraseError."""
    for _, error in period_mistakes(first, last):
        raise error
    return Period(first, last)


def period_mistakes(first: str, last: str) -> list[tuple[str, PhraseError]]:
    """What is wrong with two days, each with the word it stands at: `from` or `until`."""
    said = {"from": first, "until": last}
    hint = "write e.g. 2027-03-01, or 03-01 for every year"
    no_days = [(word, PhraseError(f"'{text}' is no day", hint)) for word, text in said.items() if not _is_day(text)]
    if no_days:
        return no_days
    yearly = bool(YEARLY.match(first))
    if yearly != bool(YEARLY.match(last)):
        hint = "write the year in both, or in neither: then it comes every year"
        return [("until", PhraseError(f"{first} and {last} do not go together", hint))]
    if not yearly and date.fromisoformat(last) < date.fromisoformat(first):
        return [("until", PhraseError(f"{last} is before {first}", "write the last day in `until`, or leave out both years to go over New Year"))]
    return []


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"2024-{text}" if YEARLY.match(text) else text)
    except ValueError:
        return False
    return len(text) <= len("2027-03-01")


def _day(text: str, year: int) -> date:
    month, day = (int(part) for part in text.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1]))
