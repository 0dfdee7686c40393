"""One tick: everything that is due at a moment, planned and applied in rounds until nothing new comes of it.

Order within a round: waiting events, levels, dates, edges, schedules (design.md, order within a tick). What these
raise is the next round; beyond MAX_DEPTH a chain of causes is cut and recorded as failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.language.phrases import Offset
from engine.planning import candidates as find
from engine.planning.dates import by_date
from engine.planning.near_misses import of_dates, of_events
from engine.planning.rules import Rule
from engine.running.absences import last_ran, note_ran
from engine.running.acting import PAUSED, Picked, act, note_seen, over_limit
from engine.running.apply import ATTEMPTS, Tally, apply_works
from engine.running.calls import changed_customers, decide_again
from engine.running.campaigns import note_campaigns
from engine.running.cases.gather import starting
from engine.running.cases.run import run_cases
from engine.running.cases.versions import take_up
from engine.running.clock import CLOCK, clock_trouble, note_clock, read_last_tick, stopped_by_clock
from engine.running.events import take_changes
from engine.running.handover import hand_over
from engine.running.held import ready
from engine.running.idle import due_part, looked_with, moved, touched
from engine.running.journal import decision
from engine.running.left_behind import Clearing
from engine.running.moves import move_open_work
from engine.running.near_misses import Missed
from engine.running.renamed import take_over
from engine.running.setting import Setting
from engine.running.standing import keep_level, rearm
from engine.running.state import LOOKED_AT, TickState, families
from engine.running.versions import note_versions
from engine.running.waiting import Waiting, in_turns, mark_taken, waiting_events
from engine.store.causes import cause_text, definition_in
from engine.store.indexes import give_indexes

MAX_DEPTH = 8
MAX_ROUNDS = 12
OWED = "SELECT DISTINCT definition FROM occurrence WHERE id IN (SELECT id FROM occurrence WHERE"
"""Work that failed or is held is rare: it is found by its index, whatever SQLite takes it for by its statistics."""
ENGINE = "engine"
"""Under which name the engine records what no definition did."""


@dataclass
class TickReport:
    """What a tick did. `stopped` says why it did nothing, "" if it ran."""

    run: int = 0
    now: datetime | None = None
    rounds: int = 0
    stopped: str = ""
    stopped_code: str = ""
    left_out: dict[str, str] = field(default_factory=dict)
    """Workflows that are not sound, and why: they start no cases."""
    tally: Tally = field(default_factory=Tally)


def tick(
    setting: Setting,
    now: datetime,
    *,
    confirm_jump: bool = False,
    daily: bool = True,
    lasting: bool = True,
    progress: Callable[[str], None] | None = None,
) -> TickReport:
    """Do everything that is due at `now` (naive UTC). The caller holds the lease.

    What neither time nor a change can have brought is left out (engine/running/idle.py), but for the first tick of a local day,
    which looks at all rules unless `daily` is false. `lasting` is false on a copy that is thrown away: nobody will ask what was
    missed there, and it gets no indexes.

    1. A clock before the last tick, or far beyond it, does nothing.
    2. Renamed rules take over what they did; failed work is tried again; what rules that are gone left behind is taken back.
    3. Rounds: claim changes, move open work whose anchor moved, take events, then levels, dates, edges, schedules.
    4. The tick's time is recorded last: a run that was killed is simply done again.
    """
    report = TickReport(now=now)
    last_tick = read_last_tick(setting)
    report.stopped_code, report.stopped = stopped_by_clock(last_tick, now, confirm_jump)
    if report.stopped:
        note_clock(setting, now, report.stopped_code, report.stopped)
        return report
    report.run, unbroken = _begin(setting, now)
    if lasting and not unbroken:
        give_indexes(setting.store, _counted_from(setting))
    take_over(setting.store, setting.rules, report.run, setting.user, now)
    note_versions(setting, now)
    note_campaigns(setting, now)
    state = TickState(
        setting,
        now,
        last_tick,
        report.run,
        report.tally,
        setting.batches(now),
        paused(setting),
        progress or (lambda _: None),
        missed=Missed() if lasting else None,
        since=last_ran(setting.store),
        unbroken=unbroken,
        whole=not unbroken or (daily and last_tick is not None and setting.calendar.today(last_tick) != setting.calendar.today(now)),
    )
    awake = [rule for rule in setting.rules if not state.is_paused(rule)]
    _again(state, awake)
    with setting.store.session(write=True), setting.store.context(cause=cause_text(f"run {state.run}", "handed over")):
        hand_over(setting.store, setting.calendar.today(now))
    if "" not in state.paused:
        Clearing(setting, now, state.run, state.make_batch, report.tally).clear()
    report.left_out = take_up(setting, now)
    report.rounds = _rounds(state, [rule for rule in setting.rules if rule.id not in report.left_out])
    _finish(setting, state, now)
    return report


def paused(setting: Setting) -> frozenset[str]:
    """The ids of paused definitions; "" among them means everything."""
    rows = setting.store.rows("SELECT name FROM switch WHERE name LIKE 'pause:%' AND value IS NOT NULL", [])
    return frozenset(row[0].removeprefix("pause:") for row in rows)


def _begin(setting: Setting, now: datetime) -> tuple[int, bool]:
    """The run's number, and whether the last tick finished, left nothing unseen and looked with the same definitions."""
    with setting.store.session(write=True):
        row = {"now_at": now, "started_at": now, "by": setting.user or None, "definitions": setting.digest or None}
        looked_at = setting.store.switch(LOOKED_AT)
        setting.store.swap_switch(LOOKED_AT, looked_at, None, setting.user, now)
        return setting.store.insert_many("run", [row])[0], bool(setting.digest) and looked_at == looked_with(setting)


