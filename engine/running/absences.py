"""Rules that were left out of ticks for their mistakes: mended, they make up for what fell due meanwhile.

Only while something cannot be read or compiled (`Setting.declared` is None) does a rule that is not there count as left
out; one that was deleted or switched off on purpose has missed nothing.
"""

from __future__ import annotations

import json
from datetime import datetime

from engine.running.state import TickState
from engine.store.store import Store

RAN = "ran"
"""The switch that holds the ids of the rules the last tick ran."""
MISSED = "missed:"
"""The front of the switches that hold, for a rule that was left out, the last tick that ran it."""


def last_ran(store: Store) -> dict[str, datetime]:
    """Rule id -> the last tick that ran it, for those that were left out since (naive UTC)."""
    rows = store.rows("SELECT name, value FROM switch WHERE name LIKE 'missed:%' AND value IS NOT NULL", [])
    return {str(row[0]).removeprefix(MISSED): datetime.fromisoformat(str(row[1])) for row in rows}


def note_ran(state: TickState) -> None:
    """Note which rules this tick ran, and since when others are left out (in the session that ends the tick)."""
    store, setting = state.setting.store, state.setting
    now = {rule.id for rule in setting.rules}
    before = set(json.loads(store.switch(RAN) or "[]"))
    for name in sorted(now & set(state.since)):
        store.set_switch(MISSED + name, None, setting.user, state.now)
    if setting.declared is None and state.last_tick is not None:
        for name in sorted(before - now - set(state.since)):
            store.set_switch(MISSED + name, state.last_tick.isoformat(), setting.user, state.now)
    if before != now:
        store.set_switch(RAN, json.dumps(sorted(now)), setting.user, state.now)
