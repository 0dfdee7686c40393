"""A site's rules and workflows as an earlier run had them: put together from the versions the store keeps (docs/decisions/0012)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from engine.definitions.layers import Definition, copied
from engine.language.findings import Place, RegelwerkError
from engine.site import Site
from engine.store.given import as_data, as_instant
from engine.store.store import Store

PREFIX = "run:"
Stored = Mapping[str, Mapping[str, Any]]
"""Definition -> digest -> what it said."""


def number_of(against: str) -> int:
    """The run that `run:17` names. Raises RegelwerkError."""
    number = against.removeprefix(PREFIX)
    if not number.isascii() or not number.isdigit() or len(number) > 15:
        raise RegelwerkError(f"'{against}' names no run", "write its number: `--against run:17`", exit_code=2)
    return int(number)


def as_of_run(now: Site, then: Site, store: Store, number: int) -> str:
    """Make `then`, the same site read once more, what the run of that number went by; returns what to call it.

    Rules and workflows are as they were; words, settings and campaigns are as they are now, since no version of them is kept.
    So is a definition of which several variants were in force, unless none of them changed. Raises RegelwerkError for no such run.
    """
    rows = store.rows("SELECT now_at FROM run WHERE id = ? AND definitions IS NOT NULL", [number])
    moment = as_instant(rows[0][0]) if rows else None
    if moment is None:
        last = store.rows("SELECT MAX(id) FROM run WHERE definitions IS NOT NULL", [])[0][0]
        said = f"run {number} was no tick" if store.rows("SELECT 1 FROM run WHERE id = ?", [number]) else f"there is no run {number}"
        raise RegelwerkError(said, f"the last tick is run {last}" if last else "nothing has run yet", exit_code=2, code="not-found")
    stored, current = _in_force(store, moment), _digests(now)
    for name in stored.keys() | current.keys():
        if (
            name in now.sections["campaigns"]
            or any("from" in said for said in stored.get(name, {}).values())
            or stored.get(name, {}).keys() == current.get(name, set())
        ):
            continue
        if name not in stored:
            _leave_out(then, name)
        elif len(stored[name]) == 1:
            _restore(then, name, next(iter(stored[name].values())), number)
    then.__dict__.pop("compiled", None)
    return f"run {number} of {now.calendar.local(moment):%Y-%m-%d %H:%M}"


def _digests(site: Site) -> dict[str, Collection[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for rule in site.compiled.rules:
        if rule.id in site.sections["rules"]:
            found[rule.id].add(rule.digest)
    for flow in site.compiled.flows:
        found[flow.id].add(flow.digest)
    return dict(found)


def _in_force(store: Store, moment: datetime) -> dict[str, dict[str, Any]]:
    """What was in force then. A version that came into force again later is taken where nothing else was known to be."""
    sql = "SELECT definition, digest, data, since_at FROM definition_version WHERE stored_at <= ? AND (until_at IS NULL OR until_at > ?) ORDER BY id"
    sure: dict[str, dict[str, Any]] = defaultdict(dict)
    again: dict[str, dict[str, Any]] = defaultdict(dict)
    for definition, digest, data, since in store.rows(sql, [moment, moment]):
        begun = as_instant(since)
        kept = sure if begun is None or begun <= moment else again
        kept[definition][digest] = as_data(data)
    return {**again, **sure}


def _leave_out(site: Site, name: str) -> None:
    for section in ("rules", "workflows"):
        site.sections[section].pop(name, None)
        site.definitions.sections[section].pop(name, None)
    site.definitions.variants.pop(name, None)


def _restore(site: Site, name: str, data: Mapping[str, Any], number: int) -> None:
    """Put in what a definition said. Where that is what it says today, today's spelling stays: a parameter's name, its place."""
    section = "workflows" if "steps" in data else "rules"
    today, place = site.definitions.sections[section].get(name), Place(f"run {number}")
    said = copied(data)
    raw = _as_written(today.data, site.sections[section].get(name), said) if today else said
    places = {path: both for path, both in today.places.items() if _same(today.data, raw, path)} if today else {}
    pack = today.pack if today else name.partition(".")[0]
    site.definitions.sections[section][name] = Definition(name, section, raw, {**places, (): (place, place)}, pack=pack)
    site.definitions.variants.pop(name, None)
    site.sections[section][name] = said


def _as_written(raw: Any, filled: Any, said: Any) -> Any:
    if said == filled:
        return raw
    if isinstance(raw, Mapping) and isinstance(filled, Mapping) and isinstance(said, Mapping):
        return {key: _as_written(raw[key], filled[key], value) if key in raw and key in filled else value for key, value in said.items()}
    return said


def _same(one: Any, other: Any, path: tuple[Any, ...]) -> bool:
    for step in path:
        try:
            one, other = one[step], other[step]
        except (KeyError, IndexError, TypeError):
            return False
    return bool(one == other)
