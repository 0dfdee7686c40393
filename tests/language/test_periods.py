"""Days from, until and including: once, every year, over New Year."""

from datetime import date

import pytest

from engine.language.durations import PhraseError
from engine.language.periods import parse_period


def day(text):
    return date.fromisoformat(text)


def span(first, last):
    return day(first), day(last)


@pytest.mark.parametrize(
    ("period", "on", "found"),
    [
        (("2027-03-01", "2027-04-15"), "2027-03-01", span("2027-03-01", "2027-04-15")),
        (("2027-03-01", "2027-04-15"), "2027-04-15", span("2027-03-01", "2027-04-15")),
        (("2027-03-01", "2027-04-15"), "2027-04-16", None),
        (("03-01", "04-15"), "2030-03-01", span("2030-03-01", "2030-04-15")),
        (("03-01", "04-15"), "2030-02-28", None),
        (("11-15", "01-15"), "2030-01-15", span("2029-11-15", "2030-01-15")),
        (("11-15", "01-15"), "2030-12-31", span("2030-11-15", "2031-01-15")),
        (("02-01", "02-29"), "2027-02-28", span("2027-02-01", "2027-02-28")),
        (("02-01", "02-29"), "2028-02-29", span("2028-02-01", "2028-02-29")),
    ],
)
def test_the_span_a_day_lies_in(period, on, found):
    assert parse_period(*period).around(day(on)) == found


def test_what_comes_next_and_when_the_last_one_ended():
    yearly = parse_period("11-15", "01-15")
    assert yearly.coming(day("2030-02-01")) == span("2030-11-15", "2031-01-15")
    assert yearly.ended_before(day("2030-12-01")) == day("2030-01-15")
    assert yearly.ended_before(day("2031-01-10")) == day("2030-01-15")
    once = parse_period("2027-03-01", "2027-04-15")
    assert (once.coming(day("2028-01-01")), once.ended_before(day("2028-01-01"))) == (span("2027-03-01", "2027-04-15"), None)


@pytest.mark.parametrize(
    "period", [("03-01", "2027-04-15"), ("2027-04-15", "2027-03-01"), ("02-30", "03-01"), ("1.3.", "04-15"), ("2027-03-01T08", "2027-04-15")]
)
def test_what_is_no_period(period):
    with pytest.raises(PhraseError):
        parse_period(*period)
