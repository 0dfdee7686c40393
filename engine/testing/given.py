"""Rows of a store out of a test's YAML: records by their keys, records inside records, lists of what belongs to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import count
from typing import Any

from engine.language.calendars import Calendar, parse_day
from engine.language.durations import PhraseError
from engine.language.findings import Refused
from engine.language.money import parse_money
from engine.language.vocabulary import Entity, Field, Vocabulary, entities_by_plural
from engine.store.store import Store

NOON = time(12)


class BadTest(Refused):
    """A test that cannot be run."""


@dataclass
class Given:
    """Fills a store; knows every row it made, by entity and key."""

    store: Store
    vocabulary: Vocabulary
    calendar: Calendar
    made: dict[str, set[int]] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def fill(self, data: Mapping[str, Any]) -> None:
        """Insert (or, where the key is known, change) all records named by plural. Raises BadTest."""
        entities = entities_by_plural(self.vocabulary)
        for name, records in data.items():
            for record in records:
                self._records(entities[name], dict(record))

    def _records(self, entity: Entity, record: dict[str, Any]) -> None:
        times = times_of(record)
        name = next((record[key] for key in (entity.key, "id") if key and key in record), None)
        if times > 1 and name is not None:
            raise BadTest(f"{times} records cannot all be called '{name}'", "leave it out: each gets a number of its own")
        for _ in range(times):
            self.record(entity, record)

    def record(self, entity: Entity, data: Mapping[str, Any], **more: Any) -> int:
        """One record and all it holds; returns its row. Raises BadTest."""
        row: dict[str, Any] = dict(more)
        children: list[tuple[Field, Any]] = []
        for name, value in data.items():
            found = entity.fields[name]
            if found.type == "many":
                children.append((found, value))
            else:
                row[name] = self.value(found, value)
        number = self._written(entity, row)
        for found, items in children:
            child = self.vocabulary.entity(found.target)
            for item in items:
                self.record(child, item if isinstance(item, Mapping) else {_first(child): item}, **{found.back: number})
        return number

    def _written(self, entity: Entity, row: dict[str, Any]) -> int:
        name = str(row[entity.key]) if entity.key and entity.key in row else None
        if not entity.key and "id" in row:
            name = str(row.pop("id"))  # what it is called in this test; the store numbers rows itself
        known = self.rows.get((entity.name, name)) if name else None
        if known is not None:
            self.store.update_many(entity.name, [{"id": known, **row}])
            return known
        missing = [name for name, found in entity.fields.items() if found.required and found.type == "ref" and row.get(name) is None]
        if missing:
            raise BadTest(f"a {entity.name} needs its {missing[0]}", f"write {missing[0]}: ...")
        if entity.key and row.get(entity.key) is None:
            row[entity.key] = self._number(entity, "" if entity.fields[entity.key].type == "integer" else "T")
        number = self.store.insert_many(entity.name, [row])[0]
        self.made.setdefault(entity.name, set()).add(number)
        name = str(row[entity.key]) if entity.key else name
        if name:
            self.rows[entity.name, name] = number
        return number

    def _number(self, entity: Entity, head: str) -> int | str:
        """A number that the test gives to no other record."""
        number = next(number for number in self.numbers if (entity.name, f"{head}{number}") not in self.rows)
        return f"{head}{number}" if head else int(number)

    def value(self, found: Field, value: Any) -> Any:
        """A value of the field's type. Raises BadTest."""
        if value is None:
            return None
        if found.type == "ref":
            return self._reference(found, value)
        try:
            if found.type == "money":
                return parse_money(str(value)).cents
            if found.type == "date":
                return parse_day(str(value))
            if found.type == "datetime":
                text = str(value)
                at = datetime.fromisoformat(text) if "T" in text else datetime.combine(parse_day(text), NOON)
                return self.calendar.at(at.date(), at.time())
        except PhraseError as error:
            raise BadTest(f"{found.name}: {error.message}", error.hint) from None
        except ValueError:
            raise BadTest(f"{found.name}: '{value}' is no time", "write e.g. 2026-11-30T14:00") from None
        wanted = {"integer": int, "boolean": bool}.get(found.type, str)
        if not isinstance(value, wanted):
            raise BadTest(f"{found.name}: '{value}' is no {found.type}", "write it as the field wants it")
        if found.choices and value not in found.choices:
            raise BadTest(f"{found.name} is never '{value}'", "one of " + ", ".join(found.choices))
        return value

    def _reference(self, found: Field, value: Any) -> int:
        target = self.vocabulary.entity(found.target)
        if isinstance(value, Mapping):
            return self.record(target, value)
        row = self.rows.get((target.name, str(value)))
        if row is None:
            raise BadTest(f"{found.name}: there is no {target.name} '{value}' in this test", f"add it above, or write {found.name}: {{...}}")
        return row


def times_of(record: dict[str, Any]) -> int:
    """How many records one stands for; takes `times` out of it. Raises BadTest."""
    times = record.pop("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        raise BadTest(f"times: '{times}' is no number of records", "write e.g. 200")
    return times


def _first(entity: Entity) -> str:
    """The field a plain word in a list fills: an employee's role, a vehicle's option."""
    return next(name for name, found in entity.fields.items() if found.required and found.type != "ref" and name != "id")
