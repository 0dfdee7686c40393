"""One cell: from the text of an export to a typed value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from engine.language.calendars import Calendar
from engine.language.findings import Refused
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import Field

_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,([0-9]{1,2}))?\Z")
_NUMBER_POINT = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?\Z")
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\Z")
MOST = 2**62
"""Nothing larger fits into a database."""
YES, NO = ("ja", "j", "x", "1", "true", "wahr"), ("nein", "n", "0", "false", "falsch")


class BadCell(Refused):
    """A cell that cannot be read."""


@dataclass(frozen=True)
class Format:
    """How a file writes things. `dates` is dd.mm.yyyy or yyyy-mm-dd."""

    decimal: str = ","
    dates: str = "dd.mm.yyyy"
    calendar: Calendar = Calendar()


def read_cell(text: str, found: Field, form: Format, values: Mapping[str, Any] | None = None) -> Any:
    """The value of a cell for a field; an empty cell is missing. Raises BadCell."""
    text = text.strip()
    if text == "":
        return False if found.type == "boolean" else None
    if values is not None:
        if text not in values:
            raise BadCell(f"'{text}' is none of the values the map knows", did_you_mean(text, values, "add it to `values:`"))
        return values[text]
    return _READERS[found.type](text, found, form)


def _text(text: str, found: Field, _: Format) -> str:
    if found.choices and text not in found.choices:
        raise BadCell(f"'{text}' is not one of {', '.join(found.choices)}", did_you_mean(text, found.choices, "translate it with `values:`"))
    if found.past and text not in found.past:
        raise BadCell(f"only the engine decides that {found.name} is '{text}'", f"one of {', '.join(found.past)}")
    return text


def _integer(text: str, _: Field, form: Format) -> int:
    cents = _cents(text, form)
    if cents % 100:
        raise BadCell(f"'{text}' is no whole number", "write it without decimals")
    return cents // 100


def _money(text: str, _: Field, form: Format) -> int:
    return _cents(text.replace("€", "").replace("EUR", "").strip(), form)


def _cents(text: str, form: Format) -> int:
    found = (_NUMBER if form.decimal == "," else _NUMBER_POINT).match(text)
    if not found:
        raise BadCell(f"'{text}' is no number", f"write e.g. 1234{form.decimal}50")
    fraction = found.group(1) or ""
    head = text[: -len(fraction) - 1] if fraction else text
    whole = int(re.sub(r"[^0-9-]", "", head) or 0)
    cents = abs(whole) * 100 + int((fraction + "00")[:2])
    if cents > MOST:
        raise BadCell(f"'{text}' is too large", "check the number")
    return -cents if text.startswith("-") else cents


def _boolean(text: str, _: Field, __: Format) -> bool:
    if text.lower() in YES or text.lower() in NO:
        return text.lower() in YES
    raise BadCell(f"'{text}' is neither yes nor no", "write ja or nein")


def _day(text: str, _: Field, form: Format) -> date:
    try:
        if form.dates == "yyyy-mm-dd":
            return date.fromisoformat(text)
        found = _DAY.match(text)
        if not found:
            raise ValueError
        return date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
    except ValueError:
        raise BadCell(f"'{text}' is no day", f"write it as {form.dates}") from None


def _instant(text: str, found: Field, form: Format) -> datetime:
    head, _, wall = text.replace("T", " ").partition(" ")
    try:
        hours, _, minutes = (wall[:5] or "00:00").partition(":")
        return form.calendar.at(_day(head, found, form), time(int(hours), int(minutes or 0)))
    except (ValueError, TypeError):
        raise BadCell(f"'{text}' is no time", f"write it as {form.dates} 08:00") from None


_READERS = {
    "text": _text,
    "choice": _text,
    "integer": _integer,
    "money": _money,
    "boolean": _boolean,
    "date": _day,
    "datetime": _instant,
}
