"""Whether a condition can hold at all: sound, not complete. What is said here to be impossible is; the rest may be.

The tree is taken apart into facts about single paths and about related records, one way after another through its
`any`. A way is impossible when two of its facts are. What a fact does not tell (other fields, texts within texts) counts as possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.language.conditions.nodes import COMPARISONS, DAY_COMPARISONS, All, AnyOf, FieldRef, Linked, Literal, Node, Not, Related, Test
from engine.language.conditions.ranges import Point, point_of, surely_above, surely_same

MOST = 3000
"""So many steps are taken; a condition that needs more is called possible."""
SIGNS = COMPARISONS | DAY_COMPARISONS
Fact = tuple[Node, bool]


def possible(node: Node) -> bool:
    """Whether there may be a record for which it holds."""
    return _Search().way([(node, True)], _Facts())


def certain(node: Node) -> bool:
    """Whether it holds for every record, whatever that says."""
    return not possible(Not(node))


def implies(one: Node, other: Node) -> bool:
    """Whether the other surely holds where the one does."""
    return one == other or not possible(All((one, Not(other))))


@dataclass
class _Facts:
    """One way through the condition: tests by their path, and what is said of related records."""

    tests: dict[str, list[tuple[Test, bool]]] = field(default_factory=dict)
    records: list[tuple[Node, bool]] = field(default_factory=list)

    def copy(self) -> _Facts:
        """A copy to go another way with."""
        return _Facts({path: list(tests) for path, tests in self.tests.items()}, list(self.records))


class _Search:
    """Looks for a way on which no two facts contradict each other."""

    def __init__(self) -> None:
        self.steps = 0

    def way(self, todo: list[Fact], facts: _Facts) -> bool:
        """Whether some way through all that is to do fits the facts."""
        choices: list[tuple[list[Fact], ...]] = []
        todo = list(todo)
        while todo:
            self.steps += 1
            if self.steps > MOST:
                return True
            node, holds = todo.pop()
            if isinstance(node, Not):
                todo.append((node.item, not holds))
            elif isinstance(node, All | AnyOf):
                parts: list[Fact] = [(item, holds) for item in node.items]
                if isinstance(node, All) is holds:
                    todo += parts
                else:
                    choices.append(tuple([part] for part in parts))
            elif isinstance(node, Test) and node.op == "between" and not holds and _is_plain(node):
                outside = (replace(node, op="below"), replace(node, op="above", value=node.upper), Test(node.path, "missing", Literal(True)))
                choices.append(tuple([(one, True)] for one in outside))
            elif not _fits(node, holds, facts):
                return False
        return self._choose(choices, facts)

    def _choose(self, choices: list[tuple[list[Fact], ...]], facts: _Facts) -> bool:
        if not choices:
            return True
        first, rest = choices[0], choices[1:]
        for chosen in sorted(first, key=lambda facts: isinstance(facts[0][0], All | AnyOf)):
            there = facts.copy()
            later = [_either(options) for options in rest]
            if self.way([*later, *chosen], there):
                return True
        return False


def _either(options: tuple[list[Fact], ...]) -> Fact:
    """A choice that is still open, as one node."""
    return AnyOf(tuple(node if holds else Not(node) for ((node, holds),) in options)), True


def _is_plain(node: Test) -> bool:
    return not isinstance(node.value, FieldRef) and not isinstance(node.upper, FieldRef)


def _fits(node: Node, holds: bool, facts: _Facts) -> bool:
    """Take a fact in; False where it contradicts one that is there."""
    if isinstance(node, Test):
        mine = facts.tests.setdefault(node.path, [])
        mine.append((node, holds))
        return _value_fits(mine) and _presence_fits(facts)
    facts.records.append((node, holds))
    if (node, not holds) in facts.records:
        return False
    if isinstance(node, Linked) or not isinstance(node, Related):
        return True
    if holds and not possible(_record(node)):
        return False
    return _records_fit(node, holds, facts) and _presence_fits(facts)


def _record(node: Related) -> Node:
    """What holds for one of the related records, where the statement about them holds."""
    return All((node.condition, node.then)) if node.kind == "latest" else node.condition


def _records_fit(node: Related, holds: bool, facts: _Facts) -> bool:
    """At least so many of one kind, and fewer than so many of a wider kind, cannot be."""
    for other, other_holds in facts.records:
        if not isinstance(other, Related) or other.path != node.path or other_holds == holds:
            continue
        many, few = (node, other) if holds else (other, node)
        if few.kind in ("some", "count") and many.least >= few.least and implies(_record(many), few.condition):
            return False
    return True


def _presence_fits(facts: _Facts) -> bool:
    """A field of a record asks for the record: `vehicle.brand: Ford` and `vehicle: {missing: true}` cannot be."""
    missing = {path for path, tests in facts.tests.items() if any(test.op == "missing" and holds for test, holds in tests)}
    if not missing:
        return True
    asked = [path for path, tests in facts.tests.items() if _present(tests)]
    asked += [node.path for node, holds in facts.records if holds and isinstance(node, Related)]
    return not any(path.startswith(f"{one}.") for path in asked for one in missing)


def _present(tests: Iterable[tuple[Test, bool]]) -> bool:
    return any((test.op == "missing") is not holds for test, holds in tests)


def _value_fits(tests: list[tuple[Test, bool]]) -> bool:
    """Whether one value, or none, can pass all tests of one path."""
    if any((test, not holds) in tests for test, holds in tests):
        return False
    missing = any(test.op == "missing" and holds for test, holds in tests)
    if not _present(tests):
        return True  # every test but `missing: true` may fail for want of a value
    return not missing and _words_fit(tests) and _order_fits(tests)


def _words_fit(tests: list[tuple[Test, bool]]) -> bool:
    """What a text, a choice, a yes or no is, and what it is not."""
    known = [(test.value.value, holds) for test, holds in tests if test.op == "is" and isinstance(test.value, Literal)]
    words = {value.casefold() for value, holds in known if holds and isinstance(value, str)}
    answers = {value if holds else not value for value, holds in known if isinstance(value, bool)}
    return len(words) < 2 and len(answers) < 2


def _order_fits(tests: list[tuple[Test, bool]]) -> bool:
    """Whether something lies between all bounds."""
    low: list[Point] = []
    high: list[Point] = []
    taken: list[Point] = []
    for test, holds in tests:
        point, upper = point_of(test.value), point_of(test.upper)
        if point is None or (test.op == "between" and upper is None):
            continue
        if test.op == "is" and not holds:
            taken.append(point)
        elif test.op in ("is", "between") and holds:
            low.append(point)
            high.append(upper if test.op == "between" and upper else point)
        elif test.op in SIGNS:
            _bound(SIGNS[test.op], holds, point, low, high)
    if any(surely_above(one, other) for one in low for other in high):
        return False
    fixed = [one for one in low for other in high if surely_same(one, other)]
    return not any(surely_same(one, other) for one in fixed for other in taken)


def _bound(sign: str, holds: bool, point: Point, low: list[Point], high: list[Point]) -> None:
    """Values are whole: above 3 is at least 4, and what is not above 3 is at most 3."""
    up = sign.startswith(">") is holds
    strict = sign.endswith("=") is not holds
    (low if up else high).append(point.moved((1 if up else -1) if strict else 0))
