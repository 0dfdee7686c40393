"""The changes that mutation testing makes to a definition, one at a time: a fixed list, in words in docs/testing.md.

What only people read (labels, notes, contents, a tag's value) is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.findings import Where
from engine.language.vocabulary import Vocabulary
from engine.testing.near import counted, opposite_way, other, slot

REMOVED: Any = object()
"""The new value of what is taken away."""
READ_BY_PEOPLE = frozenset(["label", "note", "content", "value", "formerly", "enabled", "ground", "for"])
CONDITIONS = frozenset(["where", "when", "while", "stop_when", "only_while"])
CONDITION_WORDS = frozenset(["not", "tagged", "phase", "consent", "field", "of", "by", "plus", "kind_of", "latest", "count", "sum", "max", "min", "all"])
OPPOSITE = {
    "above": "below", "at_least": "at_most", "before": "after", "on_or_before": "on_or_after", "is": "is_not", "some": "no", "any": "none_of"
}  # fmt: skip
OPPOSITE |= {there: here for here, there in OPPOSITE.items()}
OPPOSITE["all"] = "some"
EDGE = {"above": "at_least", "below": "at_most", "before": "on_or_before", "after": "on_or_after"}
EDGE |= {there: here for here, there in EDGE.items()}
CHOICES: dict[str, tuple[str, ...]] = {
    "closed_day": ("next", "previous", "stay"),
    "if_open": ("keep", "add"),
    "at_start": ("hold", "act", "ignore"),
    "rest": ("cancel", "keep"),
    "join": ("all", "first"),
    "later": ("join", "ignore"),
    "appointment": ("ask", "due"),
    "per": ("day", "week", "month", "year"),
    "again": ("always", "never"),
    "catch_up": ("none", "all"),
    "early": ("keep", "drop"),
}
LEFT_OUT = frozenset(
    {"where", "again", "catch_up", "limit", "at_start", "stop_when", "only_while", "remind", "escalate", "deadline", "at_most", "not_before", "per"}
    | {"slot", "form", "appointment", "tool", "attach", "tries", "due", "count", "completes"}
)
"""What may be left out without the rest losing its sense."""
PREFERENCES = frozenset({"assign", "channel"})
"""Lists in order of preference."""
NAMED = frozenset({"date", "on", "decide", "branches", "each", "escalate", "wait"})
"""Maps of named things, each of which may be left out where another stays."""
PURPOSES = {"advertising": "internal", "service": "advertising", "safety": "advertising"}
"""`internal` reaches nobody: another purpose would change nothing."""


@dataclass(frozen=True)
class Change:
    """One change: the place in the definition, what was there and what stands there instead."""

    kind: str
    where: Where
    old: Any
    new: Any
    renamed: str = ""
    """The key's new name, where the key is what changes."""

    def applied(self, data: Any) -> Any:
        """The definition with this change."""
        return _applied(data, self.where, self)


def _applied(data: Any, where: Where, change: Change) -> Any:
    if not where:
        return change.new
    step, rest = where[0], where[1:]
    if isinstance(data, list):
        items = [_applied(item, rest, change) if index == step else item for index, item in enumerate(data)]
        return [item for item in items if item is not REMOVED]
    found = {}
    for key, value in data.items():
        new = _applied(value, rest, change) if key == step else value
        if new is not REMOVED:
            found[change.renamed if change.renamed and key == step and not rest else key] = new
    return found


def changes(data: Mapping[str, Any], vocabulary: Vocabulary) -> list[Change]:
    """All changes to a rule's or workflow's data, in the order of the file; the first switches it off, where it starts by itself."""
    off = [] if "steps" in data and "start" not in data else [Change("switched off", (), None, {**data, "enabled": False})]
    found = off + list(_Walk(vocabulary, list(_step_names(data))).mapping(data, (), asked=False))
    return found if _addresses(data, vocabulary) else [one for one in found if one.where != ("purpose",)]


def _addresses(data: Any, vocabulary: Vocabulary) -> bool:
    """Whether a definition writes to or calls anybody: the law asks for the purpose of nothing else, so that no test could notice another."""
    if isinstance(data, list):
        return any(_addresses(item, vocabulary) for item in data)
    if not isinstance(data, Mapping):
        return False
    here = isinstance(data.get("message"), str) or bool(vocabulary.channels.get(str(data.get("activity", ""))))
    return here or any(_addresses(value, vocabulary) for value in data.values())


def _step_names(data: Any) -> Iterator[list[str]]:
    """The names of the steps that may lead to each other: those of one `steps:`."""
    for key, value in data.items() if isinstance(data, Mapping) else ():
        if key == "steps" and isinstance(value, Mapping):
            yield list(value)
        yield from _step_names(value)


