"""Recording by hand: a record of any kind from `field=value` texts, with what the kind fills in by itself.

What the engine or the law keeps is not recorded here: occurrences belong to the engine, consent to its ledger.
All functions want a writing session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.definitions.layers import RESERVED_TAG
from engine.effects.tag import close_open, lifetime_end
from engine.language.calendars import Calendar
from engine.language.durations import PhraseError
from engine.language.findings import RegelwerkError
from engine.language.grades import grade_score, scale_of
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import Entity, Field, UnknownName
from engine.running import rights
from engine.running.hands import employee
from engine.running.setting import Setting
from engine.store.imports.cells import BadCell, Format, read_cell
from engine.store.lookup import row_of
from engine.store.past import time_missing


@dataclass(frozen=True)
class Recorder:
    """Records in a store, as a user at a moment."""

    setting: Setting
    now: datetime

    @property
    def today(self) -> date:
        """The dealer's local day."""
        return self.setting.calendar.today(self.now)

    def entity(self, name: str) -> Entity:
        """An entity people may record. Raises RegelwerkError."""
        try:
            found = self.setting.vocabulary.entity(name)
        except UnknownName as error:
            raise RegelwerkError(error.message, error.hint, exit_code=2, code="not-found") from None
        if found.engine or found.ledger is not None:
            hint = "use `regelwerk consent`" if found.ledger is not None else "`regelwerk fields` lists what you can record"
            raise RegelwerkError(f"{an(name)} is not recorded by hand", hint, exit_code=2)
        return found

    def new(self, name: str, words: Sequence[str]) -> int:
        """Add a record; returns its row."""
        entity = self.entity(name)
        values = self._values(entity, words)
        self._kept(entity, values, ("engine",))
        for what, fill in DEFAULTS.get(name, {}).items():
            if values.get(what) is None:
                values[what] = fill(self, values)
        missing = [f.name for f in entity.fields.values() if f.required and f.name != "id" and f.type != "many" and values.get(f.name) is None]
        if missing:
            raise RegelwerkError(f"{an(name)} needs {' and '.join(missing)}", f"add {' '.join(f'{field}=...' for field in missing)}", exit_code=2)
        if late := time_missing(entity, values):
            raise RegelwerkError(f"{values['status']} needs {late}", f"add {late}=...", exit_code=2)
        self._unique(entity, values, None)
        if name == "activity":
            self._declared(str(values["kind"]))
        if name == "tag":
            self._close_other_postings(values)
        return self.setting.store.insert_many(name, [values])[0]

    def change(self, name: str, key: str, words: Sequence[str]) -> int:
        """Change fields of a record named by its key or row; returns its row."""
        entity = self.entity(name)
        row = self.find(entity, key)
        self._may_touch(name, row)
        values = self._values(entity, words)
        self._kept(entity, values, ("once", "engine"))
        emptied = [f for f in values if entity.fields[f].required and values[f] is None]
        if emptied:
            raise RegelwerkError(f"{emptied[0]} must not be empty", "give it a value", exit_code=2)
        self._unique(entity, values, row)
        if values:
            self.setting.store.update_many(name, [{"id": row, **values}])
        return row

    def delete(self, name: str, key: str) -> int:
        """Delete a history entry: its content goes, who deleted it and when stays (S3.17, A12)."""
        entity = self.entity(name)
        if name != "history_entry":
            raise RegelwerkError(f"{an(name)} is not deleted by hand", "only history entries are; correct it with --set", exit_code=2)
        row = self.find(entity, key)
        self._may_touch(name, row)
        by = employee(self.setting.store, self.setting.user) if self.setting.user else None
        kept = ("id", "customer", "entered_on", "employee", "deleted_at", "deleted_by")
        empty = {f.name: False if f.type == "boolean" else None for f in entity.fields.values() if f.type != "many" and f.name not in kept}
        self.setting.store.update_many(name, [{"id": row, **empty, "deleted_at": self.now, "deleted_by": by}])
        return row

    def find(self, entity: Entity, key: str) -> int:
        """A record by its key, or by its row where it has none. Raises RegelwerkError."""
        row = row_of(self.setting.store, entity, key)
        if row is None:
            raise RegelwerkError(f"there is no {entity.name} {key}", f"it is known by its {entity.key or 'row'}", exit_code=2, code="not-found")
        return row

    def _values(self, entity: Entity, words: Sequence[str]) -> dict[str, Any]:
        """All values typed; every mistake is named at once."""
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for word in words:
            name, equals, text = word.partition("=")
            found = entity.fields.get(name)
            if not equals:
                wrong.append(f"'{word}' gives no value; write field=value")
            elif found is None or found.type == "many" or name == "id":
                fields = [f.name for f in entity.fields.values() if f.type != "many" and f.name != "id"]
                wrong.append(f"{entity.name} has no field '{name}'; {did_you_mean(name, fields, f'`regelwerk fields {entity.name}` lists them')}")
            else:
                try:
                    values[name] = self._value(found, text)
                except (BadCell, RegelwerkError) as error:
                    wrong.append(f"{name}: {error.message}" + (f"; {error.hint}" if error.hint else ""))
        if wrong:
            raise RegelwerkError("\n".join(wrong), exit_code=2)
        return values

    def _value(self, found: Field, text: str) -> Any:
        if found.type == "ref":
            return self.find(self.setting.vocabulary.entity(found.target), text) if text else None
        dates = "yyyy-mm-dd" if text[4:5] == "-" else "dd.mm.yyyy"
        choices = self.setting.vocabulary.choices
        if found.type == "choice" and not found.choices and text and text not in (known := choices.get(f"history_{found.name}s", ())):
            raise BadCell(f"'{text}' is not one of {', '.join(known)}", did_you_mean(text, known, "declare it in `choices:`"))
        return read_cell(text, found, Format(",", dates, self.setting.calendar))

    def _unique(self, entity: Entity, values: Mapping[str, Any], row: int | None) -> None:
        for f in entity.fields.values():
            if f.unique and values.get(f.name) is not None:
                taken = self.setting.store.rows(f'SELECT id FROM "{entity.name}" WHERE "{f.name}" = ?', [values[f.name]])
                if taken and taken[0][0] != row:
                    raise RegelwerkError(
                        f"there is {an(entity.name)} with {f.name} {values[f.name]} already", "change it with --set", exit_code=2, code="exists"
                    )

    def _kept(self, entity: Entity, values: Mapping[str, Any], kinds: Sequence[str]) -> None:
        """What the engine and the law keep is not typed in: it would go past the gate."""
        kept = [name for name in values if entity.fields[name].kept in kinds]
        if kept:
            hint = "use `regelwerk done` or `regelwerk activity`" if entity.name == "activity" else "leave it out"
            raise RegelwerkError(f"the {' and '.join(kept)} of {an(entity.name)} is not changed by hand", hint, exit_code=2)

    def _may_touch(self, name: str, row: int) -> None:
        """A history entry belongs to who wrote it (S3.22); one that is deleted stays so. The law's tag is the law's."""
        if name == "tag" and self.setting.store.rows("SELECT 1 FROM tag WHERE id = ? AND kind = ?", [row, RESERVED_TAG]):
            raise RegelwerkError(f"the tag '{RESERVED_TAG}' follows from objections", "new consent ends it: use `regelwerk consent`", exit_code=2)
        if name != "history_entry":
            return
        sql = "SELECT e.initials, h.deleted_at FROM history_entry h LEFT JOIN employee e ON e.id = h.employee WHERE h.id = ?"
        initials, deleted = self.setting.store.rows(sql, [row])[0]
        if deleted is not None:
            raise RegelwerkError(f"history entry {row} is deleted", "write a new one")
        if initials != self.setting.user:
            rights.require(self.setting.store, self.setting.user, self.setting.sections["roles"], "change_history")

    def _declared(self, kind: str) -> None:
        """An activity is of a kind whose outcomes are known."""
        kinds = self.setting.sections["activities"]
        if kind not in kinds:
            raise RegelwerkError(f"there is no kind of activity '{kind}'", did_you_mean(kind, kinds, "declare it in `activities:`"), exit_code=2)

    def _close_other_postings(self, values: Mapping[str, Any]) -> None:
        """A kind of tag that is single is renewed: the open posting becomes history."""
        kinds = self.setting.sections["tags"]
        kind = str(values["kind"])
        if kind not in kinds or kind == RESERVED_TAG:
            hint = "it follows from objections: use `regelwerk consent object`" if kind in kinds else did_you_mean(kind, kinds, "declare it in `tags:`")
            raise RegelwerkError(f"the tag '{kind}' cannot be posted by hand" if kind in kinds else f"there is no tag '{kind}'", hint, exit_code=2)
        if kinds[kind].get("several"):
            return
        close_open(self.setting.store, kind, [values["customer"]], self.today)


