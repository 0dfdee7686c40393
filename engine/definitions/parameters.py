"""Parameters: `$name` anywhere in a value or a phrase, with a value per site, branch or brand.

A branch's value outranks a brand's: the person who answers for a branch answers for it whole (docs/decisions/0005).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from engine.definitions.document import Document
from engine.definitions.layers import Definition, Definitions
from engine.language.findings import Place
from engine.language.nearest import did_you_mean

_NAME = re.compile(r"\$([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Only:
    """Some of all branches or brands: those named (`inside`), or all but those."""

    names: frozenset[str]
    inside: bool = True


@dataclass
class Values:
    """Parameter id -> its value, and what differs for a branch or a brand."""

    plain: dict[str, Any] = field(default_factory=dict)
    branch: dict[str, dict[str, Any]] = field(default_factory=dict)
    brand: dict[str, dict[str, Any]] = field(default_factory=dict)

    def at(self, branch: str | None, brand: str | None) -> dict[str, Any]:
        """All values for a branch and a brand; None is any other."""
        found = dict(self.plain)
        found.update({name: values[brand] for name, values in self.brand.items() if brand in values})
        found.update({name: values[branch] for name, values in self.branch.items() if branch in values})
        return found


@dataclass(frozen=True)
class Variant:
    """A definition's data for some branches and brands; None means all."""

    data: Any
    branches: Only | None = None
    brands: Only | None = None


def used_by(definition: Definition, values: Values) -> list[str]:
    """The ids of the parameters a definition names, as far as they are declared."""
    return sorted({f"{definition.pack}.{name}" for name in names_in(definition.data)} & set(values.plain))


def in_short(name: str, values: Values) -> str:
    """What a parameter is here: `30 months; brand Honda: 24 months`."""
    parts = [str(values.plain[name])]
    parts += [f"brand {brand}: {value}" for brand, value in values.brand.get(name, {}).items()]
    parts += [f"branch {code}: {value}" for code, value in values.branch.get(name, {}).items()]
    return "; ".join(parts)


@dataclass(frozen=True)
class Given:
    """One value of a parameter: for whom, and where it is said."""

    whom: str
    """`default`, `site`, `brand Honda` or `branch 02`."""
    value: Any
    place: Place


def given(found: Definitions, name: str, settings: Document) -> list[Given]:
    """Every value a parameter has: the pack's default, then the site's, each brand's and each branch's. The last that fits counts."""
    spec = found.sections["parameters"][name]
    parts = [Given("default", spec.data.get("default"), spec.place(("default",)))]
    own = (settings.data.get("parameters") or {}).get(name)
    if own is None:
        return parts
    if not isinstance(own, Mapping):
        return [*parts, Given("site", own, settings.place(("parameters", name)))]
    if "default" in own:
        parts.append(Given("site", own["default"], settings.place(("parameters", name, "default"))))
    for kind in ("brand", "branch"):
        parts += [Given(f"{kind} {one}", value, settings.place(("parameters", name, kind, one))) for one, value in own.get(kind, {}).items()]
    return parts


def variants(found: Definitions, definition: Definition, values: Values) -> list[Variant]:
    """A definition once per group of branches and brands for which its parameters differ; the last is for all others."""
    pack = definition.pack
    used = {f"{pack}.{name}" for name in names_in(definition.data)}
    branches = sorted({code for name in used for code in values.branch.get(name, ())})
    brands = sorted({brand for name in used for brand in values.brand.get(name, ())})
    if not branches and not brands:
        return [Variant(resolved(found, definition, values.plain))]

    def mine(branch: str | None, brand: str | None) -> str:
        return repr([(name, value) for name, value in sorted(values.at(branch, brand).items()) if name in used])

    result = []
    for rows in _groups([*branches, None], lambda branch: repr([mine(branch, brand) for brand in [*brands, None]])):
        for columns in _groups([*brands, None], lambda brand, row=rows[0]: mine(row, brand)):
            data = resolved(found, definition, values.at(rows[0], columns[0]))
            result.append(Variant(data, _only(rows, branches), _only(columns, brands)))
    return result


def _groups(names: list[str | None], key: Any) -> list[list[str | None]]:
    """Names with the same values together; the group with None, which stands for all others, comes last."""
    ordered = sorted(names, key=lambda name: (key(name), name is None, name or ""))
    groups = [list(group) for _, group in groupby(ordered, key=key)]
    return sorted(groups, key=lambda group: None in group)


def _only(group: list[str | None], known: list[str]) -> Only | None:
    if None not in group:
        return Only(frozenset(name for name in group if name is not None))
    others = frozenset(known) - {name for name in group if name is not None}
    return Only(others, inside=False) if others else None


def names_in(value: Any) -> Iterator[str]:
    """The `$names` in some data, without the sign."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from names_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names_in(inner)
    elif isinstance(value, str) and "$" in value:
        yield from _NAME.findall(value)


def resolved(found: Definitions, definition: Definition, values: Mapping[str, Any]) -> Any:
    """A definition's data with its pack's parameters filled in; an unknown one is a finding at its place."""
    pack = definition.pack
    return _filled(found, definition, definition.data, (), pack, values)


def _filled(found: Definitions, definition: Definition, value: Any, at: tuple[str | int, ...], pack: str, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(found, definition, inner, (*at, key), pack, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(found, definition, inner, (*at, index), pack, values) for index, inner in enumerate(value)]
    if not isinstance(value, str) or "$" not in value:
        return value
    for name in _NAME.findall(value):
        if f"{pack}.{name}" not in values:
            known = [key.partition(".")[2] for key in values if key.startswith(f"{pack}.")]
            found.wrong(definition.place(at), "unknown-parameter", f"there is no parameter '${name}'", did_you_mean(name, known, "declare it in `parameters:`"))
            return value
    whole = _NAME.fullmatch(value)
    if whole:
        return values[f"{pack}.{whole.group(1)}"]
    return _NAME.sub(lambda match: str(values[f"{pack}.{match.group(1)}"]), value)
