"""A renamed rule takes what it did, what stands for it and its switches along, so that it does nothing twice (design.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.planning.rules import Rule
from engine.store.causes import cause_text
from engine.store.store import Store

NAMED = {
    "occurrence": "definition",
    "standing": "definition",
    "definition_version": "definition",
    "decision": "definition",
    "activity": "definition",
    "activity_reason": "definition",
    "message": "definition",
    "list_entry": "definition",
    "history_entry": "source",
    "campaign": "number",
}
"""What carries the id of the rule that made it, and where."""
NAMES = {
    "occurrence": ("subject_entity", "subject_id", "occurrence", "effect", "target"),
    "standing": ("subject_entity", "subject_id"),
    "definition_version": ("digest",),
    "campaign": (),
}
"""What is unique under a rule's id: where the new id has a row of that name already, that one stays."""


def take_over(store: Store, rules: Sequence[Rule], run: int, user: str, now: datetime) -> None:
    """Give the rules what their `formerly` names. Once for each: the switch that records it is written with it.

    An old id that is still a rule keeps what it has.
    """
    for new, old in {rule.id: _whole_id(rule) for rule in rules if rule.formerly}.items():
        if old in {rule.id for rule in rules} or store.switch(f"formerly:{new}") == old:
            continue
        with store.session(write=True), store.context(cause=cause_text(f"run {run}", new), quiet=True):
            for table in NAMED:
                _rename(store, table, old, new)
            # A posting names its rule first in its source (effects/tag.py); what is taken back is found by it.
            postings = "UPDATE tag SET source = ? || substr(source, ?) WHERE substr(source, 1, ?) = ?"
            store.run(postings, [new, len(old) + 1, len(old) + 1, f"{old} "])
            for prefix in ("seen:", "pause:"):
                value = store.switch(prefix + old)
                if value is not None:
                    store.set_switch(prefix + new, value, user, now)
                    store.set_switch(prefix + old, None, user, now)
            store.set_switch(f"formerly:{new}", old, user, now)


def _whole_id(rule: Rule) -> str:
    """The old id with its pack: a bare one is of the rule's own."""
    pack = rule.id.rpartition(".")[0]
    return rule.formerly if "." in rule.formerly or not pack else f"{pack}.{rule.formerly}"


def _rename(store: Store, table: str, old: str, new: str) -> None:
    column = NAMED[table]
    sql = f'UPDATE "{table}" SET {column} = ? WHERE {column} = ?'
    if table not in NAMES:
        store.run(sql, [new, old])
        return
    same = "".join(f' AND n.{name} = "{table}".{name}' for name in NAMES[table])
    store.run(f'{sql} AND NOT EXISTS (SELECT 1 FROM "{table}" n WHERE n.{column} = ?{same})', [new, old, new])
