"""Parts that rules and workflows are both made of: purposes and grounds, conditions, times, effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.language.conditions import Node, parse_condition
from engine.language.durations import Duration, PhraseError, parse_duration
from engine.language.findings import Problem, Where
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import Vocabulary

Compiled = dict[str, tuple[str, Any]]
"""Effect name -> (word, compiled plan)."""


@dataclass(frozen=True)
class Kit:
    """What compiling needs beside the data: the words, and the registry of effects, which this folder does not import."""

    vocabulary: Vocabulary
    effects: Mapping[str, Any]
    word_of: Any
    checker: Any


@dataclass
class Reader:
    """Reads parts of one definition and gathers every problem, each at its place."""

    kit: Kit
    entity: str = ""
    problems: list[Problem] = field(default_factory=list)

    def about(self, entity: str) -> Reader:
        """The same reader for another kind of record; problems are shared."""
        return replace(self, entity=entity, problems=self.problems)

    def wrong(self, where: Where, code: str, message: str, hint: str = "", *, key: bool = False) -> None:
        """Note a problem."""
        self.problems.append(Problem(where, code, message, hint, key=key))

    def condition(self, data: Any, where: Where) -> Node | None:
        """A condition; None where there is none or it is wrong."""
        if data is None:
            return None
        node, problems = parse_condition(data, self.entity, self.kit.vocabulary, where)
        self.problems += problems
        return node

    def duration(self, data: Any, where: Where, code: str = "flow-bad-duration") -> Duration | None:
        """An amount of time; None where it is wrong."""
        try:
            return parse_duration(str(data))
        except PhraseError as error:
            self.wrong(where, code, error.message, error.hint)
            return None

    def effects(self, data: Any, where: Where, trigger: str = "step", match: tuple[str, str] | None = None) -> tuple[Compiled, set[str]]:
        """Named effects compiled, and every path they read."""
        compiled: Compiled = {}
        paths: set[str] = set()
        for name, spec in (data or {}).items():
            word = self.kit.word_of(spec)
            if not word:
                words = [word for word in self.kit.effects if word in spec]
                what = f"names more than one kind: {', '.join(words)}" if words else "names no kind of effect"
                hint = "write one effect for each" if words else "one of " + ", ".join(self.kit.effects)
                self.wrong((*where, name), "rule-unknown-effect", f"'{name}' {what}", hint)
                continue
            if trigger == "while" and not self.kit.effects[word].reversible:
                self.wrong((*where, name), "rule-effect-not-reversible", f"`while` cannot take back `{word}`", "use `when`, or tag, list, set")
            found, read = self.effect(word, spec, (*where, name), trigger, match)
            compiled[str(name)] = (word, found)
            paths |= read
        return compiled, paths

    def effect(self, word: str, spec: Any, where: Where, trigger: str = "step", match: tuple[str, str] | None = None) -> tuple[Any, set[str]]:
        """One effect compiled, and every path it reads."""
        checker = self.kit.checker(vocabulary=self.kit.vocabulary, entity=self.entity, where=where, trigger=trigger, match=match)
        plan = self.kit.effects[word].check(spec, checker)
        self.problems += checker.problems
        return plan, set(checker.paths)


def event_about(reader: Reader, name: str, about: Any, where: Where) -> tuple[str, str] | None:
    """(the event's entity, the way from its record to the reader's entity); a problem and None where there is none.

    Without `about`: the record itself, or its only reference to such a record.
    """
    vocabulary = reader.kit.vocabulary
    entity = vocabulary.events.get(name)
    if entity is None:
        reader.wrong(where, "rule-unknown-event", f"there is no event '{name}'", did_you_mean(name, vocabulary.events, "declare it in `events:`"))
        return None
    if about is not None:
        checker = reader.kit.checker(vocabulary=vocabulary, entity=entity, where=(*where[:-1], "about"))
        checker.leads_to(str(about), reader.entity)
        reader.problems += checker.problems
        return entity, str(about)
    if entity == reader.entity:
        return entity, ""
    ways = [f.name for f in vocabulary.entity(entity).fields.values() if f.type == "ref" and f.target == reader.entity]
    if len(ways) == 1:
        return entity, ways[0]
    which = f"leads to it in several ways: {', '.join(ways)}" if ways else f"leads to no {reader.entity}"
    reader.wrong(where, "flow-event-about", f"'{name}' is about {entity}, which {which}", f"say which with `about:`, a path from {entity} to {reader.entity}")
    return None