@dataclass
class _Walk:
    vocabulary: Vocabulary
    steps: list[list[str]]
    choices: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.choices = [one.choices for entity in self.vocabulary.entities.values() for one in entity.fields.values() if one.choices]

    def mapping(self, data: Mapping[str, Any], at: Where, *, asked: bool) -> Iterator[Change]:
        """The changes to a map; `asked`: within a condition."""
        for key, value in data.items():
            here = (*at, key)
            if asked:
                yield from self.test(key, value, here)
            elif key in READ_BY_PEOPLE:
                continue
            else:
                yield from self.setting(key, value, here)
            yield from self.inside(key, value, here, asked=asked or key in CONDITIONS)

    def inside(self, key: str, value: Any, here: Where, *, asked: bool) -> Iterator[Change]:
        """The changes inside a value."""
        if key == "set" and isinstance(value, Mapping):
            yield from self.written(value, here)
        elif isinstance(value, Mapping):
            yield from self.mapping(value, here, asked=asked)
        elif isinstance(value, list):
            yield from self.sequence(key, value, here, asked=asked)
        elif isinstance(value, bool):
            yield Change("yes or no", here, value, not value)
        elif isinstance(value, int):
            yield from (Change("number", here, value, near) for near in (value + 1, value - 1) if near > 0)
        elif isinstance(value, str):
            yield from (Change("period or amount", here, value, near) for near in counted(value))
            yield from (Change("before or after", here, value, near) for near in opposite_way(value))

    def sequence(self, key: str, value: list[Any], here: Where, *, asked: bool) -> Iterator[Change]:
        """The changes to a list: an item left out, another order of preferences, what the items hold."""
        if key in PREFERENCES and not asked:
            if len(value) > 1:
                yield Change("order", here, value, value[::-1])
                yield Change("left out", (*here, 0), value[0], REMOVED)
            return
        if len(value) > 1:
            yield from (Change("left out", (*here, index), item, REMOVED) for index, item in enumerate(value))
        for index, item in enumerate(value):
            yield from self.inside(key, item, (*here, index), asked=asked)

    def test(self, key: str, value: Any, here: Where) -> Iterator[Change]:
        """The changes to one test of a condition; what it holds is looked at for itself."""
        for kind, table in (("opposite", OPPOSITE), ("edge", EDGE)):
            if key in table:
                yield Change(kind, here, value, value, renamed=table[key])
        if key == "where":
            yield Change("left out", here, value, REMOVED)
        if key == "tagged" and isinstance(value, str):
            yield from (Change("word", here, value, near) for near in other(value, list(self.vocabulary.tags)))
        elif key not in OPPOSITE and key not in EDGE and key not in CONDITION_WORDS and isinstance(value, str) and not value.startswith("^"):
            yield Change("opposite", here, value, {"is_not": value})

    def setting(self, key: str, value: Any, here: Where) -> Iterator[Change]:
        """The changes to what is no condition."""
        if key in LEFT_OUT:
            yield Change("left out", here, value, REMOVED)
        if key == "do" and isinstance(value, Mapping):
            yield from self.named(value, here, least=1 if len(here) > 1 else 2)
        if key in NAMED and isinstance(value, Mapping):
            kind = str if key == "date" else Mapping
            yield from self.named({name: one for name, one in value.items() if name != "else" and isinstance(one, kind)}, here, least=2)
        if isinstance(value, str):
            yield from (Change("word", here, value, near) for near in other(value, self.words(key, value)))
            yield from (Change("word", here, value, near) for near in (slot(value) if key == "every" else [f"{value}_2"] if key == "end" else ()))
        if key == "purpose" and value in PURPOSES:
            yield Change("word", here, value, PURPOSES[value])

    def named(self, value: Mapping[str, Any], here: Where, least: int) -> Iterator[Change]:
        """Each named thing left out, where there are at least so many."""
        if len(value) >= least:
            yield from (Change("left out", (*here, name), one, REMOVED) for name, one in value.items())

    def words(self, key: str, value: str) -> list[str]:
        """The words of which a value is one."""
        known = self.vocabulary
        if key in ("on", "event") and value in known.events:
            return [name for name, entity in known.events.items() if entity == known.events[value]]
        if key in ("next", "first"):
            return next((names for names in self.steps if value in names), [])
        tables: dict[str, Any] = {"activity": known.activities, "tag": known.tags, "untag": known.tags, "message": known.templates, "list": known.lists}
        return list(CHOICES.get(key) or tables.get(key, ()))

    def written(self, value: Mapping[str, Any], here: Where) -> Iterator[Change]:
        """The changes to what `set` writes: another choice, one field less."""
        yield from self.named(value, here, least=2)
        for name, one in value.items():
            words: tuple[str, ...] = next((words for words in self.choices if one in words), ())
            yield from (Change("word", (*here, name), one, near) for near in other(str(one), words))