def _counted_from(setting: Setting) -> set[tuple[str, str]]:
    """The columns that the rules' dates count from: few records have one these days, and an index finds them."""
    return {setting.vocabulary.holder(rule.entity, phrase.anchor) for rule in setting.rules for phrase in rule.dates.values() if isinstance(phrase, Offset)}


def _finish(setting: Setting, state: TickState, now: datetime) -> None:
    store = setting.store
    with store.session(write=True):
        summary = json.dumps(state.tally.by_definition, ensure_ascii=False, sort_keys=True)
        store.update_many("run", [{"id": state.run, "finished_at": now, "summary": summary}])
        if state.missed is not None:
            state.missed.write(store, state.run, now)
        note_seen(state)
        note_ran(state)
        store.set_switch("last_tick", now.isoformat(), setting.user, now)
        if not state.paused:  # what is paused was not looked at
            store.swap_switch(LOOKED_AT, None, looked_with(setting), setting.user, now)
        if clock_trouble(setting):
            store.set_switch(CLOCK, None, setting.user, now)
    if state.last_tick is None:
        store.analyze()  # only once there is something in the engine's tables (spike.md, statistics)


def _rounds(state: TickState, rules: Sequence[Rule]) -> int:
    for number in range(1, MAX_ROUNDS + 1):
        _decide_again(state)
        events, entities = take_changes(state.setting.store, state.setting.vocabulary, state.setting.events, state.run, state.now, state.setting.calendar)
        if number > 1 and not events and not entities and not waiting_events(state) and not starting(state):
            return number - 1
        state.progress(f"round {number}")
        _move(state, entities if number > 1 or not state.whole else None)
        due = (
            {id(rule): rule if touched(state.setting, rule, entities) else None for rule in rules}
            if number > 1
            else {id(rule): due_part(state, rule, entities) for rule in rules}
        )
        _round(state, _whole_families(rules, due), number, entities if number > 1 or state.unbroken else None)
    _cut(state, "too many rounds: rules keep waking each other")
    return MAX_ROUNDS


def _decide_again(state: TickState) -> None:
    """What the law knows anew of customers, also through this tick's own rules, blocks and frees what is planned for them."""
    customers = changed_customers(state.setting.store)
    if customers:
        with state.setting.store.session(write=True), state.setting.store.context(cause=cause_text(f"run {state.run}", "decided again")):
            decide_again(state.setting, customers, state.now)


def _whole_families(rules: Sequence[Rule], due: Mapping[int, Rule | None]) -> list[Rule]:
    """The variants of a rule are looked at together: for whom one no longer holds, another may."""
    names = {rule.id for rule in rules if due[id(rule)] is not None}
    return [due[id(rule)] or rule for rule in rules if rule.id in names]


def _move(state: TickState, changed: set[str] | None) -> None:
    """Open work moves with its anchor, whoever moved that: a person, a file, or this very tick."""
    for rule in state.setting.rules:
        if rule.trigger == "date" and not state.is_paused(rule) and (rule.id in state.since or moved(state, rule, changed)):
            for scene in state.scenes(rule):
                move_open_work(state, rule, scene)


