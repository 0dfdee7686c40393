"""The machine that walks a workflow: what a case does when something happens to it.

It changes the case in memory and asks for what it cannot know by yielding a question; whoever drives it answers. So the
runner can ask for hundreds of cases at once, and the soundness check can try every answer.
"""

from __future__ import annotations

from dataclasses import replace

from engine.planning.workflows.case import TOP, Item, Region, Token, Trouble
from engine.planning.workflows.graph import Escalation, Step, Watch, Way
from engine.planning.workflows.questions import DueAnew, Escalate, Holds, Remind, Steps, When
from engine.planning.workflows.stimuli import Due, Ended, Happened, Moved, Recheck, SlotFree, Started, Stimulus, Stop, Withdrawn
from engine.planning.workflows.walk import Walk

NO_RESULT = ("", "stopped", "cancelled")
"""How a workflow ends that did not come to one of its ends."""


class Machine(Walk):
    """One reaction of one case at `now` (naive UTC)."""

    def react(self, stimulus: Stimulus) -> Steps:
        """Let something happen to the case. Raises Trouble."""
        if isinstance(stimulus, Stop):
            self._close_all("cancelled", stimulus.why)
            return
        if self.flow.stop_when is not None and (yield Holds(self.flow.stop_when, self.flow.entity, self.case.subject, "stop_when")):
            self._close_all("stopped", "stop_when holds")
            return
        if isinstance(stimulus, Started):
            yield from self._enter(self.flow.first, TOP)
        elif isinstance(stimulus, Happened):
            yield from self._happened(stimulus)
        elif isinstance(stimulus, Due):
            yield from self._due(stimulus)
        else:
            yield from self._at_token(stimulus)
        self._settle()

    def _at_token(self, stimulus: Ended | Withdrawn | SlotFree | Recheck | Moved) -> Steps:
        token = self.case.tokens.get(stimulus.token) if stimulus.token is not None else None
        if token is None or not token.is_open:
            return
        step = self._step(token)
        if isinstance(stimulus, Ended):
            yield from self._ended(token, step, stimulus)
        elif isinstance(stimulus, Withdrawn):
            self.case.close(token, "done", stimulus.why, self.now)
            yield from self._lead("", token.region)
        elif isinstance(stimulus, Moved):
            yield from self._rearm(token, step, stimulus)
        elif isinstance(stimulus, SlotFree):
            if (yield from self._take_slot(token, step)):
                token.status, token.changed = "open", True
                yield from self._begin(token, step)
        elif stimulus.records:
            yield from self._more_records(token, step, stimulus.records)
        elif step.only_while is not None and not (yield self._asks(step.only_while, f"{step.name} only_while")):
            self.case.cancel(token, "only_while no longer holds", self.now)
            self.case.note(step.name, "withdrawn", "only_while no longer holds")
            yield from self._lead(step.otherwise, token.region)

    def _ended(self, token: Token, step: Step, ended: Ended) -> Steps:
        self.case.appointment, self.case.agreed_in = ended.appointment, ended.agreed_in
        way = step.outcomes.get(ended.outcome)
        if way is None and step.kind == "workflow" and step.otherwise:
            self.case.close(token, "done", ended.outcome, self.now)
            yield from self._lead(step.otherwise, token.region)
            return
        if way is None and step.kind == "workflow" and ended.outcome in NO_RESULT:
            self.case.note(step.name, "skipped", f"{step.workflow} ended without a result")
            way = Way(step.next)
        if way is None and step.outcomes:
            raise Trouble(f"{step.name} never ends with '{ended.outcome}'")
        yield from self._take(token, ended.outcome, way or Way(step.next), step)

    def _rearm(self, token: Token, step: Step, moved: Moved) -> Steps:
        """Reckon the armed timers of a token anew, and arm those that are new; what has fired stays fired."""
        phrases = step.timers()
        if moved.anchor:
            token.anchor, token.changed = (yield DueAnew(self._deeds(step), token)), True
        for timer in self.case.timers if moved.reckon else ():
            phrase = phrases.get(timer.name)
            if timer.token == token.number and timer.status == "armed" and phrase is not None and (phrase.anchor or moved.spans):
                timer.due_at, timer.anchor = yield When(phrase, token, token.activity, token.opened_at if moved.spans else None)
                timer.changed = True
        for name in moved.arm:
            if name in phrases:
                yield from self._arm(token, name, phrases[name], token.opened_at)

    def _more_records(self, token: Token, step: Step, records: tuple[int, ...]) -> Steps:
        assert step.each is not None
        fresh = [Item(step.each.entity, record) for record in records]
        fresh = [item for item in fresh if not self.case.runs(step.each.entry, item)]
        token.opened += len(fresh)
        token.changed = token.changed or bool(fresh)
        for item in fresh:
            if token.is_open:
                yield from self._enter(step.each.entry, Region(token.number, step.each.entry, item))

    def _due(self, due: Due) -> Steps:
        timer = next((timer for timer in self.case.timers if timer.row == due.timer and timer.status == "armed"), None)
        token = self.case.tokens.get(timer.token) if timer else None
        if timer is None or token is None or not token.is_open:
            return
        timer.status, timer.changed = "fired", True
        step = self._step(token)
        what, _, name = timer.name.partition(" ")
        if what == "wait":
            wait = next(wait for wait in step.waits if wait.name == name)
            yield from self._take(token, name, wait.way, step)
        elif what == "remind":
            yield Remind(token)
        elif what == "escalate":
            escalation: Escalation = next(one for one in step.escalate if one.name == name)
            yield Escalate(token, escalation.to)
        elif step.deadline:
            self.case.withdrawn += [(token.activity, "deadline")] if token.activity is not None else []
            yield from self._take(token, "deadline", step.deadline.way, replace(step, next=""))

    def _happened(self, event: Happened) -> Steps:
        used = False
        for watch in self.flow.on:
            if watch.event == event.event and (yield from self._fits(watch, event.record)):
                used = True
                yield from self._watch(watch)
                if self.case.status != "running":
                    return
        listening = [step for step in self.flow.steps.values() if any(wait.event == event.event for wait in step.waits)]
        for token in self.case.open_tokens():
            step = self._step(token)
            for wait in step.waits if step in listening and token.is_open else ():
                if wait.event == event.event and (yield from self._fits(wait, event.record)):
                    used = True
                    yield from self._take(token, wait.name, wait.way, step)
                    break
        if listening and not used:
            self._early_or_late(event, listening)

    def _early_or_late(self, event: Happened, listening: list[Step]) -> None:
        """An event that leads nowhere: early for the first step that was not reached yet; else it does not fit, or is late."""
        ahead = next((step for step in listening if not self.case.was_run(step.name)), None)
        if ahead is not None:
            wait = next(wait for wait in ahead.waits if wait.event == event.event)
            self.case.reception = {"keep": "kept", "drop": "dropped", "refuse": "refused"}[wait.early]
            self.case.keep = wait.keep
            verdict = {"keep": "held", "drop": "skipped", "refuse": "refused"}[wait.early]
            said = {"keep": f"kept for {wait.keep}", "drop": "dropped", "refuse": "refused"}[wait.early]
            self.case.note(ahead.name, verdict, f"{event.event} came early; {said}")
            return
        names = {step.name for step in listening}
        here = next((token.step for token in self.case.open_tokens() if token.step in names), None)
        self.case.reception = "late" if here is None else "dropped"
        said = "came late; noted" if here is None else "is not what is waited for"
        self.case.note(here or listening[0].name, "skipped", f"{event.event} {said}")

    def _watch(self, watch: Watch) -> Steps:
        if watch.only_while is not None and not (yield self._asks(watch.only_while, f"{watch.name} only_while")):
            self.case.reception = "refused"
            self.case.note("", "refused", f"{watch.name}: only_while does not hold")
            return
        for name in watch.cancel:
            for token in self._named(name):
                if token.is_open:
                    self.case.cancel(token, watch.name, self.now)
                    yield from self._lead("", token.region)
        for name in watch.complete:
            for block in [one for one in self.case.open_tokens() if one.step == name]:
                if block.is_open:
                    block.opened = block.ended
                    yield from self._join(block, "cancel")
        if watch.next and self.case.status == "running":
            for token in self.case.open_tokens():
                self.case.close(token, "cancelled", watch.name, self.now)
            yield from self._enter(watch.next, TOP)

    def _named(self, name: str) -> list[Token]:
        """Where a step is open; the name of a branch means the branch, wherever it stands."""
        if self.flow.steps[name].block == name:
            return [token for token in self.case.open_tokens() if token.region.branch == name]
        return [token for token in self.case.open_tokens() if token.step == name]

    def _settle(self) -> None:
        """Nothing open any more: the case is over by itself."""
        if self.case.status == "running" and not self.case.open_tokens():
            self.case.status = "done"
