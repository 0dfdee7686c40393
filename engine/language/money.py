"""Money: integer cents, written with its currency; a bare number is refused (language.md, conditions)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.language.durations import PhraseError

CURRENCIES = ("EUR", "CHF")
_MONEY = re.compile(r"(-?[0-9]{1,12})(?:\.([0-9]{2}))? ([A-Z]{3})\Z")


@dataclass(frozen=True, order=True)
class Money:
    """An amount in cents of a currency."""

    cents: int
    currency: str = "EUR"

    def __str__(self) -> str:
        sign, cents = ("-", -self.cents) if self.cents < 0 else ("", self.cents)
        return f"{sign}{cents // 100}.{cents % 100:02} {self.currency}"


def parse_money(text: str) -> Money:
    """Read `12500.00 EUR`. Raises PhraseError."""
    found = _MONEY.match(str(text).strip())
    if not found:
        raise PhraseError(f"'{text}' is no amount of money", "write e.g. `12500.00 EUR`")
    whole, cents, currency = found.groups()
    if currency not in CURRENCIES:
        raise PhraseError(f"'{currency}' is no currency we know", "write EUR or CHF")
    amount = abs(int(whole)) * 100 + int(cents or 0)
    return Money(-amount if whole.startswith("-") else amount, currency)
