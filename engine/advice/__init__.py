"""What `check` advises: definitions that can be used as they are, but hardly say what was meant. Nothing is left out for it.

One file per kind of advice; beside each check stands why it is given (`WHY`), which is its page in docs/findings.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.advice import conditions, duties, together, unused
from engine.advice.looked_at import LookedAt
from engine.definitions.changes import WHY as ABOUT_CHANGES
from engine.definitions.deprecated import WHY as ABOUT_SPELLINGS
from engine.definitions.layers import Definition
from engine.language.findings import Problem

__all__ = ["WHY", "LookedAt", "advise"]
CHECKS = (conditions.advise, together.advise, duties.advise, unused.advise)
WHY: dict[str, str] = {**ABOUT_CHANGES, **ABOUT_SPELLINGS, **conditions.WHY, **together.WHY, **duties.WHY, **unused.WHY}
"""Code of a piece of advice -> why it is given and what to do."""


def advise(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """All advice on a site's definitions, each with the definition it is about."""
    for check in CHECKS:
        yield from check(looked_at)
