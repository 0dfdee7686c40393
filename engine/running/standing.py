"""For whom a condition stands: episodes of `when`, and `while` rules that keep their effects exactly as long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.effects import EFFECTS
from engine.effects.base import Result, Work
from engine.planning.candidates import by_edge, episodes_of, gone
from engine.planning.found import found_of
from engine.planning.rules import Rule
from engine.running.apply import apply_works, decided, of_all_effects
from engine.running.expanding import expand
from engine.running.held import NO_LONGER, discard_rows
from engine.running.state import TickState
from engine.store.causes import cause_text
from engine.store.store import Store


def stand(store: Store, rule: Rule, subjects: Sequence[int], now: datetime, stands: bool) -> None:
    """Record for whom a condition stands; becoming true starts a new episode."""
    if not subjects:
        return
    with store.session(write=True):
        sql = "SELECT subject_id, id, episode, stands FROM standing WHERE definition = ? AND subject_entity = ? AND subject_id IN ({})"
        known = {row[0]: row for row in store.rows_in(sql, [rule.id, rule.entity], subjects)}
        new = [s for s in dict.fromkeys(subjects) if s not in known]
        base = {"definition": rule.id, "subject_entity": rule.entity, "stands": stands, "since_at": now}
        if new and stands:
            store.insert_many("standing", [{**base, "subject_id": s, "episode": 1} for s in new])
        old = [known[s] for s in dict.fromkeys(subjects) if s in known and bool(known[s][3]) != stands]
        if old:
            rows = [{"id": row[1], "stands": stands, "since_at": now, "episode": (row[2] or 0) + (1 if stands else 0)} for row in old]
            store.update_many("standing", rows)


def _gone(state: TickState, family: Sequence[Rule]) -> list[int]:
    scenes = ((rule, state.setting.whole(rule, state.now, state.last_tick)) for rule in family)
    variants = [(rule, scene) for rule, scene in scenes if scene is not None]
    return gone(variants) if variants else []


def rearm(state: TickState, family: Sequence[Rule]) -> None:
    """Note for whom a `when` no longer holds: the next time is a new episode."""
    stand(state.setting.store, family[0], _gone(state, family), state.now, False)


def keep_level(state: TickState, family: Sequence[Rule], number: int) -> None:
    """Keep the effects of a `while` exactly as long as its condition holds."""
    for rule in family:
        for scene in state.scenes(rule):
            picked = by_edge(rule, scene)
            if picked:
                works = expand(rule, scene, picked, number, state.setting.language)
                apply_works(rule, of_all_effects(rule, works), state.make_batch, state.run, state.tally)
                stand(scene.store, rule, [candidate.subject for candidate in picked], state.now, True)
    left = _gone(state, family)
    if left:
        _take_back(state, family[0], left)


def _take_back(state: TickState, rule: Rule, subjects: Sequence[int]) -> None:
    store, today = state.setting.store, state.setting.calendar.today(state.now)
    episodes = episodes_of(rule.id, rule.entity, subjects, store)
    held = found_of(store, rule.entity, rule.condition, subjects)
    first = next(iter(rule.effects), "")
    for start in range(0, len(subjects), 500):
        chunk = subjects[start : start + 500]
        batch = state.make_batch(rule)
        with store.session(write=True), store.context(cause=cause_text(f"run {state.run}", rule.id), depth=1):
            for effect, (word, plan) in rule.effects.items():
                told = held if effect == first else {}
                works = [Work(rule.id, rule.entity, s, f"episode {episodes.get(s, 1)}", effect, day=today, found=told.get(s, {})) for s in chunk]
                EFFECTS[word].undo(plan, works, batch)
                left_off = Result("done", NO_LONGER, verdict="withdrawn")
                store.insert_many("decision", [decided(work, left_off, batch, state.run) for work in works])
            sql = "SELECT id, subject_entity, subject_id, occurrence, effect, target FROM occurrence WHERE definition = ? AND subject_entity = ?"
            waiting = store.rows_in(f"{sql} AND status IN ('failed', 'held') AND subject_id IN ({{}})", [rule.id, rule.entity], chunk)
            discard_rows(store, rule.id, waiting, NO_LONGER, state.run, state.now)
            stand(store, rule, chunk, state.now, False)
        state.tally.count(rule.id, "withdrawn", len(chunk) * len(rule.effects))
