"""`history:` writes an entry into the customer's history (S3.6, S3.15, S3.21)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import Row, check_template, customer_of, customer_path, effect_schema, insert_each
from engine.language.nearest import did_you_mean
from engine.language.templates import Template


@dataclass(frozen=True)
class HistoryPlan:
    """A history effect, compiled."""

    to: str
    columns: dict[str, Any]
    content: Template | None


class HistoryEffect(Irreversible):
    """Adds an entry to the customer's history (S3.6, S3.15, S3.21)."""

    word = "history"
    makes = "history_entry"
    doc = "An entry in the customer's history, with action, info and text."
    example = "note: {history: {action: mailing, info: discount_granted}}"
    schema = effect_schema(
        "history",
        {
            "history": {
                "type": "object",
                "additionalProperties": False,
                "description": "The entry: action, info, the six fields, and a text template.",
                "examples": [{"action": "mailing", "info": "discount_granted"}],
                "properties": {
                    "action": {"type": "string", "examples": ["mailing"], "description": "One of the site's history actions."},
                    "info": {"type": "string", "examples": ["discount_granted"], "description": "One of the site's history infos."},
                    **{f"field{n}": {"type": "string", "description": "A field the site named.", "examples": ["Frühjahr"]} for n in range(1, 5)},
                    **{f"field{n}": {"type": "boolean", "description": "A checkbox the site named."} for n in (5, 6)},
                    "content": {"type": "string", "examples": ["Nummer {{ number }}"], "description": "A template for the free text."},
                },
            },
            "to": {"type": "string", "examples": ["customer"], "description": "The path to the customer, if it is not the subject's own."},
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

    def apply(self, plan: HistoryPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Insert an entry each."""
        return insert_each("history_entry", [_row(plan, work, batch) for work in works], batch)


def _row(plan: HistoryPlan, work: Work, batch: Batch) -> Row | Result:
    customer = customer_of(plan.to, work, batch)
    if customer is None:
        return Result("failed", "no customer to write to")
    content = plan.content.render(partial(batch.told, work), batch.language) if plan.content else None
    return {**plan.columns, "customer": customer, "entered_on": batch.today(work), "content": content, "source": work.definition}
