"""The law's gate for one batch: facts are read for all its customers at once, decisions are engine/law's alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.law.gate import Facts, choose_channel, decide, facts
from engine.store.store import Store


@dataclass
class Gatekeeper:
    """Answers for customers, with the reasons in the site's language."""

    store: Store
    now: datetime
    language: str = "de"
    _known: dict[int, Facts] = field(default_factory=dict)

    def foresee(self, customers: Iterable[int]) -> None:
        """Read the facts of many customers; one that was not foreseen is read when asked for."""
        self._known.update(facts(self.store, sorted(set(customers) - set(self._known))))

    def _facts(self, customer: int) -> Facts:
        if customer not in self._known:
            self.foresee([customer])
        return self._known[customer]

    def message(self, customer: int, purpose: str, fact: bool, channels: Sequence[str]) -> tuple[str, str, str]:
        """(channel, address, "") where a message may go out, else ("", "", why not)."""
        known = self._facts(customer)
        channel, refused = choose_channel(known, purpose, channels, self.now, fact=fact)
        if channel:
            return channel, known.address(channel), ""
        return "", "", "; ".join(f"{name}: {verdict.text(self.language)}" for name, verdict in refused)

    def contact(self, customer: int, channel: str, purpose: str, fact: bool) -> str:
        """Why the customer may not be reached over a channel, or ""."""
        verdict = decide(self._facts(customer), purpose, channel, self.now, fact=fact)
        return "" if verdict.allowed else verdict.text(self.language)

    def notifiable(self, customer: int) -> str:
        """Why the customer may not be told of an offer by e-mail or SMS, or ""."""
        _, _, refused = self.message(customer, "advertising", False, ("email", "sms"))
        return refused
