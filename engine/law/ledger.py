"""The consent ledger: the only place where consent is given, used up or taken back (P18 to P26).

Entries are added and closed, never rewritten. No rule and no bulk change can give consent (P24). All functions want a
writing session; days are the dealer's local days, moments naive UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.language.findings import RegelwerkError
from engine.language.vocabulary import CHANNELS
from engine.law.digests import digest
from engine.law.gate import facts
from engine.store.store import Store


@dataclass(frozen=True)
class Evidence:
    """What makes consent count (P18): the text agreed to, where it was said, the proof, and who took it."""

    text_version: str
    source: str
    reference: str
    taken_by: int | None = None


def give(store: Store, customer: int, channel: str, evidence: Evidence, now: datetime, *, ground: str = "explicit") -> int:
    """Note consent to advertising over a channel; returns the entry's number. An e-mail's counts once confirmed (P19)."""
    if not (evidence.text_version and evidence.source and evidence.reference):
        raise RegelwerkError("consent without text, source and evidence does not count", "name all three (Art. 7 (1) GDPR)", exit_code=2)
    row = {
        "customer": customer,
        "purpose": "advertising",
        "channel": channel,
        "ground": ground,
        "text_version": evidence.text_version,
        "source": evidence.source,
        "evidence": evidence.reference,
        "taken_by": evidence.taken_by,
        "given_at": now,
    }
    entry = store.insert_many("consent", [row])[0]
    if channel != "email":
        _lift(store, customer, channel, now.date())
    return entry


def confirm(store: Store, entry: int, now: datetime) -> None:
    """The second step of double opt-in (P19). Confirming again changes nothing."""
    rows = store.rows("SELECT customer, channel, confirmed_at, withdrawn_at FROM consent WHERE id = ?", [entry])
    if not rows:
        raise RegelwerkError(f"there is no consent {entry}", "`regelwerk consent show` lists a customer's", exit_code=2, code="not-found")
    customer, channel, confirmed, withdrawn = rows[0]
    if withdrawn is not None:
        raise RegelwerkError(f"consent {entry} was withdrawn", "ask for a new one")
    if confirmed is None:
        store.update_many("consent", [{"id": entry, "confirmed_at": now}])
        _lift(store, customer, channel, now.date())


def withdraw(store: Store, customer: int, channel: str | None, now: datetime) -> int:
    """Withdraw consent for a channel or all, and cancel what is queued (P21); returns how many entries ended."""
    rows = store.rows("SELECT id, channel FROM consent WHERE customer = ? AND withdrawn_at IS NULL", [customer])
    open_ = [{"id": row[0], "withdrawn_at": now} for row in rows if channel in (None, row[1])]
    store.update_many("consent", open_)
    _cancel(store, customer, channel, "consent withdrawn")
    return len(open_)


def object_to(store: Store, customer: int, channel: str | None, day: date, *, reason: str = "objection", source: str = "") -> int | None:
    """Note an objection to advertising, over one channel or all; it holds until new consent (P25). None if it stands already."""
    standing = {row[0] or None for row in store.rows("SELECT channel FROM objection WHERE customer = ? AND lifted_on IS NULL", [customer])}
    _cancel(store, customer, channel, "objected to advertising")
    if None in standing or channel in standing:
        return None
    row = {"customer": customer, "channel": channel, "reason": reason, "objected_on": day, "source": source}
    return store.insert_many("objection", [row])[0]


def cancel_objected(store: Store, customers: Sequence[int]) -> None:
    """Cancel what is queued for customers whose objections came in a file (P21)."""
    standing: dict[int, set[str | None]] = {}
    for customer, channel in store.rows_in("SELECT customer, channel FROM objection WHERE lifted_on IS NULL AND customer IN ({})", [], customers):
        standing.setdefault(customer, set()).add(channel or None)
    sql = "SELECT id, customer, channel FROM message WHERE status = 'queued' AND purpose = 'advertising' AND customer IN ({})"
    rows = [row[0] for row in store.rows_in(sql, [], list(standing)) if standing[row[1]] & {None, row[2]}]
    store.update_many("message", [{"id": row, "status": "cancelled", "blocked_because": "objected to advertising"} for row in rows])


def cancel_suspended(store: Store, customers: Sequence[int]) -> None:
    """Cancel what is queued for customers whose advertising is suspended: the next time it is asked for, the gate says no."""
    sql = (
        "SELECT m.id FROM message m JOIN customer c ON c.id = m.customer"
        " WHERE m.status = 'queued' AND m.purpose = 'advertising' AND c.advertising_suspended AND m.customer IN ({})"
    )
    rows = [row[0] for row in store.rows_in(sql, [], customers)]
    store.update_many("message", [{"id": row, "status": "cancelled", "blocked_because": "advertising is suspended"} for row in rows])


def suppress(store: Store, customer: int, day: date) -> int:
    """Keep the digests of all addresses of somebody about to be erased (P26); returns how many were new."""
    known = facts(store, [customer])[customer]
    wanted = {digest(channel, address, known.country): channel for channel, address in known.addresses.items()}
    present = {row[0] for row in store.rows_in("SELECT digest FROM suppression WHERE digest IN ({})", [], list(wanted))}
    rows = [{"digest": key, "channel": channel, "added_on": day} for key, channel in wanted.items() if key not in present]
    store.insert_many("suppression", rows)
    return len(rows)


def entries(store: Store, customer: int) -> tuple[Sequence[tuple[object, ...]], Sequence[tuple[object, ...]]]:
    """All consents and objections of a customer, the oldest first (P27)."""
    consent = "SELECT id, channel, ground, text_version, source, evidence, given_at, confirmed_at, last_used_at, withdrawn_at FROM consent"
    objection = "SELECT id, coalesce(channel, 'all'), reason, source, objected_on, lifted_on FROM objection"
    return (
        [tuple(row) for row in store.rows(f"{consent} WHERE customer = ? ORDER BY id", [customer])],
        [tuple(row) for row in store.rows(f"{objection} WHERE customer = ? ORDER BY id", [customer])],
    )


def _lift(store: Store, customer: int, channel: str, day: date) -> None:
    """New consent ends the objection for its channel; one to all channels goes on for the others (P25)."""
    rows = store.rows("SELECT id, channel, reason, objected_on, source FROM objection WHERE customer = ? AND lifted_on IS NULL", [customer])
    ended = [row for row in rows if row[1] in (channel, None, "")]
    store.update_many("objection", [{"id": row[0], "lifted_on": day} for row in ended])
    general = [row for row in ended if not row[1]]
    kept = {row[1] for row in rows if row[1]}
    for row in general[:1]:
        others = [other for other in CHANNELS if other != channel and other not in kept]
        new = [{"customer": customer, "channel": other, "reason": row[2], "objected_on": row[3], "source": row[4]} for other in others]
        store.insert_many("objection", new)


def _cancel(store: Store, customer: int, channel: str | None, why: str) -> None:
    """Nothing queued goes out any more (P21). What the law does not count as advertising stays."""
    sql = "SELECT id, channel FROM message WHERE customer = ? AND status = 'queued' AND purpose = 'advertising'"
    rows = [row for row in store.rows(sql, [customer]) if channel in (None, row[1])]
    store.update_many("message", [{"id": row[0], "status": "cancelled", "blocked_because": why} for row in rows])
