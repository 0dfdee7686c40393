"""One tick: everything that is due at a moment, planned and applied in rounds until nothing new comes of it.

Order within a round: waiting events, levels, dates, edges, schedules (design.md, order within a tick). What these
raise is the next round; beyond MAX_DEPTH a chain of causes is cut and recorded as failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from engine.effects import EFFECTS
from engine.effects.base import Batch, Match, Result, Work
from engine.language.conditions import fields_read
from engine.language.vocabulary import Vocabulary
from engine.planning import candidates as find
from engine.planning.candidates import Candidate, Scene
from engine.planning.matching import matches
from engine.planning.query import count
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.running.apply import ATTEMPTS, Tally, apply_works, record
from engine.running.events import take_changes
from engine.running.handover import hand_over
from engine.running.held import works_from_rows
from engine.running.moves import move_open_work
from engine.running.setting import Setting

MAX_DEPTH = 8
MAX_ROUNDS = 12
JUMP = timedelta(days=400)
FOREVER_TRUE = "was already true when the rule was switched on"


@dataclass
class TickReport:
    """What a tick did. `stopped` says why it did nothing, "" if it ran."""

    run: int = 0
    now: datetime | None = None
    rounds: int = 0
    stopped: str = ""
    stopped_code: str = ""
    tally: Tally = field(default_factory=Tally)


@dataclass
class _Tick:
    """The state of one tick."""

    setting: Setting
    now: datetime
    last_tick: datetime | None
    run: int
    tally: Tally
    make_batch: Callable[[Rule], Batch]
    paused: frozenset[str]
    progress: Callable[[str], None]
    seen: set[str] = field(default_factory=set)


def tick(setting: Setting, now: datetime, *, confirm_jump: bool = False, progress: Callable[[str], None] | None = None, only: Sequence[str] = ()) -> TickReport:
    """Do everything that is due at `now` (naive UTC). The caller holds the lease.

    1. A clock before the last tick, or far beyond it, does nothing.
    2. Failed work is tried again; open work whose anchor moved is moved.
    3. Rounds: claim changes, take events, then levels, dates, edges, schedules.
    4. The tick's time is recorded last: a run that was killed is simply done again.
    """
    report = TickReport(now=now)
    last_tick = read_last_tick(setting)
    report.stopped_code, report.stopped = _clock(last_tick, now, confirm_jump)
    if report.stopped:
        return report
    report.run = _begin(setting, now)
    state = _Tick(
        setting,
        now,
        last_tick,
        report.run,
        report.tally,
        setting.batches(now),
        paused(setting),
        progress or (lambda _: None),
    )
    rules = [rule for rule in setting.rules if (not only or rule.id in only) and rule.id not in state.paused]
    if "" in state.paused:
        rules = []
    _retry(state, rules)
    with setting.store.session(write=True), setting.store.context(cause=f"handed over in run {state.run}"):
        hand_over(setting.store, setting.calendar.today(now))
    for rule in rules:
        if rule.trigger == "date":
            for scene in setting.scenes(rule, now, last_tick):
                move_open_work(rule, scene, state.run, report.tally)
    report.rounds = _rounds(state, rules)
    _finish(setting, state, now)
    return report


def read_last_tick(setting: Setting) -> datetime | None:
    """When the last finished tick was, naive UTC."""
    value = setting.store.switch("last_tick")
    return datetime.fromisoformat(value) if value else None


def paused(setting: Setting) -> frozenset[str]:
    """The ids of paused definitions; "" among them means everything."""
    rows = setting.store.rows("SELECT name FROM switch WHERE name LIKE 'pause:%' AND value IS NOT NULL", [])
    return frozenset(row[0].removeprefix("pause:") for row in rows)


def _clock(last: datetime | None, now: datetime, confirmed: bool) -> tuple[str, str]:
    if last is None or confirmed:
        return "", ""
    if now < last:
        return "clock_back", f"the clock says {now:%Y-%m-%d %H:%M}, but the last tick was at {last:%Y-%m-%d %H:%M} UTC; nothing done until then"
    if now - last > JUMP:
        return "clock_jump", f"the clock jumped {(now - last).days} days ahead; check it, then `regelwerk run --confirm-jump`"
    return "", ""


def _begin(setting: Setting, now: datetime) -> int:
    with setting.store.session(write=True):
        row = {"now_at": now, "started_at": now, "by": setting.user or None, "definitions": setting.digest or None}
        return setting.store.insert_many("run", [row])[0]


def _finish(setting: Setting, state: _Tick, now: datetime) -> None:
    store = setting.store
    with store.session(write=True):
        summary = json.dumps(state.tally.by_definition, ensure_ascii=False, sort_keys=True)
        store.update_many("run", [{"id": state.run, "finished_at": now, "summary": summary}])
        store.set_switch("last_tick", now.isoformat(), setting.user, now)
    if state.last_tick is None:
        store.analyze()  # only once there is something in the engine's tables (spike.md, statistics)


def _rounds(state: _Tick, rules: Sequence[Rule]) -> int:
    changed: set[str] | None = None
    for number in range(1, MAX_ROUNDS + 1):
        events, entities = take_changes(state.setting.store, state.setting.vocabulary, state.setting.events, state.run, state.now, state.setting.calendar)
        if number > 1:
            changed = entities
            if not events and not entities and not _waiting(state):
                return number - 1
        state.progress(f"round {number}")
        _round(state, [rule for rule in rules if number == 1 or _touched(rule, changed, state.setting.vocabulary)], number)
    _cut(state, "too many rounds: rules keep waking each other")
    return MAX_ROUNDS


def _touched(rule: Rule, changed: set[str] | None, vocabulary: Vocabulary) -> bool:
    """Whether what changed in the last round can matter to a rule."""
    if changed is None or rule.trigger == "on":
        return True
    if rule.trigger == "every":
        return False
    concerned = {rule.entity} | ({entity for entity, _ in fields_read(rule.condition, rule.entity, vocabulary)} if rule.condition else set())
    return not concerned.isdisjoint(changed)


def _round(state: _Tick, rules: Sequence[Rule], number: int) -> None:
    _take_events(state, rules)
    for family in _families(rules, "while"):
        state.progress(f"round {number}: {family[0].id}")
        _level(state, family, number)
    for trigger, finder in (("date", find.by_date), ("when", find.by_edge), ("every", find.by_schedule)):
        for family in _families(rules, trigger):
            state.progress(f"round {number}: {family[0].id}")
            _act(state, [(rule, scene, finder(rule, scene)) for rule in family for scene in _scenes(state, rule)], number)
        if trigger == "when":
            for family in _families(rules, trigger):
                if family[0].again.mode == "edge":
                    _rearm(state, family)


def _waiting(state: _Tick) -> list[Any]:
    return state.setting.store.rows("SELECT id, name, subject_id, happened_at, cause, depth FROM event WHERE NOT taken ORDER BY happened_at, id", [])


def _take_events(state: _Tick, rules: Sequence[Rule]) -> None:
    """All waiting events, oldest first; then mark them taken. Doing it again after a kill does nothing twice."""
    waiting = _waiting(state)
    if not waiting:
        return
    deep = [row for row in waiting if (row[5] or 0) > MAX_DEPTH]
    if deep:
        _cut(state, f"a chain of causes deeper than {MAX_DEPTH} was cut", deep)
    by_name: dict[str, list[tuple[int, int, datetime, str, int]]] = {}
    for row in waiting:
        if (row[5] or 0) <= MAX_DEPTH:
            happened = row[3] if isinstance(row[3], datetime) else datetime.fromisoformat(str(row[3]))
            by_name.setdefault(row[1], []).append((row[0], row[2], happened, f"event {row[0]}", row[5] or 0))
    for family in _families(rules, "on"):
        if family[0].event in by_name:
            _act(state, [(rule, scene, find.by_event(rule, scene, by_name[rule.event])) for rule in family for scene in _scenes(state, rule)], 0)
    with state.setting.store.session(write=True):
        for start in range(0, len(waiting), 500):
            numbers = [row[0] for row in waiting[start : start + 500]]
            state.setting.store.run(f"UPDATE event SET taken = ?, tick = ? WHERE id IN ({', '.join('?' * len(numbers))})", [True, state.run, *numbers])


def _cut(state: _Tick, reason: str, events: Sequence[Any] = ()) -> None:
    rows = [
        {
            "run": state.run,
            "definition": str(row[4] or row[1]),
            "subject_entity": "event",
            "subject_id": row[0],
            "verdict": "failed",
            "reason": reason,
            "decided_at": state.now,
        }
        for row in (events or [(0, "engine", 0, None, "engine", 0)])
    ]
    with state.setting.store.session(write=True):
        state.setting.store.insert_many("decision", rows)
    state.tally.count("engine", "failed", len(rows))


Picked = tuple[Rule, Scene, list[Candidate]]


def _families(rules: Sequence[Rule], trigger: str) -> list[list[Rule]]:
    """Rules of a trigger, the variants of one id together."""
    families: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.trigger == trigger:
            families.setdefault(rule.id, []).append(rule)
    return list(families.values())


def _scenes(state: _Tick, rule: Rule) -> list[Scene]:
    return state.setting.scenes(rule, state.now, state.last_tick)


def _act(state: _Tick, parts: Sequence[Picked], number: int) -> None:
    """Turn candidates into work and apply it; hold it where the rule is new over old data or its limit is passed.

    A limit counts over all branches and variants of a rule: they are one rule to whoever wrote it.
    """
    if not parts:
        return
    first, scene, _ = parts[0]
    hold = _first_time(state, parts) if first.trigger == "when" else ""
    total = sum(len(picked) for _, _, picked in parts)
    if hold == "ignore" or not total:
        return
    state.progress(f"{first.id}: {total}")
    hold = hold or _over_limit(first, scene, total)
    for rule, scene, picked in parts:
        works = expand(rule, scene, picked, number) if picked else []
        for effect in rule.effects:
            mine = [replace(work, effect=effect) for work in works]
            apply_works(rule, effect, mine, state.make_batch, state.run, state.tally, hold)
        if rule.trigger == "when" and rule.again.mode == "edge":
            stand(scene.store, rule, [c.subject for c in picked], state.now, True)


def _first_time(state: _Tick, parts: Sequence[Picked]) -> str:
    """What `at_start` says of those already true when a `when` is evaluated for the first time over any data."""
    rule, scene, _ = parts[0]
    name = f"seen:{rule.id}"
    if rule.id not in state.seen:
        if scene.store.switch(name):
            return ""
        if not scene.store.rows(f'SELECT 1 FROM "{rule.entity}" LIMIT 1', []):
            return ""
        with scene.store.session(write=True):
            scene.store.set_switch(name, state.now.isoformat(), state.setting.user, state.now)
        state.seen.add(rule.id)
    if rule.at_start == "act":
        return ""
    if rule.at_start == "ignore":
        for variant, scene, picked in parts:
            stand(scene.store, variant, [candidate.subject for candidate in picked], state.now, True)
        return "ignore"
    return FOREVER_TRUE


def _over_limit(rule: Rule, scene: Scene, number: int) -> str:
    if rule.limit is None:
        return ""
    most = rule.limit.count
    if rule.limit.percent is not None:
        most = int(count(scene.store, rule.entity, None, scene.context) * rule.limit.percent / 100)
    return f"{number} due, limit {most} per run" if most is not None and number > most else ""


def expand(rule: Rule, scene: Scene, picked: Sequence[Candidate], number: int) -> list[Work]:
    """One piece of work per candidate, or per match of `each:`; effects are filled in by the caller."""
    works = [Work(rule.id, rule.entity, c.subject, c.occurrence, "", "", c.entry, c.day, c.anchor, None, c.cause, max(c.depth, number - 1)) for c in picked]
    if rule.each is None:
        return works
    path = rule.each.path
    subjects = [work.subject for work in works]
    owner = "owner" if path == "self" else (scene.vocabulary.entity(rule.entity).customer or "")
    wanted = [p for p in (path, owner) if p and p not in ("self",)]
    values = load(scene.store, rule.entity, subjects, wanted) if wanted else {}
    vehicle_of = {s: s if path == "self" else values.get(s, {}).get(path) for s in subjects}
    found = matches(scene.store, [v for v in set(vehicle_of.values()) if v is not None], scene.today, rule.each.score)
    result = []
    for work in works:
        for match in found.get(vehicle_of[work.subject] or -1, []):
            if owner and values.get(work.subject, {}).get(owner) == match.customer_id:
                continue  # nobody is offered the vehicle they bring
            fit = Match(rule.each.entity, match.wish_id, rule.each.name, match.score, "; ".join(match.reasons_de))
            result.append(replace(work, target=f"{rule.each.entity}:{match.wish_id}", match=fit))
    return result


def stand(store: Any, rule: Rule, subjects: Sequence[int], now: datetime, stands: bool) -> None:
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


def _gone(state: _Tick, family: Sequence[Rule]) -> list[int]:
    scenes = ((rule, state.setting.whole(rule, state.now, state.last_tick)) for rule in family)
    variants = [(rule, scene) for rule, scene in scenes if scene is not None]
    return find.gone(variants) if variants else []


def _rearm(state: _Tick, family: Sequence[Rule]) -> None:
    stand(state.setting.store, family[0], _gone(state, family), state.now, False)


def _level(state: _Tick, family: Sequence[Rule], number: int) -> None:
    """Keep the effects of a `while` exactly as long as its condition holds."""
    for rule in family:
        for scene in _scenes(state, rule):
            picked = find.by_edge(rule, scene)
            if picked:
                works = expand(rule, scene, picked, number)
                for effect in rule.effects:
                    apply_works(rule, effect, [replace(work, effect=effect) for work in works], state.make_batch, state.run, state.tally)
                stand(scene.store, rule, [candidate.subject for candidate in picked], state.now, True)
    left = _gone(state, family)
    if left:
        _take_back(state, family[0], left)


def _take_back(state: _Tick, rule: Rule, subjects: Sequence[int]) -> None:
    store, today = state.setting.store, state.setting.calendar.today(state.now)
    episodes = find.episodes_of(rule.id, rule.entity, subjects, store)
    for start in range(0, len(subjects), 500):
        chunk = subjects[start : start + 500]
        batch = state.make_batch(rule)
        with store.session(write=True), store.context(cause=f"run {state.run}: {rule.id}", depth=1):
            for effect, (word, plan) in rule.effects.items():
                works = [Work(rule.id, rule.entity, s, f"episode {episodes.get(s, 1)}", effect, day=today) for s in chunk]
                EFFECTS[word].undo(plan, works, batch)
                journal = [Result("done", "no longer holds", verdict="withdrawn")] * len(works)
                _journal_only(works, journal, batch, state.run)
        stand(store, rule, chunk, state.now, False)
        state.tally.count(rule.id, "withdrawn", len(chunk) * len(rule.effects))


def _journal_only(works: Sequence[Work], results: Sequence[Result], batch: Batch, run: int) -> None:
    from engine.running.apply import _decision

    batch.store.insert_many("decision", [_decision(work, result, batch, run) for work, result in zip(works, results, strict=True)])


def _retry(state: _Tick, rules: Sequence[Rule]) -> None:
    """Failed work, up to ATTEMPTS times in all, once per tick."""
    rows = state.setting.store.rows("SELECT DISTINCT definition FROM occurrence WHERE status = 'failed' AND attempts < ?", [ATTEMPTS])
    names = {row[0] for row in rows}
    for rule in rules:
        if rule.id in names:
            for effect, works in works_from_rows(state.setting, rule, "failed", most=ATTEMPTS).items():
                apply_works(rule, effect, works, state.make_batch, state.run, state.tally)


__all__ = ["TickReport", "expand", "paused", "read_last_tick", "record", "tick"]
