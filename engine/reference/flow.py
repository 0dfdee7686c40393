"""Data as YAML in one line, the way people write it."""

from __future__ import annotations

from typing import Any

from engine.definitions.reader import read_text


def flow(value: Any) -> str:
    """A value in one line; texts are quoted only where they would read otherwise."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(one) for one in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    document, _ = read_text(f"as: [{text}]\n".encode(), "")
    plain = document is not None and document.data == {"as": [text]}
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
