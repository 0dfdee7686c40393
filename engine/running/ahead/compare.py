"""Two walks compared: what newly comes, no longer comes, moves to another day, or ends otherwise (held, blocked, with somebody else)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.running.ahead.outcome import Name, Thing

EXAMPLES = 5
HOW = ("new", "gone", "moved", "otherwise")


@dataclass
class Change:
    """What an edit does to one effect of one definition: how often, and some examples (who, what)."""

    definition: str
    what: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOW, 0))
    examples: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {how: [] for how in HOW})


def compare(before: Mapping[Name, Thing], after: Mapping[Name, Thing]) -> list[Change]:
    """The changes by definition and kind of thing; what is the same in both is left out."""
    found: dict[tuple[str, str], Change] = {}
    for name in sorted(
        before.keys() | after.keys(), key=lambda one: (one.definition, _day(before, after, one), one.entity, one.subject, one.occurrence, one.effect)
    ):
        was, now = before.get(name), after.get(name)
        how = _how(was, now)
        there = now or was
        if not how or there is None:
            continue
        change = found.setdefault((name.definition, there.what), Change(name.definition, there.what))
        change.counts[how] += 1
        if len(change.examples[how]) < EXAMPLES:
            change.examples[how].append((there.who, _said(was, now)))
    return [found[key] for key in sorted(found)]


def _day(before: Mapping[Name, Thing], after: Mapping[Name, Thing], name: Name) -> str:
    return str((after.get(name) or before[name]).day)


def _how(was: Thing | None, now: Thing | None) -> str:
    if was is None or now is None:
        return "new" if now else "gone"
    if was.verdict != now.verdict or was.what != now.what:
        return "otherwise"
    if was.day != now.day:
        return "moved"
    return "otherwise" if was.person != now.person else ""


def _said(was: Thing | None, now: Thing | None) -> str:
    if was and now:
        pairs = ((was.verdict, now.verdict), (was.what, now.what), (was.day, now.day), (was.person or "nobody", now.person or "nobody"))
        return next(f"{old} -> {new}" for old, new in pairs if old != new)
    there = now or was
    assert there is not None
    return f"{there.day}" + ("" if there.verdict == "done" else f" ({there.verdict})")
