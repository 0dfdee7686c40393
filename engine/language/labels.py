"""Labels: one text, or one per language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def label_in(value: Any, language: str) -> str:
    """The label of a definition in a language: of `{de: ..., en: ...}` or a plain text; German, else any, where it lacks that language."""
    if isinstance(value, Mapping):
        return str(value.get(language) or value.get("de") or next(iter(value.values()), ""))
    return str(value or "")
