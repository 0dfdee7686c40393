"""Checks data against a JSON Schema and says what is wrong in our own words, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.definitions.deprecated import old_words
from engine.definitions.fits import Maker
from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
    "null": "empty",
}


class Shape:
    """A schema, ready to check with."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema

    @cached_property
    def _fits(self) -> Callable[[Any], bool]:
        return Maker(self.schema).make(self.schema)

    def mistakes(self, data: Any, way: Where = ()) -> list[Problem]:
        """Everything in the data that the schema does not allow; `way` leads to the data in its file."""
        if self._fits(data):
            return []
        from jsonschema import Draft202012Validator  # slow to import, and most files are in order

        errors = Draft202012Validator(self.schema).iter_errors(data)
        return list(dict.fromkeys(mistake for error in errors for mistake in _mistakes_of(error, way)))


def _mistakes_of(error: ValidationError, way: Where) -> Iterable[Problem]:
    where: Where = tuple(error.absolute_path)
    name = next((f"`{step}`" for step in reversed(where) if isinstance(step, str)), "this")
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    value: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = list(schema.get("properties", {}))
            for key in instance:
                if key not in known:
                    twice = next((one.new for one in old_words((*way, *where)) if one.old == key and one.new in instance), "")
                    hint = f"it is the old word for `{twice}`, which stands here too: take it away" if twice else did_you_mean(str(key), known, _among(known))
                    yield Problem((*where, key), "shape-unknown-key", f"there is no `{key}` here", hint, key=True)
        case "required":
            missing = [key for key in value if key not in instance]
            for key in missing:
                if error.message.startswith(f"{key!r} "):
                    yield Problem(where, "shape-missing-key", f"`{key}` is missing", f"add `{key}:`", missing=key)
        case "enum":
            hint = did_you_mean(str(instance), [str(one) for one in value], _among(value)) if isinstance(instance, str) else _among(value)
            yield Problem(where, "shape-unknown-value", f"'{shown(instance)}' does not fit {name}", hint)
        case "type":
            kinds = [value] if isinstance(value, str) else list(value)
            wanted = " or ".join(KINDS[kind] for kind in kinds)
            if "title" in schema:  # a text of a form of its own
                yield Problem(where, "shape-wrong-kind", f"{name} is {_kind(instance)}, not {an(schema['title'])}", _example(schema))
            else:
                yield Problem(where, "shape-wrong-kind", f"{name} is {_kind(instance)}, not {wanted}", _rewrite(instance, kinds))
        case "minProperties" | "minItems" | "minLength":
            yield Problem(where, "shape-empty", f"{name} says nothing", "fill it in or delete it")
        case "minimum":
            yield Problem(where, "shape-range", f"{name} is {instance}, less than {value}", f"write at least {value}")
        case "maximum":
            yield Problem(where, "shape-range", f"{name} is {instance}, more than {value}", f"write at most {value}")
        case "maxItems" | "maxLength" | "maxProperties":
            unit = "characters" if error.validator == "maxLength" else "entries"
            yield Problem(where, "shape-range", f"{name} has {len(instance)} {unit}, more than {value}", "shorten it")
        case "pattern" if "title" in schema:
            yield Problem(where, "shape-unknown-value", f"'{shown(instance)}' is no {schema['title']}", _example(schema))
        case "pattern":
            what = "lower case letters, digits and _" if value.startswith("^[a-z]") else "three numbers, such as 1.4.0"
            yield Problem(where, "shape-unknown-value", f"'{shown(instance)}' does not fit {name}", f"write {what}")
        case _:  # pragma: no cover - a keyword the schemas of this folder do not use
            yield Problem(where, "shape-unknown-value", f"{name} does not fit", "see the schema")


def _among(known: Iterable[Any]) -> str:
    names = [str(one) for one in known]
    if len(names) == 1:
        return f"write {names[0]}"
    return "one of " + ", ".join(names) if names else "delete it"


def _example(schema: Mapping[str, Any]) -> str:
    return f"write e.g. {schema['examples'][0]}"


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", str: "string", list: "array", dict: "object", type(None): "null"}
    return KINDS[kinds.get(type(value), "number")]


def _rewrite(value: Any, kinds: list[str]) -> str:
    if "string" in kinds and isinstance(value, (int, float)) or (type(value).__name__ == "Decimal" and "string" in kinds):
        return f'write "{str(value).lower()}" in quotes'
    if value is None:
        return "fill it in or delete it"
    if "array" in kinds and "object" in kinds:
        return "write `field: value` below it"
    if "array" in kinds and isinstance(value, str):
        return f"write [{shown(value)}]"
    if "boolean" in kinds:
        return "write true or false"
    if "object" in kinds:
        return "write keys below it"
    return f"write {' or '.join(KINDS[kind] for kind in kinds)}"


def shown(value: Any) -> str:
    """A value as a message shows it: short, in one line."""
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "..."
