"""The step of a running case that an activity is the work of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.planning.workflows.case import Trouble
from engine.planning.workflows.graph import Flow, Step
from engine.running.cases.versions import flow_of
from engine.running.setting import Setting

READ = "SELECT t.{key}, i.id, t.number, i.version, t.step, i.status FROM token t JOIN instance i ON i.id = t.instance"
OPEN = " WHERE t.status = 'open' AND i.status IN ('running', 'parked') AND t.{key} IN ({{}})"


@dataclass(frozen=True)
class OpenStep:
    """Where a case stands: the case, the token's number in it, the workflow and the step."""

    case: int
    token: int
    flow: Flow
    step: Step
    parked: bool = False
    outer: OpenStep | None = None
    """The step of another case that waits for this case's result."""

    def asks_for_appointment(self, outcome: str) -> str:
        """The step that this outcome leads to, if an appointment is to be named for it; else "".

        Where the outcome ends the case, that is the step its result leads to in the case that waits for it.
        """
        target = self.flow.steps.get(self._next(outcome))
        if target is not None and target.kind == "end" and self.outer is not None:
            return self.outer.asks_for_appointment(target.result)
        return target.name if target is not None and target.appointment == "ask" else ""

    def _next(self, outcome: str) -> str:
        """The step that an outcome leads to, "" where it leads to none at once."""
        way = self.step.outcomes.get(outcome)
        if way is not None:
            return "" if way.tries else way.next or self.step.next
        return self.step.otherwise or self.step.next if self.step.kind == "workflow" else ""

    def comes_again(self, outcome: str) -> bool:
        """Whether this outcome puts the work off: its form is filled in when it is done."""
        way = self.step.outcomes.get(outcome)
        return way is not None and bool(way.tries)


def step_of(setting: Setting, activity: int) -> OpenStep | None:
    """The open step of an activity; None where it is no case's. Raises Trouble where the case's version cannot be read."""
    found = steps_of(setting, [activity]).get(activity)
    if isinstance(found, Trouble):
        raise found
    return found


def steps_of(setting: Setting, activities: Sequence[int]) -> dict[int, OpenStep | Trouble | None]:
    """The open steps of those activities that are the work of one: Trouble where the case's version cannot be read, None where the
    version does not have the step."""
    return _steps(setting, "activity", activities)


def _steps(setting: Setting, key: str, numbers: Sequence[int]) -> dict[int, OpenStep | Trouble | None]:
    rows = setting.store.rows_in((READ + OPEN).format(key=key), [], list(numbers))
    waiting = _steps(setting, "child", sorted({row[1] for row in rows})) if rows else {}
    found: dict[int, OpenStep | Trouble | None] = {}
    for number, case, token, version, name, status in rows:
        try:
            flow = flow_of(setting, version)
        except Trouble as error:
            found[number] = error
            continue
        outer = waiting.get(case)
        step = flow.steps.get(name)
        found[number] = OpenStep(case, token, flow, step, status == "parked", outer if isinstance(outer, OpenStep) else None) if step else None
    return found