def _me(recorder: Recorder, _: Mapping[str, Any]) -> int | None:
    return employee(recorder.setting.store, recorder.setting.user) if recorder.setting.user else None


def _day(recorder: Recorder, _: Mapping[str, Any]) -> date:
    return recorder.today


def _due_on(recorder: Recorder, values: Mapping[str, Any]) -> date:
    return recorder.setting.calendar.today(values.get("due_at") or recorder.now)


def _instant(recorder: Recorder, _: Mapping[str, Any]) -> datetime:
    return recorder.now


def _lifetime(recorder: Recorder, values: Mapping[str, Any]) -> date | None:
    kind = recorder.setting.sections["tags"].get(str(values.get("kind")), {})
    return lifetime_end(kind, values.get("posted_on") or recorder.today, recorder.setting.calendar)


def _scale(recorder: Recorder, values: Mapping[str, Any]) -> str | None:
    if values.get("grade") is None:
        return None
    rows = recorder.setting.store.rows("SELECT country FROM customer WHERE id = ?", [values.get("customer")])
    return scale_of(rows[0][0] if rows else None)


def _score(_: Recorder, values: Mapping[str, Any]) -> int | None:
    if values.get("grade") is None:
        return None
    try:
        return grade_score(int(values["grade"]), str(values["scale"]))
    except PhraseError as error:
        raise RegelwerkError(f"grade: {error.message}", error.hint, exit_code=2) from None


