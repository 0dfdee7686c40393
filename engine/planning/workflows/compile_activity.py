"""Steps that people work on: the activity, the times around when it is due, who gets it when it is late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.durations import Duration, PhraseError
from engine.language.findings import Where
from engine.language.nearest import did_you_mean
from engine.language.phrases import Offset, Phrase, Share, parse_phrase, parse_share
from engine.planning.parts import Reader
from engine.planning.workflows.deeds import Deeds
from engine.planning.workflows.graph import DUE, OPENED, Deadline, Escalation
from engine.planning.workflows.step_names import Spot

ACTIVITY_KEYS = ("activity", "to", "due", "closed_day", "assign", "note", "tool", "if_open")


def compile_activity(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    """What an `activity:` adds to its step."""
    data, where, reader = spot.data, spot.where, deeds.reader
    spec = {"if_open": "add", **{key: data[key] for key in ACTIVITY_KEYS if key in data}}
    plan, paths = reader.effect("activity", spec, where, match=spot.match)
    kind = str(data["activity"])
    if kind in reader.kit.vocabulary.channels:
        deeds.reaches_customer(("purpose",), f"an internal workflow may not reach the customer ('{where[-1]}' is a {kind})")
    return {
        "act": deeds.rule({"work": ("activity", plan)}, paths, spot.match),
        "due": plan.due if getattr(plan.due, "anchor", "") else None,
        "outcomes": deeds.outcomes(spot),
        "appointment": str(data.get("appointment", "")),
        "form": _form(reader, data.get("form"), (*where, "form")),
        "remind": _reminders(reader, data.get("remind"), (*where, "remind")),
        "escalate": _escalations(reader, data.get("escalate"), (*where, "escalate")),
        "deadline": _deadline(deeds, spot),
    }


def _form(reader: Reader, name: Any, where: Where) -> str:
    known = reader.kit.vocabulary.questionnaires
    if name is not None and str(name) not in known:
        hint = did_you_mean(str(name), known, "declare it in `questionnaires:`")
        reader.wrong(where, "flow-unknown-form", f"there is no questionnaire '{name}'", hint)
    return str(name or "")


def _reminders(reader: Reader, spec: Any, where: Where) -> tuple[Phrase, ...]:
    texts = [] if spec is None else spec if isinstance(spec, list) else [spec]
    return tuple(phrase for text in texts if (phrase := _around(reader, str(text), where)))


def _around(reader: Reader, text: str, where: Where) -> Phrase | None:
    """A time around the activity's due date: `on the day`, `1 day before`, `2 hours after`."""
    try:
        phrase = parse_phrase(f"{text} the date" if text.endswith((" before", " after")) else text)
    except PhraseError as error:
        reader.wrong(where, "effect-bad-phrase", error.message, error.hint)
        return None
    if not isinstance(phrase, Offset) or phrase.anchor != "the date":
        hint = "write e.g. `on the day`, `1 day before`, `2 hours after`"
        reader.wrong(where, "flow-around-due", f"'{text}' does not count from when it is due", hint)
        return None
    return Offset(DUE, phrase.duration, phrase.sign, at=phrase.at)


def _offset(reader: Reader, spec: Mapping[str, Any], where: Where) -> Phrase | None:
    """`before:` or `after:` when it is due; the very moment where neither is written."""
    before = "before" in spec
    if before and "after" in spec:
        reader.wrong((*where, "after"), "flow-bad-share", "`before` and `after` exclude each other", "keep one; name two escalations to have both")
        return None
    word = "before" if before else "after"
    try:
        percent = parse_share(str(spec.get(word, "")))
    except PhraseError as error:
        reader.wrong((*where, word), "flow-bad-share", error.message, error.hint)
        return None
    if percent is not None and before and percent >= 100:
        hint = "write `before: 20 %`, or `after:`"
        reader.wrong((*where, word), "flow-bad-share", f"'{spec[word]}' before it is due is before it was opened", hint)
        return None
    if percent is not None:
        return Share(100 - percent if before else percent, OPENED, DUE)
    duration = reader.duration(spec.get(word, "0 days"), (*where, word))
    if duration == Duration():
        return Offset(DUE, Duration(minutes=1), 0)  # the very moment: an amount of days would mean the day's start
    return Offset(DUE, duration, -1 if before else 1) if duration is not None else None


def _escalations(reader: Reader, spec: Any, where: Where) -> tuple[Escalation, ...]:
    if not spec:
        return ()
    named = {"": spec} if "to" in spec else spec
    found = []
    for name, one in named.items():
        place = (*where, name) if name else where
        phrase = _offset(reader, one, place)
        to = str(one.get("to", ""))
        if to != "manager":
            checker = reader.kit.checker(vocabulary=reader.kit.vocabulary, entity=reader.entity, where=(*place, "to"))
            reader.kit.effects["assign"].check_people([to], checker)
            reader.problems += checker.problems
        if phrase:
            found.append(Escalation(str(name), phrase, to))
    return tuple(found)


def _deadline(deeds: Deeds, spot: Spot) -> Deadline | None:
    spec = spot.data.get("deadline")
    if not spec:
        return None
    where: Where = (*spot.where, "deadline")
    phrase = _offset(deeds.reader, spec, where)
    way = deeds.way(spec, spot, where)
    return Deadline(phrase, way) if phrase else None
