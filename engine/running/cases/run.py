"""The part of a tick's round that is the cases', and single steps by hand in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from engine.running.apply import Tally
from engine.running.cases import gather, rechecks
from engine.running.cases.drive import Pending, drive
from engine.running.setting import Setting
from engine.running.state import TickState
from engine.running.waiting import Waiting

MOST_PASSES = 40
"""How often one round looks again for what its own steps made due; what is left then comes in the next round."""


def run_cases(state: TickState, waiting: Sequence[Waiting], changed: set[str] | None, first: bool) -> int:
    """Do what is due for the cases; returns how many things happened.

    1. What the round's events mean for them, timers, cases that begin, slots, milestones: by their instants.
    2. Again, until their own steps make nothing more due.
    """
    state.flows = gather.running_flows(state)
    pending = gather.starting(state) + gather.timers(state) + gather.happened(state, waiting) + gather.put_off(state) + gather.slots(state)
    pending += rechecks.rechecks(state, changed, first) if state.flows else []
    total = 0
    for _ in range(MOST_PASSES):
        if not pending:
            break
        state.progress(f"cases: {len(pending)}")
        total += drive(state, pending)
        pending = gather.starting(state) + gather.timers(state) + gather.put_off(state) + gather.slots(state)
    return total


def one_case(setting: Setting, now: datetime, pending: Callable[[TickState], Sequence[Pending]]) -> None:
    """Let something happen to single cases at once, as a tick would, in the caller's session."""
    run = setting.store.insert_many("run", [{"now_at": now, "started_at": now, "finished_at": now, "by": setting.user or None}])[0]
    state = TickState(setting, now, None, run, Tally(), setting.batches(now), frozenset(), lambda _: None)
    drive(state, pending(state))
