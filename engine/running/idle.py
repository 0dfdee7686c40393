"""What a tick may leave out: rules for which neither time nor a change can have brought anything since the last one.

Only after an unbroken tick with the same definitions (`TickState.unbroken`), never in the first tick of a local day, and only
where the change log would tell: a rule whose condition moves with time, that counts its occurrences, that is for matches, or
that looks at rows of the engine's own, is always looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from engine.language.arithmetic import earliest_anchor, latest_anchor
from engine.language.phrases import Offset, Phrase, Yearly, offset_day
from engine.planning.candidates import Scene
from engine.planning.catch_up import last_day, window
from engine.planning.rules import Rule
from engine.running.cases.rechecks import moves_with_time
from engine.running.setting import Setting
from engine.running.state import TickState
from engine.store.store import SCHEMA_VERSION


def due_part(state: TickState, rule: Rule, changed: Collection[str] | None) -> Rule | None:
    """What a tick's first round has to look at of a rule: all of it, those of its dates that may have come, or nothing.

    `changed` are the entities in which anything changed; None: who knows.
    """
    if changed is None or state.whole or rule.id in state.since:
        return rule
    if rule.trigger in ("on", "every") or rule.again.mode != ("edge" if rule.trigger in ("when", "while") else "always") or rule.each:
        return rule
    if rule.period or (rule.condition is not None and moves_with_time(rule.condition)):
        return rule
    reads = read_by(state.setting, rule)
    if not reads.isdisjoint(changed) or any(state.setting.vocabulary.entity(one).engine for one in reads):
        return rule
    if rule.trigger != "date":
        return None
    scenes = state.scenes(rule)
    dates = {name: phrase for name, phrase in rule.dates.items() if any(_falls(state.setting, rule, phrase, scene) for scene in scenes)}
    return replace(rule, dates=dates) if dates else None


def read_by(setting: Setting, rule: Rule) -> set[str]:
    """The entities on which it hangs for whom a rule acts: its own, its condition's and dates', those that lead to branch and brand."""
    return {entity for entity, _ in rule.reads} | _grouped_by(setting, rule)


def _grouped_by(setting: Setting, rule: Rule) -> set[str]:
    """A rule's own entity, and those that lead from it to branch and brand: which variant it is under, by which calendar."""
    found = {rule.entity}
    entity = setting.vocabulary.entity(rule.entity)
    for path in (entity.branch, entity.brand):
        if path and path != "self":
            found |= {field.target for field in setting.vocabulary.walk(rule.entity, path) if field.target}
    return found


def touched(setting: Setting, rule: Rule, changed: Collection[str]) -> bool:
    """Whether what changed in the last round can matter to a rule."""
    if rule.trigger in ("on", "every"):
        return rule.trigger == "on"
    return not read_by(setting, rule).isdisjoint(changed)


def looked_with(setting: Setting) -> str:
    """What a tick looks with: the definitions, the calendars, this version. Whatever is other than it was has everything looked at anew."""
    named = [("", setting.calendar), *sorted(setting.calendars.items(), key=lambda one: one[0])]
    calendars = [(code, sorted(one.closed), replace(one, closed=frozenset())) for code, one in named]
    rest = repr([calendars, setting.language, setting.left_open, setting.declared is None, _version(), SCHEMA_VERSION])
    return f"{setting.digest} {sha256(rest.encode()).hexdigest()[:16]}"


def _version() -> str:
    try:
        return version("regelwerk")
    except PackageNotFoundError:  # a plain checkout
        return ""


def _falls(setting: Setting, rule: Rule, phrase: Phrase, scene: Scene) -> bool:
    """Whether a date of a rule may fall on a day that has come since the last tick."""
    if scene.last_tick is None or rule.catch_up.mode == "latest":
        return True
    _, last = window(rule, scene)
    before = last_day(scene, scene.last_tick)
    if last <= before:
        return last < before
    return isinstance(phrase, Yearly) or _any_between(setting, rule, phrase, before, last, scene)


def _any_between(setting: Setting, rule: Rule, phrase: Phrase, before: date, last: date, scene: Scene) -> bool:
    """Whether any record at all holds an anchor from which a date falls on one of the new days; for whom is not asked."""
    if not isinstance(phrase, Offset):
        return True

    def due(day: date) -> date:
        return offset_day(phrase, day, scene.calendar)

    youngest, oldest = latest_anchor(last, due), earliest_anchor(before + timedelta(days=1), due)
    if youngest is None or oldest is None or oldest > youngest:
        return False
    holder, name = setting.vocabulary.holder(rule.entity, phrase.anchor)
    first: date = oldest
    until: date = youngest + timedelta(days=1)
    if setting.vocabulary.last(rule.entity, phrase.anchor).type == "datetime":  # in any time zone
        first, until = datetime.combine(oldest, time()) - timedelta(days=1), datetime.combine(until, time()) + timedelta(days=1)
    sql = f'SELECT 1 FROM "{holder}" WHERE "{name}" >= ? AND "{name}" < ? LIMIT 1'
    return bool(setting.store.rows(sql, [first, until]))


def moved(state: TickState, rule: Rule, changed: Collection[str] | None) -> bool:
    """Whether open work of a date rule may have to move: something changed in what its dates and due dates count from."""
    if changed is None:
        return True
    anchors = {phrase.anchor for phrase in rule.dates.values() if isinstance(phrase, Offset | Yearly)}
    return not _grouped_by(state.setting, rule).isdisjoint(changed) or any(_touched(state.setting, rule, path, changed) for path in rule.paths | anchors)


def _touched(setting: Setting, rule: Rule, path: str, changed: Collection[str]) -> bool:
    head = path.partition(".")[0]
    if rule.each and head == rule.each.name:
        return True
    return any(field.target in changed for field in setting.vocabulary.walk(rule.entity, path) if field.target)
