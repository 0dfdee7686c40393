"""Addresses for an outside mailing house: whom a campaign is for and the law allows, once each, recorded (S2.24).

Giving an address out is addressing its customer: it takes the campaign's one turn, and responses count from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.effects.base import DONE, Work
from engine.language.conditions import AnyOf, Literal, Not, Test
from engine.planning.candidates import own, pick
from engine.planning.rules import Rule
from engine.running.apply import record
from engine.running.setting import Setting
from engine.running.spreading import GIVEN
from engine.running.versions import note_versions
from engine.store.causes import cause_text

BATCH = 500


@dataclass
class Addresses:
    """Who may be written to over a channel, and why the others may not."""

    allowed: dict[int, str] = field(default_factory=dict)
    """Customer (row) -> address of the channel."""
    blocked: Counter[str] = field(default_factory=Counter)
    """Reason -> how many."""


def addresses(setting: Setting, campaign: str, channel: str, now: datetime) -> Addresses:
    """Whom the campaign would address now and has not yet, as the law has it. Nothing is written."""
    return _look(setting, [rule for rule in setting.rules if rule.id == campaign], channel, now)


def _look(setting: Setting, rules: Sequence[Rule], channel: str, now: datetime) -> Addresses:
    found = Addresses()
    make = setting.batches(now)
    for rule in rules:
        last = rule.period.ended_before(setting.calendar.today(now)) if rule.period else None
        served = AnyOf((Test("status", "is", Literal("done")), Test("status", "is", Literal("held"))))
        had = own(rule, served, *([Test("day", "after", Literal(last))] if last else []))
        gate = make(rule).gate
        customers = [row for scene in setting.scenes(rule, now, None) for row in pick(scene, rule.entity, (rule.condition, Not(had)))]
        gate.foresee(customers)
        for customer in customers:
            got, address, refused = gate.message(customer, rule.purpose, False, (channel,))
            if got:
                found.allowed[customer] = address
            else:
                found.blocked[refused.partition(": ")[2] or refused] += 1
    return found


def give_out(setting: Setting, campaign: str, channel: str, now: datetime) -> Addresses:
    """The same, and every address given out is recorded: an occurrence, the journal, the customer's history. Needs a writing session."""
    note_versions(setting, now)
    store, day = setting.store, setting.calendar.today(now)
    run = store.insert_many("run", [{"now_at": now, "started_at": now, "finished_at": now, "by": setting.user or None}])[0]
    employee = store.rows("SELECT id FROM employee WHERE initials = ?", [setting.user]) if setting.user else []
    make, whole = setting.batches(now), Addresses()
    for rule in [rule for rule in setting.rules if rule.id == campaign]:
        found = _look(setting, [rule], channel, now)
        customers = sorted(found.allowed)
        for start in range(0, len(customers), BATCH):
            part = customers[start : start + BATCH]
            works = [Work(rule.id, rule.entity, row, f"given {day}", GIVEN, channel, "", day) for row in part]
            content = f"Anschrift herausgegeben: {channel}" if setting.language == "de" else f"Address given out: {channel}"
            entry = {"entered_on": day, "employee": employee[0][0] if employee else None, "content": content, "source": rule.id}
            with store.context(cause=cause_text(f"run {run}", rule.id)):
                store.insert_many("history_entry", [{"customer": row, **entry} for row in part])
                record(works, [DONE] * len(works), make(rule), run)
        whole.allowed.update(found.allowed)
        whole.blocked.update(found.blocked)
    return whole
