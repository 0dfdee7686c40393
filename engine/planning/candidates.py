"""Which subjects a rule's trigger picks at a moment, with what is already done excluded by the queries.

One function per trigger (dates in dates.py). All walk sets in the database; Python sees only the ids that are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.language.calendars import Calendar
from engine.language.conditions import All, AnyOf, Linked, Literal, MomentValue, Node, Not, Test
from engine.language.phrases import FromNow
from engine.language.vocabulary import Vocabulary
from engine.planning.catch_up import in_time, newest, slots_since
from engine.planning.query import QueryContext, ids
from engine.planning.rules import Rule
from engine.store.store import Store

FEW = 10_000
"""Up to so many are asked by number; of more, the whole table."""


@dataclass(frozen=True)
class Candidate:
    """A subject that a trigger picked, and the occurrence it stands for."""

    subject: int
    occurrence: str
    entry: str = ""
    day: date | None = None
    anchor: date | None = None
    cause: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Scene:
    """What a plan looks at: the store, the moment, the last tick, and the calendar of one group of branches.

    `only` is the condition that narrows the subjects to that group (None: all of them).
    """

    store: Store
    vocabulary: Vocabulary
    now: datetime
    last_tick: datetime | None
    calendar: Calendar
    only: Node | None = None

    @property
    def today(self) -> date:
        """The local day."""
        return self.calendar.today(self.now)

    @property
    def context(self) -> QueryContext:
        """What a query resolves its moments from."""
        return QueryContext(self.now, self.calendar)


def pick(scene: Scene, entity: str, parts: Iterable[Node | None], only: Sequence[int] | None = None, given: Mapping[str, date] | None = None) -> list[int]:
    """The ids for which all parts hold, with the days that parts leave open (`Given`)."""
    nodes = tuple(part for part in (*parts, scene.only) if part is not None)
    return ids(scene.store, entity, All(nodes), replace(scene.context, given=given or {}), only=only)


def own(rule: Rule, *more: Node) -> Linked:
    """An occurrence of this rule for the subject exists for which `more` holds."""
    return Linked("occurrence", All((Test("definition", "is", Literal(rule.id)), *more)))


def by_event(rule: Rule, scene: Scene, events: Sequence[tuple[int, int, datetime, str, int]]) -> list[Candidate]:
    """The waiting events (number, subject, happened at, cause, depth) whose subject the guard lets through."""
    fresh = [event for event in events if in_time(rule, scene, event[2])]
    if not fresh:
        return []
    holds = set(pick(scene, rule.entity, (rule.condition, allowed_again(rule, scene)), only=sorted({event[1] for event in fresh})))
    found = [
        Candidate(event[1], f"event {event[0]}", rule.event, scene.calendar.today(event[2]), None, event[3], event[4]) for event in fresh if event[1] in holds
    ]
    return rationed(rule, scene, newest(rule, scene, found))


def in_turn(scene: Scene, entity: str, first: tuple[Node | None, ...], then: tuple[Node | None, ...], given: Mapping[str, date] | None = None) -> list[int]:
    """For whom all parts hold, where the first ones hold for few: the others are then asked of those alone (docs/decisions/0027)."""
    few, rest = (tuple(part for part in parts if part is not None) for parts in (first, then))
    context = replace(scene.context, given=given or {})
    found = ids(scene.store, entity, All(few), context)
    if not found or not rest:
        return found
    return ids(scene.store, entity, All(rest), context, only=found) if len(found) <= FEW else ids(scene.store, entity, All((*few, *rest)), context)


def by_edge(rule: Rule, scene: Scene) -> list[Candidate]:
    """The subjects for which the condition has become true, or, with `again`, is true and due once more."""
    if rule.again.mode != "edge":
        found = pick(scene, rule.entity, (rule.condition, allowed_again(rule, scene)))
        numbers = _count(rule, scene, found)
        return rationed(rule, scene, [Candidate(s, f"time {numbers.get(s, 0) + 1}", "", scene.today) for s in found])
    found = pick(scene, rule.entity, (rule.condition, Not(_stands(rule))))
    episodes = episodes_of(rule.id, rule.entity, found, scene.store)
    return [Candidate(subject, f"episode {episodes.get(subject, 0) + 1}", "", scene.today) for subject in found]


def gone(variants: Sequence[tuple[Rule, Scene]]) -> list[int]:
    """The subjects that stand but for which no variant of the rule holds any longer, or that are no longer there."""
    rule, scene = variants[0]
    still = AnyOf(tuple(All(tuple(node for node in (variant.condition, where.only) if node is not None)) for variant, where in variants))
    fallen = in_turn(scene, rule.entity, (_stands(rule),), (Not(still),))
    sql = (
        "SELECT subject_id FROM standing s WHERE definition = ? AND subject_entity = ? AND stands"
        f' AND NOT EXISTS (SELECT 1 FROM "{rule.entity}" e WHERE e.id = s.subject_id)'
    )
    return fallen + [row[0] for row in scene.store.rows(sql, [rule.id, rule.entity])]


def _stands(rule: Rule) -> Linked:
    """The rule's condition stands for the subject."""
    return Linked("standing", All((Test("definition", "is", Literal(rule.id)), Test("stands", "is", Literal(True)))))


