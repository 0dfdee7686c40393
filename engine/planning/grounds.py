"""What makes a service of a contact, and what is about safety (domain.md P13 to P16; docs/decisions/0007)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.language.findings import Problem
from engine.language.nearest import an
from engine.language.vocabulary import UnknownName, Vocabulary

RECALLS = ("vehicle_recall", "recall")


@dataclass(frozen=True)
class Ground:
    """The path to a recorded fact from a subject, and the path to the customer whom it is about."""

    path: str = ""
    about: str = ""
    problems: tuple[Problem, ...] = ()


def read_ground(text: str, purpose: str, entity: str, vocabulary: Vocabulary) -> Ground:
    """The ground of a rule, written `entity.path`; asked for every subject."""

    def wrong(code: str, message: str, hint: str) -> Ground:
        return Ground(problems=(Problem(("ground",), code, message, hint),))

    if not text:
        return Ground()
    head, _, path = text.partition(".")
    if purpose != "service":
        return wrong("rule-ground-without-service", "only a service has a ground", "write `purpose: service`, or delete `ground`")
    if head != entity or not path:
        return wrong("rule-bad-ground", f"'{text}' is no fact of {an(entity)}", f"write `{entity}.` and the field that records it")
    try:
        found = vocabulary.last(entity, path)
    except UnknownName as error:
        return wrong("rule-bad-ground", error.message, error.hint)
    if found.type == "many":
        return wrong("rule-bad-ground", f"'{path}' is many records", "name one field")
    if not found.ground:
        return wrong("rule-bad-ground", f"'{path}' records no request, order, booking or contract", _possible(entity, vocabulary))
    return Ground(path, _about(entity, path, vocabulary))


def _possible(entity: str, vocabulary: Vocabulary) -> str:
    """The grounds a subject has itself or one step further."""
    fields = vocabulary.entity(entity).fields.values()
    found = [f"{entity}.{f.name}" for f in fields if f.ground]
    found += [f"{entity}.{hop.name}.{f.name}" for hop in fields if hop.type == "ref" for f in vocabulary.entity(hop.target).fields.values() if f.ground]
    return f"one of {', '.join(found)}" if found else "declare a field of your own with `ground: true`"


def _about(entity: str, path: str, vocabulary: Vocabulary) -> str:
    """The way to the customer of the record that holds the fact; "" for the subject's own."""
    record, _, _ = path.rpartition(".")
    if not record:
        return ""
    customer = vocabulary.entity(vocabulary.last(entity, record).target).customer
    return record if customer == "self" else f"{record}.{customer}" if customer else ""


def safety_problems(entity: str, vocabulary: Vocabulary) -> list[Problem]:
    """A message about safety needs no consent: only a recall makes one (P15)."""
    fields = vocabulary.entity(entity).fields.values()
    if entity in RECALLS or any(f.type == "ref" and f.target in RECALLS for f in fields):
        return []
    return [Problem(("purpose",), "rule-safety-without-recall", f"{an(entity)} leads to no recall", "write `for: vehicle_recall`, or another purpose")]
