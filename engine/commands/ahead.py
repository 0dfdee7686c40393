"""Commands that look ahead: what an edit does (`plan --against`) and `simulate`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from engine.against import Effects, effects_of, sides
from engine.commands.common import Frame, emit, errors_data, report_left_out, table
from engine.definitions.differences import Difference, Value
from engine.definitions.layers import ACTING
from engine.running.ahead.compare import HOW
from engine.running.cases.migrate import Migration
from engine.site import error_findings

SHOWN = {"added": "added", "removed": "removed", "renamed": "renamed", "off": "switched off", "on": "switched on", "changed": "changed"}
SIGN = {"new": "+", "gone": "-", "moved": "~", "otherwise": "!"}


def show_effects(here: Frame, against: str, days: int) -> int:
    """Print what differs from the definitions named, and what that does to this store in so many days. Returns the exit code."""
    with sides(here.site, here.store, against) as other:
        found = effects_of(other, here.store, here.now, here.now + timedelta(days=days), here.user)
        ours = set(error_findings(here.site))  # said of this site, as by every command
        there = [one for one in error_findings(next(one for one in (other.before, other.after) if one is not here.site)) if one not in ours]
    elsewhere = {"errors_there": [finding.as_json() for finding in there]} if there else {}
    emit(here, {**_data(found, days), **errors_data(here), **elsewhere}, _lines(found, days))
    for finding in there:
        click.echo(f"on the other side: {finding}", err=True)
    return report_left_out(here) or int(bool(there))


def _data(found: Effects, days: int) -> dict[str, Any]:
    return {
        "before": found.before,
        "after": found.after,
        "days": days,
        "differences": [asdict(one) for one in found.differences],
        "walked": found.walked,
        "changes": [
            {
                "definition": one.definition,
                "what": one.what,
                **one.counts,
                "examples": {how: [{"who": who, "says": says} for who, says in several] for how, several in one.examples.items() if several},
            }
            for one in found.changes or []
        ],
        "cases": [
            {"workflow": one.definition, "move": len(one.cases), "stay": {why: len(which) for why, which in one.stuck.items()}} for one in found.cases or []
        ],
    }


def _lines(found: Effects, days: int) -> list[str]:
    lines = [f"from {found.before} to {found.after}"]
    for one in found.differences:
        lines += _difference(one)
    if not found.differences:
        return [*lines, "no definition differs"]
    if found.changes is None:
        return [*lines, "no rule, workflow or campaign does anything else"]
    lines.append(f"over {days} days ({found.walked} of {found.acting} rules, workflows and campaigns looked at):")
    if not found.changes:
        lines.append("nothing comes otherwise")
    else:
        head = ("definition", "what", "newly", "no longer", "moved", "otherwise")
        lines += table(head, [(one.definition, one.what, *(one.counts[how] or "" for how in HOW)) for one in found.changes])
    for change in found.changes:
        lines += [f"  {SIGN[how]} {change.definition} {change.what}: {who}, {says}" for how in HOW for who, says in change.examples[how]]
    for plan in found.cases or []:
        lines += _cases(plan)
    return lines


def _difference(one: Difference) -> list[str]:
    name = one.id if one.section in (*ACTING, "regelwerk.yaml") else f"{one.section}.{one.id}"
    if one.section == "regelwerk.yaml":
        return [f"regelwerk.yaml {_value(one.values[0])}"]
    if not one.values:
        return [f"{name}: {SHOWN[one.what]} ({one.place})"]
    return [f"{name}: {SHOWN[one.what]}", *(f"  {_value(value)}" for value in one.values)]


def _value(value: Value) -> str:
    old, new = ("nothing" if one is None else one for one in (value.old, value.new))
    return f"{value.path}: {old} -> {new} ({value.old_place or 'not there'} -> {value.new_place or 'not there'})"


def _cases(plan: Migration) -> list[str]:
    stuck = [f"{len(which)} cannot move: {why}" for why, which in plan.stuck.items()]
    stay = sum(len(which) for which in plan.stuck.values()) + len(plan.cases)
    lines = [f"{plan.definition}: {stay} running cases keep their version until they are moved (`regelwerk workflow migrate {plan.definition}`)"]
    return lines + [f"  {len(plan.cases)} can move", *(f"  {one}" for one in stuck)]
