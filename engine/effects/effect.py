"""What every kind of effect offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from engine.effects.base import Batch, Checker, Result, Work


class Irreversible:
    """What an effect that cannot be taken back says: it may not stand in a `while` rule."""

    reversible = False

    def writes(self, plan: Any, entity: str) -> frozenset[tuple[str, str]]:  # noqa: ARG002 - the protocol's
        """Nothing a `while` rule could keep."""
        return frozenset()

    def undo(self, plan: Any, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Never asked for: `check` keeps these effects out of `while`."""
        raise AssertionError("this cannot be taken back")


class Effect(Protocol):
    """One kind of effect: one file of this folder. `reversible` kinds may stand in a `while` rule."""

    word: str
    makes: str
    """The kind of record it makes or ends, "" for none."""
    reversible: bool
    doc: str
    example: str

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the effect's map."""

    def check(self, spec: Any, checker: Checker) -> Any:
        """The effect compiled, with its problems and paths noted on the checker."""

    def apply(self, plan: Any, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Do it for all, set-based; one result each, in order. Runs inside a write session.

        A row that cannot be done has failed with its reason; what is raised is a bug.
        """

    def writes(self, plan: Any, entity: str) -> frozenset[tuple[str, str]]:
        """What conditions can read of it: (entity, field), or (entity, kind) for tags and lists. Reversible kinds say so."""

    def undo(self, plan: Any, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Take it back (reversible kinds only)."""