def _round(state: TickState, rules: Sequence[Rule], number: int, changed: set[str] | None) -> None:
    _take_events(state, rules, changed, number == 1)
    for family in families([rule for rule in rules if not state.is_paused(rule)], "while"):
        state.progress(f"round {number}: {family[0].id}")
        keep_level(state, family, number)
    for trigger, finder in (("date", by_date), ("when", find.by_edge), ("every", find.by_schedule)):
        for family in families(rules, trigger):
            state.progress(f"round {number}: {family[0].id}")
            picked = [(rule, scene, finder(rule, scene)) for rule in family for scene in state.scenes(rule)]
            if state.missed is not None:
                _note_missed(state.missed, picked, number)
            act(state, picked, number)
        if trigger == "when":
            for family in families(rules, trigger):
                if family[0].again.mode == "edge":
                    rearm(state, family)


def _note_missed(missed: Missed, picked: Sequence[Picked], number: int) -> None:
    """The dates that came and brought nothing; the first round looks, and what a later one does was not missed."""
    for rule, scene, some in picked:
        if number > 1:
            missed.forget(rule, some)
        elif rule.trigger == "date":
            missed.note(rule, scene.store, of_dates(rule, scene, some))


def _take_events(state: TickState, rules: Sequence[Rule], changed: set[str] | None, first: bool) -> None:
    """All waiting events, in turns for the rules and then for the running cases; then mark them taken.

    Doing it again after a kill does nothing twice.
    """
    waiting = waiting_events(state)
    deep = [event for event in waiting if event.depth > MAX_DEPTH]
    if deep:
        _cut(state, f"a chain of causes deeper than {MAX_DEPTH} was cut", deep)
    listeners = families(rules, "on")
    for turn in in_turns([event for event in waiting if event.depth <= MAX_DEPTH]):
        for family in listeners:
            told = [(event.id, event.subject, event.happened_at, f"event {event.id}", event.depth) for event in turn.get(family[0].event, ())]
            if told:
                picked = [(rule, scene, find.by_event(rule, scene, told)) for rule in family for scene in state.scenes(rule)]
                if state.missed is not None:
                    for rule, scene, some in picked:
                        state.missed.note(rule, scene.store, of_events(rule, scene, told, some))
                act(state, picked, 0)
    run_cases(state, [event for event in waiting if event.depth <= MAX_DEPTH], changed, first)
    mark_taken(state, waiting)


def _cut(state: TickState, reason: str, events: Sequence[Waiting] = ()) -> None:
    """Record what was not gone on with: by the rule that raised each event, about the event's subject."""
    rows = [
        decision(
            state.run,
            definition_in(event.cause) or ENGINE,
            (event.entity, event.subject),
            "failed",
            state.now,
            occurrence=f"event {event.id}",
            reason=f"{reason} at {event.name}",
        )
        for event in events
    ]
    rows = rows or [decision(state.run, ENGINE, ("run", state.run), "failed", state.now, reason=reason)]
    with state.setting.store.session(write=True):
        state.setting.store.insert_many("decision", rows)
    for row in rows:
        state.tally.count(row["definition"], "failed")


def _again(state: TickState, rules: Sequence[Rule]) -> None:
    """Failed work, up to ATTEMPTS times in all, once per tick; and what was held for a pause that is over."""
    store = state.setting.store
    failed = {row[0] for row in store.rows(f"{OWED} status = 'failed') AND attempts < ?", [ATTEMPTS])}
    held = {row[0] for row in store.rows(f"{OWED} status = 'held') AND reason = ?", [PAUSED])}
    for rule in rules:
        if rule.id in failed:
            apply_works(rule, ready(state.setting, rule, "failed", state.now, state.run, state.tally, most=ATTEMPTS), state.make_batch, state.run, state.tally)
        if rule.id in held:
            _after_pause(state, rule)


def _after_pause(state: TickState, rule: Rule) -> None:
    """Do what a pause held back; more than the rule's limit waits for somebody to release it."""
    waiting = ready(state.setting, rule, "held", state.now, state.run, state.tally, reason=PAUSED)
    number = len({(work.subject, work.occurrence) for works in waiting.values() for work in works})
    scene = state.setting.whole(rule, state.now, state.last_tick)
    too_many = over_limit(rule, scene, number) if scene else ""
    if not too_many:
        apply_works(rule, waiting, state.make_batch, state.run, state.tally)
        return
    with state.setting.store.session(write=True):
        sql = "UPDATE occurrence SET reason = ? WHERE definition = ? AND status = 'held' AND reason = ?"
        state.setting.store.run(sql, [too_many, rule.id, PAUSED])
