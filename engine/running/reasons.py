"""Why a run now would leave a subject alone, one reason a line, the decisive ones first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from engine.language.arithmetic import shift
from engine.planning.catch_up import window
from engine.planning.coming import Done, Entry
from engine.running.answers import Answer, Reason


def why_not(answer: Answer, done: Sequence[Done], last_tick: datetime | None, mine: bool, again: bool, is_paused: bool) -> list[Reason]:
    """All that keeps the rule from acting on the subject now."""
    rule, scene = answer.rule, answer.scene
    found: list[Reason] = []
    if last_tick is not None and last_tick > scene.now:
        found.append(Reason("clock-back", f"the last run was at {_local(answer, last_tick)}: a run does nothing before that"))
    if not mine:
        found.append(Reason("other-branch", "the rule is narrowed to branches or brands that are not the subject's"))
    if is_paused:
        found.append(Reason("paused", f"the rule is paused: what falls due is held; `regelwerk resume {rule.id}` goes on"))
    found += _waiting(answer, done)
    if rule.trigger == "date":
        found += [Reason(code, says) for entry in answer.entries for code, says in [_date(answer, entry)] if code]
    elif rule.period and not rule.period.around(scene.today):
        first, last = rule.period.coming(scene.today)
        found.append(Reason("not-in-its-days", f"the campaign runs from {first} until {last}"))
    elif rule.trigger == "every" and not again and not answer.over_share:
        found.append(Reason("no-slot", "no slot has come that is not done for it"))
    elif rule.trigger == "on" and not any(not event.taken for event in answer.events):
        what = "every event about it was taken" if answer.events else "there was none about it"
        found.append(Reason("no-event", f"it waits for `{rule.event}`; {what}"))
    if answer.failing is not None:
        found.append(Reason("condition", f"the condition does not hold: {answer.failing.says} {answer.failing.wanted}".rstrip()))
    elif rule.trigger in ("when", "while"):
        found += _stands(answer)
    if answer.over_share:
        found.append(Reason("spread", f"`spread`: {rule.spread} a day, and today's share goes to records before it; its turn comes on a later day"))
    return found + ([Reason("again", _again(answer, done))] if again else [])


def _waiting(answer: Answer, done: Sequence[Done]) -> list[Reason]:
    """What was decided but is not done: held, blocked, failed."""
    found = []
    for status, hint in (("held", "; `regelwerk release` does it, `regelwerk discard` drops it"), ("blocked", ""), ("failed", "")):
        for one in done:
            if one.status == status:
                why = f": {one.reason}" if one.reason else ""
                found.append(Reason(status, f"{one.effect} ({one.occurrence}) is {status} since {_local(answer, one.made_at)}{why}{hint}", one.effect))
    return list(dict.fromkeys(found))  # many people may be held back for one and the same reason


def _date(answer: Answer, entry: Entry) -> tuple[str, str]:
    if entry.state == "missing":
        return "no-date", f"{entry.name}: {answer.rule.dates[entry.name].anchor} is missing, so there is no date"
    if entry.state == "to come":
        return "to-come", f"{entry.name}: {entry.day} has not come yet"
    if entry.state == "too late":
        first, _ = window(answer.rule, answer.scene)
        reach = f"goes back to {first}" if first else "goes back half a year"
        return "too-late", f"{entry.name}: {entry.day} has passed, and `catch_up` {reach}"
    if entry.state == "done":
        return "done", f"{entry.name}: {entry.day} is done already ({entry.occurrence})"
    if entry.state == "done later":
        return "done", f"{entry.name}: a later date than {entry.day} is done already ({entry.occurrence})"
    return "", ""


def _stands(answer: Answer) -> list[Reason]:
    rule, standing = answer.rule, answer.standing
    if rule.again.mode != "edge":
        return []
    if standing and standing.stands:
        what = "its effects are kept" if rule.trigger == "while" else "it acts again once that has ended and come anew"
        return [Reason("stands", f"it has been true since {_local(answer, standing.since)} (episode {standing.episode}); {what}")]
    if rule.trigger == "when" and rule.at_start == "ignore" and answer.first_time:
        return [Reason("at-start", "`at_start: ignore`: what is true when the rule is switched on is left alone")]
    return []


def _again(answer: Answer, done: Sequence[Done]) -> str:
    again, days = answer.rule.again, [one.day for one in done if one.day is not None]
    last: date | None = max(days, default=None)
    if answer.rule.period:
        return f"a campaign addresses each customer once: it did on {last}"
    if again.mode == "never":
        return f"`again: never`: it acted once already, on {last}"
    if again.not_before is not None and last is not None:
        after = shift(last, again.not_before, 1, answer.scene.calendar)
        if after > answer.scene.today:
            return f"`again`: not before {again.not_before} after {last}, so not before {after}"
    per = f" per {again.per}" if again.per else ""
    return f"`again`: at most {again.at_most}{per}, and there were {len({one.occurrence for one in done})} in all"


def _local(answer: Answer, moment: datetime) -> str:
    return f"{answer.scene.calendar.local(moment):%Y-%m-%d %H:%M}"
