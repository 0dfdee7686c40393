"""Moving running cases to another version of their workflow (workflow.md §2, migration and timers under migration).

A plan says for every version and step how many cases move where, and which cannot and why. A case moves as a whole or
not at all; moving again does nothing, so a run that was killed is simply begun again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.planning.workflows.case import Token, Trouble
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.stimuli import Moved
from engine.running.apply import Tally
from engine.running.cases.drive import Pending, drive
from engine.running.cases.rows import Loaded, load_cases
from engine.running.cases.versions import flow_of, stored_version, variant_of
from engine.running.journal import decision
from engine.running.setting import Setting
from engine.running.state import LOOKED_AT, TickState

BATCH = 200


@dataclass
class Migration:
    """What moving a workflow's cases to the version in force does."""

    definition: str
    mapping: Mapping[str, str]
    moves: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    """(version, step, step there) -> how many open tokens."""
    cases: list[int] = field(default_factory=list)
    """Cases that can move."""
    stuck: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Why cases cannot move -> which."""
    there: int = 0
    """How many are there already."""

    @property
    def digest(self) -> str:
        """What names the plan in the journal."""
        return hashlib.sha256(json.dumps([self.definition, sorted(self.mapping.items())]).encode()).hexdigest()[:8]


def plan_migration(setting: Setting, definition: str, mapping: Mapping[str, str]) -> Migration:
    """What would happen to each running case. Changes nothing. Raises RegelwerkError for a mapping to no step."""
    _check_mapping(setting, definition, mapping)
    plan = Migration(definition, mapping)
    sql = "SELECT id, subject_id FROM instance WHERE definition = ? AND status IN ('running', 'parked') ORDER BY id"
    rows = setting.store.rows(sql, [definition])
    targets = variant_of(setting, definition, sorted({row[1] for row in rows}))
    for start in range(0, len(rows), BATCH):
        loaded = load_cases(setting.store, [row[0] for row in rows[start : start + BATCH]], ("running", "parked"))
        for one in loaded.values():
            _plan_one(setting, plan, one, targets.get(one.case.subject))
    return plan


def _check_mapping(setting: Setting, definition: str, mapping: Mapping[str, str]) -> None:
    flows = [flow for flow in setting.flows if flow.id == definition]
    if not flows:
        known = sorted({flow.id for flow in setting.flows})
        raise RegelwerkError(f"there is no workflow '{definition}' that runs", did_you_mean(definition, known), exit_code=2)
    for target in mapping.values():
        if target not in flows[0].steps:
            raise RegelwerkError(f"{definition} has no step '{target}'", did_you_mean(target, flows[0].steps), exit_code=2)


def _plan_one(setting: Setting, plan: Migration, one: Loaded, target: Flow | None) -> None:
    version = one.version or 0
    if target is None:
        plan.stuck["there is no variant of the workflow for it"].append(one.case.id)
        return
    if _digest(setting, version) == target.digest:
        plan.there += 1
        return
    why = _why_not(setting, version, one, target, plan.mapping)
    if why:
        plan.stuck[why].append(one.case.id)
        return
    plan.cases.append(one.case.id)
    for token in one.case.open_tokens():
        plan.moves[version, token.step, plan.mapping.get(token.step, token.step)] += 1


def _digest(setting: Setting, version: int) -> str:
    rows = setting.store.rows("SELECT digest FROM definition_version WHERE id = ?", [version])
    return str(rows[0][0]) if rows else ""


def _why_not(setting: Setting, version: int, one: Loaded, target: Flow, mapping: Mapping[str, str]) -> str:
    """Why a case cannot move, "" if it can: every open step must have a place of its own kind in the same block."""
    try:
        source: Flow | None = flow_of(setting, version)
    except Trouble:
        source = None  # it can no longer be read: what its steps were is known from their names alone
    for token in one.case.open_tokens():
        name = mapping.get(token.step, token.step)
        step = target.steps.get(name)
        if step is None:
            return f"step {token.step} is open and has no place: add --map {token.step}=STEP"
        was = source.steps.get(token.step) if source else None
        if was is not None and was.kind != step.kind:
            return f"step {token.step} is a step of kind {was.kind}, {name} of kind {step.kind}"
        parent = one.case.tokens.get(token.region.parent) if token.region.parent is not None else None
        branch = mapping.get(token.region.branch, token.region.branch)
        if parent is None and step.block:
            return f"step {token.step} is open at the top, {name} lies inside {step.block}"
        if parent is not None and step.block != branch:
            return f"step {token.step} is open inside {token.region.branch}, {name} lies {'inside ' + step.block if step.block else 'at the top'}"
    return ""


def migrate(setting: Setting, plan: Migration, now: datetime, *, timers: str = "keep") -> int:
    """Move the cases of a plan, in batches; returns how many moved. `timers`: keep their instants, or recompute them."""
    moved = 0
    with setting.store.session(write=True):
        row = {"now_at": now, "started_at": now, "finished_at": now, "by": setting.user or None, "definitions": setting.digest or None}
        run = setting.store.insert_many("run", [row])[0]
        setting.store.set_switch(LOOKED_AT, None, setting.user, now)
    for start in range(0, len(plan.cases), BATCH):
        moved += _move_batch(setting, plan, plan.cases[start : start + BATCH], now, run, timers)
    return moved


def _move_batch(setting: Setting, plan: Migration, cases: Sequence[int], now: datetime, run: int, timers: str) -> int:
    """One batch in one transaction: rows first, then their timers through the machine."""
    store = setting.store
    with store.session(write=True):
        loaded = load_cases(store, cases, ("running", "parked"))
        targets = variant_of(setting, plan.definition, sorted({one.case.subject for one in loaded.values()}))
        going = {
            number: one
            for number, one in loaded.items()
            if (target := targets.get(one.case.subject))
            and _digest(setting, one.version or 0) != target.digest
            and not _why_not(setting, one.version or 0, one, target, plan.mapping)
        }
        versions = {flow.digest: stored_version(setting, flow, now) for flow in {flow.digest: flow for flow in targets.values()}.values()}
        pending: list[Pending] = []
        tokens, gone, instances, journal = [], [], [], []
        fired = _timer_names(setting, list(going))
        for number, one in going.items():
            target = targets[one.case.subject]
            for token in one.case.open_tokens():
                tokens.append(_moved_token(token, plan.mapping))
                step = target.steps[plan.mapping.get(token.step, token.step)]
                wanted, had = set(step.timers()), fired.get((number, token.number), {})
                gone += [row for name, (row, status) in had.items() if status == "armed" and name not in wanted]
                arm = tuple(sorted(wanted - set(had)))
                if arm or timers == "recompute":
                    pending.append(Pending(now, 0, token.number, number, Moved(token.number, timers == "recompute", spans=timers == "recompute", arm=arm)))
            version = versions[target.digest]
            instances.append(
                {"id": number, "version": version, "counts": json.dumps(_moved_counts(one.case.counts, plan.mapping)), "revision": one.revision + 1}
            )
            said = f"migrated from version {one.version} to {version} (plan {plan.digest}){f' by {setting.user}' if setting.user else ''}"
            journal.append(decision(run, plan.definition, (one.case.entity, one.case.subject), "moved", now, occurrence=f"case {number}", reason=said))
        store.update_many("token", tokens)
        store.update_many("timer", [{"id": row, "status": "gone"} for row in gone])
        store.update_many("instance", instances)
        store.insert_many("decision", journal)
        live = {number for number, one in going.items() if one.was == "running"}
        drive(TickState(setting, now, None, run, Tally(), setting.batches(now), frozenset(), lambda _: None), [p for p in pending if p.case in live])
    return len(going)


def _timer_names(setting: Setting, cases: Sequence[int]) -> dict[tuple[int, int], dict[str, tuple[int, str]]]:
    found: dict[tuple[int, int], dict[str, tuple[int, str]]] = defaultdict(dict)
    for case, token, name, row, status in setting.store.rows_in("SELECT instance, token, name, id, status FROM timer WHERE instance IN ({})", [], cases):
        found[case, token][name] = (row, status)
    return found


def _moved_token(token: Token, mapping: Mapping[str, str]) -> dict[str, object]:
    branch = mapping.get(token.region.branch, token.region.branch)
    return {"id": token.row, "step": mapping.get(token.step, token.step), "branch": branch or None}


def _moved_counts(counts: Mapping[str, int], mapping: Mapping[str, str]) -> dict[str, int]:
    """The counts under their steps' new names."""
    moved: dict[str, int] = {}
    for key, count in counts.items():
        step, blank, rest = key.partition(" ")
        moved[f"{mapping.get(step, step)}{blank}{rest}"] = count
    return moved
