"""What starts a rule, and which other keys of a rule mean something with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.language.findings import Problem

TRIGGERS: Mapping[str, frozenset[str]] = {
    "on": frozenset({"where", "again", "catch_up", "limit"}),
    "date": frozenset({"where", "again", "catch_up", "limit"}),
    "when": frozenset({"again", "at_start", "limit"}),
    "while": frozenset(),
    "every": frozenset({"where", "again", "catch_up", "limit"}),
}
"""Trigger -> the keys that go with it. A key that goes with no trigger at all (`for`, `do`) belongs to every rule."""


def foreign_keys(data: Mapping[str, object], trigger: str) -> Iterator[Problem]:
    """The keys of a rule that mean nothing with its trigger: left in, they would say what the rule does not do."""
    for key in data:
        users = [other for other, keys in TRIGGERS.items() if key in keys]
        if users and trigger not in users:
            others = ", ".join(f"`{other}`" for other in users)
            hint = f"move its tests into `{trigger}`" if key == "where" else f"delete it: it goes with {others}"
            yield Problem((key,), "rule-key-of-another-trigger", f"`{key}` means nothing with `{trigger}`", hint, key=True)
