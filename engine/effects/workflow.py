"""`workflow:` starts a workflow; the start is held until this version runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.effects.base import Batch, Checker, Irreversible, Result, Work
from engine.effects.shared import effect_schema


class WorkflowEffect(Irreversible):
    """Starts a workflow for the subject or a record it leads to."""

    word = "workflow"
    doc = "Starts a workflow. The start is held until the site runs a version that has workflows."
    example = "care: {workflow: after_sales, subject: delivery}"
    schema = effect_schema(
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

    def apply(self, plan: str, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Hold the start: nothing is lost, and `status` shows it."""
        return [Result("held", f"workflow {plan} cannot run in this version yet")] * len(works)
