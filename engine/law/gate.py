"""Whether a message may go out or a call be made: purpose, channel, country, kind of person, evidence.

Decided at planning and again at sending (P39). Blocked is a result with its reason, not an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from engine.language.arithmetic import add_months
from engine.law.digests import digest
from engine.law.tables import ADVERTISING, RENEW_AFTER_MONTHS, UNKNOWN_COUNTRY, Row
from engine.store.given import as_day
from engine.store.store import Store


@dataclass(frozen=True)
class Consent:
    """One entry of the ledger, as far as the gate asks."""

    channel: str
    ground: str
    documented: bool
    confirmed: bool
    last_used: date | None
    soft_complete: bool


@dataclass(frozen=True)
class Facts:
    """What the gate knows of one customer."""

    customer: int
    country: str = "DE"
    business: bool = False
    deceased: bool = False
    moved: bool = False
    suspended: bool = False
    """Whether advertising to them is suspended for now: the dealer's own rules say so (a complaint, a dunning notice)."""
    addresses: dict[str, str] = field(default_factory=dict)
    consents: tuple[Consent, ...] = ()
    objections: tuple[str | None, ...] = ()
    """Channels objected to; None stands for all."""
    suppressed: frozenset[str] = frozenset()

    def address(self, channel: str) -> str:
        """Where a channel reaches the customer, "" if nowhere."""
        return self.addresses.get(channel, "")


@dataclass(frozen=True)
class Verdict:
    """The gate's answer: whether, why (a code and a text) and on what paragraph."""

    allowed: bool
    code: str
    de: str
    en: str
    source: str = ""

    def text(self, language: str = "de") -> str:
        """The reason in a language, with its source."""
        reason = self.en if language == "en" else self.de
        return f"{reason} ({self.source})" if self.source else reason


ALLOWED = Verdict(True, "allowed", "erlaubt", "allowed")
DECEASED = Verdict(False, "deceased", "verstorben", "deceased")
MOVED = Verdict(False, "moved", "unbekannt verzogen", "moved away")
NO_ADDRESS = Verdict(False, "no_address", "keine Adresse für diesen Kanal", "no address for this channel")
OBJECTED = Verdict(False, "objected", "Werbewiderspruch", "objected to advertising", "Art. 21 (3) GDPR")
SUSPENDED = Verdict(False, "suspended", "Werbung ist ausgesetzt", "advertising is suspended")
INTERNAL = Verdict(False, "internal", "Zweck intern: darf den Kunden nicht erreichen", "internal purpose: must not reach the customer")


def facts(store: Store, customers: Sequence[int]) -> dict[int, Facts]:
    """The facts of customers, by a few set queries."""
    consents = _consents(store, customers)
    objections: dict[int, list[str | None]] = {}
    sql = "SELECT customer, channel FROM objection WHERE lifted_on IS NULL AND customer IN ({})"
    for customer, channel in store.rows_in(sql, [], customers):
        objections.setdefault(customer, []).append(channel or None)
    sql = "SELECT id, country, kind, deceased, moved, email, mobile, phone, street, city, advertising_suspended FROM customer WHERE id IN ({})"
    result = {
        row[0]: Facts(
            row[0],
            row[1] or "DE",
            row[2] == "company",
            bool(row[3]),
            bool(row[4]),
            bool(row[10]),
            _addresses(row),
            tuple(consents.get(row[0], ())),
            tuple(objections.get(row[0], ())),
        )
        for row in store.rows_in(sql, [], customers)
    }
    return _with_suppressions(store, result)


def _with_suppressions(store: Store, known: dict[int, Facts]) -> dict[int, Facts]:
    """Addresses of erased people that came in again (P26). The table is empty in most stores."""
    if not known or not store.rows("SELECT 1 FROM suppression LIMIT 1", []):
        return known
    keys = {(customer, channel): digest(channel, address, one.country) for customer, one in known.items() for channel, address in one.addresses.items()}
    found = {row[0] for row in store.rows_in("SELECT digest FROM suppression WHERE digest IN ({})", [], sorted(set(keys.values())))}
    return {
        customer: replace(one, suppressed=frozenset(channel for channel in one.addresses if keys[customer, channel] in found))
        for customer, one in known.items()
    }


