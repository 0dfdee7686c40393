"""`activity:` work for a person (S1.13, S1.57, S1.58, S2.14, S2.15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import Row, check_person, check_template, customer_of, customer_path, path_to, row_or_failed
from engine.effects.slots import Diary
from engine.effects.tool import Tool, check_tool
from engine.language.nearest import did_you_mean
from engine.language.phrases import Next, Phrase
from engine.language.templates import Template
from engine.store.activities import IS_OPEN, cancel

ADDED = "added to an open activity"
"""The result of work that went to an activity another occurrence made."""


@dataclass(frozen=True)
class ActivityPlan:
    """An activity effect, compiled."""

    kind: str
    to: str
    due: Phrase | None
    closed_day: str
    assign: tuple[str, ...]
    note: Template | None
    tool: Tool
    if_open: str
    channel: str
    """How it reaches the customer, "" if it does not."""
    fields: dict[str, str]
    """Paths from the subject to what the activity points at: vehicle, opportunity, ticket."""


class ActivityEffect(Irreversible):
    """Creates an open activity; an open one of that kind for the same customer and subject takes the reason instead."""

    word = "activity"
    makes = "activity"
    doc = "Work for a person: its kind, when it is due, who does it."
    example = "contact: {activity: phone_call, due: 3 business days, assign: [salesperson, sales_manager]}"
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["activity"],
        "properties": {
            "activity": {"type": "string", "examples": ["phone_call"], "description": "The kind of activity; `activities:` declares it."},
            "to": {"type": "string", "examples": ["customer"], "description": "The way to the customer it is about; the subject's own unless said."},
            "due": {"type": "string", "examples": ["3 business days"], "description": "When it is due: `3 business days`, `the date`, `next monday at 09:00`."},
            "closed_day": {"enum": ["next", "previous", "stay"], "description": "Where a due date on a closed day moves."},
            "assign": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 20,
                "description": "Person fields or roles; the first that is filled and present gets the work.",
                "examples": [["salesperson", "sales_manager"]],
            },
            "note": {"type": "string", "examples": ["Angebot {{ number }}"], "description": "A template: what the person should know."},
            "tool": {
                "type": ["string", "object"],
                "required": ["of"],
                "additionalProperties": False,
                "properties": {
                    "field": {"type": "string", "examples": ["brand"], "description": "The field that is looked up, such as brand."},
                    "name": {"type": "string", "examples": ["Eurotax"], "description": "A fixed word that is looked up, such as Eurotax."},
                    "of": {"type": "string", "examples": ["offer_tools"], "description": "The table: `offer_tools`."},
                },
                "description": "The program the work is done with: its name, or where to look it up.",
                "examples": ["Eurotax", {"field": "brand", "of": "offer_tools"}],
            },
            "if_open": {"enum": ["keep", "add", "replace"], "description": "What to do when such an activity is already open."},
        },
    }

    def check(self, spec: dict[str, Any], checker: Checker) -> ActivityPlan:
        """Check kind, due phrase, persons and note."""
        vocabulary = checker.vocabulary
        kind = str(spec["activity"])
        if kind not in vocabulary.activities:
            checker.below("activity").wrong("effect-unknown-activity", f"there is no kind of activity '{kind}'", did_you_mean(kind, vocabulary.activities))
        to = customer_path(spec["to"], checker) if "to" in spec else ""
        due = checker.below("due").phrase(spec["due"]) if "due" in spec else None
        people = tuple(str(name) for name in spec.get("assign", ()))
        for index, name in enumerate(people):
            check_person(name, checker.below("assign", index))
        note = check_template(spec.get("note"), checker.below("note"))
        fields = {what: path for what in ("vehicle", "opportunity", "ticket") if (path := path_to(checker, what))}
        return ActivityPlan(
            kind,
            to,
            due,
            spec.get("closed_day", ""),
            people,
            note,
            check_tool(spec.get("tool"), checker.below("tool")),
            spec.get("if_open", "keep"),
            vocabulary.channels.get(kind, ""),
            fields,
        )

    def apply(self, plan: ActivityPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert one activity each; a second reason goes to the one that is open."""
        open_now = _open_activities(plan, works, batch)
        customers = [customer_of(plan.to, work, batch) for work in works]
        if plan.channel:
            batch.gate.foresee(customer for customer in customers if customer is not None)
        diary = Diary(batch)
        results: list[Result | None] = [None] * len(works)
        rows: list[dict[str, Any]] = []
        places: list[int] = []
        fresh: dict[tuple[int | None, str, int], int] = {}
        for index, work in enumerate(works):
            key = (customers[index], work.entity, work.subject)
            twin = open_now.get(key)
            if twin is not None and plan.if_open == "keep":
                results[index] = Result("done", ADDED, "activity", twin)
                continue
            if key in fresh and plan.if_open == "keep":
                results[index] = Result("done", ADDED, "activity", -1 - fresh[key])
                continue
            row = row_or_failed(partial(_row, plan, customers[index], diary), work, batch)
            if isinstance(row, Result):
                results[index] = row
                continue
            fresh[key] = len(rows)
            rows.append(row)
            places.append(index)
        ids = batch.store.insert_many("activity", rows)
        if plan.if_open == "replace":
            cancel(batch.store, [open_now[key] for key in fresh if key in open_now], "replaced", batch.now)
        for place, row, made in zip(places, rows, ids, strict=True):
            blocked = row["blocked_because"]
            results[place] = Result("blocked" if blocked else "done", blocked or "", "activity", made)
        finished = [_settled(result, ids) for result in results]
        _add_reasons(works, finished, batch)
        return finished


