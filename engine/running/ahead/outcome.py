"""What a walk brought, read from its copy: each effect by its name, so that two walks can be compared."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.planning.values import load
from engine.running.setting import Setting
from engine.store.given import as_data, as_day, as_instant
from engine.store.store import Store

COUNTED = ("done", "blocked", "held", "failed", "withdrawn")
"""The verdicts that are something; the others say that nothing came of it."""
MADE = {
    "activity": ("kind", "due_on", "(SELECT initials FROM employee WHERE employee.id = activity.assignee)"),
    "message": ("template", "queued_at", "NULL"),
    "tag": ("kind", "posted_on", "NULL"),
}
"""What is made -> (what it is called by, its day, who is to do it)."""
NUMBERED = re.compile(r"\b(event|case) (\d+)")
WORK = re.compile(r"\bactivity:(\d+)")


@dataclass(frozen=True)
class Name:
    """The name of an effect, the same in both walks (design.md, every effect has a name)."""

    definition: str
    entity: str
    subject: int
    occurrence: str
    effect: str
    target: str


@dataclass(frozen=True)
class Thing:
    """What came of it: `what` it is (`activity phone_call`), its verdict and its day, the customer's number and name.

    `person` is who has to do it, by initials; "" for nobody, and for what is no work.
    """

    what: str
    verdict: str
    day: date | None
    who: str = ""
    person: str = ""


@dataclass
class Marks:
    """The highest numbers a copy had before it was walked."""

    decision: int
    event: int
    instance: int
    activity: int


def marks(store: Store) -> Marks:
    """Where a copy stands."""
    return Marks(*(int(store.rows(f'SELECT coalesce(MAX(id), 0) FROM "{name}"', [])[0][0]) for name in ("decision", "event", "instance", "activity")))


def things(setting: Setting, since: Marks, only: Collection[str]) -> dict[Name, Thing]:
    """What the definitions named did since; the last word about each effect counts."""
    store = setting.store
    sql = (
        "SELECT definition, subject_entity, subject_id, occurrence, effect, target, verdict, decided_at, detail FROM decision"
        " WHERE id > ? AND effect IS NOT NULL ORDER BY id"
    )
    rows = [row for row in store.rows(sql, [since.decision]) if row[0] in only and row[6] in COUNTED]
    named = Renaming(store, since)
    made = [_made(row[8]) for row in rows]
    records = _records(store, made)
    owners = _owners(setting, {(row[1], row[2]) for row in rows})
    words = _words(setting)
    found: dict[Name, Thing] = {}
    for row, (kind, number) in zip(rows, made, strict=True):
        name = Name(row[0], row[1], row[2], named(row[3]), row[4] or "", row[5] or "")
        called, day, person = records.get((kind, number), ("", None, ""))
        said = called or words.get((row[0], row[4]), "")
        decided = as_instant(row[7])
        found[name] = Thing(
            f"{kind} {said}".strip() if called else said or row[4],
            row[6],
            day or (setting.calendar.today(decided) if decided else None),
            owners.get((row[1], row[2]), ""),
            person,
        )
    return found


def _made(detail: Any) -> tuple[str, int]:
    kind, _, number = str(as_data(detail).get("made", "")).partition(":")
    return kind, int(number or 0)


def _records(store: Store, made: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, date | None, str]]:
    """What was made: what it is called, its day, and who has to do it."""
    numbers = defaultdict(set)
    for kind, number in made:
        numbers[kind].add(number)
    found = {}
    for kind, (called, day, person) in MADE.items():
        for row in store.rows_in(f'SELECT id, "{called}", "{day}", {person} FROM "{kind}" WHERE id IN ({{}})', [], sorted(numbers[kind])):
            found[kind, row[0]] = (str(row[1]), as_day(row[2]), row[3] or "")
    return found


def _words(setting: Setting) -> dict[tuple[str, str], str]:
    """(rule, effect) -> what it would make, for what was only held or taken back."""
    found = {}
    for rule in setting.rules:
        for name, (word, plan) in rule.effects.items():
            said = getattr(plan, "kind", None) or getattr(plan, "template", None) or (plan if isinstance(plan, str) else "")
            found[rule.id, name] = f"{word} {said}".strip()
    return found


class Renaming:
    """Numbers given during a walk differ between two walks: events and cases go by what they are about, new work by being new."""

    def __init__(self, store: Store, since: Marks) -> None:
        self.since = since
        self.names: dict[str, str] = {}
        told: dict[str, int] = defaultdict(int)
        for number, name, entity, subject in store.rows("SELECT id, name, subject_entity, subject_id FROM event WHERE id > ? ORDER BY id", [since.event]):
            about = f"{name} {entity}:{self._new(subject) if entity == 'activity' else subject}"
            told[about] += 1
            self.names[f"event {number}"] = f"{about}#{told[about]}"
        sql = "SELECT id, definition, occurrence FROM instance WHERE id > ? ORDER BY id"
        for number, definition, occurrence in store.rows(sql, [since.instance]):
            self.names[f"case {number}"] = f"case {definition} {self(occurrence)}"

    def __call__(self, text: str | None) -> str:
        """A name without such numbers."""
        named = NUMBERED.sub(lambda match: self.names.get(match[0], match[0]), text or "")
        return WORK.sub(lambda match: f"activity:{self._new(match[1])}", named)

    def _new(self, number: int | str) -> str:
        return str(number) if int(number) <= self.since.activity else "new"


def _owners(setting: Setting, subjects: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The customer of each subject: number and name; the subject itself where it has none."""
    by_entity: Mapping[str, set[int]] = defaultdict(set)
    for entity, number in subjects:
        by_entity[entity].add(number)
    found = {}
    for entity, numbers in by_entity.items():
        path = setting.vocabulary.entity(entity).customer
        front = "" if path == "self" else f"{path}."
        paths = [f"{front}number", f"{front}name"] if path else []
        values = load(setting.store, entity, sorted(numbers), paths) if paths else {}
        for number in numbers:
            has = values.get(number, {})
            known = bool(paths) and has.get(paths[0]) is not None
            found[entity, number] = f"{has[paths[0]]} {has[paths[1]] or ''}".strip() if known else f"{entity}:{number}"
    return found
