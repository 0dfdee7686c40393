"""Which subjects a date of a rule comes to: `32 months after delivered_on`, `every year on birthday`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from engine.language.arithmetic import earliest_anchor, latest_anchor
from engine.language.conditions import All, AnyOf, FieldRef, Given, Literal, Node, Not, Test
from engine.language.phrases import Offset, Phrase, Yearly, offset_day
from engine.planning.candidates import Candidate, Scene, allowed_again, in_turn, own, rationed
from engine.planning.catch_up import newest, window
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.store.given import as_day


def by_date(rule: Rule, scene: Scene) -> list[Candidate]:
    """The subjects one of whose dates has come within the catch-up window and is not yet done."""
    found: list[Candidate] = []
    for entry, phrase in rule.dates.items():
        found += _yearly(rule, scene, entry, phrase) if isinstance(phrase, Yearly) else _offset(rule, scene, entry, phrase)
    return rationed(rule, scene, newest(rule, scene, found))


def _offset(rule: Rule, scene: Scene, entry: str, phrase: Phrase) -> list[Candidate]:
    assert isinstance(phrase, Offset)  # rules.py refuses phrases without an anchor
    first, last = window(rule, scene)
    falls = falls_between(phrase, first, last, scene)
    if falls is None:
        return []
    reached, given = falls
    found = _due(rule, scene, (reached, not_done(rule, scene, entry, phrase, first)), given)
    anchors = load(scene.store, rule.entity, found, [phrase.anchor])

    def due(day: date) -> date:
        return offset_day(phrase, day, scene.calendar)

    done = _occurrences(rule, scene, entry, found)
    return [candidate for subject in found if (candidate := _dated(entry, subject, anchors[subject][phrase.anchor], due, scene, done.get(subject, [])))]


def _due(rule: Rule, scene: Scene, waiting: tuple[Node | None, ...], given: Mapping[str, date]) -> list[int]:
    """Those whose date came and is not done, and who then may have it."""
    return in_turn(scene, rule.entity, (*waiting, scene.only), (rule.condition, allowed_again(rule, scene)), given)


def falls_between(phrase: Phrase, first: date | None, last: date, scene: Scene) -> tuple[Node, dict[str, date]] | None:
    """That a date falls on one of these days (with a first one: no earlier), with the days told along; None where it never does."""
    if isinstance(phrase, Yearly):
        days = _days(first or date.min, last)
        return AnyOf(tuple(Test(phrase.anchor, "anniversary", Literal(day)) for day in days)), {}
    assert isinstance(phrase, Offset)  # rules.py refuses phrases without an anchor

    def due(day: date) -> date:
        return offset_day(phrase, day, scene.calendar)

    youngest = latest_anchor(last, due)
    oldest = earliest_anchor(first, due) if first else None
    if youngest is None or (oldest is not None and oldest > youngest):
        return None
    before = Test(phrase.anchor, "on_or_before", Given("youngest"))
    if oldest is None:
        return before, {"youngest": youngest}
    return All((before, Test(phrase.anchor, "on_or_after", Given("oldest")))), {"youngest": youngest, "oldest": oldest}


def _days(first: date, last: date) -> list[date]:
    """The days of a window; the anniversaries of half a year count at most."""
    first = max(first, last - timedelta(days=180))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _dated(entry: str, subject: int, anchor: Any, due: Any, scene: Scene, done: list[tuple[int, date | None, date | None]]) -> Candidate | None:
    day = scene.calendar.today(anchor) if isinstance(anchor, datetime) else anchor
    if any(was == day for _, was, _ in done):
        return None
    falls = due(day)
    if any(earlier is not None and earlier >= falls for _, _, earlier in done):
        return None  # already done for a later date: an anchor that moved back raises nothing new
    return Candidate(subject, f"{entry}#{len(done) + 1}", entry, falls, day)


def not_done(rule: Rule, scene: Scene, entry: str, phrase: Phrase, first: date | None) -> Node | None:
    """Exclude in the query what was done for this very anchor (only a plain day can be compared there), of a yearly date since the first day."""
    mine = Test("entry", "is", Literal(entry))
    if isinstance(phrase, Yearly):
        return Not(own(rule, mine, Test("day", "on_or_after", Literal(first))))
    if "." in phrase.anchor or scene.vocabulary.last(rule.entity, phrase.anchor).type != "date":
        return None
    return Not(own(rule, mine, Test("anchor", "is", FieldRef(f"^.{phrase.anchor}"))))


def _occurrences(rule: Rule, scene: Scene, entry: str, subjects: Sequence[int]) -> dict[int, list[tuple[int, date | None, date | None]]]:
    """The earlier occurrences of one date entry, by subject: (number, anchor, day)."""
    found: dict[int, dict[str, tuple[int, date | None, date | None]]] = {}
    for row in scene.store.rows_in(
        "SELECT subject_id, occurrence, anchor, day FROM occurrence WHERE definition = ? AND subject_entity = ? AND entry = ? AND subject_id IN ({})",
        [rule.id, rule.entity, entry],
        subjects,
    ):
        number = int(row[1].rpartition("#")[2])
        found.setdefault(row[0], {})[row[1]] = (number, as_day(row[2]), as_day(row[3]))
    return {subject: list(by_name.values()) for subject, by_name in found.items()}


def _yearly(rule: Rule, scene: Scene, entry: str, phrase: Yearly) -> list[Candidate]:
    first, last = window(rule, scene)
    days = _days(first or date.min, last)
    falls = falls_between(phrase, first, last, scene)
    assert falls is not None  # anniversaries always do
    found = _due(rule, scene, (falls[0], not_done(rule, scene, entry, phrase, days[0])), {})
    anchors = load(scene.store, rule.entity, found, [phrase.anchor])
    by_day = {(day.month, day.day): day for day in days}
    result = []
    for subject in found:
        anchor = anchors[subject][phrase.anchor]
        born = scene.calendar.today(anchor) if isinstance(anchor, datetime) else anchor
        day = by_day.get((born.month, born.day)) or by_day.get((2, 28))
        if day is not None:
            result.append(Candidate(subject, f"{entry} {day.year}", entry, day, born))
    return result
