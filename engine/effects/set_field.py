"""`set:` writes values into fields of the subject."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from engine.effects.base import DONE, Batch, Checker, Result, Work
from engine.effects.found_before import put_back, remembered
from engine.effects.shared import Row, effect_schema, row_or_failed
from engine.language.durations import PhraseError
from engine.language.money import parse_money
from engine.language.nearest import an, did_you_mean
from engine.language.phrases import Phrase
from engine.language.vocabulary import Field


class SetEffect:
    """Writes values into fields of the subject; a `while` rule puts back what it found."""

    word = "set"
    makes = ""
    reversible = True
    doc = "Writes values into the subject's own fields. A `while` rule puts back what it found, unless somebody changed it since."
    example = "mark: {set: {address_checked_on: today}}"
    schema = effect_schema(
        "set",
        {
            "set": {
                "type": "object",
                "additionalProperties": True,
                "minProperties": 1,
                "description": "Field: value. A day may be a phrase (`today`), a moment too (`now`), money says its currency.",
                "examples": [{"address_checked_on": "today"}],
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
            if found is not None and found.kept:
                place.wrong("effect-kept-field", f"no rule sets the {name} of {an(checker.entity)}", "the engine and the law keep it; set another field")
            elif found is not None and found.ground:
                hint = "set another field: what a rule writes nobody asked for"
                place.wrong("effect-kept-field", f"{name} records what a customer asked for or agreed to: no rule sets it", hint)
            elif found is not None:
                plan[str(name)] = _value(found, value, place)
        return plan

    def apply(self, plan: dict[str, Any], works: Sequence[Work], batch: Batch) -> list[Result]:
        """Update the fields of each subject."""
        rows = [row_or_failed(partial(_row, plan), work, batch) for work in works]
        good = [(work, row) for work, row in zip(works, rows, strict=True) if not isinstance(row, Result)]
        written = [row for _, row in good]
        done = iter(remembered([work for work, _ in good], written, batch) if batch.derived else [DONE] * len(good))
        batch.store.update_many(works[0].entity, written)
        return [row if isinstance(row, Result) else next(done) for row in rows]

    def writes(self, plan: dict[str, Any], entity: str) -> frozenset[tuple[str, str]]:
        """The fields."""
        return frozenset((entity, name) for name in plan)

    def undo(self, plan: dict[str, Any], works: Sequence[Work], batch: Batch) -> list[Result]:
        """Put back what the fields held before, where they still hold what was written."""
        if works:
            ending = {(work.definition, work.effect, work.subject) for work in works}
            put_back(works[0].entity, [work.subject for work in works], ending, batch)
        return [DONE] * len(works)


def _row(plan: dict[str, Any], work: Work, batch: Batch) -> Row:
    return {"id": work.subject, **{name: _moment(name, value, work, batch) if isinstance(value, Phrase) else value for name, value in plan.items()}}


def _moment(name: str, phrase: Phrase, work: Work, batch: Batch) -> date | datetime:
    moment = batch.moment(work, phrase)
    return moment.instant if batch.entity(work).fields[name].type == "datetime" else moment.day


def _value(found: Field, value: Any, checker: Checker) -> Any:
    if found.type == "money":
        try:
            return parse_money(str(value)).cents
        except PhraseError as error:
            checker.wrong("effect-wrong-value", error.message, error.hint)
            return None
    if found.type in ("date", "datetime"):
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
