"""A case going from step to step: entering them, leaving them, parting into branches and joining again.

Nothing here knows why the case moves; what happens to it is machine.py.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any

from engine.language.conditions import Node
from engine.language.phrases import FromNow, Phrase
from engine.planning.rules import Rule
from engine.planning.workflows.case import Case, Item, Kept, Region, Timer, Token, Trouble
from engine.planning.workflows.graph import Flow, Step, Wait, Watch, Way
from engine.planning.workflows.questions import Holds, Perform, Question, Records, Steps, TakeSlot, When

TOO_LATE = "came after its block was over"
MOST_STEPS = 200
"""How many steps one reaction may take without anybody doing anything: beyond it the case is parked."""


class Walk:
    """One case walking its workflow at `now` (naive UTC)."""

    def __init__(self, flow: Flow, case: Case, now: datetime) -> None:
        self.flow = flow
        self.case = case
        self.now = now
        self.steps_taken = 0

    # -- entering a step ------------------------------------------------------------------------------------------

    def _enter(self, name: str, region: Region) -> Steps:
        self.steps_taken += 1
        if self.steps_taken > MOST_STEPS:
            raise Trouble(f"{MOST_STEPS} steps without anybody doing anything; last: {name}")
        step = self.flow.steps.get(name)
        if step is None:
            raise Trouble(f"there is no step '{name}'")
        if step.at_most is not None and self.case.runs(name, region.item) >= step.at_most:
            self.case.note(name, "skipped", f"done {step.at_most} times, the most that is allowed")
            yield from self._lead(step.otherwise, region)
            return
        if step.only_while is not None and not (yield self._asks(step.only_while, f"{name} only_while")):
            self.case.note(name, "skipped", "only_while does not hold")
            yield from self._lead(step.otherwise, region)
            return
        token = self.case.add(name, region, self.now)
        self._forget_tries(step, region.item)
        if (yield from self._take_slot(token, step)):
            yield from self._begin(token, step)
        else:
            token.status = "queued"

    def _take_slot(self, token: Token, step: Step) -> Generator[Question, Any, bool]:
        if not step.slot:
            return True
        token.slot, free = yield TakeSlot(step.slot, token)
        token.changed = True
        return bool(free)

    def _begin(self, token: Token, step: Step, due: Phrase | None = None) -> Steps:
        if step.kind == "activity":
            yield from self._begin_activity(token, step, due)
        elif step.kind == "wait":
            yield from self._begin_wait(token, step)
        elif step.kind == "decide":
            yield from self._decide(token, step)
        elif step.is_block:
            yield from self._open_branches(token, step)
        elif step.kind == "workflow":
            yield from self._begin_workflow(token, step)
        elif step.kind == "do":
            yield Perform(self._deeds(step), token)
            self.case.close(token, "done", "", self.now)
            yield from self._lead(step.next, token.region)
        else:
            yield from self._end(token, step)

    def _begin_activity(self, token: Token, step: Step, due: Phrase | None) -> Steps:
        results = yield Perform(self._deeds(step), token, due=due, appointment=step.appointment)
        work = results["work"]
        if work.made_id is None:
            raise Trouble(work.reason or f"the activity of {step.name} could not be made")
        token.activity, token.changed = work.made_id, True
        if step.due is not None and step.due.anchor:
            _, token.anchor = yield When(step.due, token)
        self.case.appointment = self.case.agreed_in = None
        for name, phrase in step.timers().items():
            yield from self._arm(token, name, phrase)

    def _arm(self, token: Token, name: str, phrase: Phrase, since: datetime | None = None) -> Steps:
        due_at, anchor = yield When(phrase, token, token.activity, since)
        if name.startswith("remind") and due_at is not None and due_at <= self.now:
            self.case.note(token.step, "skipped", f"{name.split()[0]}: its time was already past")
            return
        self.case.timers.append(Timer(token.number, name, due_at, anchor))

    def _begin_wait(self, token: Token, step: Step) -> Steps:
        for name, phrase in step.timers().items():
            yield from self._arm(token, name, phrase)
        for wait in step.waits:
            for kept in self._kept(wait):
                if (yield from self._fits(wait, kept.record)):
                    self.case.used.append(kept.row)
                    yield from self._take(token, wait.name, wait.way, step)
                    return

    def _kept(self, wait: Wait) -> list[Kept]:
        """What came early for a wait and still counts."""
        if not wait.event or wait.early != "keep":
            return []
        mine = [kept for kept in self.case.kept if kept.name == wait.event and kept.row not in self.case.used]
        return [kept for kept in mine if kept.until is None or kept.until > self.now]

    def _fits(self, wait: Wait | Watch, record: int) -> Generator[Question, Any, bool]:
        return wait.condition is None or bool((yield Holds(wait.condition, wait.entity, record, f"{wait.name} where")))

    def _decide(self, token: Token, step: Step) -> Steps:
        for choice in step.choices:
            if choice.condition is None or (yield self._asks(choice.condition, f"{step.name} {choice.name}")):
                self.case.close(token, "done", choice.name, self.now)
                yield from self._lead(choice.next, token.region)
                return
        raise Trouble(f"no branch of {step.name} fits")

    def _open_branches(self, token: Token, step: Step) -> Steps:
        if step.each:
            records = yield Records(step.each, self.case.subject)
            entries = [(step.each.entry, Item(step.each.entity, record)) for record in records]
        else:
            entries = []
            for branch in step.branches:
                if branch.condition is None or (yield self._asks(branch.condition, f"{branch.entry} where")):
                    entries.append((branch.entry, token.region.item))  # type: ignore[arg-type]
        token.opened = len(entries)
        if not entries:
            self.case.close(token, "done", "", self.now)
            yield from self._lead(step.next, token.region)
        for entry, item in entries:
            kept = step.rest == "keep" and token.status == "done" and self.case.status == "running"
            if token.is_open or kept:
                yield from self._enter(entry, Region(token.number, entry, item))

    def _begin_workflow(self, token: Token, step: Step) -> Steps:
        results = yield Perform(self._deeds(step), token)
        made = results["start"]
        if made.made_id is None:
            raise Trouble(made.reason or f"{step.workflow} could not be started")
        if step.detached:
            self.case.close(token, "done", "", self.now)
            yield from self._lead(step.next, token.region)
        else:
            token.child, token.changed = made.made_id, True

    def _end(self, token: Token, step: Step) -> Steps:
        if step.act is not None:
            yield Perform(step.act, token)
        self.case.close(token, "done", step.result, self.now)
        self._close_all("done", "the case ended", step.result)

    # -- leaving a step -------------------------------------------------------------------------------------------

    def _take(self, token: Token, name: str, way: Way, step: Step) -> Steps:
        """Close a token and go a way; with tries the step is done again until they are used up."""
        self.case.close(token, "done", name, self.now)
        if way.do is not None:
            yield Perform(way.do, token, name)
        key = self._try_key(step, name, token.region.item)
        tried = self.case.counts.get(key, 0)
        if tried < len(way.tries):
            self.case.counts[key] = tried + 1
            again = self.case.add(step.name, token.region, self.now)
            again.slot = token.slot
            yield from self._begin(again, step, FromNow(way.tries[tried]))
        else:
            yield from self._lead(way.next or ("" if way.tries else step.next), token.region)

    def _try_key(self, step: Step, outcome: str, item: Item | None) -> str:
        return f"{step.name} {item or ''} tries {outcome}"

    def _forget_tries(self, step: Step, item: Item | None) -> None:
        for outcome in step.outcomes:
            self.case.counts.pop(self._try_key(step, outcome, item), None)

    def _lead(self, name: str, region: Region) -> Steps:
        """Go on at a step; out of the branch where it lies further out; "" ends the branch.

        A branch that was kept when its block was over goes on in itself; it leads nowhere else.
        """
        if self.case.status != "running":
            return
        if not name:
            yield from self._branch_over(region)
            return
        block = self.flow.steps[name].block if name in self.flow.steps else ""
        while region.branch != block and region.parent is not None:
            outer = self.case.tokens[region.parent]
            if not outer.is_open:
                self.case.note(name, "skipped", TOO_LATE)
                return
            self.case.cancel(outer, f"left for {name}", self.now)
            region = outer.region
        yield from self._enter(name, region)

    def _branch_over(self, region: Region) -> Steps:
        if region.parent is None:
            return
        block = self.case.tokens[region.parent]
        if not block.is_open:
            self.case.note(region.branch, "skipped", TOO_LATE)
            return
        block.ended += 1
        block.changed = True
        yield from self._join(block)

    def _join(self, block: Token, rest: str = "") -> Steps:
        step = self._step(block)
        if block.ended < min(step.need or block.opened, block.opened):
            return
        if (rest or step.rest) == "cancel":
            for other in self.case.within(block):
                self.case.close(other, "cancelled", f"{step.name} was decided", self.now)
        self.case.close(block, "done", "", self.now)
        yield from self._lead(step.next, block.region)

    def _close_all(self, status: str, why: str, result: str = "") -> None:
        for token in self.case.open_tokens():
            if token.is_open:
                self.case.cancel(token, why, self.now)
        self.case.status, self.case.result = status, result
        if status != "done":
            self.case.note("", status, why)

    def _step(self, token: Token) -> Step:
        step = self.flow.steps.get(token.step)
        if step is None:
            raise Trouble(f"there is no step '{token.step}'")
        return step

    def _deeds(self, step: Step) -> Rule:
        assert step.act is not None  # the compiler gives every such step its effects
        return step.act

    def _asks(self, condition: Node, ask: str) -> Holds:
        return Holds(condition, self.flow.entity, self.case.subject, ask)
