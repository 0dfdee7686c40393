"""How moments, amounts of time and schedules are written, each form with what it means; the readers are phrases.py and schedules.py."""

from __future__ import annotations

from engine.language.described import Described
from engine.language.durations import UNITS

MEANT = {
    "year": "Twelve calendar months.",
    "month": "A calendar month: 31 January and one month is the last of February.",
    "week": "Seven days.",
    "day": "A calendar day.",
    "business day": "A day on which the branch is open: neither a closed weekday nor a holiday of its region.",
    "hour": "Sixty minutes on the clock.",
    "minute": "A minute on the clock.",
    "opening hour": "Sixty minutes of the branch's opening hours.",
    "opening minute": "A minute of the branch's opening hours.",
}
AMOUNTS: dict[str, Described] = {unit: Described(MEANT[unit], f"{2 + number} {unit}s") for number, unit in enumerate(UNITS)}
"""Unit -> what one is. Several go together with `and`: `1 year and 6 months`."""

MOMENTS: dict[str, Described] = {
    "AMOUNT after FIELD": Described(
        "So long after the day of a field. Also `after the date`: the day a `date:` rule has reckoned.", "32 months after delivered_on"
    ),
    "AMOUNT before FIELD": Described("So long before it.", "3 business days before promised_on"),
    "FIELD": Described("The day of a field itself.", "promised_on"),
    "the date": Described("The day that the rule's `date:` has reckoned; for a step, what it counts from.", "the date"),
    "on the day": Described("The same, of a reminder: the day the work is due.", "on the day"),
    "end of FIELD's month": Described(
        "The last day of that month; `AMOUNT before` and `after` may stand in front.", "6 weeks before end of inspection_due_on's month"
    ),
    "every year on FIELD": Described("Its month and day in every year; 29 February on the 28th where there is none.", "every year on birthday"),
    "AMOUNT, in AMOUNT": Described("So long from now; days count from today.", "in 2 business days"),
    "AMOUNT ago": Described("So long before now.", "15 months ago"),
    "today": Described("This day.", "today"),
    "yesterday": Described("The day before.", "yesterday"),
    "tomorrow": Described("The day after.", "tomorrow"),
    "now": Described("This minute.", "now"),
    "a day": Described("A day as ISO writes it.", "2026-11-30"),
    "start of week": Described("Monday of the running week.", "start of week"),
    "start of month": Described("The first day of the running month.", "start of month"),
    "start of quarter": Described("The first day of the running quarter.", "start of quarter"),
    "start of year": Described("1 January of the running year.", "start of year"),
    "next WEEKDAY": Described("The next such day, never today.", "next monday"),
    "next week": Described("The first open hour of the next week.", "next week"),
    "... at HH:MM": Described("The time of day, after any day.", "next monday at 09:00"),
}

SCHEDULES: dict[str, Described] = {
    "hour": Described("At every full hour.", "hour"),
    "day at HH:MM": Described("Every day; 06:00 unless said.", "day at 08:00"),
    "WEEKDAY at HH:MM": Described("Every week on that day.", "monday at 07:30"),
    "month on N": Described("Every month on that day of the month.", "month on 1"),
    "year on MM-DD": Described("Every year on that day.", "year on 09-25"),
    "five fields": Described("A cron text in quotes: minute, hour, day, month, weekday.", "0 6 * * 1"),
}
