"""What the rules made against what was expected: nothing missing, nothing more, every named cell the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.language.vocabulary import SHORT, Entity, Vocabulary, entities_by_plural, plural
from engine.planning.values import load
from engine.store.store import Store
from engine.testing.given import BadTest, Given, times_of

MADE = {
    "activity": "status <> 'cancelled'",
    "tag": "taken_back_on IS NULL",
    "message": "status <> 'cancelled'",
    "history_entry": "deleted_at IS NULL",
    "list_entry": "taken_off_at IS NULL",
}
"""What rules make, and which rows of it still stand."""
BESIDE = ("reminder", "message_attachment")
"""What comes with it; looked at only where it is named."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected; `row` is the index of the expected row, -1 for one too many."""

    entity: str
    row: int
    text: str


CASE_WORDS = ("open", "cases")
"""What is expected of workflows: the kinds of work that are open, and where the cases stand."""
NO_RECORDS = ("by", "nothing", "responses", *CASE_WORDS)
"""What an entry of `expect` holds beside records."""


def differences(entry: Mapping[str, Any], given: Given) -> list[Difference]:
    """All differences at a moment. Kinds that are not named must have nothing; with `open`, what was done is not looked at."""
    store, vocabulary = given.store, given.vocabulary
    expected = {name: rows for name, rows in entry.items() if name not in NO_RECORDS}
    entities = entities_by_plural(vocabulary)
    found: list[Difference] = []
    for name, rows in expected.items():
        entity = entities[name]
        if entity.name not in MADE and entity.name not in BESIDE:
            found += _state(entity, rows, given)
    found += _open_work(entry.get("open"), store) + _cases(entry.get("cases"), given)
    for kind, stands in {**MADE, **{kind: "1 = 1" for kind in BESIDE if plural(kind) in expected}}.items():
        if kind == "activity" and ("open" in entry or "cases" in entry) and "activities" not in expected:
            continue
        entity, wanted = vocabulary.entity(kind), [dict(row) for row in expected.get(plural(kind), ())]
        times = [times_of(row) for row in wanted]
        numbers = [row[0] for row in store.rows(f'SELECT id FROM "{kind}" WHERE {stands} ORDER BY id', []) if row[0] not in given.made.get(kind, ())]
        names = sorted({_field(entity, name) for row in wanted for name in row} | set(_shown(entity)))
        several = [(index, row) for index, row in enumerate(wanted) for _ in range(times[index])]
        found += _told(_compared(entity, several, _readable(given, entity, numbers, names)), times)
    return found


def _field(entity: Entity, name: str) -> str:
    return SHORT.get(entity.name, {}).get(name, name)


def _shown(entity: Entity) -> list[str]:
    """The fields a surprise is described by."""
    wanted = ("kind", "list", "template", "action", "customer", "due_on", "assignee", "value", "status", "channel")
    return [name for name in wanted if name in entity.fields]


def _readable(given: Given, entity: Entity, numbers: Sequence[int], names: Sequence[str]) -> list[dict[str, str]]:
    """Rows as a person writes them: records by their key, days as ISO, moments as the clock on the wall shows them."""
    paths = {name: _path(given.vocabulary, entity, name) for name in names}
    values = load(given.store, entity.name, list(numbers), sorted(set(paths.values())))

    def text(number: int, name: str) -> str:
        value = values[number][paths[name]]
        return f"{given.calendar.local(value):%Y-%m-%dT%H:%M}" if isinstance(value, datetime) else shown(value, entity.fields[name].type)

    return [{name: text(number, name) for name in paths} for number in numbers]


def _path(vocabulary: Vocabulary, entity: Entity, name: str) -> str:
    found = entity.fields[name]
    return f"{name}.{vocabulary.entity(found.target).key or 'id'}" if found.type == "ref" else name


def shown(value: Any, kind: str) -> str:
    """A value as text; money with its currency."""
    if value is None:
        return ""
    if kind == "money":
        return f"{value // 100}.{value % 100:02d} EUR"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compared(entity: Entity, wanted: Sequence[tuple[int, Mapping[str, Any]]], rows: list[dict[str, str]]) -> list[Difference]:
    """Each expected row (index, cells) takes the row that differs least; what is left over is too much."""
    left, found = list(rows), []
    near = {index: len(_nearest(entity, row, rows)[1]) if rows else 0 for index, row in dict(wanted).items()}
    for index, row in sorted(wanted, key=lambda one: near[one[0]]):
        best, cells = _nearest(entity, row, left) if left else ({}, [])
        if not left or len(cells) == len(row):
            found.append(Difference(entity.name, index, f"missing: {_words(row)}"))
            continue
        left.remove(best)
        found += [Difference(entity.name, index, f"{name}: wanted {want or 'nothing'}, found {have or 'nothing'}") for name, want, have in cells]
    return found + [Difference(entity.name, -1, f"not expected: {_words({k: v for k, v in row.items() if v})}") for row in left]


