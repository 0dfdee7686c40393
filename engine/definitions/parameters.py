"""Parameters: `$name` anywhere in a value or a phrase."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.definitions.layers import Definition, Definitions
from engine.language.nearest import did_you_mean

_NAME = re.compile(r"\$([a-z][a-z0-9_]*)")


def resolved(found: Definitions, definition: Definition, values: Mapping[str, Any]) -> Any:
    """A definition's data with its pack's parameters filled in; an unknown one is a finding at its place."""
    pack = definition.id.partition(".")[0]
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
