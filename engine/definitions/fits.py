"""Whether data fits a JSON Schema, yes or no, by functions made once per schema.

A site with 500 rules spent half of `check` in jsonschema saying yes. It is asked only where this says no, since it alone
says what is wrong (shape.py); a test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from decimal import Decimal
from typing import Any

Fits = Callable[[Any], bool]
KINDS: dict[str, Fits] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float | Decimal) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
SAYS_NOTHING = frozenset({"description", "examples", "default", "title", "$schema", "$defs", "then", "else", "deprecated", "markdownDescription"})


class Maker:
    """Makes the functions of one schema; `$ref` leads into its `$defs`."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.known: dict[str, Fits] = {}

    def make(self, schema: Any) -> Fits:
        """Whether a value fits. Raises ValueError for a keyword that is not known here."""
        if isinstance(schema, bool):
            return lambda _: schema
        tests = [test for word, spec in schema.items() if (test := self._test(word, spec, schema)) is not None]
        if len(tests) == 1:
            return tests[0]
        return lambda value: all(test(value) for test in tests)

    def _test(self, word: str, spec: Any, schema: Mapping[str, Any]) -> Fits | None:
        if word in SAYS_NOTHING:
            return None
        if word in SIMPLE:
            return SIMPLE[word](spec)
        match word:
            case "$ref":
                return self._reference(str(spec))
            case "properties":
                return self._properties({name: self.make(one) for name, one in spec.items()})
            case "additionalProperties":
                others, known = self.make(spec), frozenset(schema.get("properties", ()))
                return lambda value: not isinstance(value, dict) or all(others(value[key]) for key in value if key not in known)
            case "propertyNames":
                name_fits = self.make(spec)
                return lambda value: not isinstance(value, dict) or all(map(name_fits, value))
            case "items":
                item = self.make(spec)
                return lambda value: not isinstance(value, list) or all(map(item, value))
            case "allOf" | "anyOf":
                parts, some = [self.make(one) for one in spec], all if word == "allOf" else any
                return lambda value: some(part(value) for part in parts)
            case "not":
                inner = self.make(spec)
                return lambda value: not inner(value)
            case "if":
                asked, then, other = self.make(spec), self.make(schema.get("then", True)), self.make(schema.get("else", True))
                return lambda value: then(value) if asked(value) else other(value)
        raise ValueError(f"the schemas say `{word}`, which fits.py does not know")

    def _reference(self, path: str) -> Fits:
        """What a reference leads to, made when it is first asked: it may lead to itself."""

        def ask(value: Any) -> bool:
            if path not in self.known:
                here: Any = self.root
                for step in path.removeprefix("#/").split("/"):
                    here = here[step]
                self.known[path] = self.make(here)
            return self.known[path](value)

        return ask

    @staticmethod
    def _properties(known: Mapping[str, Fits]) -> Fits:
        def ask(value: Any) -> bool:
            return not isinstance(value, dict) or all(known[key](inner) for key, inner in value.items() if key in known)

        return ask


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _unique(value: list[Any]) -> bool:
    return not any(_same(one, other) for index, one in enumerate(value) for other in value[:index])


def _type(spec: Any) -> Fits:
    kinds = [KINDS[one] for one in ([spec] if isinstance(spec, str) else spec)]
    return kinds[0] if len(kinds) == 1 else lambda value: any(kind(value) for kind in kinds)


def _pattern(spec: str) -> Fits:
    search = re.compile(spec).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _size(kind: type[Sized], fits: Callable[[int, int], bool]) -> Callable[[int], Fits]:
    return lambda spec: lambda value: not isinstance(value, kind) or fits(len(value), spec)


def _number(fits: Callable[[Any, Any], bool]) -> Callable[[Any], Fits]:
    return lambda spec: lambda value: not KINDS["number"](value) or fits(value, spec)


SIMPLE: dict[str, Callable[[Any], Fits]] = {
    "type": _type,
    "enum": lambda spec: lambda value: any(_same(one, value) for one in spec),
    "const": lambda spec: lambda value: _same(spec, value),
    "required": lambda spec: lambda value: not isinstance(value, dict) or all(key in value for key in spec),
    "pattern": _pattern,
    "minLength": _size(str, int.__ge__),
    "maxLength": _size(str, int.__le__),
    "minItems": _size(list, int.__ge__),
    "maxItems": _size(list, int.__le__),
    "minProperties": _size(dict, int.__ge__),
    "maxProperties": _size(dict, int.__le__),
    "minimum": _number(lambda value, spec: bool(value >= spec)),
    "maximum": _number(lambda value, spec: bool(value <= spec)),
    "uniqueItems": lambda spec: lambda value: not spec or not isinstance(value, list) or _unique(value),
}
"""Keyword -> what makes its test."""
