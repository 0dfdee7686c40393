"""`why activity:17`: the chain of causes behind a record, back to the event, the date, the person or the edit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.commands.common import Frame, emit
from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.planning.values import as_day, instant
from engine.running.chain import Link, chain_of
from engine.running.names import name_of

MADE: dict[str, tuple[str, str]] = {
    "activity": ("created_at", "kind, status, due_on, assigned_because, blocked_because"),
    "message": ("queued_at", "template, channel, status, address, blocked_because"),
    "tag": ("posted_on", "kind, value, valid_until_on, taken_back_on, source"),
}
"""What is told of a record itself: the field with its moment, and others."""
WORDS = {
    "due_on": "due",
    "assigned_because": "assigned for:",
    "blocked_because": "blocked:",
    "address": "to",
    "valid_until_on": "counts until",
    "taken_back_on": "taken back on",
    "source": "by",
}


def tag_row(here: Frame, kind: str, customer: int) -> int:
    """The newest posting of a kind on a customer. Raises RegelwerkError."""
    if kind not in here.setting.vocabulary.tags:
        raise RegelwerkError(f"there is no tag '{kind}'", did_you_mean(kind, here.setting.vocabulary.tags), exit_code=2, code="not-found")
    rows = here.store.rows("SELECT id FROM tag WHERE kind = ? AND customer = ? ORDER BY id DESC LIMIT 1", [kind, customer])
    if not rows:
        name = name_of(here.setting, "customer", customer)
        raise RegelwerkError(
            f"{name} never had the tag {kind}", f"`regelwerk customer {name.split(':')[1].split(' ')[0]}` shows the tags", exit_code=2, code="not-found"
        )
    return int(rows[0][0])


def why_record(here: Frame, entity: str, row: int) -> int:
    """What made a record, and what made that."""
    links = chain_of(here.setting, entity, row, _self(here, entity, row))
    reasons = _more_reasons(here, row) if entity == "activity" else []
    lines = [f"{_front(number, link)}{_said(here, link)}" for number, link in enumerate(links)]
    lines += [f"  also for {definition} ({occurrence})" for definition, occurrence in reasons]
    data = [
        {
            "kind": link.kind,
            "ref": link.ref or None,
            "at": _when(here, link.at),
            "says": link.says,
            "definition": link.definition or None,
            "place": _place(here, link),
        }
        for link in links
    ]
    also = [{"definition": definition, "occurrence": occurrence} for definition, occurrence in reasons]
    emit(here, {"record": f"{entity}:{row}", "chain": data, "also": also}, lines)
    return 0


def _front(number: int, link: Link) -> str:
    """How a line goes on from the one before."""
    return "" if not number else "  and " if link.kind in ("record", "edit") else "  because "


def _said(here: Frame, link: Link) -> str:
    when = f" ({_when(here, link.at)})" if link.at else ""
    place = _place(here, link)
    return f"{link.says}{when}{f', {place}' if place else ''}"


def _place(here: Frame, link: Link) -> str | None:
    """Where the definition stands today."""
    definition = here.site.definitions.acting(link.definition) if link.definition else None
    place = definition.place(()) if definition else None
    return f"{place.file}:{place.line}" if place and place.file else None


def _self(here: Frame, entity: str, row: int) -> Link:
    """The record itself."""
    at, others = MADE.get(entity, ("", ""))
    says, when = f"{entity}:{row}", None
    if at:
        names = others.split(", ")
        found = here.store.rows(f'SELECT "{at}", customer, {others} FROM "{entity}" WHERE id = ?', [row])[0]
        when = _moment(found[0])
        told = [f"{WORDS.get(name, '')} {value}".strip() for name, value in zip(names, found[2:], strict=True) if value is not None]
        says += f" for {name_of(here.setting, 'customer', found[1])}: " if found[1] is not None else ": "
        says += ", ".join(told) + (_away(here, row) if entity == "activity" else "")
    else:
        says = name_of(here.setting, entity, row)
    return Link(entity, f"{entity}:{row}", when, says)


AWAY = (
    "SELECT e.initials, b.from_on, b.until_on FROM activity a JOIN employee e ON a.assigned_because LIKE '% of ' || e.initials"
    " JOIN absence b ON b.employee = e.id WHERE a.id = ? AND coalesce(b.from_on, a.due_on) <= a.due_on AND coalesce(b.until_on, a.due_on) >= a.due_on"
)


def _away(here: Frame, activity: int) -> str:
    """Why the one it was meant for did not get it: how long they are away."""
    for initials, first, last in here.store.rows(AWAY, [activity]):
        return f" ({initials} is away from {first} to {last or 'further notice'})"
    return ""


def _moment(value: Any) -> datetime | date | None:
    """A moment (naive UTC), or the day alone where no more is kept."""
    return instant(value) if isinstance(value, datetime) or len(str(value)) > 10 else as_day(value)


def _when(here: Frame, at: datetime | date | None) -> str | None:
    return here.at(at) if at is None or isinstance(at, datetime) else at.isoformat()


def _more_reasons(here: Frame, activity: int) -> list[tuple[str, str]]:
    """The occurrences that found the work open and added theirs to it."""
    sql = "SELECT definition, occurrence FROM activity_reason WHERE activity = ? ORDER BY id"
    return [(row[0], row[1]) for row in here.store.rows(sql, [activity])][1:]
