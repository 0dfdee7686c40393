"""People completing work in a test: `done: [{kind: phone_call, outcome: reached}]`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.language.findings import RegelwerkError
from engine.running import hands
from engine.running.setting import Setting
from engine.testing.given import BadTest, Given


def complete_work(setting: Setting, given: Given, spec: Mapping[str, Any], now: datetime) -> None:
    """Complete the open activity that fits: the oldest of its kind, of the customer and vehicle that are named. Raises BadTest."""
    activity = _open(given, spec)
    appointment = datetime.fromisoformat(str(spec["appointment"])) if "appointment" in spec else None
    agreed = setting.calendar.at(appointment.date(), appointment.time()) if appointment else None
    answers = {str(name): str(value) for name, value in (spec.get("answers") or {}).items()}
    try:
        with given.store.session(write=True):
            hands.complete(setting, activity, str(spec["outcome"]), now, agreed, answers)
    except RegelwerkError as error:
        raise BadTest(f"{spec['kind']}: {error.message}", error.hint) from None


def _open(given: Given, spec: Mapping[str, Any]) -> int:
    kind = str(spec.get("kind", ""))
    narrowed, args = "", []
    for entity in ("customer", "vehicle", "opportunity", "ticket"):
        if entity in spec:
            row = given.rows.get((entity, str(spec[entity])))
            if row is None:
                raise BadTest(f"there is no {entity} '{spec[entity]}' in this test", "add it to `given:`")
            narrowed += f' AND "{entity}" = ?'
            args.append(row)
    rows = given.store.rows(f"SELECT id FROM activity WHERE status IN ('open', 'blocked') AND kind = ?{narrowed} ORDER BY due_at, id", [kind, *args])
    if not rows:
        raise BadTest(f"no {kind} is open then", "see what is open with `open: []` in `expect`")
    return int(rows[0][0])
