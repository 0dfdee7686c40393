"""Every definition's versions, by content: since when each is in force and until when (docs/decisions/0017)."""

from __future__ import annotations

import json
from datetime import datetime

from engine.running.compiling import LAW_RULES
from engine.running.setting import Setting


def note_versions(setting: Setting, now: datetime) -> None:
    """Store what is new of the rules in force, and note which versions came into force or went out of it.

    Those of workflows are stored once they are known to be sound (engine/running/cases/versions.py). Writes nothing where nothing is new.
    """
    store = setting.store
    stored = {(row[0], row[1]): (row[2], row[3]) for row in store.rows("SELECT definition, digest, id, until_at FROM definition_version", [])}
    flows = {(flow.id, flow.digest) for flow in setting.flows}
    others = {flow.id for flow in setting.flows} | LAW_RULES.keys()  # nobody edits what follows from the law
    rules = {(rule.id, rule.digest): rule for rule in setting.rules if rule.id not in others}
    fresh = [rule for key, rule in rules.items() if key not in stored]
    back = [number for key, (number, until) in stored.items() if until is not None and key in rules.keys() | flows]
    there = {name for name, _ in rules.keys() | flows}
    sure = setting.declared is not None  # what is only wrong is not gone
    gone = [
        number for (name, digest), (number, until) in stored.items() if until is None and (name, digest) not in rules.keys() | flows and (sure or name in there)
    ]
    if not fresh and not back and not gone:
        return
    with store.session(write=True):
        rows = [
            {"definition": rule.id, "digest": rule.digest, "data": json.dumps(rule.data, ensure_ascii=False, default=str), "stored_at": now, "since_at": now}
            for rule in fresh
        ]
        numbers = store.insert_many("definition_version", rows)
        store.update_many("definition_version", [{"id": number, "since_at": now, "until_at": None} for number in back])
        store.update_many("definition_version", [{"id": number, "until_at": now} for number in gone])
    setting.numbers.update({(rule.id, rule.digest): number for rule, number in zip(fresh, numbers, strict=True)})
