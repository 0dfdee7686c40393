"""What came of a campaign: who was addressed, who responded since, what they bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.language.conditions import All, Literal, Node, Test
from engine.planning.campaigns import Campaign, Response
from engine.planning.query import QueryContext, ids
from engine.running.results.periods import Measured
from engine.running.spreading import GIVEN
from engine.store.given import as_day
from engine.store.store import Store

Responder = tuple[int | None, int, str]
"""Version, customer, occurrence."""


@dataclass
class Reached:
    """One version's campaign figures."""

    addressed: int = 0
    """Customers something was done for: a message, a call, an address given to a mailing house."""
    blocked: int = 0
    """Customers the law or a missing address kept out altogether."""
    given: dict[str, int] = field(default_factory=dict)
    """Channel -> addresses given out."""
    responses: dict[str, int] = field(default_factory=dict)
    """Response -> customers, each once."""
    responded: int = 0
    """Customers with any response."""
    sales: int = 0
    """Contracts signed since by those addressed, cancelled ones left out."""
    sales_amount: int = 0
    """Cents."""


def reached(measured: Measured, campaign: Campaign, context: QueryContext) -> dict[int | None, Reached]:
    """The figures by version; a response counts from the day on which its customer was addressed."""
    found: dict[int | None, Reached] = {}

    def of(version: int | None) -> Reached:
        return found.setdefault(version, Reached())

    where, args = measured.of("o", "made_at")
    who = f"SELECT version, subject_id, occurrence, SUM(CASE WHEN status = 'done' THEN 1 ELSE 0 END) AS good, SUM(CASE WHEN status = 'blocked' THEN 1 ELSE 0 END) AS bad FROM occurrence o WHERE {where} GROUP BY version, subject_id, occurrence"
    sums = "SUM(CASE WHEN good > 0 THEN 1 ELSE 0 END), SUM(CASE WHEN good = 0 AND bad > 0 THEN 1 ELSE 0 END)"
    for version, good, bad in measured.store.rows(f"SELECT version, {sums} FROM ({who}) w GROUP BY version", args):
        of(version).addressed, of(version).blocked = int(good), int(bad)
    sql = f"SELECT version, target, COUNT(*) FROM occurrence o WHERE {where} AND effect = ? AND status = 'done' GROUP BY version, target ORDER BY target"
    for version, channel, number in measured.store.rows(sql, [*args, GIVEN]):
        of(version).given[channel] = number
    _responses(measured, campaign, context, found)
    sql = (
        f"SELECT version, COUNT(*), SUM(amount) FROM (SELECT DISTINCT a.version, c.id, c.amount FROM ({_addressed(where)}) a"
        " JOIN contract c ON c.customer = a.subject_id WHERE c.signed_on >= a.day AND c.cancelled_on IS NULL) s GROUP BY version"
    )
    for version, number, amount in measured.store.rows(sql, args):
        of(version).sales, of(version).sales_amount = number, int(amount or 0)
    return found


def _addressed(where: str) -> str:
    """Who was addressed, under which version, on which day and at which moment."""
    return (
        f"SELECT version, subject_id, occurrence, MIN(day) AS day, MIN(made_at) AS moment FROM occurrence o WHERE {where} AND status = 'done'"
        " GROUP BY version, subject_id, occurrence"
    )


def _responses(measured: Measured, campaign: Campaign, context: QueryContext, found: dict[int | None, Reached]) -> None:
    where, args = measured.of("o", "made_at")
    first = as_day(measured.store.rows(f"SELECT MIN(day) FROM occurrence o WHERE {where} AND status = 'done'", args)[0][0])
    if first is None:
        return
    everybody: set[Responder] = set()
    for response in campaign.responses:
        came = _responders(measured.store, response, (Test(response.day, "on_or_after", Literal(first)),), context, where, args)
        everybody |= came
        for version in found:
            found[version].responses[response.name] = sum(1 for one in came if one[0] == version)
    for version in found:
        found[version].responded = sum(1 for one in everybody if one[0] == version)


def _responders(store: Store, response: Response, since: tuple[Node, ...], context: QueryContext, where: str, args: Sequence[Any]) -> set[Responder]:
    """Whose records count, each customer once for each time he was addressed."""
    records = ids(store, response.entity, All((*since, *([response.condition] if response.condition else []))), context)
    day, start = f"r.{response.day}", "a.moment" if response.is_moment else "a.day"
    until = "" if response.within is None else f" AND {day} <= {_later(store, start, response.within, response.is_moment)}"
    sql = (
        f"SELECT DISTINCT a.version, a.subject_id, a.occurrence FROM ({_addressed(where)}) a"
        f' JOIN "{response.entity}" r ON r.{response.back} = a.subject_id WHERE {day} >= {start}{until} AND r.id IN ({{}})'
    )
    return {(row[0], row[1], row[2]) for row in store.rows_in(sql, args, records)}


def _later(store: Store, moment: str, days: int, is_moment: bool) -> str:
    """The SQL for so many days after a day or moment."""
    if store.provider == "sqlite":
        return f"{'datetime' if is_moment else 'date'}({moment}, '+{int(days)} days')"
    return f"({moment} + {int(days)} * INTERVAL '1 day')" if is_moment else f"({moment} + {int(days)})"