def _due_at(recorder: Recorder, values: Mapping[str, Any]) -> datetime:
    calendar: Calendar = recorder.setting.calendar
    return calendar.first_instant(values.get("due_on") or recorder.today)


def _salesperson(recorder: Recorder, values: Mapping[str, Any]) -> int | None:
    """Who records it, where that is somebody of sales: it is their case (S1.12)."""
    me = _me(recorder, values)
    sells = "SELECT 1 FROM employee WHERE id = ? AND (department = 'sales' OR id IN (SELECT employee FROM employee_role WHERE role = 'salesperson'))"
    return me if me is not None and recorder.setting.store.rows(sells, [me]) else None


def _ticket_number(recorder: Recorder, _: Mapping[str, Any]) -> str:
    """T-2026-0001 and so on: the year, and one more than the highest of this year."""
    year = f"T-{recorder.today.year}-"
    known = recorder.setting.store.rows("SELECT number FROM ticket WHERE number LIKE ?", [f"{year}%"])
    return f"{year}{max((int(n) for (text,) in known if (n := text.removeprefix(year)).isdecimal()), default=0) + 1:04}"


def _ticket(recorder: Recorder, values: Mapping[str, Any]) -> int | None:
    """A complaint or a support call that belongs to no ticket yet opens one (S2.17)."""
    kind = {"complaint": "complaint", "hotline": "support"}.get(str(values.get("kind")))
    if kind is None or values.get("customer") is None:
        return None
    row = {"kind": kind, "subject": values.get("content"), **{name: values.get(name) for name in ("customer", "contact_person", "project")}}
    for what, fill in DEFAULTS["ticket"].items():
        row[what] = fill(recorder, row)
    return recorder.setting.store.insert_many("ticket", [row])[0]


def _branch(recorder: Recorder, values: Mapping[str, Any]) -> int | None:
    rows = recorder.setting.store.rows("SELECT branch FROM customer WHERE id = ?", [values.get("customer")])
    return int(rows[0][0]) if rows and rows[0][0] is not None else None


Fill = Callable[[Recorder, Mapping[str, Any]], Any]
DEFAULTS: dict[str, dict[str, Fill]] = {
    "tag": {"posted_on": _day, "posted_by": _me, "valid_until_on": _lifetime, "scale": _scale, "grade_score": _score},
    "history_entry": {"entered_on": _day, "employee": _me},
    "conversation": {"held_on": _day, "employee": _me, "ticket": _ticket},
    "ticket": {"number": _ticket_number, "status": lambda *_: "open", "opened_at": _instant, "owner": _me},
    "revision": {"made_at": _instant, "made_by": _me},
    "document": {"added_on": _day, "added_by": _me},
    "visit": {"visited_on": _day},
    "customer": {"recorded_on": _day, "salesperson": _salesperson},
    "opportunity": {"owner": _salesperson, "salesperson": _salesperson},
    "activity": {
        "status": lambda *_: "open",
        "due_on": _due_on,
        "due_at": _due_at,
        "due_by_hand": lambda *_: True,
        "assignee": _me,
        "branch": _branch,
        "created_at": _instant,
    },
}
"""What a kind fills in by itself where nothing is said, in this order."""
