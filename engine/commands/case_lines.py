"""Cases as people and as JSON read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.commands.common import Frame
from engine.running.cases.standing import CaseOf


def case_lines(here: Frame, cases: Sequence[CaseOf]) -> list[str]:
    """Running cases with their steps, ended ones with how."""
    lines = []
    for one in cases:
        head = f"case {one.case} of {one.workflow} for {one.subject}"
        if not one.runs:
            lines.append(f"{head} ended on {here.at(one.ended_at)}: {one.result or one.status}{_ended_because(here, one)}")
            continue
        lines.append(f"{head} {'is set aside' if one.status == 'parked' else 'runs'} since {here.at(one.started_at)}")
        for step in one.steps:
            due = f", due {here.at(step.due_at)}" if step.due_at else ""
            work = f" (activity {step.activity}{due})" if step.activity else ""
            lines.append(f"  at {step.step}{work}{f': {step.next}' if step.next else ''}")
            lines += [f"    {here.at(when)} {what}" for when, what in step.timers]
    return lines


def _ended_because(here: Frame, one: CaseOf) -> str:
    """Which stop condition, or who, ended a case before its end."""
    if one.status not in ("stopped", "cancelled"):
        return ""
    sql = "SELECT reason FROM decision WHERE definition = ? AND occurrence = ? AND verdict = ? AND reason IS NOT NULL ORDER BY id DESC LIMIT 1"
    rows = here.store.rows(sql, [one.workflow, f"case {one.case}", one.status])
    return f" ({rows[0][0]})" if rows else ""


def case_data(here: Frame, one: CaseOf) -> dict[str, Any]:
    """A case as JSON."""
    return {
        "case": one.case,
        "workflow": one.workflow,
        "subject": one.subject,
        "status": one.status,
        "result": one.result or None,
        "started_at": here.at(one.started_at),
        "ended_at": here.at(one.ended_at),
        "steps": [
            {
                "step": step.step,
                "activity": step.activity,
                "due_at": here.at(step.due_at),
                "next": list(step.ways),
                "timers": [{"at": here.at(when), "what": what} for when, what in step.timers],
            }
            for step in one.steps
        ],
    }
