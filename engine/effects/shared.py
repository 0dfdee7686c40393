"""What several kinds of effect check and do alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.language.durations import PhraseError
from engine.language.nearest import an, did_you_mean
from engine.language.templates import Template, TemplateError, parse_template

Row = dict[str, Any]


def effect_schema(required: str, properties: dict[str, Any]) -> dict[str, Any]:
    """A map with the effect's own word and nothing unknown."""
    return {"type": "object", "additionalProperties": False, "required": [required], "properties": properties}


def customer_path(to: Any, checker: Checker) -> str:
    """The path to the customer meant, checked; "" is the subject's own."""
    if to is None:
        own = checker.vocabulary.entity(checker.entity).customer
        if not own:
            checker.wrong("effect-no-customer", f"{an(checker.entity)} belongs to no customer", "name the way to one with `to:`")
        elif own != "self":
            checker.paths.add(own)
        return ""
    checker.below("to").leads_to(str(to), "customer")
    return str(to)


def customer_of(to: str, work: Work, batch: Batch) -> int | None:
    """The customer a compiled `to` leads to."""
    found = batch.get(work, to) if to else batch.concerns(work, "customer")
    return int(found) if found is not None else None


def path_to(checker: Checker, target: str) -> str:
    """The subject's direct reference of that name, noted for loading, or ""."""
    found = checker.vocabulary.entity(checker.entity).fields.get(target)
    if not found or found.type != "ref":
        return ""
    checker.paths.add(target)
    return target


def check_person(name: str, checker: Checker) -> None:
    """A person field of the subject or a declared role."""
    head = name.split(".")[0]
    fields = checker.vocabulary.entity(checker.entity).fields
    if head in fields or (checker.match and head == checker.match[0]):
        checker.leads_to(name, "employee")
    elif name not in checker.vocabulary.roles:
        known = [*checker.vocabulary.roles, *(f.name for f in fields.values() if f.target == "employee")]
        checker.wrong("effect-unknown-person", f"'{name}' is neither a role nor a field of {checker.entity}", did_you_mean(name, known))


def check_template(source: Any, checker: Checker) -> Template | None:
    """A template whose variables exist for the subject."""
    if source is None:
        return None
    try:
        template = parse_template(str(source))
    except TemplateError as error:
        checker.wrong("effect-bad-template", error.message, error.hint)
        return None
    for variable in sorted(template.variables):
        checker.path(variable)
    return template


def row_or_failed(make: Callable[[Work, Batch], Row | Result], work: Work, batch: Batch) -> Row | Result:
    """The row of one piece of work; failed with the reason where its record holds what cannot be reckoned with.

    `apply` answers with such a result for a bad row and raises for a bug alone: what it raises costs the whole batch.
    """
    try:
        return make(work, batch)
    except PhraseError as error:
        return Result("failed", str(error))


def insert_each(entity: str, rows: Sequence[Row | Result], batch: Batch) -> list[Result]:
    """Insert rows, one result each; what is a result already stays as it is."""
    ids = iter(batch.store.insert_many(entity, [row for row in rows if not isinstance(row, Result)]))
    return [row if isinstance(row, Result) else Result("done", "", entity, next(ids)) for row in rows]
