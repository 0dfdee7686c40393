"""Which rows of a definition are measured, and how long things took, said for either database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.store.store import Store

DAY = 86400


@dataclass(frozen=True)
class Measured:
    """What is looked at: a definition in a store, from one moment (included) to another (excluded), naive UTC; None for open."""

    store: Store
    definition: str
    since: datetime | None = None
    until: datetime | None = None

    def of(self, table: str, moment: str) -> tuple[str, list[Any]]:
        """The condition and its values: rows of the definition whose moment lies in between. The names are ours."""
        sql, args = f"{table}.definition = ?", [self.definition]
        for bound, sign in ((self.since, ">="), (self.until, "<")):
            if bound is not None:
                sql += f" AND {table}.{moment} {sign} ?"
                args.append(bound)  # type: ignore[arg-type]
        return sql, args


@dataclass(frozen=True)
class Length:
    """How long things took, in days; None where none has ended."""

    median: float | None = None
    mean: float | None = None


def seconds(store: Store, start: str, end: str) -> str:
    """The SQL for the seconds between two moments."""
    if store.provider == "sqlite":
        return f"(CAST(strftime('%s', {end}) AS INTEGER) - CAST(strftime('%s', {start}) AS INTEGER))"
    return f"EXTRACT(EPOCH FROM ({end} - {start}))"


def lengths(store: Store, groups: Sequence[str], start: str, end: str, tail: str, args: Sequence[Any]) -> dict[tuple[Any, ...], Length]:
    """Median and mean of the time between two moments, by group; `tail` is FROM and WHERE, literal text of ours."""
    names = ", ".join(f"g{number}" for number in range(len(groups)))
    columns = ", ".join(f"{group} AS g{number}" for number, group in enumerate(groups))
    sql = (
        f"WITH d AS (SELECT {columns}, {seconds(store, start, end)} AS s {tail}),"
        f" r AS (SELECT {names}, s, ROW_NUMBER() OVER (PARTITION BY {names} ORDER BY s) AS n, COUNT(*) OVER (PARTITION BY {names}) AS c FROM d)"
        f" SELECT {names}, AVG(CASE WHEN n IN ((c + 1) / 2, (c + 2) / 2) THEN s END), AVG(s) FROM r GROUP BY {names}"
    )
    return {tuple(row[:-2]): Length(_days(row[-2]), _days(row[-1])) for row in store.rows(sql, args)}


def _days(value: Any) -> float | None:
    return None if value is None else round(float(value) / DAY, 2)
