"""`tag:` and `untag:` post and take back a Kennzeichen (S0.11 to S0.22)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from engine.effects.base import DONE, Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import Row, check_template, customer_of, customer_path, insert_each, path_to, row_or_failed
from engine.language.arithmetic import add
from engine.language.durations import parse_duration
from engine.language.grades import grade_score, scale_of
from engine.language.nearest import did_you_mean
from engine.language.phrases import Phrase
from engine.language.templates import Template
from engine.store.store import Store


@dataclass(frozen=True)
class TagPlan:
    """A tag effect, compiled. `to` is the path to the customer, "" for the subject's own."""

    kind: str
    to: str
    value: Template | None
    grade: str
    scale: str
    until: Phrase | None
    wish: str
    completes: str = ""
    record: str = ""
    """The entity that `completes` leads to."""
    count: bool = False


class TagEffect:
    """Posts a tag; a kind that is single renews what is open and keeps it as history."""

    word = "tag"
    makes = "tag"
    reversible = True
    doc = "Posts a tag on the customer. In a `while` rule it is taken back when the condition no longer holds."
    example = "mark: {tag: sms_gesendet, to: customer}"
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["tag"],
        "properties": {
            "tag": {"type": "string", "examples": ["stammkunde"], "description": "The kind of tag; `tags:` declares it."},
            "to": {"type": "string", "examples": ["customer"], "description": "The path to the customer, if it is not the subject's own."},
            "value": {"type": "string", "examples": ["{{ vehicle.model }}"], "description": "A template for the tag's free value."},
            "grade": {"type": "string", "examples": ["grade"], "description": "The path to a school grade."},
            "scale": {
                "type": "string",
                "examples": ["scale"],
                "description": "The path to the grade's scale (DE, AT, CH); the customer's country unless said.",
            },
            "until": {"type": "string", "examples": ["in 6 months"], "description": "Considered until this day (excluded); else the kind's lifetime."},
            "completes": {
                "type": "string",
                "examples": ["contract"],
                "description": "The path to a record (a delivery's contract) whose open posting takes the value; a new one if there is none.",
            },
            "count": {"type": "boolean", "description": "The value is how many times the kind was posted in a row while it counted."},
        },
    }

    def check(self, spec: dict[str, Any], checker: Checker) -> TagPlan:
        """Check the kind, the way to the customer and the values."""
        kind = str(spec["tag"])
        known_tag(kind, checker.below("tag"))
        to = customer_path(spec.get("to"), checker)
        for name in ("grade", "scale"):
            if name in spec:
                checker.below(name).path(str(spec[name]))
        until = checker.below("until").phrase(spec["until"]) if "until" in spec else None
        value = check_template(spec.get("value"), checker.below("value"))
        wish = "self" if checker.entity == "wish" else path_to(checker, "wish")
        completes, count = str(spec.get("completes", "")), bool(spec.get("count"))
        record = checker.below("completes").path(completes) if completes else None
        if record is not None and record.type != "ref":
            checker.below("completes").wrong("effect-no-record", f"'{completes}' leads to no record", "name the way to one, e.g. `contract`")
        if count and value is not None:
            checker.below("count").wrong("effect-two-values", "`count` fills the value", "leave `value` out")
        target = record.target if record else ""
        return TagPlan(kind, to, value, str(spec.get("grade", "")), str(spec.get("scale", "")), until, wish, completes, target, count)

    def apply(self, plan: TagPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert a posting each; earlier open postings of a single kind are closed, never lost."""
        definition = batch.sections["tags"].get(plan.kind, {})
        if plan.grade:
            customers = {customer for work in works if (customer := customer_of(plan.to, work, batch)) is not None}
            batch.values.foresee("customer", sorted(customers), ["country"])
        rows = [row_or_failed(partial(_posting, plan, definition), work, batch) for work in works]
        if plan.completes or plan.count:
            earlier = _Earlier(plan, [row["customer"] for row in rows if not isinstance(row, Result)], batch)
            rows = [row if isinstance(row, Result) else earlier.joined(row, work) for row, work in zip(rows, works, strict=True)]
        if not definition.get("several") and not batch.derived:
            close_open(batch.store, plan.kind, [row["customer"] for row in rows if not isinstance(row, Result)], batch.site_day)
        return insert_each("tag", rows, batch)

    def writes(self, plan: TagPlan, entity: str) -> frozenset[tuple[str, str]]:
        """The kind."""
        return frozenset({("tag", plan.kind)})

    def undo(self, plan: TagPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Take back the postings of this definition, whoever else posted the same kind keeps theirs."""
        sql = "SELECT id FROM tag WHERE kind = ? AND taken_back_on IS NULL AND source IN ({})"
        found = batch.store.rows_in(sql, [plan.kind], [source_of(work) for work in works])
        batch.store.update_many("tag", [{"id": row[0], "taken_back_on": batch.today(works[0])} for row in found])
        return [DONE] * len(works)


class UntagEffect(Irreversible):
    """Takes back every open posting of a kind."""

    word = "untag"
    makes = "tag"
    doc = "Takes a tag off the customer; the posting stays as history."
    example = "unmark: {untag: rueckruf_offen, to: customer}"
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["untag"],
        "properties": {
            "untag": {"type": "string", "examples": ["stammkunde"], "description": "The kind of tag to take back."},
            "to": {"type": "string", "examples": ["customer"], "description": "The path to the customer, if it is not the subject's own."},
        },
    }

    def check(self, spec: dict[str, Any], checker: Checker) -> TagPlan:
        """Check the kind and the way to the customer."""
        known_tag(str(spec["untag"]), checker.below("untag"))
        return TagPlan(str(spec["untag"]), customer_path(spec.get("to"), checker), None, "", "", None, "")

    def apply(self, plan: TagPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Close what is open."""
        customers = [customer for work in works if (customer := customer_of(plan.to, work, batch)) is not None]
        close_open(batch.store, plan.kind, customers, batch.site_day)
        return [DONE] * len(works)


class _Earlier:
    """The open postings of the kind, where a plan asks for them: by the record they came from, and how many in a row."""

    def __init__(self, plan: TagPlan, customers: Sequence[int], batch: Batch) -> None:
        self.plan = plan
        self.batch = batch
        self.by_record: dict[tuple[int, str], int] = {}
        self.counts: dict[int, int] = {}
        sql = "SELECT id, customer, value, valid_until_on, source FROM tag WHERE kind = ? AND taken_back_on IS NULL AND NOT derived AND customer IN ({})"
        for row in batch.store.rows_in(sql, [plan.kind], sorted(set(customers))):
            for word in str(row[4] or "").split():
                self.by_record[row[1], word] = row[0]
            if row[3] is None or str(row[3])[:10] > batch.site_day.isoformat():
                self.counts[row[1]] = max(self.counts.get(row[1], 0), int(row[2]) if str(row[2]).isdecimal() else 1)

    def joined(self, row: Row, work: Work) -> Row | Result:
        """The row with its count, or the posting it only completes."""
        customer = row["customer"]
        if self.plan.completes:
            found = self.by_record.get((customer, f"{self.plan.record}:{self.batch.get(work, self.plan.completes)}"))
            if found is not None:
                self.batch.store.update_many("tag", [{"id": found, "value": row["value"]}])
                return Result("done", "completed an open posting", "tag", found)
        if not self.plan.count:
            return row
        self.counts[customer] = self.counts.get(customer, 0) + 1
        return {**row, "value": str(self.counts[customer])}


def source_of(work: Work) -> str:
    """What a posting names as its source: idempotent per customer, kind and source."""
    return f"{work.definition} {work.entity}:{work.subject} {work.occurrence} {work.effect}".strip()


def known_tag(kind: str, checker: Checker) -> None:
    """A problem where no such kind is declared."""
    if kind not in checker.vocabulary.tags:
        checker.wrong("effect-unknown-tag", f"there is no tag '{kind}'", did_you_mean(kind, checker.vocabulary.tags))


def _posting(plan: TagPlan, definition: Mapping[str, Any], work: Work, batch: Batch) -> Row | Result:
    customer = customer_of(plan.to, work, batch)
    if customer is None:
        return Result("failed", "no customer to tag")
    today = batch.today(work)
    grade = batch.get(work, plan.grade) if plan.grade else None
    scale = batch.get(work, plan.scale) if plan.scale else None
    if grade is not None:
        scale = scale or scale_of(batch.values.get("customer", customer, "country"))
    return {
        "customer": customer,
        "kind": plan.kind,
        "value": plan.value.render(lambda path: batch.told(work, path), batch.language) if plan.value else None,
        "grade": grade,
        "scale": scale if grade is not None else None,
        "grade_score": grade_score(int(grade), str(scale)) if grade is not None else None,
        "posted_on": today,
        "valid_until_on": _until(plan, definition, today, work, batch),
        "wish": work.subject if plan.wish == "self" else (batch.get(work, plan.wish) if plan.wish else None),
        "source": source_of(work),
        "derived": batch.derived,
    }


def _until(plan: TagPlan, definition: Mapping[str, Any], today: date, work: Work, batch: Batch) -> date | None:
    if plan.until is not None:
        return batch.moment(work, plan.until).day
    return lifetime_end(definition, today, batch.calendar(work))


def lifetime_end(definition: Mapping[str, Any], today: date, calendar: Any) -> date | None:
    """Until when a posting of this kind counts (excluded), by its `lifetime` (S0.15, A3)."""
    lifetime = str(definition.get("lifetime") or "unlimited")
    if lifetime == "unlimited":
        return None
    if lifetime.startswith("until next "):
        month, day = (int(part) for part in lifetime.removeprefix("until next ").split("-"))
        end = date(today.year, month, day)
        return end if end > today else date(today.year + 1, month, day)
    return add(today, parse_duration(lifetime), calendar)


def close_open(store: Store, kind: str, customers: Sequence[int], day: date) -> None:
    """End the open postings of a kind. Postings of `while` rules belong to their rule and stay."""
    found = store.rows_in("SELECT id FROM tag WHERE kind = ? AND taken_back_on IS NULL AND NOT derived AND customer IN ({})", [kind], customers)
    store.update_many("tag", [{"id": row[0], "taken_back_on": day} for row in found])
