"""Small effects that write one row or one field: `history`, `event`, `assign`, `set`, `list`, `workflow`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.effects.activity import check_person, check_template
from engine.effects.base import DONE, Batch, Checker, Result, Work
from engine.effects.tag import customer_of, customer_path
from engine.language.durations import PhraseError
from engine.language.money import parse_money
from engine.language.nearest import an, did_you_mean
from engine.language.templates import Template
from engine.language.vocabulary import Field


def _object(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": [required], "properties": properties}


def _no_undo() -> AssertionError:
    return AssertionError("check keeps effects that cannot be taken back out of `while`")


@dataclass(frozen=True)
class HistoryPlan:
    """A history effect, compiled."""

    to: str
    columns: dict[str, Any]
    content: Template | None


class HistoryEffect:
    """Adds an entry to the customer's history (S3.6, S3.15, S3.21)."""

    word = "history"
    reversible = False
    doc = "An entry in the customer's history, with action, info and text."
    example = "note: {history: {action: mailing, info: winter_tyres}}"
    schema = _object(
        "history",
        {
            "history": {
                "type": "object",
                "additionalProperties": False,
                "description": "The entry: action, info, the six fields, and a text template.",
                "properties": {
                    "action": {"type": "string", "description": "One of the site's history actions."},
                    "info": {"type": "string", "description": "One of the site's history infos."},
                    **{f"field{n}": {"type": "string", "description": "A field the site named."} for n in range(1, 5)},
                    **{f"field{n}": {"type": "boolean", "description": "A checkbox the site named."} for n in (5, 6)},
                    "content": {"type": "string", "description": "A template for the free text."},
                },
            },
            "to": {"type": "string", "description": "The path to the customer, if it is not the subject's own."},
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> HistoryPlan:
        """Check the pull-down values, the text and the way to the customer."""
        entry = dict(spec["history"])
        content = check_template(entry.pop("content", None), checker.below("history", "content"))
        for column, choice in (("action", "history_actions"), ("info", "history_infos")):
            known = checker.vocabulary.choices.get(choice, ())
            if column in entry and entry[column] not in known:
                hint = did_you_mean(str(entry[column]), known, f"add it to `choices: {choice}`")
                checker.below("history", column).wrong("effect-unknown-choice", f"'{entry[column]}' is not in {choice}", hint)
        return HistoryPlan(customer_path(spec.get("to"), checker), entry, content)

    def text(self, plan: HistoryPlan) -> str:
        """What is planned, in one line."""
        return f"history {plan.columns.get('action') or plan.columns.get('info') or ''}".strip()

    def apply(self, plan: HistoryPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an entry each."""
        rows = []
        for work in works:
            content = plan.content.render(partial(batch.get, work), batch.language) if plan.content else None
            customer = customer_of(plan.to, work, batch)
            rows.append({**plan.columns, "customer": customer, "entered_on": batch.today(work), "content": content, "source": work.definition})
        return insert_each("history_entry", rows, batch, needs="customer")

    def writes(self, plan: HistoryPlan, entity: str) -> frozenset[tuple[str, str]]:
        """Nothing a `while` rule could keep."""
        return frozenset()

    def undo(self, plan: HistoryPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Not reversible."""
        raise _no_undo()


class EventEffect:
    """Raises an event about the subject, taken in the next round of the same tick."""

    word = "event"
    reversible = False
    doc = "Raises an event; rules and workflows that listen take it in the next round."
    example = "tell: {event: delivery.remotorisation_due}"
    schema = _object("event", {"event": {"type": "string", "description": "The event's id, `entity.what`."}})

    def check(self, spec: dict[str, Any], checker: Checker) -> str:
        """The event must exist and be about this kind of subject."""
        name = str(spec["event"])
        about = checker.vocabulary.events.get(name)
        if about is None:
            checker.below("event").wrong("effect-unknown-event", f"there is no event '{name}'", did_you_mean(name, checker.vocabulary.events))
        elif about != checker.entity:
            checker.below("event").wrong(
                "effect-wrong-event", f"'{name}' is about {an(about)}, this rule about {an(checker.entity)}", f"use it in a rule `for: {about}`"
            )
        return name

    def text(self, plan: str) -> str:
        """What is planned, in one line."""
        return f"event {plan}"

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an event each, one level deeper than its cause."""
        rows = [
            {
                "name": plan,
                "subject_entity": work.entity,
                "subject_id": work.subject,
                "happened_at": batch.now,
                "recorded_at": batch.now,
                "cause": f"{work.definition} {work.occurrence}",
                "depth": work.depth + 1,
                "tick": None,
                "taken": False,
            }
            for work in works
        ]
        return insert_each("event", rows, batch)

    def writes(self, plan: str, entity: str) -> frozenset[tuple[str, str]]:
        """Nothing a `while` rule could keep."""
        return frozenset()

    def undo(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Not reversible."""
        raise _no_undo()


@dataclass(frozen=True)
class AssignPlan:
    """An assign effect, compiled."""

    field: str
    people: tuple[str, ...]


class AssignEffect:
    """Writes a responsible person into a field of the subject."""

    word = "assign"
    reversible = False
    doc = "Puts the first present person of a list of fields and roles into a person field of the subject."
    example = "owner: {assign: owner, to: [salesperson, sales_manager]}"
    schema = _object(
        "assign",
        {
            "assign": {"type": "string", "description": "The subject's person field to fill."},
            "to": {"type": "array", "items": {"type": "string"}, "maxItems": 20, "description": "Person fields or roles, in order."},
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> AssignPlan:
        """The field must hold an employee."""
        name = str(spec["assign"])
        checker.below("assign").leads_to(name, "employee")
        people = tuple(str(person) for person in spec.get("to", ()))
        for index, person in enumerate(people):
            check_person(person, checker.below("to", index))
        return AssignPlan(name, people)

    def text(self, plan: AssignPlan) -> str:
        """What is planned, in one line."""
        return f"assign {plan.field}"

    def apply(self, plan: AssignPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Update the field of each subject."""
        rows, results = [], []
        for work in works:
            fields = batch.entity(work).fields
            wanted = [batch.get(work, name) if name.split(".")[0] in fields else name for name in plan.people]
            person, why = batch.people.pick(wanted, batch.concerns(work, "branch"), batch.today(work), work.subject)
            results.append(Result("done", why) if person else Result("failed", why))
            if person:
                rows.append({"id": work.subject, plan.field: person})
        if rows:
            batch.store.update_many(works[0].entity, rows)
        return results

    def writes(self, plan: AssignPlan, entity: str) -> frozenset[tuple[str, str]]:
        """Nothing a `while` rule could keep."""
        return frozenset()

    def undo(self, plan: AssignPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Not reversible."""
        raise _no_undo()


class SetEffect:
    """Writes values into fields of the subject; in a `while` rule they are emptied again."""

    word = "set"
    reversible = True
    doc = "Writes values into the subject's own fields."
    example = "mark: {set: {address_checked_on: today}}"
    schema = _object(
        "set",
        {
            "set": {
                "type": "object",
                "additionalProperties": True,
                "minProperties": 1,
                "description": "Field: value. A day may be a phrase (`today`), money says its currency.",
            }
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> dict[str, Any]:
        """Every field must exist and the value fit its type."""
        plan: dict[str, Any] = {}
        if checker.vocabulary.entity(checker.entity).ledger is not None:
            checker.wrong("effect-ledger", f"no rule changes {an(checker.entity)}", "`regelwerk consent` does, for one customer")
            return plan
        for name, value in spec["set"].items():
            place = checker.below("set", str(name))
            if "." in str(name):
                place.wrong("effect-not-own-field", f"'{name}' is another record's field", "set fields of the subject only")
                continue
            found = place.path(str(name))
            if found is not None:
                plan[str(name)] = _value(found, value, place)
        return plan

    def text(self, plan: dict[str, Any]) -> str:
        """What is planned, in one line."""
        return "set " + ", ".join(plan)

    def apply(self, plan: dict[str, Any], works: Sequence[Work], batch: Batch) -> list[Result]:
        """Update the fields of each subject."""
        rows = []
        for work in works:
            values = {name: batch.moment(work, value).day if hasattr(value, "__dataclass_fields__") else value for name, value in plan.items()}
            rows.append({"id": work.subject, **values})
        if rows:
            batch.store.update_many(works[0].entity, rows)
        return [DONE] * len(works)

    def writes(self, plan: dict[str, Any], entity: str) -> frozenset[tuple[str, str]]:
        """The fields."""
        return frozenset((entity, name) for name in plan)

    def undo(self, plan: dict[str, Any], works: Sequence[Work], batch: Batch) -> list[Result]:
        """Empty the fields again."""
        fields = batch.vocabulary.entity(works[0].entity).fields if works else {}
        empty = {name: False if fields[name].type == "boolean" else None for name in plan}
        if works:
            batch.store.update_many(works[0].entity, [{"id": work.subject, **empty} for work in works])
        return [DONE] * len(works)


def _value(found: Field, value: Any, checker: Checker) -> Any:
    if found.type == "money":
        try:
            return parse_money(str(value)).cents
        except PhraseError as error:
            checker.wrong("effect-wrong-value", error.message, error.hint)
            return None
    if found.type == "date":
        return checker.phrase(str(value))
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        checker.wrong("effect-wrong-value", f"'{value}' would be written as it stands", "`set` fills in no template; write the value itself")
        return None
    wanted = {"integer": int, "boolean": bool, "text": str, "choice": str}.get(found.type)
    wanted_word = {"integer": "whole number", "boolean": "true or false"}.get(found.type, found.type)
    bad_choice = found.choices and value not in found.choices
    if wanted is None or not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)) or bad_choice:
        allowed = did_you_mean(str(value), found.choices, "one of " + ", ".join(found.choices)) if found.choices else f"{found.name} is {an(wanted_word)}"
        checker.wrong("effect-wrong-value", f"'{value}' does not fit {found.name}", allowed)
    return value


class ListEffect:
    """Puts the subject, or each match, on a named list (S0.25)."""

    word = "list"
    reversible = True
    doc = "Puts the subject or each match on a list that people look at; in a `while` rule it leaves it again."
    example = "show: {list: matching_wishes}"
    schema = _object("list", {"list": {"type": "string", "description": "The list's id; `lists:` declares it."}})

    def check(self, spec: dict[str, Any], checker: Checker) -> str:
        """The list must be declared."""
        name = str(spec["list"])
        if name not in checker.vocabulary.lists:
            checker.below("list").wrong("effect-unknown-list", f"there is no list '{name}'", did_you_mean(name, checker.vocabulary.lists))
        if checker.match:
            checker.path(f"{checker.match[0]}.customer")
        return name

    def text(self, plan: str) -> str:
        """What is planned, in one line."""
        return f"list {plan}"

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an entry each, with the reasons of its match and whether the customer may be told."""
        rows = []
        for work in works:
            match = work.match
            customer = batch.get(work, f"{match.name}.customer") if match else batch.concerns(work, "customer")
            rows.append(
                {
                    "list": plan,
                    "customer": customer,
                    "wish": match.id if match and match.entity == "wish" else None,
                    "subject_entity": work.entity,
                    "subject_id": work.subject,
                    "definition": work.definition,
                    "score": match.score if match else None,
                    "because": match.because if match else None,
                    "notifiable": (batch.gate.notifiable(customer) or "yes") if customer is not None else None,
                    "listed_at": batch.now,
                }
            )
        return insert_each("list_entry", rows, batch)

    def writes(self, plan: str, entity: str) -> frozenset[tuple[str, str]]:
        """The list."""
        return frozenset({("list_entry", plan)})

    def undo(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Take the entries off the list."""
        for work in works:
            found = batch.store.rows(
                "SELECT id FROM list_entry WHERE list = ? AND definition = ? AND subject_entity = ? AND subject_id = ? AND taken_off_at IS NULL",
                [plan, work.definition, work.entity, work.subject],
            )
            if found:
                batch.store.update_many("list_entry", [{"id": row[0], "taken_off_at": batch.now} for row in found])
        return [DONE] * len(works)


class WorkflowEffect:
    """Starts a workflow for the subject or a record it leads to."""

    word = "workflow"
    reversible = False
    doc = "Starts a workflow. The start is held until the site runs a version that has workflows."
    example = "care: {workflow: after_sales, subject: delivery}"
    schema = _object(
        "workflow",
        {
            "workflow": {"type": "string", "description": "The workflow's id."},
            "subject": {"type": "string", "description": "The path to the record the case is about, if not this one."},
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> str:
        """The way to the subject must exist."""
        if "subject" in spec:
            checker.below("subject").path(str(spec["subject"]))
        return str(spec["workflow"])

    def text(self, plan: str) -> str:
        """What is planned, in one line."""
        return f"workflow {plan}"

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Hold the start: nothing is lost, and `status` shows it."""
        return [Result("held", f"workflow {plan} cannot run in this version yet")] * len(works)

    def writes(self, plan: str, entity: str) -> frozenset[tuple[str, str]]:
        """Nothing a `while` rule could keep."""
        return frozenset()

    def undo(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Not reversible."""
        raise _no_undo()


def insert_each(entity: str, rows: list[dict[str, Any]], batch: Batch, needs: str = "") -> list[Result]:
    """Insert rows, one result each; a row that lacks what it `needs` has failed and is not inserted."""
    good = [row for row in rows if not needs or row[needs] is not None]
    ids = iter(batch.store.insert_many(entity, good) if good else [])
    missing = Result("failed", f"no {needs} to write to")
    return [missing if needs and row[needs] is None else Result("done", "", entity, next(ids)) for row in rows]
