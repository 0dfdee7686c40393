"""What `why` says of the present, at any moment: of a record what is due and would be made of it anew, of a rule what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.running.answers import Decided, Reason
from engine.running.asking import ask
from engine.running.recorded import last_decision
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.store.given import as_day, as_instant


@dataclass
class Present:
    """How a record stands at a moment: what is due of it, what made it, and what a run would decide of that about the same subject."""

    due: str = ""
    definition: str = ""
    stands: str = ""
    """What there is to say where no rule is asked."""
    would: list[Decided] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)

    @property
    def says(self) -> list[str]:
        """In words."""
        lines = [self.due] if self.due else []
        lines += [f"a run would do '{one.effect}' of {self.definition} ({one.occurrence}): {_said(one)}" for one in self.would if one.verdict != "withdrawn"]
        lines += [f"a run would take back '{one.effect}' of {self.definition}: {one.reason}" for one in self.would if one.verdict == "withdrawn"]
        if self.reasons:
            lines.append(f"a run would not make it anew: {'; '.join(reason.says for reason in self.reasons)}")
        return [*lines, self.stands] if self.stands else lines


def _said(one: Decided) -> str:
    return f"{one.verdict}: {one.reason}" if one.reason else one.verdict


def present_of(setting: Setting, entity: str, row: int, made: datetime | date | None, now: datetime) -> Present:
    """How a record stands at a moment (naive UTC). Its history is not judged anew; a rule is asked as `why RULE SUBJECT` asks it.

    `made` is when it was made: a moment, a local day where no more is kept, None where nothing tells.
    """
    if isinstance(made, datetime) and made > now:
        return Present(f"it was not made yet: that was {setting.calendar.local(made):%Y-%m-%d %H:%M}")
    if made is not None and not isinstance(made, datetime) and made > setting.calendar.today(now):
        return Present(f"it was not made yet: that was {made}")
    due = _due(setting, row, now) if entity == "activity" else ""
    sql = "SELECT definition, subject_entity, subject_id, occurrence, effect FROM occurrence WHERE made_entity = ? AND made_id = ? ORDER BY id LIMIT 1"
    for definition, about, subject, occurrence, effect in setting.store.rows(sql, [entity, row]):
        if str(occurrence).startswith("case "):
            return Present(due, definition, _case(setting, int(occurrence.split(" ")[1]), now))
        if not any(rule.id == definition for rule in setting.rules):
            return Present(due, definition, f"{definition} is not in force: no run would make it")
        answer = ask(setting, definition, about, subject, now)
        return Present(
            due, definition, "", [one for one in answer.would if one.effect == effect], [one for one in answer.reasons if one.effect in ("", effect)]
        )
    return Present(due, "", "no rule made it: no run would make it anew" if not due else "")


def _due(setting: Setting, activity: int, now: datetime) -> str:
    """Whether work is still to be done, and how late it is."""
    status, due, completed = setting.store.rows("SELECT status, due_on, completed_at FROM activity WHERE id = ?", [activity])[0]
    ended, day = as_instant(completed), as_day(due)
    if ended is not None and ended > now:
        late = f", {_days(day, setting.calendar.today(now))}" if day else ""
        return f"it was still to be done{late}; it is {status} since {setting.calendar.local(ended):%Y-%m-%d %H:%M}"
    if status not in ("open", "blocked"):
        return f"it is {status}: nothing of it is due any more"
    return f"it is {status}, {_days(day, setting.calendar.today(now))}" if day else f"it is {status}"


def _days(due: date, today: date) -> str:
    number = abs((due - today).days)
    days = f"{number} day{'' if number == 1 else 's'}"
    return "due today" if not number else f"due in {days}" if due > today else f"{days} late"


def _case(setting: Setting, number: int, now: datetime) -> str:
    """Where the case is to which it belongs."""
    rows = setting.store.rows("SELECT definition, status, ended_at FROM instance WHERE id = ?", [number])
    if not rows:
        return ""
    definition, status, at = rows[0]
    ended = as_instant(at)
    stands = f"is {status}" if ended is None or ended <= now else f"was running; it is {status} since {setting.calendar.local(ended):%Y-%m-%d %H:%M}"
    return f"case {number} of {definition}, of which it is a step, {stands}; `regelwerk workflow show {number}` shows it"


@dataclass(frozen=True)
class Run:
    """What a run would decide of one definition: (verdict, reason, how often); or why it would do nothing at all."""

    decided: Sequence[tuple[str, str, int]]
    stopped: str = ""


def run_of(setting: Setting, definition: str, now: datetime) -> Run:
    """A run of one definition at a moment (naive UTC), on a copy that is thrown away."""
    with setting.store.throwaway() as copy:
        there = setting.on(copy).narrowed({definition})
        before = last_decision(there)
        report = tick(there, now, lasting=False)
        sql = (
            "SELECT verdict, coalesce(reason, ''), COUNT(*) FROM decision WHERE id > ? AND definition = ? GROUP BY verdict, coalesce(reason, '') ORDER BY 1, 2"
        )
        return Run([(row[0], row[1], int(row[2])) for row in copy.rows(sql, [before, definition])], report.stopped)
