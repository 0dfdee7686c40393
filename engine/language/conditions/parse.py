"""From YAML data to the tree, all problems at once (language.md, conditions)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.language.conditions.described import QUANTIFIERS
from engine.language.conditions.nodes import All, AnyOf, FieldRef, Literal, Node, Not, Related, Test, Value
from engine.language.conditions.values import KINDS, operators_for, read_value
from engine.language.conditions.words import WORDS
from engine.language.durations import PhraseError
from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import Field, UnknownName, Vocabulary

MOST_DEPTH = 6
"""How deep related records may nest: SQLite's parser gives up soon after (spike.md 3)."""


def parse_condition(data: Any, entity: str, vocabulary: Vocabulary, where: Where = (), allow_anniversary: bool = True) -> tuple[Node | None, list[Problem]]:
    """The tree of a condition about an entity, or None with its problems."""
    reader = Reader(vocabulary, allow_anniversary)
    node = reader.condition(data, (entity,), where)
    return (None, reader.problems) if reader.problems else (node, [])


@dataclass
class Reader:
    """Reads conditions and gathers problems. `scope` is the entities from the outermost to the innermost record."""

    vocabulary: Vocabulary
    allow_anniversary: bool = True
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, code: str, message: str, hint: str = "") -> Node:
        """Note a problem; the node given back is never used."""
        self.problems.append(Problem(where, f"condition-{code}", message, hint))
        return All(())

    def condition(self, data: Any, scope: tuple[str, ...], where: Where) -> Node:
        """A list is all of; a map's entries are all of, too."""
        if len(scope) > MOST_DEPTH:
            return self.wrong(where, "too-deep", f"related records nest more than {MOST_DEPTH - 1} deep", "split the condition into two rules and a tag")
        if isinstance(data, list):
            return All(tuple(self.condition(item, scope, (*where, index)) for index, item in enumerate(data)), where)
        if not isinstance(data, Mapping) or not data:
            return self.wrong(where, "no-condition", f"'{data}' is no condition", "write `field: value` or `field: {operator: value}`")
        items = tuple(self.entry(str(key), value, scope, (*where, key)) for key, value in data.items())
        return items[0] if len(items) == 1 else All(items, where)

    def entry(self, key: str, value: Any, scope: tuple[str, ...], where: Where) -> Node:
        """One `key: value` of a condition."""
        if key == "any":
            return AnyOf(self._items(value, scope, where), where)
        if key == "none_of":
            return Not(AnyOf(self._items(value, scope, where), where), where)
        if key == "not":
            return Not(self.condition(value, scope, where), where)
        if key in WORDS:
            return WORDS[key](self, value, scope, where)
        return self.test(key, value, scope, where)

    def _items(self, value: Any, scope: tuple[str, ...], where: Where) -> tuple[Node, ...]:
        if not isinstance(value, list) or not value:
            self.wrong(where, "no-list", "a list of conditions is wanted here", "begin each with `- `")
            return ()
        return tuple(self.condition(item, scope, (*where, index)) for index, item in enumerate(value))

    def find(self, path: str, scope: tuple[str, ...], where: Where) -> Field | None:
        """The field a path ends at, `^.` resolved; the last step may be a collection."""
        up = 0
        while path.startswith("^."):
            path, up = path[2:], up + 1
        if up >= len(scope):
            self.wrong(where, "too-far-out", f"'{'^.' * up}{path}' reaches out further than there are records", "take one `^.` away")
            return None
        try:
            steps = list(self.vocabulary.walk(scope[-1 - up], path))
            for step in steps[:-1]:
                if step.type != "ref":
                    what = "many records" if step.type == "many" else f"a {step.type}"
                    raise UnknownName(f"'{step.name}' in '{path}' is {what}", "ask with some, no, all, count or latest" if step.type == "many" else "")
        except UnknownName as error:
            code = "path-through-many" if "many records" in error.message else "unknown-field"
            self.wrong(where, code, error.message, error.hint)
            return None
        if steps[-1].free_text:
            self.wrong(where, "free-text", f"'{path}' is free text and may not decide anything", "use a field or a tag")
            return None
        return steps[-1]

    def test(self, path: str, value: Any, scope: tuple[str, ...], where: Where) -> Node:
        """`path: value`, `path: [a, b]`, `path: {operator: value}` or a quantifier."""
        found = self.find(path, scope, where)
        if found is None:
            return All(())
        if found.type == "many":
            return self.related(path, found, value, scope, where)
        if isinstance(value, list):
            return AnyOf(tuple(self.compare(path, found, "is", item, scope, (*where, index)) for index, item in enumerate(value)), where)
        if isinstance(value, Mapping) and "field" not in value:
            items = tuple(self.compare(path, found, str(op), operand, scope, (*where, op)) for op, operand in value.items())
            return items[0] if len(items) == 1 else All(items, where)
        return self.compare(path, found, "is", value, scope, where)

    def compare(self, path: str, found: Field, op: str, operand: Any, scope: tuple[str, ...], where: Where) -> Node:
        """One operator with its value."""
        if op not in KINDS:
            known = operators_for(found.type)
            return self.wrong(where, "unknown-operator", f"there is no operator '{op}'", did_you_mean(op, KINDS, "one of " + ", ".join(known)))
        if found.type not in KINDS[op]:
            return self.wrong(where, "wrong-operator", f"'{op}' does not fit {found.name}, {an(found.type)}", "use " + ", ".join(operators_for(found.type)))
        if op == "anniversary" and not self.allow_anniversary:
            return self.wrong(where, "anniversary-in-when", "`anniversary` is true for a day only and may be missed in `when`", "use `date: every year on ...`")
        if op == "between":
            if not isinstance(operand, list) or len(operand) != 2:
                return self.wrong(where, "bad-value", "`between` wants two values", "write `between: [a, b]`; both are included")
            low, high = (self.value(item, found, op, scope, (*where, index)) for index, item in enumerate(operand))
            return Test(path, op, low, high, where)
        value = self.value(operand, found, op, scope, where)
        if op == "is_not":
            return Not(Test(path, "is", value, where=where), where)
        if op == "missing":
            test = Test(path, "missing", Literal(True), where=where)
            return test if value == Literal(True) else Not(test, where)
        return Test(path, op, value, where=where)

    def value(self, data: Any, found: Field, op: str, scope: tuple[str, ...], where: Where) -> Value:
        """A value, checked against the field's type."""
        try:
            value = read_value(data, found, op)
        except PhraseError as error:
            self.wrong(where, "wrong-value", error.message, error.hint)
            return Literal(None)
        if isinstance(value, FieldRef):
            other = self.find(value.path, scope, where)
            groups = (("text", "choice"), ("integer",), ("money",), ("date", "datetime"), ("boolean",))
            same = other and (other.type == found.type or any(other.type in g and found.type in g for g in groups))
            if other and (not same or (found.type == "ref" and other.target != found.target)):
                self.wrong(
                    where,
                    "wrong-value",
                    f"{value.path} is {an(other.target or other.type)}, {found.name} {an(found.target or found.type)}",
                    "compare like with like",
                )
        return value

    def related(self, path: str, found: Field, value: Any, scope: tuple[str, ...], where: Where) -> Node:
        """A quantifier over a collection."""
        if not isinstance(value, Mapping) or not value or not all(key in QUANTIFIERS for key in value):
            key = next((str(k) for k in value if k not in QUANTIFIERS), "") if isinstance(value, Mapping) else ""
            hint = did_you_mean(key, QUANTIFIERS, "ask with some, no, all, count or latest")
            return self.wrong(where, "path-through-many", f"'{path}' is many records", hint)
        inner = (*scope, found.target)
        items = tuple(self.quantified(path, str(kind), spec, inner, (*where, kind)) for kind, spec in value.items())
        return items[0] if len(items) == 1 else All(items, where)

    def quantified(self, path: str, kind: str, spec: Any, inner: tuple[str, ...], where: Where) -> Node:
        """One quantifier. `no` and `all` are complements of `some`, so that they hold for the empty set (spike.md 2)."""
        if kind in ("some", "no", "all"):
            condition = self.condition(spec, inner, where) if spec not in ([], None) else All(())
            some = Related(path, "some", Not(condition) if kind == "all" else condition, where=where)
            return some if kind == "some" else Not(some, where)
        if not isinstance(spec, Mapping):
            return self.wrong(where, "bad-value", f"`{kind}` wants a map", f"write `{kind}: {{...}}`")
        condition = self.condition(spec["where"], inner, (*where, "where")) if "where" in spec else All(())
        if kind == "count":
            return self.count(path, condition, spec, where)
        if kind == "latest":
            return self.latest(path, condition, spec, inner, where)
        return self.aggregate(path, kind, condition, spec, inner, where)

    def count(self, path: str, condition: Node, spec: Mapping[str, Any], where: Where) -> Node:
        """Counts are made of "at least n" alone, and its complement."""
        items: list[Node] = []
        for op, number in spec.items():
            if op == "where":
                continue
            if op not in ("at_least", "at_most", "is", "above", "below") or isinstance(number, bool) or not isinstance(number, int) or number < 0:
                return self.wrong((*where, op), "bad-value", f"`{op}: {number}` counts nothing", "write at_least, at_most, is, above or below with a number")
            low = {"at_least": number, "is": number, "above": number + 1}.get(str(op), 0)
            high = {"at_most": number, "is": number, "below": number - 1}.get(str(op))
            if low > 0:
                items.append(Related(path, "count", condition, least=low, where=where))
            if high is not None:
                too_many = Related(path, "count", condition, least=high + 1, where=where) if high >= 0 else All(())  # no count is below 0
                items.append(Not(too_many, where))
        if not any(op != "where" for op in spec):
            return self.wrong(where, "bad-value", "`count` compares with nothing", "add at_least, at_most or is")
        return items[0] if len(items) == 1 else All(tuple(items), where)

    def latest(self, path: str, condition: Node, spec: Mapping[str, Any], inner: tuple[str, ...], where: Where) -> Node:
        """All records of the latest day."""
        by = str(spec.get("by", ""))
        found = self.find(by, inner, (*where, "by")) if by else None
        if found is None or found.type not in ("date", "datetime") or "." in by:
            return self.wrong(where, "bad-value", "`latest` wants a field with a day", "write `by: visited_on`")
        then = self.condition(spec["is"], inner, (*where, "is")) if "is" in spec else All(())
        return Related(path, "latest", condition, by=by, then=then, where=where)

    def aggregate(self, path: str, kind: str, condition: Node, spec: Mapping[str, Any], inner: tuple[str, ...], where: Where) -> Node:
        """sum, max or min of a field, compared like a value."""
        of = str(spec.get("of", ""))
        found = self.find(of, inner, (*where, "of")) if of else None
        kinds = ("integer", "money") if kind == "sum" else ("integer", "money", "date", "datetime")
        if found is None or found.type not in kinds or "." in of:
            return self.wrong(where, "bad-value", f"`{kind}` wants a field that can be compared", "write `of: amount`")
        items = []
        for op, operand in spec.items():
            if op in ("where", "of"):
                continue
            if op not in KINDS or found.type not in KINDS[op] or op in ("is_not", "between", "missing", "anniversary"):
                return self.wrong((*where, op), "wrong-operator", f"'{op}' does not fit a {kind}", "use " + ", ".join(operators_for(found.type)[:6]))
            value = self.value(operand, found, str(op), inner[:-1], (*where, op))
            items.append(Related(path, kind, condition, of=of, op=str(op), value=value, where=where))
        if not items:
            return self.wrong(where, "bad-value", f"`{kind}` compares with nothing", "add e.g. at_least")
        return items[0] if len(items) == 1 else All(tuple(items), where)
