"""Characters that no text may hold: databases refuse them, or they turn the line around that shows them (safety.md §1)."""

from __future__ import annotations

import re

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def control_character(text: str) -> str:
    """The first one in a text, as `U+0000`; "" where there is none."""
    found = CONTROL.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""
