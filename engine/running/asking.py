"""Why a rule acts on a subject or does not: the scene, the candidates and the reasons of a tick, narrowed to one subject.

Nothing here decides anew. What a run would do now comes from the same functions as a run, on a copy that is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from engine.language.conditions import All, Literal, Node, Test
from engine.planning import candidates as find
from engine.planning.bounds import Again
from engine.planning.candidates import Candidate, Scene
from engine.planning.coming import Done, by_time_alone, entries, next_slot
from engine.planning.explain import explain, first_failing
from engine.planning.rules import Rule
from engine.planning.values import as_day
from engine.running.acting import ALREADY_TRUE, PAUSED, meets_first_time, over_limit
from engine.running.answers import Answer, Decided, Happened, Standing
from engine.running.apply import Tally, apply_works, of_all_effects
from engine.running.clock import read_last_tick
from engine.running.events import take_changes
from engine.running.expanding import expand
from engine.running.reasons import why_not
from engine.running.setting import Setting
from engine.running.tick import paused

SHOWN_EVENTS = 5


def ask(setting: Setting, definition: str, entity: str, row: int, now: datetime) -> Answer:
    """Everything there is to say about a rule in force and one subject.

    1. The variant and the calendar that are the subject's own.
    2. The trigger as it stands for the subject, the condition leaf by leaf, what was decided before.
    3. What a run now would do; where it is nothing, why; and when the next time is.
    """
    last_tick = read_last_tick(setting)
    variants = [rule for rule in setting.rules if rule.id == definition]
    rule, scene = _own_scene(setting, variants, row, now, last_tick)
    answer = Answer(rule, scene, _spec(setting, rule))
    done = _done(setting, rule, row)
    if rule.condition is not None:
        answer.tree = explain(setting.store, entity, rule.condition, scene.context, row)
        answer.failing = first_failing(answer.tree)
    answer.decided = _journal(setting, rule, row)
    answer.first_time = rule.trigger == "when" and meets_first_time(setting.store, variants)
    answer.entries = entries(rule, scene, row, done) if rule.trigger == "date" else []
    answer.standing = _standing(setting, rule, row) if rule.trigger in ("when", "while") else None
    mine = setting.mine(rule, [row])
    if mine and (last_tick is None or last_tick <= now):
        answer.would = _would(setting, answer, variants, row, last_tick)
    answer.events = _events(setting, rule, row) if rule.trigger == "on" else []
    allowed = replace(rule, again=Again("edge" if rule.again.mode == "edge" else "always"))
    again = not answer.would and rule.again != allowed.again and bool(_picked(allowed, scene, row))
    if not answer.would:
        answer.reasons = why_not(answer, done, last_tick, bool(mine), again, "" in paused(setting) or rule.id in paused(setting))
    answer.next_at = _next(answer, row)
    return answer


def _own_scene(setting: Setting, variants: Sequence[Rule], row: int, now: datetime, last_tick: datetime | None) -> tuple[Rule, Scene]:
    """The variant and the scene a tick would meet the subject in; the first ones where it would meet it in none."""
    met = [(rule, scene) for rule in variants for scene in setting.scenes(rule, now, last_tick)]
    for rule, scene in met:
        own = _narrowed(scene, row)
        if find.pick(own, rule.entity, ()):
            return rule, own
    return variants[0], _narrowed(Scene(setting.store, setting.vocabulary, now, last_tick, setting.calendar), row)


def _narrowed(scene: Scene, row: int) -> Scene:
    this: Node = Test("id", "is", Literal(row))
    return replace(scene, only=All((this, scene.only)) if scene.only else this)


def _spec(setting: Setting, rule: Rule) -> str:
    """The trigger as it is written."""
    if rule.period:
        return f"day from {rule.period.first} until {rule.period.last}"
    spec = setting.sections.get("rules", {}).get(rule.id, {}).get(rule.trigger)
    return str(spec) if isinstance(spec, str) else ""


def _picked(rule: Rule, scene: Scene, row: int) -> list[Candidate]:
    """What a tick's own functions pick of the one subject."""
    if rule.trigger == "on":
        sql = "SELECT id, subject_id, happened_at, cause, depth FROM event WHERE NOT taken AND name = ? AND subject_id = ? ORDER BY happened_at, id"
        waiting = [(e[0], e[1], _moment(e[2]), e[3] or f"event {e[0]}", e[4] or 0) for e in scene.store.rows(sql, [rule.event, row])]
        return find.by_event(rule, scene, waiting)
    return {"date": find.by_date, "when": find.by_edge, "while": find.by_edge, "every": find.by_schedule}[rule.trigger](rule, scene)


def _would(setting: Setting, answer: Answer, variants: Sequence[Rule], row: int, last_tick: datetime | None) -> list[Decided]:
    """What a run at this moment would decide about the subject, tried on a copy."""
    rule, scene = answer.rule, answer.scene
    if rule.trigger == "while" and _would_leave(setting, variants, row, scene.now, last_tick):
        return [Decided(None, "", effect, "withdrawn", "no longer holds") for effect in rule.effects]
    if rule.trigger != "on" and not _picked(rule, scene, row):
        return []
    if rule.trigger == "on" and not _changed(setting, rule, row):
        return []
    new = answer.first_time
    if new and rule.at_start == "ignore":
        return []
    hold = (ALREADY_TRUE if new and rule.at_start == "hold" else "") or _too_many(setting, variants, scene.now, last_tick)
    stopped = paused(setting)
    hold = hold or (PAUSED if ("" in stopped or rule.id in stopped) and rule.trigger != "while" else "")
    with setting.store.throwaway() as copy:
        there = setting.on(copy)
        if rule.trigger == "on":
            take_changes(copy, setting.vocabulary, [kind for kind in setting.events if kind.name == rule.event], 0, scene.now, setting.calendar)
        own = replace(scene, store=copy)
        works = expand(rule, own, _picked(rule, own, row), 1, setting.language)
        before = _last_decision(there)
        apply_works(rule, of_all_effects(rule, works), there.batches(scene.now), 0, Tally(), hold)
        return [replace(one, decided_at=None) for one in _journal(there, rule, row, before)]