def by_schedule(rule: Rule, scene: Scene) -> list[Candidate]:
    """All subjects for which the guard holds, once per slot that has come since the last tick."""
    assert rule.schedule is not None
    slots = _slots(rule, scene)
    found: list[Candidate] = []
    for slot in slots:
        name = slot.isoformat(timespec="minutes")
        unless = Not(own(rule, Test("occurrence", "is", Literal(name))))
        picked = pick(scene, rule.entity, (rule.condition, unless, allowed_again(rule, scene)))
        found += [Candidate(subject, name, "", slot.date()) for subject in picked]
    return rationed(rule, scene, found)


def _slots(rule: Rule, scene: Scene) -> list[datetime]:
    assert rule.schedule is not None
    if rule.period:  # its day counts to its end, also for who comes to fit in it; what was missed is not made up for after its last day
        span = rule.period.around(scene.today)
        since = scene.calendar.at(scene.today, time()) - timedelta(seconds=1)
        return rule.schedule.slots(since, scene.now, scene.calendar)[-1:] if span else []
    slots = rule.schedule.slots(slots_since(rule, scene), scene.now, scene.calendar)
    return slots if rule.catch_up.mode == "all" else slots[-1:]


def allowed_again(rule: Rule, scene: Scene) -> Node | None:
    """What `again` asks of a subject's earlier occurrences; None where it asks nothing that a query can tell."""
    if rule.again.mode == "never":
        last = rule.period.ended_before(scene.today) if rule.period else None  # a yearly campaign comes anew
        return Not(own(rule, *([Test("day", "after", Literal(last))] if last else [])))
    if rule.again.not_before is not None:
        return Not(own(rule, Test("day", "after", MomentValue(FromNow(rule.again.not_before, -1)))))
    return None


def rationed(rule: Rule, scene: Scene, found: list[Candidate]) -> list[Candidate]:
    """What `again` allows each subject: what it had before is in the query, what it would have twice at once is left out here."""
    most = rule.again.at_most
    once = rule.again.mode == "never" or rule.again.not_before is not None
    if not found or (most is None and not once):
        return found
    monday = scene.today - timedelta(days=scene.today.weekday())
    since = {"year": scene.today.replace(month=1, day=1), "month": scene.today.replace(day=1), "week": monday, "day": scene.today}.get(rule.again.per)
    had = _count(rule, scene, [candidate.subject for candidate in found], since) if most is not None else {}
    now: Counter[int] = Counter()
    kept = []
    for candidate in found:
        subject = candidate.subject
        if (not once or not now[subject]) and (most is None or had.get(subject, 0) + now[subject] < most):
            now[subject] += 1
            kept.append(candidate)
    return kept


def _count(rule: Rule, scene: Scene, subjects: Sequence[int], since: date | None = None) -> dict[int, int]:
    sql = "SELECT subject_id, COUNT(DISTINCT occurrence) FROM occurrence WHERE definition = ? AND subject_entity = ?"
    args: list[Any] = [rule.id, rule.entity]
    if since:
        sql += " AND day >= ?"
        args.append(since)
    return dict(scene.store.rows_in(sql + " AND subject_id IN ({}) GROUP BY subject_id", args, subjects))


def episodes_of(definition: str, entity: str, subjects: Sequence[int], store: Store) -> dict[int, int]:
    """How often a condition has become true before, by subject."""
    sql = "SELECT subject_id, episode FROM standing WHERE definition = ? AND subject_entity = ? AND subject_id IN ({})"
    return dict(store.rows_in(sql, [definition, entity], subjects))
