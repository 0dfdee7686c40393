"""`why activity:17`: the chain of causes behind a record, back to the event, the date, the person or the edit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from engine.commands.common import Frame, emit
from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.running.chain import Link, chain_of
from engine.running.names import name_of
from engine.running.present import Present, present_of
from engine.running.record_told import told_of


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
    """What made a record, and what made that; how it stands at the clock's moment."""
    record = told_of(here.setting, entity, row)
    links = chain_of(here.setting, entity, row, record)
    present = present_of(here.setting, entity, row, record.at, here.now)
    reasons = _more_reasons(here, row) if entity == "activity" else []
    lines = [f"{_front(number, link)}{_said(here, link)}" for number, link in enumerate(links)]
    lines += [f"  also for {definition} ({occurrence})" for definition, occurrence in reasons]
    lines += [f"at {here.at(here.now)}: {one}" for one in present.says]
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
    emit(here, {"record": f"{entity}:{row}", "chain": data, "also": also, "present": _present(here, present)}, lines)
    return 0


def _present(here: Frame, present: Present) -> dict[str, Any]:
    return {
        "at": here.at(here.now),
        "due": present.due or None,
        "definition": present.definition or None,
        "says": present.stands or None,
        "would": [{"occurrence": one.occurrence, "effect": one.effect, "verdict": one.verdict, "reason": one.reason or None} for one in present.would],
        "why_not": [{"code": reason.code, "reason": reason.says} for reason in present.reasons],
    }


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


def _when(here: Frame, at: datetime | date | None) -> str | None:
    return here.at(at) if at is None or isinstance(at, datetime) else at.isoformat()


def _more_reasons(here: Frame, activity: int) -> list[tuple[str, str]]:
    """The occurrences that found the work open and added theirs to it."""
    sql = "SELECT definition, occurrence FROM activity_reason WHERE activity = ? ORDER BY id"
    return [(row[0], row[1]) for row in here.store.rows(sql, [activity])][1:]