def _would_leave(setting: Setting, variants: Sequence[Rule], row: int, now: datetime, last_tick: datetime | None) -> bool:
    scenes = [(rule, whole) for rule in variants if (whole := setting.whole(rule, now, last_tick)) is not None]
    own = [(rule, _narrowed(scene, row)) for rule, scene in scenes]
    return bool(own) and row in find.gone(own)


def _too_many(setting: Setting, variants: Sequence[Rule], now: datetime, last_tick: datetime | None) -> str:
    """Why a `limit` would hold the whole rule's work; an event's rule is not counted ahead."""
    first = variants[0]
    if first.limit is None or first.trigger in ("on", "while"):
        return ""
    finder = {"date": find.by_date, "when": find.by_edge, "every": find.by_schedule}[first.trigger]
    scenes = [(rule, scene) for rule in variants for scene in setting.scenes(rule, now, last_tick)]
    return over_limit(first, scenes[0][1], sum(len(finder(rule, scene)) for rule, scene in scenes)) if scenes else ""


def _changed(setting: Setting, rule: Rule, row: int) -> bool:
    """Whether something about the subject waits for the next run: an event, or a change that may be one."""
    store = setting.store
    return bool(
        store.rows("SELECT 1 FROM event WHERE NOT taken AND name = ? AND subject_id = ? LIMIT 1", [rule.event, row])
        or store.rows('SELECT 1 FROM "change" WHERE tick IS NULL AND NOT quiet AND row_entity = ? AND row_id = ? LIMIT 1', [rule.entity, row])
    )


def _next(answer: Answer, row: int) -> datetime | None:
    """When the calendar alone brings the rule to the subject again (naive UTC)."""
    rule, scene = answer.rule, answer.scene
    if rule.trigger == "every":
        assert rule.schedule is not None
        slot = next_slot(rule.schedule, scene.now, scene.calendar, rule.period)
        return scene.calendar.at(slot.date(), slot.time()) if slot else None
    day: date | None = None
    if rule.trigger == "date":
        day = min((entry.next for entry in answer.entries if entry.next is not None), default=None)
    elif rule.trigger in ("when", "while") and not answer.would:
        day = by_time_alone(rule, scene, lambda later: _picked(rule, later, row))
    return scene.calendar.first_instant(day) if day else None


def _done(setting: Setting, rule: Rule, row: int) -> list[Done]:
    sql = (
        "SELECT occurrence, effect, status, entry, anchor, day, made_at, reason FROM occurrence"
        " WHERE definition = ? AND subject_entity = ? AND subject_id = ? ORDER BY id"
    )
    found = setting.store.rows(sql, [rule.id, rule.entity, row])
    return [Done(o[0], o[1], o[2], o[3] or "", as_day(o[4]), as_day(o[5]), _moment(o[6]), o[7] or "") for o in found]


def _journal(setting: Setting, rule: Rule, row: int, after: int = -1) -> list[Decided]:
    sql = (
        "SELECT decided_at, occurrence, effect, verdict, reason FROM decision"
        " WHERE definition = ? AND subject_entity = ? AND subject_id = ? AND id > ? ORDER BY id"
    )
    found = setting.store.rows(sql, [rule.id, rule.entity, row, after])
    return [Decided(_moment(d[0]), d[1] or "", d[2] or "", d[3], d[4] or "") for d in found]


def _last_decision(setting: Setting) -> int:
    return int(setting.store.rows("SELECT coalesce(MAX(id), 0) FROM decision", [])[0][0])


def _standing(setting: Setting, rule: Rule, row: int) -> Standing | None:
    sql = "SELECT stands, since_at, episode FROM standing WHERE definition = ? AND subject_entity = ? AND subject_id = ?"
    found = setting.store.rows(sql, [rule.id, rule.entity, row])
    return Standing(bool(found[0][0]), _moment(found[0][1]), found[0][2] or 0) if found else None


def _events(setting: Setting, rule: Rule, row: int) -> list[Happened]:
    """The last events the rule waits for that are about the subject, the oldest first."""
    sql = (
        "SELECT e.id, e.happened_at, e.taken, (SELECT MAX(d.verdict) FROM decision d WHERE d.definition = ? AND d.subject_entity = ?"
        " AND d.subject_id = e.subject_id AND d.occurrence = 'event ' || e.id) FROM event e WHERE e.name = ? AND e.subject_id = ? ORDER BY e.id DESC LIMIT ?"
    )
    found = setting.store.rows(sql, [rule.id, rule.entity, rule.event, row, SHOWN_EVENTS])
    return [Happened(e[0], _moment(e[1]), bool(e[2]), e[3] or "") for e in reversed(found)]


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
