"""Shares of a time: `80 %` of what lies between two moments, in opening time where there is any."""

from datetime import datetime

import pytest

from engine.language.calendars import Calendar
from engine.language.durations import PhraseError
from engine.language.phrases import PhraseContext, Share, parse_share, resolve

UTC = Calendar(zone="UTC")


def at(percent, opened, due):
    moments = {"opened_at": opened, "due_at": due}
    return resolve(Share(percent, "opened_at", "due_at"), PhraseContext(opened, UTC, moments.get)).instant


@pytest.mark.parametrize(("text", "percent"), [("80 %", 80), ("100%", 100), ("4 hours", None), ("80", None)])
def test_a_share_is_a_number_of_per_cent(text, percent):
    assert parse_share(text) == percent


@pytest.mark.parametrize("text", ["0 %", "501 %", "100000 %"])
def test_a_share_has_bounds(text):
    with pytest.raises(PhraseError):
        parse_share(text)


FRIDAY, MONDAY = datetime(2026, 11, 6, 16), datetime(2026, 11, 9, 10)


@pytest.mark.parametrize(
    ("percent", "moment"),
    [(50, datetime(2026, 11, 6, 18)), (75, datetime(2026, 11, 9, 9)), (100, MONDAY), (150, datetime(2026, 11, 9, 12))],
)
def test_a_share_counts_opening_time(percent, moment):
    assert at(percent, FRIDAY, MONDAY) == moment


def test_a_share_of_a_closed_time_counts_as_the_clock_does():
    assert at(50, datetime(2026, 11, 7, 10), datetime(2026, 11, 7, 20)) == datetime(2026, 11, 7, 15)


def test_at_100_per_cent_it_is_due_also_on_a_closed_day():
    assert at(100, FRIDAY, datetime(2026, 11, 7, 6)) == datetime(2026, 11, 7, 6)


def test_without_a_due_date_there_is_no_share():
    with pytest.raises(PhraseError, match="due_at"):
        at(80, FRIDAY, None)
