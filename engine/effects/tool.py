"""The program work is done with: named outright, or looked up by a field in a table (S1.20 to S1.26, S1.39)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.effects.base import Batch, Checker, Work
from engine.language.nearest import did_you_mean


@dataclass(frozen=True)
class Tool:
    """A program's name, or the table `of` in which a field's value or a fixed word is looked up."""

    name: str = ""
    field: str = ""
    of: str = ""

    def found(self, work: Work, batch: Batch) -> str | None:
        """The program for a subject; None where the table has no line for it: the internal one is used (S1.26)."""
        word = batch.get(work, self.field) if self.field else self.name
        if not self.of:
            return self.name or None
        lines = batch.sections.get(self.of, {}).values()
        return next((str(line["tool"]) for line in lines if word and str(line["brand"]).casefold() == str(word).casefold()), None)


def check_tool(spec: Any, checker: Checker) -> Tool:
    """The table exists, and the field that is looked up."""
    if not isinstance(spec, dict):
        return Tool(str(spec or ""))
    table = str(spec["of"])
    if table not in checker.vocabulary.tables:
        checker.below("of").wrong("effect-unknown-table", f"there is no table '{table}'", did_you_mean(table, checker.vocabulary.tables))
    if ("field" in spec) == ("name" in spec):
        checker.wrong("effect-one-word", "it does not say what is looked up", "write one of `field:` and `name:`")
    if "field" in spec:
        checker.below("field").path(str(spec["field"]))
    return Tool(str(spec.get("name", "")), str(spec.get("field", "")), table)
