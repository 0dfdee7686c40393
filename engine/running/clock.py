"""What stops a tick: a clock that went back, or far ahead (design.md, time)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from engine.running.setting import Setting

JUMP = timedelta(days=400)
CLOCK = "clock"
"""The switch that holds what is wrong with the clock."""


def read_last_tick(setting: Setting) -> datetime | None:
    """When the last finished tick was, naive UTC."""
    value = setting.store.switch("last_tick")
    return datetime.fromisoformat(value) if value else None


def stopped_by_clock(last: datetime | None, now: datetime, confirmed: bool) -> tuple[str, str]:
    """(code, message) where nothing may be done at `now` (naive UTC); two empty texts where it may."""
    if last is None:
        return "", ""
    if now < last:
        return "clock_back", f"the clock says {now:%Y-%m-%d %H:%M}, but the last tick was at {last:%Y-%m-%d %H:%M} UTC; nothing done until then"
    if now - last > JUMP and not confirmed:
        return "clock_jump", f"the clock jumped {(now - last).days} days ahead; check it, then `regelwerk run --confirm-jump`"
    return "", ""


def note_clock(setting: Setting, now: datetime, code: str, message: str) -> None:
    """What stopped the tick, for `status` to show until a tick runs again: under cron nobody reads what a run says."""
    with setting.store.session(write=True):
        setting.store.set_switch(CLOCK, json.dumps({"code": code, "message": message}), setting.user, now)


def clock_trouble(setting: Setting) -> dict[str, str] | None:
    """Why ticks do nothing because of the clock: {code, message}; None where they run."""
    value = setting.store.switch(CLOCK)
    found: dict[str, str] | None = json.loads(value) if value else None
    return found
