"""Commands for planned work: done, activity move/assign/cancel, absence."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import click

from engine.commands.common import NUMBER, Frame, emit, frame, instant, named, parse_day, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.running import hands

REASONS = click.Choice(["holiday", "illness", "training", "other"])


def _time(text: str | None) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise RegelwerkError(f"'{text}' is no time", "write e.g. 14:30", exit_code=2) from None


def _open(folder: Path, clock: str | None, user: str, as_json: bool) -> tuple[Frame, str]:
    here = frame(folder, clock, user, as_json)
    return here, f"by {user or 'nobody named'}"


@click.command()
@click.argument("activity", type=NUMBER)
@click.argument("outcome")
@click.option("--appointment", help="The appointment agreed for the next step, local time: 2026-11-30T14:30.")
@click.option("--answer", "answers", multiple=True, help="QUESTION=ANSWER of the activity's form. May be repeated.")
@options
def done(activity: int, outcome: str, appointment: str | None, answers: tuple[str, ...], folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Complete an activity with its outcome. A case it is a step of goes on at once."""
    here, who = _open(folder, clock, user, as_json)
    agreed = instant(here.site, appointment) if appointment else None
    given = dict(_pair(answer) for answer in answers)
    with here.store.session(write=True), here.store.context(cause=f"done {who}"):
        blocked = hands.blocked_because(here.setting, activity)
        changed = hands.complete(here.setting, activity, outcome, here.now, agreed, given)
    lines = [f"activity {activity}: {outcome}" if changed else f"activity {activity} was done already"]
    lines += [f"it was blocked: {blocked}"] if changed and blocked else []
    emit(here, {"activity": activity, "outcome": outcome, "blocked_because": blocked or None}, lines)
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise RegelwerkError(f"'{text}' answers nothing", "write --answer QUESTION=ANSWER", exit_code=2)
    return name, value


@click.group()
def activity() -> None:
    """Change open work: move it, give it to somebody, cancel it."""


@activity.command()
@click.argument("number", type=NUMBER)
@click.argument("day")
@click.option("--at", help="The time of day: 14:30.")
@options
def move(number: int, day: str, at: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Move open work to DAY; it stays there when the rule's own date moves."""
    here, who = _open(folder, clock, user, as_json)
    to = parse_day(day)
    with here.store.session(write=True), here.store.context(cause=f"moved {who}"):
        hands.move(here.setting, number, to, _time(at))
    emit(here, {"activity": number, "due": to}, [f"activity {number} is due on {to}"])
    return 0


@activity.command()
@click.argument("number", type=NUMBER)
@click.argument("initials")
@options
def assign(number: int, initials: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Give open work to an employee."""
    here, who = _open(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause=f"assigned {who}"):
        hands.assign(here.setting, number, initials)
    emit(here, {"activity": number, "assignee": initials}, [f"activity {number} is with {initials}"])
    return 0


@activity.command()
@click.argument("number", type=NUMBER)
@click.option("--because", default="", help="Why; kept with the activity.")
@options
def cancel(number: int, because: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Cancel open work; its rule does not make it again."""
    here, who = _open(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause=f"cancelled {who}"):
        hands.cancel(here.setting, number, because, here.now)
    emit(here, {"activity": number}, [f"activity {number} cancelled"])
    return 0


@click.command()
@click.argument("initials")
@click.argument("first")
@click.argument("last")
@click.option("--reason", type=REASONS, default="holiday", help="Why (holiday).")
@click.option("--deputy", default="", help="Who stands in; else the employee's deputy, then the manager.")
@options
def absence(initials: str, first: str, last: str, reason: str, deputy: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Note that INITIALS is away from FIRST to LAST (both included) and hand over what is due then."""
    here, who = _open(folder, clock, user, as_json)
    span = (parse_day(first), parse_day(last))
    with here.store.session(write=True), here.store.context(cause=f"absence noted {who}"):
        moved = hands.absent(here.setting, initials, span, reason, deputy, here.site.calendar.today(here.now))
    head = ("activity", "due", "to", "because")
    rows = [(one.activity, one.due_on, one.to or "nobody", one.why) for one in moved]
    lines = [
        f"{initials} is away from {span[0]} to {span[1]}; {sum(row[2] != initials for row in rows)} activities change hands",
        *(table(head, rows) if rows else []),
    ]
    emit(here, {"moved": named(head, rows)}, lines)
    return 0
