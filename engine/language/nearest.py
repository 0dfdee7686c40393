"""The nearest known names to a mistyped one: `did you mean ...?`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Up to `most` known names about as near to `name` as the nearest of all, the likeliest first."""
    by_lower = {word.lower(): word for word in sorted(known, reverse=True)}
    found = get_close_matches(name.lower(), by_lower, n=most, cutoff=0.6)
    likeness = [SequenceMatcher(None, name.lower(), word).ratio() for word in found]
    return [by_lower[word] for word, ratio in zip(found, likeness, strict=True) if ratio >= likeness[0] - 0.1]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest words, or `otherwise` if none is near."""
    found = nearest(name, known)
    return f"did you mean {' or '.join(repr(word) for word in found)}?" if found else otherwise