def _settled(result: Result | None, ids: list[int]) -> Result:
    """A result with the real number of an activity made in the same batch."""
    assert result is not None  # every work got one above
    if result.made_id is not None and result.made_id < 0:
        return Result(result.status, result.reason, result.made_entity, ids[-1 - result.made_id])
    return result


def _row(plan: ActivityPlan, customer: int | None, diary: Diary, work: Work, batch: Batch) -> Row:
    day, at = due(plan, work, batch)
    branch = batch.concerns(work, "branch")
    wanted = [batch.get(work, name) if _is_path(name, work, batch) else name for name in plan.assign]
    assignee, why = batch.people.pick(wanted, branch, day, work.subject)
    if assignee is not None and isinstance(plan.due, Next) and plan.due.weekday is None and plan.due.at is None:
        calendar = batch.calendar(work)
        at = diary.first_free(assignee, day, calendar) or at  # in a full week somebody has to make room
        day = calendar.today(at)
    blocked = ""
    if plan.channel and customer is not None:
        blocked = batch.gate.contact(customer, plan.channel, batch.purpose, batch.fact(work, customer))
    return {
        "kind": plan.kind,
        "status": "blocked" if blocked else "open",
        "customer": customer,
        "subject_entity": work.entity,
        "subject_id": work.subject,
        "assignee": assignee,
        "assigned_because": why,
        "branch": branch,
        "due_on": day,
        "due_at": at,
        "note": plan.note.render(partial(batch.told, work), batch.language) if plan.note else None,
        "tool": plan.tool.found(work, batch),
        "follows": work.follows,
        "appointment_at": work.appointment_at,
        "agreed_at": batch.now if work.appointment_at is not None else None,  # whoever named it had the customer before them (P14)
        "created_at": batch.now,
        "blocked_because": blocked or None,
        "definition": work.definition,
        **{name: (batch.get(work, plan.fields[name]) if name in plan.fields else None) for name in ("vehicle", "opportunity", "ticket")},
        **({work.entity: work.subject} if work.entity in ("vehicle", "opportunity", "ticket") else {}),
        **({work.match.entity: work.match.id} if work.match and work.match.entity in ("vehicle", "opportunity", "ticket") else {}),
    }


def due(plan: ActivityPlan, work: Work, batch: Batch) -> tuple[date, datetime]:
    """When an activity is due: its day and the instant. Raises PhraseError where the phrase's field is missing."""
    calendar = batch.calendar(work)
    if work.appointment_at is not None:
        return calendar.today(work.appointment_at), work.appointment_at
    if plan.due is None:
        today = batch.today(work)
        day = calendar.move(today, plan.closed_day or calendar.closed_day)
        return day, calendar.first_instant(day)
    moment = batch.moment(work, plan.due)
    day = calendar.move(moment.day, plan.closed_day or calendar.closed_day)
    if day == moment.day:
        return day, moment.instant
    return day, calendar.at(day, moment.at) if moment.at else calendar.first_instant(day)


def _is_path(name: str, work: Work, batch: Batch) -> bool:
    head = name.split(".")[0]
    if work.match and head == work.match.name:
        return True
    return head in batch.entity(work).fields


def _open_activities(plan: ActivityPlan, works: Sequence[Work], batch: Batch) -> dict[tuple[int | None, str, int], int]:
    if plan.if_open == "add":
        return {}
    rows = batch.store.rows_in(
        "SELECT customer, subject_entity, subject_id, id FROM activity"
        f" WHERE kind = ? AND subject_entity = ? AND {IS_OPEN} AND subject_id IN ({{}}) ORDER BY id DESC",
        [plan.kind, works[0].entity],
        [work.subject for work in works],
    )
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _add_reasons(works: Sequence[Work], results: Sequence[Result], batch: Batch) -> None:
    rows = [
        {"activity": result.made_id, "definition": work.definition, "occurrence": work.occurrence, "added_at": batch.now}
        for work, result in zip(works, results, strict=True)
        if result.made_id is not None
    ]
    batch.store.insert_many("activity_reason", rows)