def _nearest(entity: Entity, wanted: Mapping[str, Any], rows: Sequence[dict[str, str]]) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """The row that differs least, and the cells in which it does; of several the first."""
    best, least = rows[0], _cells(entity, wanted, rows[0])
    for row in rows[1:]:
        if not least:
            break
        cells = _cells(entity, wanted, row)
        if len(cells) < len(least):
            best, least = row, cells
    return best, least


def _told(found: Sequence[Difference], times: Sequence[int]) -> list[Difference]:
    """Each difference once, with how often there is just that one where it is one of several."""
    numbers = Counter(found)
    return [
        replace(one, text=f"{one.text} ({number} of {times[one.row]})") if one.row >= 0 and times[one.row] > 1 else one
        for one, number in numbers.items()
        for _ in range(1 if one.row >= 0 else number)
    ]


def _cells(entity: Entity, wanted: Mapping[str, Any], row: Mapping[str, str]) -> list[tuple[str, str, str]]:
    found = []
    for name, value in wanted.items():
        want, have = shown(value, "text"), row[_field(entity, name)]
        if want != (have[: len(want)] if len(want) == 10 and len(have) > 10 and have[4:5] == "-" else have):
            found.append((name, want, have))
    return found


def _words(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {shown(value, 'text')}" for name, value in row.items())


def _state(entity: Entity, rows: Sequence[Mapping[str, Any]], given: Given) -> list[Difference]:
    """Records of the test by key, and how they should be now."""
    found = []
    for index, row in enumerate(rows):
        if "times" in row:
            raise BadTest(f"a {entity.name} is looked at by its {entity.key}", "leave `times` out, and write a row for each")
        number = given.rows.get((entity.name, str(row.get(entity.key))))
        if number is None:
            found.append(Difference(entity.name, index, f"there is no {entity.name} {row.get(entity.key)} in this test"))
            continue
        names = [_field(entity, name) for name in row]
        (now,) = _readable(given, entity, [number], names)
        found += [
            Difference(entity.name, index, f"{name}: wanted {want or 'nothing'}, found {have or 'nothing'}") for name, want, have in _cells(entity, row, now)
        ]
    return found


def _open_work(wanted: Sequence[Any] | str | None, store: Store) -> list[Difference]:
    if wanted is None:
        return []
    wanted = [wanted] if isinstance(wanted, str) else wanted
    have = [str(row[0]) for row in store.rows("SELECT kind FROM activity WHERE status IN ('open', 'blocked') ORDER BY kind, id", [])]
    if sorted(str(one) for one in wanted) == have:
        return []
    return [Difference("open", -1, f"wanted {', '.join(sorted(str(one) for one in wanted)) or 'nothing'}, found {', '.join(have) or 'nothing'}")]


def _cases(wanted: Sequence[Mapping[str, Any]] | None, given: Given) -> list[Difference]:
    """Every case, in the order they began: its status, its result, its open steps, those of them that were named."""
    if wanted is None:
        return []
    steps: dict[int, list[str]] = {}
    for case, step in given.store.rows("SELECT instance, step FROM token WHERE status IN ('open', 'queued') ORDER BY instance, step, number", []):
        steps.setdefault(case, []).append(str(step))
    rows = given.store.rows("SELECT id, definition, status, result FROM instance ORDER BY id", [])
    have = [{"workflow": str(row[1]).rpartition(".")[2], "status": row[2], "result": row[3] or "", "steps": steps.get(row[0], [])} for row in rows]
    found = [Difference("cases", -1, f"wanted {len(wanted)}, found {len(have)}")] if len(wanted) != len(have) else []
    for index, (want, case) in enumerate(zip(wanted, have, strict=False)):
        for name, value in want.items():
            several = [value] if name == "steps" and isinstance(value, str) else value
            mine = sorted(str(one) for one in several) if isinstance(several, list) else several
            if mine != case.get(name):
                found.append(Difference("cases", index, f"{name}: wanted {_listed(mine)}, found {_listed(case.get(name))}"))
    return found


def _listed(value: Any) -> str:
    return (", ".join(value) if isinstance(value, list) else str(value or "")) or "nothing"
