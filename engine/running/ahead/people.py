"""People in a simulation: they end their work as the assumptions say, at ten in the morning of the day they get to it.

Every draw hangs on the seed and on what the work is about, not on the order in which it is met: another seed, another
simulation; the same seed, the same one, whatever else is simulated beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from engine.language.findings import RegelwerkError
from engine.planning.workflows.stimuli import Ended
from engine.running.ahead.assumptions import Assumed, Assumptions
from engine.running.cases.drive import Pending
from engine.running.cases.run import one_case
from engine.running.cases.steps import OpenStep, steps_of
from engine.running.forms import fill_in
from engine.running.setting import Setting
from engine.store import activities
from engine.store.given import as_day

AT_WORK = time(10, 0)


@dataclass
class Job:
    """A piece of work that somebody will end."""

    activity: int
    kind: str
    random: Random


@dataclass
class People:
    """Everybody of the house. Give `act` to a walk."""

    setting: Setting
    assumptions: Assumptions
    jobs: dict[date, list[Job]] = field(default_factory=lambda: defaultdict(list))
    seen: int = 0
    """The newest activity that was looked at."""
    kinds: set[str] = field(default_factory=set)
    """The kinds of work there was."""
    told: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How often work of one name was met: the second is drawn anew."""

    def act(self, now: datetime, coming: datetime) -> None:
        """Do what is to be done between two ticks."""
        today = self.setting.calendar.today(now)
        self._plan(today)
        at = max(now, self.setting.calendar.at(today, AT_WORK))
        if at >= coming:
            return  # the tick after the next is nearer to ten
        due = [job for day in sorted(day for day in self.jobs if day <= today) for job in self.jobs.pop(day)]
        if due:
            self._do(due, at)

    def _plan(self, today: date) -> None:
        """Draw for all new work whether and when it will be done."""
        sql = (
            "SELECT id, kind, status, due_on, definition, customer, subject_entity, subject_id FROM activity"
            " WHERE id > ? AND status IN ('open', 'blocked') ORDER BY id"
        )
        for number, kind, _, due_on, *about in self.setting.store.rows(sql, [self.seen]):
            self.seen = max(self.seen, number)
            self.kinds.add(kind)
            name = f"{self.assumptions.seed} {kind} {about}"
            self.told[name] += 1
            random = Random(f"{name} {self.told[name]}")
            assumed = self.assumptions.of(kind)
            if random.random() * 100 >= assumed.never:
                day = assumed.after.after(max(as_day(due_on) or today, today), self.setting.calendar, random)
                self.jobs[day].append(Job(number, kind, random))

    def _do(self, jobs: Sequence[Job], now: datetime) -> None:
        """End the work that is still open; their cases go on at once, as after `done`."""
        store = self.setting.store
        with store.session(write=True), store.context(cause="simulated"):
            numbers = [job.activity for job in jobs]
            open_ = {row[0]: row[1] for row in store.rows_in("SELECT id, assignee FROM activity WHERE status = 'open' AND id IN ({})", [], numbers)}
            steps = self._steps(list(open_))
            ended, pending = [], []
            for job in jobs:
                if job.activity not in open_ or (job.activity in steps and steps[job.activity] is None):
                    continue
                step = steps.get(job.activity)
                outcome = self._outcome(job, step)
                self._fill_in(job, step, now)
                ended.append((job.activity, outcome, open_[job.activity]))
                if step:
                    appointment = self._appointment(job, step, outcome, now)
                    pending.append(Pending(now, 0, job.activity, step.case, Ended(step.token, outcome, appointment)))
            activities.complete_all(store, ended, now)
            if pending:
                one_case(self.setting, now, lambda _: pending)

    def _steps(self, numbers: Sequence[int]) -> dict[int, OpenStep | None]:
        """The step each is the work of; None where its case is set aside or cannot be read: such work stays."""
        found = steps_of(self.setting, numbers)
        return {activity: one if isinstance(one, OpenStep) and not one.parked else None for activity, one in found.items()}

    def _outcome(self, job: Job, step: OpenStep | None) -> str:
        own = self.setting.sections["activities"].get(job.kind, {}).get("outcomes", [])
        return self.assumptions.of(job.kind).outcome(list(step.step.outcomes) if step else list(own), job.random)

    def _appointment(self, job: Job, step: OpenStep, outcome: str, now: datetime) -> datetime | None:
        if not step.asks_for_appointment(outcome):
            return None
        calendar = self.setting.calendar
        day = self.assumptions.of(job.kind).appointment.after(calendar.today(now) + timedelta(days=1), calendar, job.random)
        return calendar.at(calendar.next_open(day), AT_WORK)

    def _fill_in(self, job: Job, step: OpenStep | None, now: datetime) -> None:
        form = (step.step.form if step else "") or str(self.setting.sections["activities"].get(job.kind, {}).get("form", ""))
        if not form:
            return
        questions: Mapping[str, Any] = self.setting.sections["questionnaires"][form]["questions"]
        answers = {name: text for name, question in questions.items() if (text := self._answer(self.assumptions.of(job.kind), name, question, job.random))}
        try:
            fill_in(self.setting, job.activity, form, answers, now)
        except RegelwerkError as error:
            hint = f"say in the assumptions what is answered: `{job.kind}: {{answers: ...}}`"
            raise RegelwerkError(f"the form of a {job.kind} cannot be filled in as assumed: {error.message}", hint) from None

    @staticmethod
    def _answer(assumed: Assumed, name: str, question: Mapping[str, Any], random: Random) -> str:
        """What is assumed for a question; a required one that nothing is said about is answered with what it allows."""
        said = assumed.answers.get(name)
        if said is not None:
            one = random.choice(said) if isinstance(said, list) else said
            return {True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one)
        if not question.get("required"):
            return ""
        kind = question["type"]
        if kind == "choice":
            return str(random.choice(list(question["values"])))
        return {"grade": str(random.randint(1, 4)), "integer": "1", "boolean": random.choice(["yes", "no"])}.get(kind, "-")
