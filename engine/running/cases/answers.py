"""The answers to what the machine asks: one query for all cases that ask the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from engine.effects.activity import due
from engine.effects.base import Batch, Match, Result, Work
from engine.language.durations import PhraseError
from engine.language.phrases import Phrase, PhraseContext, resolve
from engine.planning.query import QueryContext, ids
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.planning.workflows.case import Case, Token
from engine.planning.workflows.graph import DUE, OPENED, Flow, PerRecord
from engine.planning.workflows.questions import DueAnew, Escalate, Holds, Perform, Question, Records, Remind, TakeSlot, When
from engine.running.apply import perform
from engine.running.state import TickState
from engine.store.given import as_day, as_instant

Asked = tuple[Case, Flow, Any]


@dataclass
class Answerer:
    """Answers for the cases of one session."""

    state: TickState
    slots: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What was taken in this session: slot -> (case, token)."""

    def answer(self, asked: Sequence[tuple[Case, Flow, Question]]) -> list[Any]:
        """One answer per question, in order."""
        answers: list[Any] = [None] * len(asked)
        groups: dict[Any, list[int]] = defaultdict(list)
        for index, (_, flow, question) in enumerate(asked):
            groups[self._together(flow, question)].append(index)
        for (kind, *_), places in groups.items():
            found = getattr(self, f"_{kind}")([asked[place] for place in places])
            for place, one in zip(places, found, strict=True):
                answers[place] = one
        return answers

    @staticmethod
    def _together(flow: Flow, question: Question) -> tuple[Any, ...]:
        if isinstance(question, Holds):
            return "holds", question.entity, id(question.condition)
        if isinstance(question, Records):
            return "records", id(question.each)
        if isinstance(question, Perform):
            return "perform", id(question.deeds), question.due, question.way, question.appointment
        if isinstance(question, When):
            return "when", id(flow)
        if isinstance(question, DueAnew):
            return "due_anew", id(question.deeds)
        return {TakeSlot: "slot", Remind: "remind", Escalate: "escalate"}[type(question)], id(flow)

    def _batch(self, flow: Flow) -> Batch:
        return self.state.make_batch(flow)

    def _holds(self, asked: Sequence[Asked]) -> list[bool]:
        question = asked[0][2]
        calendars: dict[Any, set[int]] = defaultdict(set)
        batch = self._batch(asked[0][1])
        several = bool(self.state.setting.calendars)
        if several:
            _foresee_branches(asked, batch)
        for case, flow, one in asked:
            calendars[batch.calendar(_work(flow, case)) if several else self.state.setting.calendar].add(one.record)
        true: set[tuple[Any, int]] = set()
        for calendar, records in calendars.items():
            context = QueryContext(self.state.now, calendar)
            true |= {(calendar, row) for row in ids(self.state.setting.store, question.entity, question.condition, context, only=sorted(records))}
        return [((batch.calendar(_work(flow, case)) if several else self.state.setting.calendar), one.record) in true for case, flow, one in asked]

    def _records(self, asked: Sequence[Asked]) -> list[list[int]]:
        each: PerRecord = asked[0][2].each
        found = related(self.state, asked[0][1], each, [question.subject for _, _, question in asked])
        return [found.get(question.subject, []) for _, _, question in asked]

    def _perform(self, asked: Sequence[Asked]) -> list[dict[str, Result]]:
        question: Perform = asked[0][2]
        rule = replace(question.deeds, digest=asked[0][1].digest)
        if question.due is not None or question.appointment == "ask":
            rule = _due_instead(rule, question.due)
        asks = question.appointment == "ask"
        works = [
            _work(flow, case, one.token, one.way, rule, follows=_follows(case, one.token), appointment_at=case.appointment if asks else None)
            for case, flow, one in asked
        ]
        results = perform(rule, works, self.state.make_batch, self.state.run, self.state.tally)
        if question.appointment == "due":
            self._appointed([found["work"].made_id for found in results])
        return results

    def _appointed(self, activities: Sequence[int | None]) -> None:
        store = self.state.setting.store
        made = [number for number in activities if number is not None]
        rows = store.rows_in("SELECT id, due_at FROM activity WHERE id IN ({})", [], made)
        store.update_many("activity", [{"id": row[0], "appointment_at": as_instant(row[1])} for row in rows])

    def _when(self, asked: Sequence[Asked]) -> list[tuple[datetime | None, date | None]]:
        batch = self._batch(asked[0][1])
        _foresee_branches(asked, batch)
        activities = sorted({question.activity for _, _, question in asked if question.activity is not None})
        due = {row[0]: as_instant(row[1]) for row in self.state.setting.store.rows_in("SELECT id, due_at FROM activity WHERE id IN ({})", [], activities)}
        return [self._one_when(case, flow, question, batch, due) for case, flow, question in asked]

    def _one_when(self, case: Case, flow: Flow, question: When, batch: Batch, due: dict[int, datetime | None]) -> tuple[datetime | None, date | None]:
        work = _work(flow, case, question.token)

        def get(path: str) -> Any:
            if path == OPENED:
                return question.token.opened_at
            return due.get(question.activity or 0) if path == DUE else batch.get(work, path)

        return resolved(question.phrase, question.since or self.state.now, batch, work, get)

    def _due_anew(self, asked: Sequence[Asked]) -> list[date | None]:
        """Move open work with its anchor; a date set by hand stays and is flagged."""
        store, batch = self.state.setting.store, self._batch(asked[0][1])
        _, plan = asked[0][2].deeds.effects["work"]
        sql = "SELECT id, due_by_hand FROM activity WHERE status IN ('open', 'blocked') AND id IN ({})"
        by_hand = dict(store.rows_in(sql, [], [question.token.activity for _, _, question in asked]))
        rows, days = [], []
        for case, flow, question in asked:
            work = _work(flow, case, question.token)
            instant, anchor = resolved(plan.due, self.state.now, batch, work, partial(batch.get, work))
            days.append(anchor)
            if question.token.activity not in by_hand:
                continue
            if by_hand[question.token.activity] or instant is None:
                why = f"{plan.due.anchor} moved to {anchor}, but the date was set by hand" if anchor else f"{plan.due.anchor} is no longer set; the date stays"
                case.note(question.token.step, "skipped", why)
                continue
            due_on, due_at = due(plan, work, batch)
            rows.append({"id": question.token.activity, "due_on": due_on, "due_at": due_at})
            case.note(question.token.step, "moved", f"{plan.due.anchor} moved to {anchor}")
        with store.context(cause="workflow: anchor moved"):
            store.update_many("activity", rows)
        return days

    def _slot(self, asked: Sequence[Asked]) -> list[tuple[str, bool]]:
        batch = self._batch(asked[0][1])
        keys = []
        for case, flow, question in asked:
            target = batch.vocabulary.last(flow.entity, question.path).target
            value = batch.get(_work(flow, case, question.token), question.path)
            keys.append(f"{target}:{value}" if value is not None else "")
        held = self._holders(sorted({key for key in keys if key}))
        answers = []
        for key, (case, _, question) in zip(keys, asked, strict=True):
            mine = (case.id, question.token.number)
            free = not key or held.setdefault(key, mine) == mine
            if key and free:
                self.slots[key] = mine
            answers.append((key, free))
        return answers

    def _holders(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        store = self.state.setting.store
        if store.provider == "postgres":
            for key in keys:
                store.rows("SELECT pg_advisory_xact_lock(hashtext(?))", [f"slot {key}"])
        rows = store.rows_in("SELECT slot, instance, number FROM token WHERE status = 'open' AND slot IN ({})", [], keys)
        return {**{row[0]: (row[1], row[2]) for row in rows}, **{key: self.slots[key] for key in keys if key in self.slots}}

    def _remind(self, asked: Sequence[Asked]) -> list[None]:
        store = self.state.setting.store
        activities = [question.token.activity for _, _, question in asked]
        who = dict(store.rows_in("SELECT id, assignee FROM activity WHERE id IN ({})", [], [one for one in activities if one is not None]))
        rows = [{"activity": one, "employee": who.get(one), "reminded_at": self.state.now} for one in activities if one is not None]
        with store.context(cause="workflow reminder"):
            store.insert_many("reminder", rows)
        return [None] * len(asked)

    def _escalate(self, asked: Sequence[Asked]) -> list[None]:
        store, batch = self.state.setting.store, self._batch(asked[0][1])
        sql = "SELECT id, assignee, branch, due_on FROM activity WHERE status IN ('open', 'blocked') AND id IN ({})"
        known = {row[0]: row for row in store.rows_in(sql, [], [question.token.activity for _, _, question in asked])}
        rows = []
        for case, flow, question in asked:
            activity = known.get(question.token.activity)
            if activity is None:
                continue
            work = _work(flow, case, question.token)
            wanted = self._above(activity[1], question.to, work, batch)
            person, why = batch.people.pick(wanted, activity[2], max(as_day(activity[3]) or date.min, batch.today(work)), case.subject)
            if person is not None and person != activity[1]:
                rows.append({"id": activity[0], "assignee": person, "assigned_because": f"escalated to {question.to}{f', {why}' if why else ''}"})
                case.note(question.token.step, "done", f"escalated to {question.to}")
            else:
                case.note(question.token.step, "skipped", f"nobody to escalate to ({question.to})")
        with store.context(cause="workflow escalation"):
            store.update_many("activity", rows)
        return [None] * len(asked)

    @staticmethod
    def _above(assignee: int | None, to: str, work: Work, batch: Batch) -> list[Any]:
        if to == "manager":
            return [batch.values.get("employee", assignee, "manager")] if assignee is not None else []
        return [batch.get(work, to) if to.split(".")[0] in batch.entity(work).fields else to]


def related(state: TickState, flow: Flow, each: PerRecord, subjects: Sequence[int]) -> dict[int, list[int]]:
    """The records of an `each`, by subject."""
    setting = state.setting
    *hops, last = each.path.split(".")
    field_ = list(setting.vocabulary.walk(flow.entity, each.path))[-1]
    owner: dict[int, list[int]] = defaultdict(list)
    if hops:
        prefix = ".".join(hops)
        for subject, values in load(setting.store, flow.entity, list(subjects), [prefix]).items():
            if values.get(prefix) is not None:
                owner[values[prefix]].append(subject)
    else:
        owner = defaultdict(list, {subject: [subject] for subject in subjects})
    sql = f'SELECT id, "{field_.back}" FROM "{field_.target}" WHERE "{field_.back}" IN ({{}}) ORDER BY id'
    rows = setting.store.rows_in(sql, [], list(owner))
    if each.condition is not None:
        good = set(ids(setting.store, each.entity, each.condition, QueryContext(state.now, setting.calendar), only=[row[0] for row in rows]))
        rows = [row for row in rows if row[0] in good]
    found: dict[int, list[int]] = defaultdict(list)
    for record, back in rows:
        for subject in owner[back]:
            found[subject].append(record)
    return found


def resolved(phrase: Phrase, now: datetime, batch: Batch, work: Work, get: Callable[[str], Any]) -> tuple[datetime | None, date | None]:
    """(the instant a phrase falls on, its anchor's day); (None, None) where the anchor is missing."""
    calendar = batch.calendar(work)
    try:
        instant = resolve(phrase, PhraseContext(now, calendar, get)).instant
    except PhraseError:
        return None, None
    anchor = get(phrase.anchor) if phrase.anchor else None
    return instant, calendar.today(anchor) if isinstance(anchor, datetime) else anchor


def _foresee_branches(asked: Sequence[Asked], batch: Batch) -> None:
    flow = asked[0][1]
    path = batch.vocabulary.entity(flow.entity).branch
    if path and path != "self":
        batch.values.foresee(flow.entity, sorted({case.subject for case, _, _ in asked}), [path])


def _follows(case: Case, token: Token) -> int | None:
    """The activity that the new one was agreed in: the one that ended in this reaction, or as the workflow did that was waited for."""
    ended = [other for other in case.tokens.values() if other.status == "done" and other.activity is not None and other.changed and other is not token]
    return max(ended, key=lambda other: other.number).activity if ended else case.agreed_in


def _work(flow: Flow, case: Case, token: Token | None = None, way: str = "", rule: Rule | None = None, **agreed: Any) -> Work:
    name = f"case {case.id}"
    match = None
    if token is not None:
        item = token.region.item
        name += f" {token.step}#{token.run}" + (f" {item}" if item else "") + (f" {way}" if way else "")
        if item and rule is not None and rule.each:
            match = Match(item.entity, item.id, rule.each.name)
    return Work(flow.id, case.entity, case.subject, name, "", entry=token.step if token else "", match=match, cause=case.cause, depth=case.depth, **agreed)


def _due_instead(rule: Rule, due: Phrase | None) -> Rule:
    """The same deed, due at another moment."""
    if due is None:
        return rule
    word, plan = rule.effects["work"]
    return replace(rule, effects={"work": (word, replace(plan, due=due))})
