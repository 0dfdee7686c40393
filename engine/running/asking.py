"""Why a rule acts on a subject or does not: the scene, the candidates and the reasons of a tick, narrowed to one subject.

Nothing here decides anew. What a run would do now comes from the same functions as a run, on a copy that is thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.language.conditions import All, Literal, Node, Test
from engine.planning import candidates as find
from engine.planning.bounds import Again
from engine.planning.candidates import Candidate, Scene
from engine.planning.coming import entries
from engine.planning.dates import by_date
from engine.planning.explain import explain, first_failing
from engine.planning.rules import Rule
from engine.running.acting import Picked, allowed, meets_first_time
from engine.running.answers import Answer, Decided
from engine.running.apply import Tally, apply_works, of_all_effects
from engine.running.clock import read_last_tick
from engine.running.events import take_changes
from engine.running.expanding import expand
from engine.running.next_time import set_next
from engine.running.reasons import why_not
from engine.running.recorded import done_of, events_of, journal, last_decision, standing_of
from engine.running.setting import Setting
from engine.running.state import is_paused
from engine.running.tick import paused
from engine.store.given import instant

FINDERS = {"date": by_date, "when": find.by_edge, "while": find.by_edge, "every": find.by_schedule}
"""Trigger -> what picks its subjects; an event's are told what waits."""


def ask(setting: Setting, definition: str, entity: str, row: int, now: datetime) -> Answer:
    """Everything there is to say about a rule in force and one subject, now or at a later moment.

    1. The variant and the calendar that are the subject's own.
    2. The trigger as it stands for the subject, the condition leaf by leaf, what was decided before and what was found then.
    3. What a run at that moment would do; where it is nothing, why; and when the next time is.
    """
    last_tick = read_last_tick(setting)
    variants = [rule for rule in setting.rules if rule.id == definition]
    rule, scene = _own_scene(setting, variants, row, now, last_tick)
    answer = Answer(rule, scene, row, _spec(setting, rule))
    done = done_of(setting, rule, row)
    if rule.condition is not None:
        answer.tree = explain(setting.store, entity, rule.condition, scene.context, row)
        answer.failing = first_failing(answer.tree)
    answer.decided = journal(setting, rule.id, rule.entity, row)
    answer.first_time = rule.trigger == "when" and meets_first_time(setting.store, variants)
    answer.entries = entries(rule, scene, row, done) if rule.trigger == "date" else []
    answer.standing = standing_of(setting, rule, row) if rule.trigger in ("when", "while") else None
    mine = setting.mine(rule, [row])
    if mine and (last_tick is None or last_tick <= now):
        answer.would = _would(setting, answer, variants, row, last_tick)
    answer.events = events_of(setting, rule, row) if rule.trigger == "on" else []
    anyway = replace(rule, again=Again("edge" if rule.again.mode == "edge" else "always"))
    again = not answer.would and rule.again != anyway.again and bool(_picked(anyway, scene, row)) and not answer.over_share
    if not answer.would:
        answer.reasons = why_not(answer, done, last_tick, bool(mine), again, is_paused(paused(setting), rule.id))
    if mine:
        set_next(answer, lambda later: _picked(rule, later, row))
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
    said = setting.sections.get("rules", {}).get(rule.id) or setting.sections.get("workflows", {}).get(rule.id, {}).get("start", {})
    spec = said.get(rule.trigger)
    return str(spec) if isinstance(spec, str) else ""


def _picked(rule: Rule, scene: Scene, row: int) -> list[Candidate]:
    """What a tick's own functions pick of the one subject."""
    if rule.trigger == "on":
        sql = "SELECT id, subject_id, happened_at, cause, depth FROM event WHERE NOT taken AND name = ? AND subject_id = ? ORDER BY happened_at, id"
        waiting = [(e[0], e[1], instant(e[2]), e[3] or f"event {e[0]}", e[4] or 0) for e in scene.store.rows(sql, [rule.event, row])]
        return find.by_event(rule, scene, waiting)
    return FINDERS[rule.trigger](rule, scene)


def _would(setting: Setting, answer: Answer, variants: Sequence[Rule], row: int, last_tick: datetime | None) -> list[Decided]:
    """What a run at this moment would decide about the subject, tried on a copy."""
    rule, scene = answer.rule, answer.scene
    stopped = is_paused(paused(setting), rule.id)
    if rule.trigger == "while" and stopped:
        return []  # a level that is paused is not looked at
    if rule.trigger == "while" and _would_leave(setting, variants, row, scene.now, last_tick):
        return [Decided(None, "", effect, "withdrawn", "no longer holds") for effect in rule.effects]
    if not (_changed(setting, rule, row) if rule.trigger == "on" else _picked(rule, scene, row)):
        return []
    with setting.store.throwaway() as copy:
        there = setting.on(copy)
        if rule.trigger == "on":
            take_changes(copy, setting.vocabulary, [kind for kind in setting.events if kind.name == rule.event], 0, scene.now, setting.calendar)
        own = replace(scene, store=copy)
        picked = _picked(rule, own, row)
        may = allowed(_with_others(there, variants, (rule, own, picked), last_tick), answer.first_time, stopped)
        if may.left_alone:
            return []
        answer.over_share = bool(picked) and not any(one.subject == row for _, _, some in may.parts for one in some)
        if answer.over_share:
            return []
        works = expand(rule, own, picked, 1, setting.language)
        before = last_decision(there)
        apply_works(rule, of_all_effects(rule, works), there.batches(scene.now), 0, Tally(), may.hold)
        return [replace(one, decided_at=None) for one in journal(there, rule.id, rule.entity, row, before)]


def _with_others(setting: Setting, variants: Sequence[Rule], part: Picked, last_tick: datetime | None) -> list[Picked]:
    """All that the rule's trigger picks where a share or a limit counts it, else the subject's part alone; an event's rule is not counted ahead."""
    rule, scene, _ = part
    if (rule.limit is None and rule.spread is None) or rule.trigger in ("on", "while"):
        return [part]
    return [(one, whole, FINDERS[rule.trigger](one, whole)) for one in variants for whole in setting.scenes(one, scene.now, last_tick)] or [part]


def _would_leave(setting: Setting, variants: Sequence[Rule], row: int, now: datetime, last_tick: datetime | None) -> bool:
    scenes = [(rule, whole) for rule in variants if (whole := setting.whole(rule, now, last_tick)) is not None]
    own = [(rule, _narrowed(scene, row)) for rule, scene in scenes]
    return bool(own) and row in find.gone(own)


def _changed(setting: Setting, rule: Rule, row: int) -> bool:
    """Whether something about the subject waits for the next run: an event, or a change that may be one."""
    store = setting.store
    return bool(
        store.rows("SELECT 1 FROM event WHERE NOT taken AND name = ? AND subject_id = ? LIMIT 1", [rule.event, row])
        or store.rows('SELECT 1 FROM "change" WHERE tick IS NULL AND NOT quiet AND row_entity = ? AND row_id = ? LIMIT 1', [rule.entity, row])
    )
