"""The trade's own words in conditions: `tagged`, `phase`, `consent`. Each is made of plain tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.language.conditions.nodes import All, AnyOf, Literal, MomentValue, Node, Not, Related, Test
from engine.language.conditions.values import read_value
from engine.language.durations import Duration, PhraseError
from engine.language.findings import Where
from engine.language.grades import grade_score, scores
from engine.language.nearest import an, did_you_mean
from engine.language.phrases import FromNow
from engine.language.vocabulary import Field

if TYPE_CHECKING:
    from engine.language.conditions.parse import Reader

TODAY = MomentValue(FromNow(Duration()))
MONTHS = {1: (0, 6), 2: (6, 28), 3: (28, 36)}
"""Phase -> the full months since delivery at which it begins and ends (A5)."""


def _customer_path(reader: Reader, scope: tuple[str, ...], where: Where, collection: str) -> str:
    own = reader.vocabulary.entity(scope[-1]).customer
    if not own:
        reader.wrong(where, "no-customer", f"{an(scope[-1])} belongs to no customer", "ask along a path to one")
    return collection if own == "self" else f"{own}.{collection}"


def tagged(reader: Reader, value: Any, scope: tuple[str, ...], where: Where) -> Node:
    """A tag that counts today: not taken back, and today is before its limit (A1: the limit is excluded)."""
    spec = value if isinstance(value, Mapping) else {"kind": value}
    kind = spec.get("kind")
    if not isinstance(kind, str) or kind not in reader.vocabulary.tags:
        hint = did_you_mean(str(kind), reader.vocabulary.tags, "`tags:` declares them")
        return reader.wrong(where, "unknown-tag", f"there is no tag '{kind}'", hint)
    unlimited: Node = Test("valid_until_on", "missing", Literal(True))
    tests: list[Node] = [
        Test("kind", "is", Literal(str(kind))),
        Test("taken_back_on", "missing", Literal(True)),
        AnyOf((unlimited, Test("valid_until_on", "after", TODAY))),
    ]
    posted = Field("posted_on", "date")
    for key, operand in spec.items():
        if key in ("kind", "scale"):
            continue
        try:
            if key == "value":
                tests.append(Test("value", "is", Literal(str(operand))))
            elif key == "at_least_as_good_as":
                tests.append(_as_good_as(int(operand), spec.get("scale")))
            elif key in ("after", "before", "on_or_after", "on_or_before"):
                tests.append(Test("posted_on", key, read_value(operand, posted, key)))
            else:
                known = ("kind", "value", "at_least_as_good_as", "scale", "after", "before", "on_or_after", "on_or_before")
                reader.wrong((*where, key), "unknown-operator", f"`tagged` knows no '{key}'", did_you_mean(str(key), known))
        except (PhraseError, ValueError, TypeError) as error:
            message, hint = (error.message, error.hint) if isinstance(error, PhraseError) else (f"'{operand}' is no grade", "write a number")
            reader.wrong((*where, key), "wrong-value", message, hint)
    return Related(_customer_path(reader, scope, where, "tags"), "some", All(tuple(tests)), where=where)


def _as_good_as(grade: int, scale: Any) -> Node:
    """A grade compared by its score (A2): on the scale that is said, or on the scale of each posting. Raises PhraseError."""
    if scale is not None:
        return Test("grade_score", "at_least", Literal(grade_score(grade, str(scale))))
    return AnyOf(tuple(All((Test("scale", "is", Literal(name)), Test("grade_score", "at_least", Literal(score)))) for name, score in scores(grade).items()))


def phase(reader: Reader, value: Any, scope: tuple[str, ...], where: Where) -> Node:
    """The lifecycle phase of the customer's latest delivery (S1.45 to S1.47)."""
    if isinstance(value, bool) or not isinstance(value, int) or value not in MONTHS:
        return reader.wrong(where, "wrong-value", f"'{value}' is no phase", "write 1, 2 or 3")
    start, end = MONTHS[value]
    begun = Test("delivered_on", "on_or_before", MomentValue(FromNow(Duration(months=start), -1)))
    over = Test("delivered_on", "on_or_before", MomentValue(FromNow(Duration(months=end), -1)))
    delivered = Not(Test("delivered_on", "missing", Literal(True)))
    path = _customer_path(reader, scope, where, "deliveries")
    return Related(path, "latest", delivered, by="delivered_on", then=All((begun, Not(over))), where=where)


def consent(reader: Reader, value: Any, scope: tuple[str, ...], where: Where) -> Node:
    """A documented explicit consent that was not withdrawn; an e-mail's is confirmed (domain.md P18, P19)."""
    if not isinstance(value, Mapping) or value.get("purpose") != "advertising" or "channel" not in value:
        return reader.wrong(where, "wrong-value", "`consent` wants a purpose and a channel", "write `consent: {purpose: advertising, channel: email}`")
    channel = str(value["channel"])
    known = reader.vocabulary.field_of("consent", "channel").choices
    if channel not in known:
        return reader.wrong((*where, "channel"), "wrong-value", f"there is no channel '{channel}'", did_you_mean(channel, known, "one of " + ", ".join(known)))
    tests: list[Node] = [
        Test("purpose", "is", Literal("advertising")),
        Test("channel", "is", Literal(channel)),
        Test("ground", "is", Literal("explicit")),
        Test("withdrawn_at", "missing", Literal(True)),
    ]
    proofs = ["text_version", "given_at", "source", "evidence"] + (["confirmed_at"] if channel == "email" else [])
    tests += [Not(Test(name, "missing", Literal(True))) for name in proofs]
    return Related(_customer_path(reader, scope, where, "consents"), "some", All(tuple(tests)), where=where)


WORDS: dict[str, Callable[[Reader, Any, tuple[str, ...], Where], Node]] = {"tagged": tagged, "phase": phase, "consent": consent}
