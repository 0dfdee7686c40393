"""The text that says why something was written: one form for all that rules write, read back where a chain is cut."""

from __future__ import annotations

_MARK = ": "


def cause_text(what: str, definition: str) -> str:
    """Why a definition wrote something: in which run, or at which of its occurrences."""
    return f"{what}{_MARK}{definition}"


def definition_in(cause: str | None) -> str:
    """The definition that a cause names, "" where a person, an import or nobody is the cause."""
    return (cause or "").partition(_MARK)[2]
