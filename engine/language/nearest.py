"""The nearest known names to a mistyped one: `did you mean ...?`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

LEAST = 0.6


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Up to `most` known names about as near to `name` as the nearest of all, the likeliest first."""
    near = sorted((-ratio, word) for word in set(known) if (ratio := likeness(name, word)) >= LEAST)[:most]
    return [word for ratio, word in near if -ratio >= -near[0][0] - 0.1]


def likeness(one: str, other: str) -> float:
    """From 0 to 1; a first part both have (`standard.`) says nothing."""
    one, other = one.lower(), other.lower()
    head = one.rpartition(".")[0] + "."
    if len(head) > 1 and other.startswith(head):
        one, other = one.removeprefix(head), other.removeprefix(head)
    matcher = SequenceMatcher(None, one, other)
    return matcher.ratio() if matcher.real_quick_ratio() >= LEAST and matcher.quick_ratio() >= LEAST else 0.0


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the nearest words; `otherwise`, or what there is, if none is near."""
    known = list(dict.fromkeys(known))
    found = nearest(name, known)
    return f"did you mean {' or '.join(repr(word) for word in found)}?" if found else otherwise or _some(known)


def _some(known: list[str], most: int = 8) -> str:
    if not known:
        return "there is none yet"
    return "one of " + ", ".join(known[:most]) + (", ..." if len(known) > most else "")


def an(word: str) -> str:
    """A word with its indefinite article."""
    return f"an {word}" if word[:1] in "aeio" else f"a {word}"
