"""Steps that wait: for a time, until a moment, for an event; several waits race each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.language.durations import Duration
from engine.language.findings import Where
from engine.language.phrases import FromNow, Phrase
from engine.planning.parts import Reader, event_about
from engine.planning.workflows.deeds import Deeds
from engine.planning.workflows.graph import Wait, Way
from engine.planning.workflows.step_names import Match, Spot

KINDS_OF_WAIT = ("for", "until", "event")


def compile_wait(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    """What a `wait:` adds to its step."""
    spec, where, after = spot.data["wait"], (*spot.where, "wait"), spot.data.get("next")
    if any(key in spec for key in KINDS_OF_WAIT):
        waits = [_one(deeds, "over", {**spec, "next": after}, spot, where)]
    else:
        waits = [_one(deeds, str(name), {"next": after, **one}, spot, (*where, name)) for name, one in spec.items()]
    return {"waits": tuple(wait for wait in waits if wait)}


def _one(deeds: Deeds, name: str, spec: Mapping[str, Any], spot: Spot, where: Where) -> Wait | None:
    way = deeds.way(spec, spot, where)
    kinds = [key for key in KINDS_OF_WAIT if key in spec]
    if len(kinds) != 1:
        what = f"more than one thing is waited for: {', '.join(kinds)}" if kinds else "nothing is waited for"
        deeds.reader.wrong(where, "flow-one-wait", what, "write one of for, until, event; several waits with names race each other")
        return None
    if "event" in spec:
        return _event(deeds.reader, name, way, spec, where)
    phrase = _moment(deeds.reader, spec[kinds[0]], (*where, kinds[0]), kinds[0], spot.match)
    return Wait(name, way, phrase) if phrase else None


def _event(reader: Reader, name: str, way: Way, spec: Mapping[str, Any], where: Where) -> Wait | None:
    found = event_about(reader, str(spec["event"]), spec.get("about"), (*where, "event"))
    if not found:
        return None
    entity, about = found
    early, keep = _early(reader, spec.get("early"), (*where, "early"))
    condition = reader.about(entity).condition(spec.get("where"), (*where, "where"))
    return Wait(name, way, None, str(spec["event"]), about, entity, condition, early, keep)


def _early(reader: Reader, spec: Any, where: Where) -> tuple[str, Duration]:
    text = str(spec or "keep 30 days")
    if text in ("drop", "refuse"):
        return text, Duration()
    keep = reader.duration(text.removeprefix("keep "), where)
    return "keep", keep or Duration()


def _moment(reader: Reader, text: Any, where: Where, kind: str, match: Match) -> Phrase | None:
    if kind == "for":
        duration = reader.duration(text, where)
        return FromNow(duration) if duration else None
    checker = reader.kit.checker(vocabulary=reader.kit.vocabulary, entity=reader.entity, where=where, match=match)
    phrase: Phrase | None = checker.phrase(str(text))
    reader.problems += checker.problems
    return phrase
