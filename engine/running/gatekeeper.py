"""The law's gate for one tick: facts are read per customer once, decisions are engine/law's alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.language.calendars import Calendar
from engine.law.gate import Facts, choose_channel, decide, facts
from engine.store.store import Store


@dataclass
class Gatekeeper:
    """Answers for customers, with the reasons in the site's language."""

    store: Store
    now: datetime
    calendar: Calendar
    language: str = "de"
    _known: dict[int, Facts] = field(default_factory=dict)

    def _facts(self, customer: int) -> Facts:
        if customer not in self._known:
            self._known.update(facts(self.store, [customer]))
        return self._known[customer]

    def message(self, customer: int, purpose: str, ground: str, channels: Sequence[str]) -> tuple[str, str, str]:
        """(channel, address, "") where a message may go out, else ("", "", why not)."""
        known = self._facts(customer)
        channel, refused = choose_channel(known, purpose, channels, self.now, ground=ground or None)
        if channel:
            return channel, known.address(channel), ""
        return "", "", "; ".join(f"{name}: {reason}" for name, reason in refused)

    def call(self, customer: int, purpose: str, ground: str) -> str:
        """Why the customer may not be called, or ""."""
        verdict = decide(self._facts(customer), purpose, "phone", self.now, ground=ground or None, automatic=False)
        return "" if verdict.allowed else verdict.text(self.language)

    def notifiable(self, customer: int) -> str:
        """Why the customer may not be told of an offer by e-mail or SMS, or ""."""
        _, _, refused = self.message(customer, "advertising", "", ("email", "sms"))
        return refused
