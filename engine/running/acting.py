"""Candidates become work and are applied; held where the rule is new over old data, paused, or past its limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.planning.candidates import Candidate, Scene
from engine.planning.query import count
from engine.planning.rules import Rule, digest_of
from engine.running.apply import apply_works, of_all_effects
from engine.running.expanding import expand
from engine.running.spreading import todays_share
from engine.running.standing import stand
from engine.running.state import TickState
from engine.store.store import Store

ALREADY_TRUE = "was already true when the rule was switched on"
PAUSED = "paused"
"""Why work is held; what is held for being paused is done by the first tick after the pause."""
SEEN = "seen:"
"""The switch that holds the digest of the condition which a `when` has met data with."""
Picked = tuple[Rule, Scene, list[Candidate]]


@dataclass(frozen=True)
class Allowed:
    """What a rule may do of what its trigger picked; `hold` is why all of it is only held, `left_alone` that it is not even that."""

    parts: Sequence[Picked]
    hold: str = ""
    left_alone: bool = False


def allowed(parts: Sequence[Picked], new: bool, is_paused: bool) -> Allowed:
    """What a rule may do, in this order: what was true before it was switched on (`new`), today's share, the limit, a pause.

    A limit counts over all branches and variants of a rule: they are one rule to whoever wrote it.
    """
    first, scene, _ = parts[0]
    if new and first.at_start == "ignore":
        return Allowed(parts, left_alone=True)
    parts = todays_share(parts)
    total = sum(len(picked) for _, _, picked in parts)
    if new and first.at_start == "hold":
        return Allowed(parts, ALREADY_TRUE)
    return Allowed(parts, (over_limit(first, scene, total + _in_this_run(first, scene)) if total else "") or (PAUSED if is_paused else ""))


def act(state: TickState, parts: Sequence[Picked], number: int) -> None:
    """Turn candidates into work and apply it, or hold it."""
    if not parts:
        return
    first, scene, _ = parts[0]
    may = allowed(parts, first.trigger == "when" and _is_new(state, first, scene), state.is_paused(first))
    if may.left_alone:
        for rule, scene, picked in parts:
            stand(scene.store, rule, [candidate.subject for candidate in picked], state.now, True)
    else:
        _act(state, may, number)


def _act(state: TickState, may: Allowed, number: int) -> None:
    total = sum(len(picked) for _, _, picked in may.parts)
    if not total:
        return
    state.progress(f"{may.parts[0][0].id}: {total}")
    for rule, scene, picked in may.parts:
        works = expand(rule, scene, picked, number, state.setting.language) if picked else []
        apply_works(rule, of_all_effects(rule, works), state.make_batch, state.run, state.tally, may.hold)
        if rule.trigger == "when" and rule.again.mode == "edge":
            stand(scene.store, rule, [c.subject for c in picked], state.now, True)


def _in_this_run(rule: Rule, scene: Scene) -> int:
    """How many occurrences this run made already, in earlier rounds or before it was killed and begun again."""
    if rule.limit is None:
        return 0
    sql = (
        "SELECT COUNT(*) FROM (SELECT DISTINCT subject_id, occurrence FROM occurrence WHERE definition = ?"
        " AND run > (SELECT coalesce(MAX(id), 0) FROM run WHERE finished_at IS NOT NULL)) o"
    )
    return int(scene.store.rows(sql, [rule.id])[0][0])


def _is_new(state: TickState, rule: Rule, scene: Scene) -> bool:
    """Whether a condition meets data for the first time (in this tick): what is true already is then no change.

    An edited condition is a new one, and so is that of a rule that was off for a tick.
    """
    if rule.id in state.first_seen:
        return True
    family = [variant for variant in state.setting.rules if variant.id == rule.id]
    if not meets_first_time(scene.store, family):
        return False
    state.first_seen[rule.id] = digest_of(family)
    return True


def meets_first_time(store: Store, family: Sequence[Rule]) -> bool:
    """Whether no tick has looked at this condition yet (at that of all its variants), and there is data for it to meet."""
    first = family[0]
    return store.switch(SEEN + first.id) != digest_of(family) and bool(store.rows(f'SELECT 1 FROM "{first.entity}" LIMIT 1', []))


def note_seen(state: TickState) -> None:
    """Note which conditions this tick met and forget those of rules that are off (in the session that ends the tick).

    A run that was killed has noted nothing: it is begun again as the first.
    """
    store = state.setting.store
    on = {SEEN + rule.id for rule in state.setting.rules if rule.trigger == "when"}
    for row in store.rows("SELECT name FROM switch WHERE name LIKE 'seen:%' AND value IS NOT NULL", []):
        if row[0] not in on:
            store.set_switch(row[0], None, state.setting.user, state.now)
    for rule, digest in state.first_seen.items():
        store.set_switch(SEEN + rule, digest, state.setting.user, state.now)


def over_limit(rule: Rule, scene: Scene, number: int) -> str:
    """Why so much work is held, "" where the rule's limit allows it."""
    if rule.limit is None:
        return ""
    most = rule.limit.count
    if rule.limit.percent is not None:
        most = int(count(scene.store, rule.entity, None, scene.context) * rule.limit.percent / 100)
    return f"{number} due, limit {most} per run" if most is not None and number > most else ""
