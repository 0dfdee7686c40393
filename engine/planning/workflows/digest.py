"""What of a rule's or workflow's data decides its course: two versions with one digest differ in labels and texts alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

TEXTS = ("label", "note")
"""Keys whose change takes effect at once, on running cases too (workflow.md §2, additive and breaking edits)."""


WHOLE = ("where", "when", "while", "stop_when", "only_while", "date", "set")
"""Keys below which everything decides: a condition may ask for a field that is called `note`."""
NAMING = ("steps", "branches", "each", "outcomes", "decide", "on", "do", "escalate", "wait")
"""Keys whose own keys are names that a site gives, such as `note`."""


def without_texts(data: Any, names: bool = False) -> Any:
    """The data without what people only read."""
    if isinstance(data, Mapping):
        left = {key: value for key, value in data.items() if names or key not in (*TEXTS, "enabled", "formerly")}
        return {key: value if key in WHOLE and not names else without_texts(value, not names and key in NAMING) for key, value in left.items()}
    return [without_texts(value) for value in data] if isinstance(data, list) else data


def course_of(data: Mapping[str, Any]) -> str:
    """A digest of what decides the course."""
    text = json.dumps(without_texts(data), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
