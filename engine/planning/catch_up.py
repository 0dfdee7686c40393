"""What is late and still counts: a rule's `catch_up` over dates, events and slots (language.md, rules)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from engine.language.arithmetic import shift
from engine.planning.rules import Rule
from engine.store.given import as_day

if TYPE_CHECKING:
    from engine.planning.candidates import Candidate, Scene


def window(rule: Rule, scene: Scene) -> tuple[date | None, date]:
    """The first and last local day whose dates are due: what a day rule's `catch_up` reaches back to."""
    calendar = scene.calendar
    today = scene.today
    last = today if calendar.first_instant(today) <= scene.now else today - timedelta(days=1)
    mode = rule.catch_up.mode
    if mode in ("all", "latest"):
        return None, last
    if mode == "within" and rule.catch_up.within is not None:
        return shift(last, rule.catch_up.within, -1, calendar), last
    if mode == "none" or scene.last_tick is None:
        return last, last
    since = calendar.today(scene.last_tick)
    if calendar.first_instant(since) <= scene.last_tick:
        since += timedelta(days=1)
    return min(since, last), last


def last_day(scene: Scene, moment: datetime) -> date:
    """The newest local day that had begun at a moment."""
    today = scene.calendar.today(moment)
    return today if scene.calendar.first_instant(today) <= moment else today.fromordinal(today.toordinal() - 1)


def in_time(rule: Rule, scene: Scene, happened: datetime) -> bool:
    """Whether an event happened late enough to count, however late it was recorded."""
    calendar, mode = scene.calendar, rule.catch_up.mode
    if mode == "within" and rule.catch_up.within is not None:
        return calendar.today(happened) >= shift(scene.today, rule.catch_up.within, -1, calendar)
    if mode != "none":
        return True
    if scene.last_tick is None:
        return calendar.today(happened) >= scene.today
    local = calendar.local(happened)
    if local.time() == time(0):  # a day whose time nobody recorded is over at its end
        happened = calendar.at(local.date() + timedelta(days=1), time(0))
    return happened > scene.last_tick


def slots_since(rule: Rule, scene: Scene) -> datetime:
    """The instant after which a schedule's slots count; `none` makes up for nothing of an earlier day."""
    calendar, mode = scene.calendar, rule.catch_up.mode
    since = scene.last_tick
    if mode == "within" and rule.catch_up.within is not None:
        reach = calendar.first_instant(shift(scene.today, rule.catch_up.within, -1, calendar))
        since = reach if since is None else max(since, reach)
    if since is None:
        since = scene.now - timedelta(minutes=1)
    if mode == "none":
        since = max(since, calendar.at(scene.today, time(0)) - timedelta(seconds=1))
    return since


def newest(rule: Rule, scene: Scene, found: list[Candidate]) -> list[Candidate]:
    """With `catch_up: latest`, each subject's newest alone, and only if it is newer than all it had: what is skipped stays skipped."""
    if rule.catch_up.mode != "latest" or not found:
        return found
    last = {candidate.subject: candidate for candidate in sorted(found, key=lambda one: one.day or date.min)}
    had = _last_days(rule, scene, list(last))
    same_day = timedelta(days=1 if rule.trigger == "on" else 0)  # of one day's events the later may come second
    return [one for one in last.values() if one.subject not in had or one.day is None or had[one.subject] < one.day + same_day]


def _last_days(rule: Rule, scene: Scene, subjects: Sequence[int]) -> dict[int, date]:
    """The latest day of what each subject had of this rule."""
    sql = (
        "SELECT subject_id, MAX(day) FROM occurrence WHERE definition = ? AND subject_entity = ? AND day IS NOT NULL AND subject_id IN ({}) GROUP BY subject_id"
    )
    return {row[0]: day for row in scene.store.rows_in(sql, [rule.id, rule.entity], subjects) if (day := as_day(row[1]))}
