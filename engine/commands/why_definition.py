"""`why` of a rule without a subject: what it held back and what it nearly did, by reason, with the newest examples; at a `--now` also what a run would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.commands.common import Frame, emit, table
from engine.running.names import name_of
from engine.running.near_misses import WORDS, kept
from engine.running.present import Run, run_of
from engine.running.tick import paused
from engine.running.ways_out import next_step

NAMED = 3
"""How many records are named for each reason; of near misses `--json` names all that are kept."""
STILL = (
    "(verdict NOT IN ('held', 'failed') OR EXISTS (SELECT 1 FROM occurrence o WHERE o.definition = decision.definition AND o.subject_entity = decision.subject_entity"
    " AND o.subject_id = decision.subject_id AND o.occurrence = decision.occurrence AND o.status = decision.verdict))"
)
"""What was held or failed counts while it is so: it may have been released since, or done at another try."""
HELD_BACK = (
    "SELECT verdict, reason, COUNT(*), MAX(id) FROM decision WHERE definition = ? AND verdict IN ('held', 'blocked', 'failed', 'skipped', 'refused', 'stopped')"
    f" AND {STILL} GROUP BY verdict, reason ORDER BY MAX(id) DESC"
)


@dataclass
class Stopped:
    """Records that something stopped: how often in all, when last, in which run, and examples (row, what), the newest first."""

    state: str
    reason: str
    number: int
    at: Any
    run: int
    examples: list[tuple[str, int, str]] = field(default_factory=list)
    to_do: str = ""


def why_definition(here: Frame, definition: str, ahead: bool) -> int:
    """What stopped a definition, counted by reason; `ahead`: also what a run at the clock's moment would decide."""
    found = [*_missed(here, definition), *_held_back(here, definition)]
    head = ("stopped", "reason", "times", "last", "run", "for example")
    rows = [(one.state, one.reason, one.number, here.at(one.at), one.run, _named(here, one.examples[:NAMED])) for one in found]
    lines = [definition, *(table(head, rows) if rows else ["nothing was held back, and no near miss is kept of the last runs"])]
    stopped = paused(here.setting)
    lines += [f"it is paused: `regelwerk resume{f' {definition}' if definition in stopped else ''}` goes on"] if {"", definition} & stopped else []
    lines += [f"{one.reason}: {one.to_do}" for one in found if one.to_do]
    run = run_of(here.setting, definition, here.now) if ahead else None
    lines += _run_lines(here, run) if run else []
    lines.append(f"`regelwerk why {definition} {_entity(here, definition)}:...` says it for one record")
    state = "paused" if {"", definition} & stopped else "in_force"
    emit(here, {"definition": definition, "state": state, "stopped": [_data(here, one) for one in found], "run": _run_data(here, run)}, lines)
    return 0


def _run_lines(here: Frame, run: Run) -> list[str]:
    """What a run at the clock's moment would decide."""
    if run.stopped:
        return [f"a run at {here.at(here.now)} does nothing: {run.stopped}"]
    decided = [f"{number} {verdict}{f': {reason}' if reason else ''}" for verdict, reason, number in run.decided]
    return [f"a run at {here.at(here.now)} would decide: {one}" for one in decided or ["nothing"]]


def _run_data(here: Frame, run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    decided = [{"verdict": verdict, "reason": reason or None, "times": number} for verdict, reason, number in run.decided]
    return {"at": here.at(here.now), "would": decided, "nothing_because": run.stopped or None}


def _missed(here: Frame, definition: str) -> list[Stopped]:
    """The near misses that are kept, by reason."""
    found: dict[str, Stopped] = {}
    for one in kept(here.store, definition):
        stopped = found.setdefault(one.reason, Stopped("near miss", WORDS[one.reason], 0, one.at, one.run))
        stopped.number += one.number
        stopped.examples += [(one.entity, example.row, example.what) for example in reversed(one.examples)]
    return list(found.values())


def _held_back(here: Frame, definition: str) -> list[Stopped]:
    """What was decided and not done, by reason: the law, a limit, a pause."""
    found = []
    sql = "SELECT subject_entity, subject_id, occurrence, run, decided_at FROM decision WHERE definition = ? AND verdict = ? AND coalesce(reason, '') = ?"
    sql += f" AND {STILL}"
    for verdict, reason, number, _ in here.store.rows(HELD_BACK, [definition]):
        rows = here.store.rows(f"{sql} ORDER BY id DESC LIMIT {NAMED}", [definition, verdict, reason or ""])
        to_do = next_step(here.setting, definition, verdict, reason or "", (rows[0][0], rows[0][1]))
        examples = [(row[0], row[1], row[2] or "") for row in rows]
        found.append(Stopped(verdict, reason or "", number, rows[0][4], rows[0][3], examples, to_do))
    return found


def _named(here: Frame, examples: Sequence[tuple[str, int, str]]) -> str:
    return ", ".join(f"{name_of(here.setting, entity, row)} {what}".strip() for entity, row, what in examples)


def _data(here: Frame, one: Stopped) -> dict[str, Any]:
    examples = [{"subject": name_of(here.setting, entity, row), "what": what or None} for entity, row, what in one.examples]
    return {
        "state": one.state.replace(" ", "_"),
        "reason": one.reason,
        "times": one.number,
        "last": here.at(one.at),
        "run": one.run,
        "examples": examples,
        "to_do": one.to_do or None,
    }


def _entity(here: Frame, definition: str) -> str:
    entities = {flow.id: flow.entity for flow in here.setting.flows} | {rule.id: rule.entity for rule in here.setting.rules}
    return entities[definition]
