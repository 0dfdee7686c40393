"""`workflow:` starts a case of a workflow; what comes of it is the runner's (engine/running/cases)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import effect_schema
from engine.language.nearest import an, did_you_mean


@dataclass(frozen=True)
class StartPlan:
    """A workflow effect, compiled. `subject` is the path to the case's subject, "" where it is this one."""

    workflow: str
    entity: str
    subject: str


class WorkflowEffect(Irreversible):
    """Starts a workflow for the subject or a record it leads to; one that is running for it already stays the only one."""

    word = "workflow"
    makes = "instance"
    doc = "Starts a workflow for the subject, or for a record it leads to."
    example = "care: {workflow: after_sales, subject: delivery}"
    schema = effect_schema(
        "workflow",
        {
            "workflow": {"type": "string", "examples": ["pipelines.after_sales"], "description": "The workflow's id."},
            "subject": {"type": "string", "examples": ["opportunity"], "description": "The path to the record the case is about, if not this one."},
        },
    )

    def check(self, spec: dict[str, Any], checker: Checker) -> StartPlan:
        """The workflow must exist, and the way must lead to what it is about."""
        name = full_id(str(spec["workflow"]), checker.vocabulary.workflows)
        entity = checker.vocabulary.workflows.get(name, "")
        path = str(spec.get("subject", ""))
        if not entity:
            hint = did_you_mean(name, checker.vocabulary.workflows, "declare it in `workflows:`")
            checker.below("workflow").wrong("effect-unknown-workflow", f"there is no workflow '{name}'", hint)
        elif path:
            checker.below("subject").leads_to(path, entity)
        elif entity != checker.entity:
            checker.below("workflow").wrong(
                "effect-wrong-record", f"{name} is for {an(entity)}, not for {an(checker.entity)}", f"add `subject:`, the way to {an(entity)}"
            )
        return StartPlan(name, entity, path)

    def apply(self, plan: StartPlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """A case each; the runner takes it up in the same tick."""
        subjects = [batch.get(work, plan.subject) if plan.subject else work.subject for work in works]
        running = _running(plan, [subject for subject in subjects if subject is not None], batch)
        rows: dict[int, dict[str, Any]] = {}
        for work, subject in zip(works, subjects, strict=True):
            if subject is not None and subject not in running and subject not in rows:
                rows[subject] = _row(plan, subject, work, batch)
        made = dict(zip(rows, batch.store.insert_many("instance", list(rows.values())), strict=True))
        results = []
        for subject in subjects:
            if subject is None:
                results.append(Result("failed", f"{plan.subject} is missing"))
            elif subject in running:
                results.append(Result("done", "is running already", "instance", running[subject]))
            else:
                results.append(Result("done", "", "instance", made[subject]))
        return results


def full_id(name: str, known: Mapping[str, str]) -> str:
    """A workflow's full id; inside its own pack, and wherever it is the only one of its name, the prefix may be left out."""
    if name in known:
        return name
    ends = [one for one in known if one.rpartition(".")[2] == name]
    return ends[0] if len(ends) == 1 else name


def _running(plan: StartPlan, subjects: Sequence[int], batch: Batch) -> dict[int, int]:
    sql = (
        "SELECT subject_id, id FROM instance WHERE definition = ? AND subject_entity = ?"
        " AND status IN ('starting', 'running', 'parked') AND subject_id IN ({}) ORDER BY id DESC"
    )
    return dict(batch.store.rows_in(sql, [plan.workflow, plan.entity], subjects))


def _row(plan: StartPlan, subject: int, work: Work, batch: Batch) -> dict[str, Any]:
    return {
        "definition": plan.workflow,
        "subject_entity": plan.entity,
        "subject_id": subject,
        "occurrence": f"{work.definition} {work.entity}:{work.subject} {work.occurrence}",
        "status": "starting",
        "started_at": batch.now,
        "cause": work.cause or f"{work.definition} {work.occurrence}",
        "depth": work.depth,
    }
