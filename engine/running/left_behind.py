"""What definitions that are gone left behind: shown by `status`; what a `while` kept is taken back (docs/decisions/0008).

A definition is gone when no file holds it any longer or it is switched off. One that is only wrong is not gone:
as long as `check` finds a mistake anywhere, `declared` is None and nothing counts as gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.effects.base import Batch
from engine.effects.found_before import put_back
from engine.planning.rules import Rule, digest_of
from engine.running.apply import Tally
from engine.running.compiling import LAW_RULES
from engine.running.journal import decision
from engine.running.setting import Setting
from engine.store.causes import cause_text

GONE = "the definition is gone"
EDITED = "what the rule does was edited"
LEVEL = "level:"
"""The front of the switches that hold what a `while` rule does, as a digest."""
LEFT = {
    "tags": "SELECT o.definition, COUNT(*) FROM tag t JOIN occurrence o ON o.made_entity = 'tag' AND o.made_id = t.id"
    " WHERE t.derived AND t.taken_back_on IS NULL GROUP BY o.definition",
    "list entries": "SELECT definition, COUNT(*) FROM list_entry WHERE taken_off_at IS NULL GROUP BY definition",
    "fields": "SELECT definition, COUNT(*) FROM occurrence WHERE made_entity LIKE 'set:%' GROUP BY definition",
    "open activities": "SELECT definition, COUNT(*) FROM activity WHERE status IN ('open', 'blocked') GROUP BY definition",
    "queued messages": "SELECT definition, COUNT(*) FROM message WHERE status = 'queued' GROUP BY definition",
    "held": "SELECT definition, COUNT(*) FROM occurrence WHERE status = 'held' GROUP BY definition",
}
"""What may be left, by definition."""


def left_behind(setting: Setting) -> list[tuple[str, str, int]]:
    """What stands, is open or is held of definitions that are gone: (definition, what, how many)."""
    found = [(row[0], what, int(row[1])) for what, sql in LEFT.items() for row in setting.store.rows(sql, []) if _is_gone(setting, row[0])]
    return sorted(found)


def _is_gone(setting: Setting, definition: str | None) -> bool:
    return bool(definition) and setting.declared is not None and definition not in setting.declared and definition not in LAW_RULES


@dataclass
class Clearing:
    """Takes back what one definition left behind, in one transaction, each piece with its row in the journal."""

    setting: Setting
    now: datetime
    run: int
    make_batch: Callable[[Rule], Batch]
    tally: Tally

    def clear(self) -> None:
        """Of all that are gone: what levels kept, and where the site says `left_open: close`, what is open or held."""
        store = self.setting.store
        sources = ["SELECT DISTINCT definition FROM standing WHERE stands"]
        if self.setting.left_open == "close":
            sources += [f"SELECT DISTINCT definition FROM {table} WHERE status IN ({states})" for table, states in OPEN.items()]
        gone = {row[0] for sql in sources for row in store.rows(sql, []) if _is_gone(self.setting, row[0])}
        for definition, digest in self._edited():
            with store.session(write=True), store.context(cause=cause_text(f"run {self.run}", definition), depth=1):
                journal = self._levels(definition, EDITED) if digest is not None else []
                store.insert_many("decision", journal)
                store.set_switch(f"{LEVEL}{definition}", self._now_said[definition], self.setting.user, self.now)
            for row in journal:
                self.tally.count(definition, row["verdict"])
        for definition in sorted(gone):
            with store.session(write=True), store.context(cause=cause_text(f"run {self.run}", definition), depth=1):
                journal = self._levels(definition)
                if self.setting.left_open == "close":
                    journal += self._activities(definition) + self._messages(definition) + self._held(definition)
                store.insert_many("decision", journal)
            for row in journal:
                self.tally.count(definition, row["verdict"])

    @cached_property
    def _now_said(self) -> dict[str, str]:
        """What the levels in force do, by their ids."""
        ids = {rule.id for rule in self.setting.rules if rule.trigger == "while"}
        return {name: digest_of([rule for rule in self.setting.rules if rule.id == name]) for name in sorted(ids)}

    def _edited(self) -> list[tuple[str, str | None]]:
        """The levels whose effects are no longer those that stand, with what they did before; None for a new one."""
        store = self.setting.store
        known = {str(row[0]).removeprefix(LEVEL): str(row[1]) for row in store.rows("SELECT name, value FROM switch WHERE name LIKE 'level:%'", [])}
        return [(name, known.get(name)) for name, digest in self._now_said.items() if known.get(name) != digest]

    def _levels(self, definition: str, why: str = GONE) -> list[dict[str, Any]]:
        """The tags, list entries and fields of a `while`: without the rule there is no condition that holds; an edited one keeps others."""
        store = self.setting.store
        sql = (
            "SELECT id, subject_entity, subject_id, occurrence, effect, made_entity, made_id FROM occurrence"
            " WHERE definition = ? AND status = 'done' AND detail LIKE ? AND made_id IS NOT NULL"
        )
        made = store.rows(sql, [definition, '%"while": true%'])
        standing = {(row[0], row[1]) for row in store.rows("SELECT subject_entity, subject_id FROM standing WHERE definition = ? AND stands", [definition])}
        made = [row for row in made if (row[1], row[2]) in standing]
        today = self.setting.calendar.today(self.now)
        for entity, values in (("tag", {"taken_back_on": today}), ("list_entry", {"taken_off_at": self.now})):
            column = next(iter(values))
            open_rows = store.rows_in(f"SELECT id FROM {entity} WHERE {column} IS NULL AND id IN ({{}})", [], [row[6] for row in made if row[5] == entity])
            store.update_many(entity, [{"id": row[0], **values} for row in open_rows])
        for entity in {row[1] for row in made if row[5].startswith("set:")}:
            fields = [row for row in made if row[5] == f"set:{entity}"]
            rule = Rule(definition, {}, entity, "internal", "", "while")
            put_back(entity, [row[2] for row in fields], {(definition, row[4], row[2]) for row in fields}, self.make_batch(rule))
        for entity, subject in {(row[1], row[2]) for row in made}:
            store.run("UPDATE standing SET stands = ?, since_at = ? WHERE definition = ? AND subject_entity = ? AND subject_id = ?",
                      [False, self.now, definition, entity, subject])  # fmt: skip
        return [self._row(definition, (row[1], row[2]), "withdrawn", why, occurrence=row[3], effect=row[4]) for row in made]

    def _activities(self, definition: str) -> list[dict[str, Any]]:
        """Its open work, unless a definition that is still there wants the same."""
        store = self.setting.store
        rows = store.rows("SELECT id, subject_entity, subject_id FROM activity WHERE definition = ? AND status IN ('open', 'blocked')", [definition])
        reasons = store.rows_in("SELECT activity, definition FROM activity_reason WHERE activity IN ({})", [], [row[0] for row in rows])
        wanted = {row[0] for row in reasons if not _is_gone(self.setting, row[1])}
        rows = [row for row in rows if row[0] not in wanted]
        store.update_many("activity", [{"id": row[0], "status": "cancelled", "outcome": "definition_gone", "completed_at": self.now} for row in rows])
        return [self._row(definition, (row[1], row[2]), "withdrawn", target=f"activity:{row[0]}") for row in rows]

    def _messages(self, definition: str) -> list[dict[str, Any]]:
        rows = self.setting.store.rows("SELECT id, subject_entity, subject_id FROM message WHERE definition = ? AND status = 'queued'", [definition])
        self.setting.store.update_many("message", [{"id": row[0], "status": "cancelled"} for row in rows])
        return [self._row(definition, (row[1], row[2]), "withdrawn", target=f"message:{row[0]}") for row in rows]

    def _held(self, definition: str) -> list[dict[str, Any]]:
        sql = "SELECT id, subject_entity, subject_id, occurrence, effect FROM occurrence WHERE definition = ? AND status = 'held'"
        rows = self.setting.store.rows(sql, [definition])
        self.setting.store.update_many("occurrence", [{"id": row[0], "status": "discarded", "reason": GONE} for row in rows])
        return [self._row(definition, (row[1], row[2]), "discarded", occurrence=row[3], effect=row[4]) for row in rows]

    def _row(self, definition: str, subject: tuple[str, int], verdict: str, why: str = GONE, **more: str) -> dict[str, Any]:
        return decision(self.run, definition, subject, verdict, self.now, reason=why, **more)


OPEN = {"activity": "'open', 'blocked'", "message": "'queued'", "occurrence": "'held'"}
"""What waits for somebody or something, by the states that say so."""
