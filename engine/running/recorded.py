"""What a store has recorded of a rule and one subject: decisions with the values found then, events, what stands."""

from __future__ import annotations

from typing import Any

from engine.planning.coming import Done
from engine.planning.rules import Rule
from engine.running.answers import Decided, Happened, Standing
from engine.running.setting import Setting
from engine.store.given import as_data, as_day, instant
from engine.store.store import Store

SHOWN_EVENTS = 5


def done_of(setting: Setting, rule: Rule, row: int) -> list[Done]:
    """The rule's occurrences for the subject, the oldest first."""
    sql = (
        "SELECT occurrence, effect, status, entry, anchor, day, made_at, reason FROM occurrence"
        " WHERE definition = ? AND subject_entity = ? AND subject_id = ? ORDER BY id"
    )
    found = setting.store.rows(sql, [rule.id, rule.entity, row])
    return [Done(o[0], o[1], o[2], o[3] or "", as_day(o[4]), as_day(o[5]), instant(o[6]), o[7] or "") for o in found]


def journal(setting: Setting, definition: str, entity: str, row: int, after: int = -1) -> list[Decided]:
    """What was decided about the subject, the oldest first; `after` a decision's number."""
    sql = (
        "SELECT d.decided_at, d.occurrence, d.effect, d.verdict, d.reason, d.detail, d.run, o.version FROM decision d"
        " LEFT JOIN occurrence o ON o.definition = d.definition AND o.subject_entity = d.subject_entity AND o.subject_id = d.subject_id"
        " AND o.occurrence = d.occurrence AND o.effect = d.effect AND o.target = coalesce(d.target, '')"
        " WHERE d.definition = ? AND d.subject_entity = ? AND d.subject_id = ? AND d.id > ? ORDER BY d.id"
    )
    return [
        Decided(instant(d[0]), d[1] or "", d[2] or "", d[3], d[4] or "", as_data(d[5]).get("found") or {}, d[6], d[7], str(as_data(d[5]).get("made", "")))
        for d in setting.store.rows(sql, [definition, entity, row, after])
    ]


def last_decision(setting: Setting) -> int:
    """The number of the newest decision."""
    return int(setting.store.rows("SELECT coalesce(MAX(id), 0) FROM decision", [])[0][0])


def said_in(store: Store, version: int) -> tuple[dict[str, Any], str]:
    """What a stored version says, and the digest it goes by."""
    rows = store.rows("SELECT data, digest FROM definition_version WHERE id = ?", [version])
    return (as_data(rows[0][0]), str(rows[0][1])) if rows else ({}, "")


def standing_of(setting: Setting, rule: Rule, row: int) -> Standing | None:
    """Whether the rule's condition counts as true for the subject."""
    sql = "SELECT stands, since_at, episode FROM standing WHERE definition = ? AND subject_entity = ? AND subject_id = ?"
    found = setting.store.rows(sql, [rule.id, rule.entity, row])
    return Standing(bool(found[0][0]), instant(found[0][1]), found[0][2] or 0) if found else None


def events_of(setting: Setting, rule: Rule, row: int) -> list[Happened]:
    """The last events the rule waits for that are about the subject, the oldest first."""
    sql = (
        "SELECT e.id, e.happened_at, e.taken, (SELECT MAX(d.verdict) FROM decision d WHERE d.definition = ? AND d.subject_entity = ?"
        " AND d.subject_id = e.subject_id AND d.occurrence = 'event ' || e.id) FROM event e WHERE e.name = ? AND e.subject_id = ? ORDER BY e.id DESC LIMIT ?"
    )
    found = setting.store.rows(sql, [rule.id, rule.entity, rule.event, row, SHOWN_EVENTS])
    return [Happened(e[0], instant(e[1]), bool(e[2]), e[3] or "") for e in reversed(found)]
