"""Every word of conditions: what it means, an example, and for operators the types of field they may ask."""

from __future__ import annotations

from engine.language.described import Described

ORDERED = ("integer", "money")
DAYS = ("date", "datetime")
_ALL = ("text", "choice", *ORDERED, "boolean", *DAYS, "ref")

OPERATORS: dict[str, Described] = {
    "is": Described("Equals; `field: value` says the same, `field: [a, b]` one of several.", "household_size: {is: 2}", types=_ALL),
    "is_not": Described("The complement of `is`: also true where nothing is filled in.", "source: {is_not: internet}", types=_ALL),
    "between": Described("From the first to the second, both included.", "household_size: {between: [2, 4]}", types=(*ORDERED, *DAYS)),
    "contains": Described("Has the text in it; large and small letters are the same.", "city: {contains: köln}", types=("text", "choice")),
    "starts_with": Described("Begins with the text; large and small letters are the same.", 'postal_code: {starts_with: "50"}', types=("text", "choice")),
    "missing": Described("`true`: nothing is filled in (an empty text counts so); `false`: something is.", "email: {missing: true}", types=_ALL),
    "anniversary": Described(
        "Its month and day fall on that day; 29 February counts on the 28th. Not in `when`.", "birthday: {anniversary: in 14 days}", types=("date",)
    ),
    "above": Described("More than.", "household_size: {above: 4}", types=ORDERED),
    "at_least": Described("That much or more.", "amount: {at_least: 500.00 EUR}", "visit", ORDERED),
    "below": Described("Less than.", "amount: {below: 100.00 EUR}", "visit", ORDERED),
    "at_most": Described("That much or less.", "household_size: {at_most: 4}", types=ORDERED),
    "before": Described("On an earlier day (or at an earlier minute).", "customer_since_on: {before: 5 years ago}", types=DAYS),
    "after": Described("On a later day (or at a later minute).", "promised_on: {after: in 2 weeks}", "contract", DAYS),
    "on_or_before": Described("On that day or earlier.", "promised_on: {on_or_before: in 3 business days}", "contract", DAYS),
    "on_or_after": Described("On that day or later.", "customer_since_on: {on_or_after: start of year}", types=DAYS),
}
"""Operator -> what it asks. A comparison with what is missing is false, `is_not` alone is true."""

COMBINING: dict[str, Described] = {
    "any": Described("At least one of a list holds. (A plain list means that all hold.)", "any: [{city: Köln}, {city: Bonn}]"),
    "none_of": Described("None of a list holds.", "none_of: [{deceased: true}, {moved: true}]"),
    "not": Described("The exact complement.", "not: {city: Köln}"),
}

QUANTIFIERS: dict[str, Described] = {
    "some": Described("At least one of the related records fulfils it; `[]` asks whether there is any.", "visits: {some: [{kind: workshop}]}"),
    "no": Described("None of them does; true where there are none.", "visits: {no: [{visited_on: {after: 15 months ago}}]}"),
    "all": Described("Each of them does; true where there are none.", "visits: {all: [{kind: workshop}]}"),
    "count": Described(
        "How many fulfil `where:`, compared with at_least, at_most, is, above or below.", "visits: {count: {where: [{kind: workshop}], at_least: 3}}"
    ),
    "latest": Described(
        "The records of the latest day of the field `by:`, among those of `where:`; all of them fulfil `is:`.",
        "visits: {latest: {by: visited_on, is: [{kind: shop}]}}",
    ),
    "sum": Described("The sum of the field `of:` over those of `where:`, compared like a value.", "visits: {sum: {of: amount, at_least: 2000.00 EUR}}"),
    "max": Described("The greatest value of the field `of:`, compared like a value.", "visits: {max: {of: odometer_km, above: 100000}}"),
    "min": Described("The least value of the field `of:`, compared like a value.", "contracts: {min: {of: signed_on, before: 10 years ago}}"),
}
"""What a field with many records is asked with. Inside, paths begin at the related record; `^.` reaches out one level."""

TRADE: dict[str, Described] = {
    "tagged": Described(
        "A tag of this kind counts today; also with `value`, `at_least_as_good_as` (and `scale`), `after`, `before`, `on_or_after`, `on_or_before`.",
        "tagged: {kind: zufriedenheit, at_least_as_good_as: 2, after: 90 days ago}",
    ),
    "phase": Described("The customer is in phase 1, 2 or 3 since the latest delivery.", "phase: 2"),
    "consent": Described("There is a documented consent, not withdrawn.", "consent: {purpose: advertising, channel: email}"),
}
"""The trade's own words, about the customer whom a record belongs to."""

VALUES: dict[str, Described] = {
    "a word or text": Described("Plain, in quotes where YAML would read something else: `no`, `08:00`.", "city: Köln"),
    "several": Described("One of them.", "source: [internet, phone]"),
    "true and false": Described("No other words for them.", "deceased: true"),
    "a whole number": Described("Without separators.", "household_size: 2"),
    "money": Described("With cents and currency; a bare number is refused.", "amount: {above: 1500.00 EUR}", "visit"),
    "a day": Described("As ISO writes it, or a time phrase.", "signed_on: {after: 2026-03-01}", "contract"),
    "another field": Described(
        "`{field: path}`, with `plus:` days, weeks, money or a number.", "promised_on: {after: {field: first_promised_on, plus: 7 days}}", "contract"
    ),
    "a path": Described("From record to record with dots, where each step leads to one.", "customer.country: AT", "contract"),
    "out of a quantifier": Described("`^.` is the record outside.", "visits: {some: [{visited_on: {after: {field: ^.customer_since_on}}}]}"),
}