def _addresses(row: Any) -> dict[str, str]:
    letter = f"{row[8]}, {row[9]}" if row[8] and row[9] else ""
    found = {"email": row[5], "sms": row[6], "messenger": row[6], "phone": row[6] or row[7], "letter": letter}
    return {channel: address for channel, address in found.items() if address}


def _consents(store: Store, customers: Sequence[int]) -> dict[int, list[Consent]]:
    found: dict[int, list[Consent]] = {}
    sql = (
        "SELECT customer, channel, ground, text_version, given_at, source, evidence, confirmed_at, last_used_at,"
        " from_sale, own_similar_goods, notice_given FROM consent"
        " WHERE withdrawn_at IS NULL AND purpose = 'advertising' AND customer IN ({})"
    )
    for row in store.rows_in(sql, [], customers):
        used_on = as_day(row[8] or row[4])
        documented = all(row[index] for index in (3, 4, 5, 6))  # P18: text, time, source, evidence
        found.setdefault(row[0], []).append(
            Consent(row[1], row[2] or "explicit", documented, row[7] is not None, used_on, bool(row[9] and row[10] and row[11]))
        )
    return found


def decide(known: Facts, purpose: str, channel: str, now: datetime, *, fact: bool = False) -> Verdict:
    """Whether a contact is allowed. `service` without the fact that makes it one counts as advertising (P13)."""
    if purpose == "internal":
        return INTERNAL
    if known.deceased:
        return DECEASED
    if known.moved and channel == "letter":
        return MOVED
    if not known.address(channel):
        return NO_ADDRESS
    if purpose == "safety" or (purpose == "service" and fact):
        return ALLOWED  # P15, P16: neither consent nor block matter
    return _advertising(known, channel, now)


def _advertising(known: Facts, channel: str, now: datetime) -> Verdict:
    if known.moved:
        return MOVED
    if any(objected is None or objected == channel for objected in known.objections) or channel in known.suppressed:
        return OBJECTED
    if known.suspended:
        return SUSPENDED
    row = ADVERTISING.get((known.country, channel), UNKNOWN_COUNTRY)
    need = row.business if known.business else row.consumer
    if need == "none" or any(_meets(consent, need, channel, now) for consent in known.consents):
        return ALLOWED
    return _missing(need, channel, row)


def _meets(consent: Consent, need: str, channel: str, now: datetime) -> bool:
    if consent.channel != channel or not consent.documented or _stale(consent, now):
        return False
    if consent.ground == "explicit":
        return consent.confirmed or channel != "email"  # P19: e-mail consent counts after double opt-in
    if consent.ground == "soft_opt_in":
        return need in ("soft_opt_in", "presumed") and consent.soft_complete  # P2: all four facts
    return need == "presumed"


def _stale(consent: Consent, now: datetime) -> bool:
    return consent.last_used is None or consent.last_used < add_months(now.date(), -RENEW_AFTER_MONTHS)


def _missing(need: str, channel: str, row: Row) -> Verdict:
    names = {"email": ("E-Mail", "e-mail"), "sms": ("SMS", "SMS"), "phone": ("Telefon", "phone"), "letter": ("Brief", "letter")}
    de, en = names.get(channel, (channel, channel))
    what_de = "keine Einwilligung" if need != "presumed" else "keine mutmaßliche Einwilligung"
    return Verdict(False, f"no_{channel}_consent", f"{what_de} für {de}", f"no {en} consent", row.source)


def choose_channel(known: Facts, purpose: str, channels: Sequence[str], now: datetime, *, fact: bool = False) -> tuple[str | None, list[tuple[str, Verdict]]]:
    """The first channel that is allowed, and why the ones before it were not."""
    refused: list[tuple[str, Verdict]] = []
    for channel in channels:
        verdict = decide(known, purpose, channel, now, fact=fact)
        if verdict.allowed:
            return channel, refused
        refused.append((channel, verdict))
    return None, refused
