"""For whom a trigger came and yet nothing was planned: the same queries as the plan's, asked without what held it back.

Only events and dates come to single subjects. What a condition that becomes true or a schedule leaves out is everybody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.language.phrases import Phrase, Yearly
from engine.planning.candidates import Candidate, Scene, allowed_again, pick
from engine.planning.catch_up import in_time, last_day, window
from engine.planning.dates import falls_between, not_done
from engine.planning.rules import Rule

CONDITION, AGAIN, CATCH_UP = "condition", "again", "catch_up"
"""Why nothing was planned."""
Told = Sequence[tuple[int, int, datetime, str, int]]
"""Events as a plan is told of them: number, subject, when it happened, cause, depth."""


@dataclass(frozen=True)
class NearMiss:
    """A subject that a trigger came to and that was left alone; `what` came, and why it was not enough."""

    subject: int
    reason: str
    what: str


def of_events(rule: Rule, scene: Scene, told: Told, picked: Sequence[Candidate]) -> list[NearMiss]:
    """The events that were taken and brought nothing."""
    taken = {candidate.occurrence for candidate in picked}
    left = [event for event in told if f"event {event[0]}" not in taken]
    if not left:
        return []
    why = _why(rule, scene, sorted({event[1] for event in left}))
    reasons = [(event, why[event[1]] if in_time(rule, scene, event[2]) else CATCH_UP) for event in left if event[1] in why]
    return [NearMiss(event[1], reason, f"event {event[0]}") for event, reason in reasons if reason]  # "": another of its events came before it


def of_dates(rule: Rule, scene: Scene, picked: Sequence[Candidate]) -> list[NearMiss]:
    """The dates that have come since the last tick and brought nothing; what was done already is none."""
    if scene.last_tick is None:
        return []
    first, last = window(rule, scene)
    since = last_day(scene, scene.last_tick) + timedelta(days=1)
    late = first if first is not None and first > since else None
    if since > last or (rule.condition is None and rule.again.mode == "always" and late is None):
        return []
    taken = {(candidate.subject, candidate.entry) for candidate in picked}
    found: list[NearMiss] = []
    for entry, phrase in rule.dates.items():
        found += (
            [] if late is None else [NearMiss(subject, CATCH_UP, entry) for subject in _reached(rule, scene, entry, phrase, since, late - timedelta(days=1))]
        )
        left = [subject for subject in _reached(rule, scene, entry, phrase, late or since, last) if (subject, entry) not in taken]
        why = _why(rule, scene, left) if left else {}
        found += [NearMiss(subject, reason, entry) for subject, reason in why.items() if reason]
    return found


def _reached(rule: Rule, scene: Scene, entry: str, phrase: Phrase, first: date, last: date) -> list[int]:
    """For whom a date falls on one of these days and is not done."""
    falls = falls_between(phrase, first, last, scene)
    since = last - timedelta(days=180) if isinstance(phrase, Yearly) else first
    return pick(scene, rule.entity, (falls[0], not_done(rule, scene, entry, phrase, since)), given=falls[1]) if falls is not None else []


def _why(rule: Rule, scene: Scene, subjects: Sequence[int]) -> dict[int, str]:
    """What holds back those of the subjects that this variant of the rule is for; "" where neither condition nor `again` does."""
    mine = pick(scene, rule.entity, (), only=subjects) if scene.only is not None else list(subjects)
    if rule.trigger == "on" and rule.again.mode == "always" and rule.catch_up.mode != "latest":
        return dict.fromkeys(mine, CONDITION)  # nothing else holds an event back that came in time
    holds = set(pick(scene, rule.entity, (rule.condition,), only=mine)) if rule.condition is not None and mine else set(mine)
    free = holds
    if holds and rule.again.mode != "always":
        allowed = allowed_again(rule, scene)
        free = set(pick(scene, rule.entity, (allowed,), only=sorted(holds))) if allowed is not None and rule.again.at_most is None else set()
    return {subject: "" if subject in free else AGAIN if subject in holds else CONDITION for subject in mine}
