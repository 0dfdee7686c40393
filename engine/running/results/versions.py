"""A definition's versions side by side: since when each is in force, what changed, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.planning.workflows.digest import without_texts
from engine.running.results.acts import Acts, acts
from engine.running.results.cases import Cases, cases
from engine.running.results.periods import Measured
from engine.store.given import as_data
from engine.store.store import Store

ABSENT = object()


@dataclass
class Version:
    """One version and its figures; `number` is None for what was decided before versions were kept."""

    number: int | None
    since: Any = None
    until: Any = None
    changed: list[str] = field(default_factory=list)
    """What differs from the version before, labels and texts left out."""
    acts: Acts = field(default_factory=Acts)
    cases: Cases | None = None


def versions(measured: Measured) -> list[Version]:
    """All versions of a definition, newest first."""
    done, ran = acts(measured), cases(measured)
    sql = "SELECT id, since_at, until_at, data, stored_at FROM definition_version WHERE definition = ? ORDER BY coalesce(since_at, stored_at), id"
    found: list[Version] = []
    before: Any = None
    for number, since, until, data, _ in measured.store.rows(sql, [measured.definition]):
        said = as_data(data)
        changed = list(differences(before, said)) if before else []
        found.append(Version(number, since, until, changed, done.pop(number, Acts()), ran.pop(number, None)))
        before = said
    left = done.keys() | ran.keys()
    old = [Version(number, None, None, [], done.get(number, Acts()), ran.get(number)) for number in sorted(left, key=lambda one: one or 0)]
    return [*reversed(found), *old]


def known(store: Store) -> set[str]:
    """The ids of all definitions that were ever in force."""
    return {
        row[0]
        for row in store.rows("SELECT definition FROM definition_version UNION SELECT definition FROM occurrence UNION SELECT definition FROM instance", [])
    }


def differences(old: Any, new: Any) -> Iterator[str]:
    """What differs between two versions' data, a line for each place."""
    before, after = dict(_flat(without_texts(old), "")), dict(_flat(without_texts(new), ""))
    for place in dict.fromkeys([*after, *before]):
        was, now = before.get(place, ABSENT), after.get(place, ABSENT)
        if was is ABSENT:
            yield f"{place}: {now} is new"
        elif now is ABSENT:
            yield f"{place}: {was} is gone"
        elif was != now:
            yield f"{place}: {was} -> {now}"


def _flat(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{at}.{key}" if at else str(key))
    else:
        yield at, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
