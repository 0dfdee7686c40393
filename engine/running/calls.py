"""Planned contacts asked of the law again: calls and visits that rules planned, when consent or an objection has changed.

An activity stands as long as one of the rules that wanted it may still reach the customer. What a person planned by hand
is that person's own decision and stays. All functions want a writing session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.effects.base import Batch, Work
from engine.planning.rules import Rule
from engine.running.gatekeeper import Gatekeeper
from engine.running.setting import Setting
from engine.store.store import Store

OPEN_CONTACTS = """
SELECT a.id, a.customer, a.kind, a.status, a.subject_entity, a.subject_id, a.definition, r.definition
FROM activity a LEFT JOIN activity_reason r ON r.activity = a.id
WHERE a.status IN ('open', 'blocked') AND a.definition IS NOT NULL AND a.customer IN ({}) ORDER BY a.id
"""


@dataclass
class _Contact:
    id: int
    customer: int
    kind: str
    status: str
    subject: tuple[str, int]
    definitions: set[str]


def block_contacts(setting: Setting, customers: Collection[int], now: datetime) -> int:
    """Block what the law no longer allows for customers; returns how many. New consent frees nothing before the next run."""
    rows = [row for row in _decided(setting, customers, now) if row["status"] == "blocked"]
    setting.store.update_many("activity", rows)
    return len(rows)


def decide_again(setting: Setting, now: datetime) -> int:
    """Block and free the open contacts of all whose consents or objections changed since the last tick (P39)."""
    rows = list(_decided(setting, changed_customers(setting.store), now))
    setting.store.update_many("activity", rows)
    return len(rows)


def changed_customers(store: Store) -> list[int]:
    """Whose consents or objections changed since the last tick."""
    found: set[int] = set()
    for entity in ("consent", "objection"):
        sql = f'SELECT DISTINCT e.customer FROM "change" c JOIN {entity} e ON e.id = c.row_id WHERE c.row_entity = ? AND c.tick IS NULL'
        found |= {row[0] for row in store.rows(sql, [entity])}
    return sorted(found)


def _decided(setting: Setting, customers: Collection[int], now: datetime) -> Iterator[dict[str, Any]]:
    """What is to be written: an activity whose status is not what the law says now."""
    contacts = _contacts(setting, customers) if customers else []
    if not contacts:
        return
    rules = {rule.id: rule for rule in setting.rules}
    make = setting.batches(now)
    batches: dict[str, Batch] = {}
    gate = Gatekeeper(setting.store, now, setting.language)
    gate.foresee(contact.customer for contact in contacts)
    for contact in contacts:
        reasons = [_refused(setting, contact, rules.get(name), batches, make, gate) for name in sorted(contact.definitions)]
        reason = "" if "" in reasons else reasons[0]
        status = "blocked" if reason else "open"
        if status != contact.status:
            yield {"id": contact.id, "status": status, "blocked_because": reason or None}


def _refused(setting: Setting, contact: _Contact, rule: Rule | None, batches: dict[str, Batch], make: Any, gate: Gatekeeper) -> str:
    """Why a rule may not reach the customer; a rule that is gone counts as advertising."""
    channel = setting.vocabulary.channels[contact.kind]
    if rule is None:
        return gate.contact(contact.customer, channel, "advertising", False)
    batch = batches.setdefault(rule.id, make(rule))
    fact = rule.entity == contact.subject[0] and batch.fact(Work(rule.id, *contact.subject, "", ""), contact.customer)
    return gate.contact(contact.customer, channel, rule.purpose, fact)


def _contacts(setting: Setting, customers: Collection[int]) -> list[_Contact]:
    found: dict[int, _Contact] = {}
    for number, customer, kind, status, entity, subject, first, more in setting.store.rows_in(OPEN_CONTACTS, [], list(customers)):
        if kind in setting.vocabulary.channels:
            contact = found.setdefault(number, _Contact(number, customer, kind, status, (str(entity), int(subject)), {first}))
            contact.definitions |= {more} if more else set()
    return list(found.values())
