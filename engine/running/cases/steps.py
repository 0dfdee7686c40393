"""The step of a running case that an activity is the work of."""

from __future__ import annotations

from dataclasses import dataclass

from engine.planning.workflows.graph import Flow, Step
from engine.running.cases.versions import flow_of
from engine.running.setting import Setting


@dataclass(frozen=True)
class OpenStep:
    """Where a case stands: the case, the token's number in it, the workflow and the step."""

    case: int
    token: int
    flow: Flow
    step: Step

    def asks_for_appointment(self, outcome: str) -> str:
        """The step that this outcome leads to, if an appointment is to be named for it; else ""."""
        way = self.step.outcomes.get(outcome)
        target = self.flow.steps.get(way.next or self.step.next) if way and not way.tries else None
        return target.name if target is not None and target.appointment == "ask" else ""

    def comes_again(self, outcome: str) -> bool:
        """Whether this outcome puts the work off: its form is filled in when it is done."""
        way = self.step.outcomes.get(outcome)
        return way is not None and bool(way.tries)


def step_of(setting: Setting, activity: int) -> OpenStep | None:
    """The open step of an activity; None where it is no case's. Raises Trouble where the case's version cannot be read."""
    sql = (
        "SELECT i.id, t.number, i.version, t.step FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE t.activity = ? AND t.status = 'open' AND i.status IN ('running', 'parked')"
    )
    rows = setting.store.rows(sql, [activity])
    if not rows:
        return None
    flow = flow_of(setting, rows[0][2])
    step = flow.steps.get(rows[0][3])
    return OpenStep(rows[0][0], rows[0][1], flow, step) if step else None
