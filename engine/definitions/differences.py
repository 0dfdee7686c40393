"""What differs between two sets of definitions, by id: added, removed, switched off or on, changed values with both places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definitions.layers import Definition, Definitions
from engine.language.findings import Where

GONE = object()
"""Stands for a value that is not there."""


@dataclass(frozen=True)
class Value:
    """A value that differs: None where it is not there; the places are "" then."""

    path: str
    old: Any
    new: Any
    old_place: str = ""
    new_place: str = ""


@dataclass(frozen=True)
class Difference:
    """A definition that differs. `what` is added, removed, renamed, off, on or changed."""

    section: str
    id: str
    what: str
    place: str
    values: tuple[Value, ...] = field(default=())


def differences(old: Definitions, new: Definitions) -> list[Difference]:
    """Everything that differs in what the layers say, by section and id; tests are left alone."""
    found = []
    for section in new.sections:
        if section in ("tests",):
            continue
        before, after = old.sections[section], new.sections[section]
        called = renamed(before, after)
        for name in sorted((before.keys() | after.keys()) - called.keys()):
            was = next((known for known, now in called.items() if now == name), name)
            one = _one(section, before.get(was), after.get(name))
            found += [one] if one else []
    return found


def renamed(before: Mapping[str, Definition], after: Mapping[str, Definition]) -> dict[str, str]:
    """Old id -> new id of what says `formerly` and is no longer there under its old name."""
    found = {}
    for name, definition in after.items():
        word = str(definition.data.get("formerly", "")) if isinstance(definition.data, Mapping) else ""
        old = word if word in before else f"{definition.pack}.{word}"
        if word and old in before and old not in after:
            found[old] = name
    return found


def _one(section: str, old: Definition | None, new: Definition | None) -> Difference | None:
    if old is None or new is None:
        there = new or old
        assert there is not None
        return Difference(section, there.id, "added" if new else "removed", _shown(there, ()))
    values = tuple(_values(old, new))
    if not values:
        return None
    if old.id != new.id:
        return Difference(section, new.id, "renamed", _shown(new, ()), values)
    switch = {(False, True): "on", (True, False): "off"}.get((_on(old), _on(new)), "changed")
    return Difference(section, new.id, switch, next((one.new_place for one in values if one.new_place), _shown(new, ())), values)


def _on(definition: Definition) -> bool:
    return not (isinstance(definition.data, Mapping) and definition.data.get("enabled") is False)


def _values(old: Definition, new: Definition) -> Iterator[Value]:
    before, after = dict(leaves(old.data)), dict(leaves(new.data))
    for path in [*before, *(path for path in after if path not in before)]:
        was, now = before.get(path, GONE), after.get(path, GONE)
        if was != now or type(was) is not type(now):
            yield Value(
                ".".join(map(str, path)),
                None if was is GONE else was,
                None if now is GONE else now,
                "" if was is GONE else _shown(old, path),
                "" if now is GONE else _shown(new, path),
            )


def leaves(data: Any, at: Where = ()) -> Iterator[tuple[Where, Any]]:
    """Every plain value in some data, and every empty map or list, with the way to it."""
    pairs = list(data.items()) if isinstance(data, Mapping) else list(enumerate(data)) if isinstance(data, list) else []
    for key, inner in pairs:
        yield from leaves(inner, (*at, key))
    if not pairs:
        yield at, data


def _shown(definition: Definition, path: Where) -> str:
    place = definition.place(path)
    return f"{place.file}:{place.line}" if place.line else place.file
