"""What stands nearest to a written value: a period one longer or shorter, another word of the same kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_COUNTED = re.compile(r"(?<![\w.-])([0-9]+)(\.[0-9]{2})?(?= (?:minute|hour|opening|business|day|week|month|year|EUR|CHF|per |%))")
_WAY = re.compile(r"(?<= )(before|after)(?= )")
_SLOT = re.compile(r"(?<![0-9:])[0-9]+(?![0-9])")


def counted(text: str) -> Iterator[str]:
    """Each period and amount in a text one longer, then one shorter: `3 business days` is 4 or 2 of them, `1500.00 EUR` a cent more or less."""
    for found in _COUNTED.finditer(text):
        for step in (1, -1):
            number = int(found[1] + (found[2] or "").replace(".", "")) + step
            if number > 0:
                near = f"{number // 100}.{number % 100:02}" if found[2] else str(number)
                yield f"{text[: found.start()]}{near}{text[found.end() :]}"


def opposite_way(text: str) -> Iterator[str]:
    """`before` for `after`, and the reverse: `10 days before ends_on` comes 10 days after it."""
    for found in _WAY.finditer(text):
        yield f"{text[: found.start()]}{'after' if found[1] == 'before' else 'before'}{text[found.end() :]}"


def slot(text: str) -> Iterator[str]:
    """A schedule one day, hour or minute later: its last number but those of a time of day's minutes."""
    numbers = list(_SLOT.finditer(text))
    if numbers:
        last = numbers[-1]
        later = int(last[0]) + 1 if int(last[0]) < 28 else int(last[0]) - 1
        yield f"{text[: last.start()]}{later:0{len(last[0])}}{text[last.end() :]}"


def other(value: str, words: Sequence[str]) -> Iterator[str]:
    """The word after this one in a list, the first after the last; none where there is no other."""
    if value in words and len(words) > 1:
        yield words[(list(words).index(value) + 1) % len(words)]
