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
from engine.law.ledger import cancel_suspended
from engine.planning.rules import Rule
from engine.planning.workflows.graph import Flow
from engine.running.gatekeeper import Gatekeeper
from engine.running.setting import Setting
from engine.store.store import Store

OPEN_CONTACTS = """
SELECT a.id, a.customer, a.kind, a.status, a.subject_entity, a.subject_id, a.definition, r.definition, a.blocked_because
FROM activity a LEFT JOIN activity_reason r ON r.activity = a.id
WHERE a.status IN ('open', 'blocked') AND a.definition IS NOT NULL AND a.customer IN ({}) ORDER BY a.id
"""


@dataclass
class _Contact:
    id: int
    customer: int
    kind: str
    status: str
    reason: str
    subject: tuple[str, int]
    definitions: set[str]


def block_contacts(setting: Setting, customers: Collection[int], now: datetime) -> int:
    """Block what the law no longer allows for customers; returns how many. New consent frees nothing before the next run."""
    rows = [row for row in _decided(setting, customers, now) if row["status"] == "blocked"]
    setting.store.update_many("activity", rows)
    return len(rows)


def decide_again(setting: Setting, customers: Collection[int], now: datetime) -> int:
    """Block and free the open contacts of those of whom the law knows something new (P39), and cancel what is queued and suspended."""
    cancel_suspended(setting.store, sorted(customers))
    rows = list(_decided(setting, customers, now))
    setting.store.update_many("activity", rows)
    return len(rows)


def changed_customers(store: Store) -> list[int]:
    """Whose consents or objections changed since the last look, or whose advertising was suspended or let go on."""
    found: set[int] = set()
    for entity in ("consent", "objection"):
        sql = f'SELECT DISTINCT e.customer FROM "change" c JOIN {entity} e ON e.id = c.row_id WHERE c.row_entity = ? AND c.tick IS NULL'
        found |= {row[0] for row in store.rows(sql, [entity])}
    sql = """SELECT DISTINCT row_id FROM "change" WHERE row_entity = 'customer' AND operation = 'update' AND tick IS NULL AND CAST(changed AS TEXT) LIKE ?"""
    return sorted(found | {row[0] for row in store.rows(sql, ['%"advertising_suspended"%'])})


def _decided(setting: Setting, customers: Collection[int], now: datetime) -> Iterator[dict[str, Any]]:
    """What is to be written: an activity whose status is not what the law says now."""
    contacts = _contacts(setting, customers) if customers else []
    if not contacts:
        return
    rules: dict[str, Rule | Flow] = {flow.id: flow for flow in setting.flows} | {rule.id: rule for rule in setting.rules}
    make = setting.batches(now)
    batches: dict[str, Batch] = {}
    gate = Gatekeeper(setting.store, now, setting.language)
    gate.foresee(contact.customer for contact in contacts)
    for contact in contacts:
        reasons = [_refused(setting, contact, rules.get(name), batches, make, gate) for name in sorted(contact.definitions)]
        reason = "" if "" in reasons else reasons[0]
        status = "blocked" if reason else "open"
        if (status, reason) != (contact.status, contact.reason):
            yield {"id": contact.id, "status": status, "blocked_because": reason or None}


def _refused(setting: Setting, contact: _Contact, rule: Rule | Flow | None, batches: dict[str, Batch], make: Any, gate: Gatekeeper) -> str:
    """Why a rule may not reach the customer; a rule that is gone counts as advertising."""
    channel = setting.vocabulary.channels[contact.kind]
    if rule is None:
        return gate.contact(contact.customer, channel, "advertising", False)
    batch = batches.setdefault(rule.id, make(rule))
    fact = rule.entity == contact.subject[0] and batch.fact(Work(rule.id, *contact.subject, "", ""), contact.customer)
    return gate.contact(contact.customer, channel, rule.purpose, fact)


def _contacts(setting: Setting, customers: Collection[int]) -> list[_Contact]:
    found: dict[int, _Contact] = {}
    for number, customer, kind, status, entity, subject, first, more, reason in setting.store.rows_in(OPEN_CONTACTS, [], list(customers)):
        if kind in setting.vocabulary.channels:
            contact = found.setdefault(number, _Contact(number, customer, kind, status, reason or "", (str(entity), int(subject)), {first}))
            contact.definitions |= {more} if more else set()
    return list(found.values())
