"""Which definitions an edit can matter to: those that differ, and those that read what they write, and so on.

Told from what the definitions say. One too many costs time, one too few would be a wrong answer: where a word leaves it
open whether a record of a kind is asked for, it counts as asked for.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.effects import EFFECTS
from engine.running.events import EventKind
from engine.running.setting import Setting

WORD = re.compile(r"[a-z][a-z0-9_]*")
HOW_MADE = {
    "activity": {"status": ("open", "blocked"), "completed_at": (), "outcome": ()},
    "message": {"status": ("queued", "blocked"), "sent_at": ()},
}
"""Which values new records have, () for none yet: an event that wants another one is not raised by them."""
KIND_OF = {"activity": "activities", "tag": "tags", "message": "templates", "list_entry": "lists"}
"""Records that have kinds -> the section that declares them: who asks for one kind does not ask for another."""
Written = tuple[str, str]
"""(record, kind): `activity phone_call`; (`field`, its name); (`event`, its name)."""


@dataclass
class Says:
    """What a definition asks and does, in words."""

    entities: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    """The words outside its effects."""
    all: set[str] = field(default_factory=set)
    writes: set[Written] = field(default_factory=set)


def closure(sides: Sequence[tuple[Setting, Mapping[str, Any]]], changed: Collection[str]) -> frozenset[str]:
    """The ids of all that an edit of `changed` can matter to. A side is a setting and what its rules and workflows say, by id."""
    says: dict[str, Says] = {}
    for setting, said in sides:
        for name, several in said.items():
            one = says.setdefault(name, Says())
            one.entities |= {str(data.get("for", "")) for data in several}
            one.asked |= words_of(_asked(several)) | {name, name.rpartition(".")[2]}
            one.all |= words_of(several)
            one.writes |= {written for data in several for written in _written(data, str(data.get("for", "")), setting)}
            one.writes |= {("result", word) for word in (name, name.rpartition(".")[2]) if name in setting.sections["workflows"]}
    found = set(changed) & set(says)
    queue = deque(found)
    while queue:
        written = says[queue.popleft()].writes
        more = {name for name, one in says.items() if name not in found and any(_reads(one, what, kind, sides) for what, kind in written)}
        found |= more
        queue.extend(more)
    return frozenset(found)


def words_of(data: Any) -> set[str]:
    """Every word that stands in a definition: keys and values, whole and in their parts."""
    if isinstance(data, Mapping):
        return set().union(*(words_of(key) | words_of(value) for key, value in data.items()))
    if isinstance(data, list | tuple):
        return set().union(*(words_of(one) for one in data))
    return {data, *WORD.findall(data)} if isinstance(data, str) else set()


def _asked(data: Any) -> Any:
    """A definition without what its effects make."""
    if isinstance(data, Mapping):
        return {key: _asked(value) for key, value in data.items() if not (key in EFFECTS and isinstance(value, str))}
    return [_asked(one) for one in data] if isinstance(data, list) else data


def _written(data: Any, entity: str, setting: Setting) -> Iterable[Written]:
    for word, value in _effects(data):
        record = EFFECTS[word].makes
        if record:
            yield record, str(value)
            yield from (("event", name) for name in _events(setting.events, record, HOW_MADE.get(record, {}), new=True))
        elif word == "event":
            yield "event", str(value)
        elif word in ("set", "assign"):
            names = [str(name) for name in value] if word == "set" and isinstance(value, Mapping) else [str(value), "assignee"]
            yield from (("field", name) for name in names)
            yield from (("event", name) for name in _events(setting.events, entity, dict.fromkeys(names), new=False))


def _effects(data: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key in EFFECTS and not (key == "assign" and "activity" in data):  # an activity says with the same word who does it
                yield str(key), value
            yield from _effects(value)
    elif isinstance(data, list):
        for one in data:
            yield from _effects(one)


def _events(kinds: Sequence[EventKind], entity: str, fields: Mapping[str, Any], *, new: bool) -> set[str]:
    """The events that a write to an entity may raise. `fields` maps a field to the values written, None for any."""

    def may(kind: EventKind) -> bool:
        if kind.how == "created" or kind.field not in fields:
            return new and kind.how not in ("changes", "differs")
        values = fields[kind.field]
        return not (new and kind.how in ("changes", "differs")) and (values is None or (bool(values) if kind.how != "becomes" else kind.value in values))

    return {kind.name for kind in kinds if kind.entity == entity and may(kind)}


def _reads(one: Says, what: str, kind: str, sides: Sequence[tuple[Setting, Mapping[str, Any]]]) -> bool:
    """Whether a definition may come out otherwise for what another writes."""
    if what == "field":
        return kind in one.all
    if what == "event":
        return kind in one.asked
    if what == "result":  # a workflow ends otherwise: whoever starts it and waits hears of it
        return kind in one.all
    if (what, kind) in one.writes or (what == "instance" and kind in one.asked):
        return True  # open work of a kind takes a second reason, a tag that is single is renewed
    if what not in one.entities and one.asked.isdisjoint(_names_for(what, sides)):
        return what == "tag" and "tagged" in one.asked and kind in one.asked
    if what not in KIND_OF:
        return True
    kinds = one.asked & set().union(*(setting.sections.get(KIND_OF[what], {}) for setting, _ in sides))
    return not kinds or kind in kinds


def _names_for(entity: str, sides: Sequence[tuple[Setting, Mapping[str, Any]]]) -> set[str]:
    """The fields that lead to many records of an entity: how a condition asks whether there are any."""
    fields = (one for other in sides[0][0].vocabulary.entities.values() for one in other.fields.values())
    return {one.name for one in fields if one.type == "many" and one.target == entity}
