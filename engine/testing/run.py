"""Running a test: each row of its table on a store of its own, one tick a day at noon."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

from engine.definitions.layers import Definition
from engine.language.calendars import parse_day
from engine.language.durations import PhraseError
from engine.language.findings import Finding, Where
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import plural
from engine.planning.rules import Rule
from engine.running.compiling import Compiled
from engine.running.tick import tick
from engine.site import Site, as_shipped
from engine.store.store import Store
from engine.testing.expect import Difference, differences
from engine.testing.given import BadTest, Given

NOON, RUN_UP, MOST_DAYS = time(12), timedelta(days=7), 3700
_NAME = re.compile(r"\$([a-z][a-z0-9_]*)")


@dataclass
class Outcome:
    """What became of one row of a test."""

    test: str
    row: str
    failures: list[Finding] = field(default_factory=list)
    wrong: list[Finding] = field(default_factory=list)
    """Why it could not be run."""


def run_tests(site: Site, only: frozenset[str] = frozenset()) -> Iterator[Outcome]:
    """Run the tests of all layers (or those named by id or by a rule's id), one outcome per row.

    A pack's tests are about the pack as it was shipped, in the default calendar; the site's own about everything in force.
    """
    names = sorted(site.sections["tests"])
    for pack, _, _ in site.layers:
        mine = [name for name in names if name.partition(".")[0] == pack]
        here = site if pack == site.layers[-1][0] else as_shipped(site, pack) if mine else site
        for name in mine:
            definition = here.definitions.sections["tests"][name]
            rules = rules_of(definition, here.compiled)
            if not only or name in only or only & {rule for rule in rules if rule}:
                yield from _one_test(here, definition)


def rules_of(definition: Definition, compiled: Compiled) -> list[str]:
    """The full ids of the rules a test is about; "" where there is none."""
    pack = definition.id.partition(".")[0]
    known = {rule.id for rule in compiled.rules}
    return [name if name in known else full if (full := f"{pack}.{name}") in known else "" for name in definition.data["of"]]


def _one_test(site: Site, definition: Definition) -> Iterator[Outcome]:
    rules = rules_of(definition, site.compiled)
    missing = [(index, str(definition.data["of"][index])) for index, rule in enumerate(rules) if not rule]
    if missing:
        known = [rule.id.partition(".")[2] for rule in site.compiled.rules]
        wrong = [
            Finding(definition.place(("of", index)), "test-unknown-rule", f"there is no rule '{name}' that runs", did_you_mean(name, known))
            for index, name in missing
        ]
        yield Outcome(definition.id, "", wrong=wrong)
        return
    under_test = [rule for rule in site.compiled.rules if rule.id in rules]
    for row, values in (definition.data.get("rows") or {"": {}}).items():
        outcome = Outcome(definition.id, row)
        try:
            data = {key: filled(definition.data[key], values) for key in ("given", "happens", "expect", "from") if key in definition.data}
            _run(site, definition, under_test, data, outcome)
        except BadTest as error:
            outcome.wrong.append(Finding(definition.place(("rows", row) if row else ()), "test-cannot-run", error.message, error.hint))
        yield outcome


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A value with a row's columns put in. Raises BadTest."""
    if isinstance(value, Mapping):
        return {key: filled(inner, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, values) for inner in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    for name in _NAME.findall(value):
        if name not in values:
            raise BadTest(f"no row has a column '{name}'", did_you_mean(name, values, "add it to each of `rows`"))
    whole = _NAME.fullmatch(value)
    return values[whole.group(1)] if whole else _NAME.sub(lambda match: str(values[match.group(1)]), value)


def _run(site: Site, definition: Definition, rules: list[Rule], data: Mapping[str, Any], outcome: Outcome) -> None:
    expected = [(_day(entry["by"]), index, entry) for index, entry in enumerate(data["expect"])]
    happens = [(_day(entry["on"]), entry) for entry in data.get("happens", ())]
    days = sorted([day for day, *_ in expected] + [day for day, _ in happens])
    first = _day(data["from"]) if "from" in data else days[0] - RUN_UP
    if (days[-1] - first).days > MOST_DAYS:
        raise BadTest(f"the test runs over {(days[-1] - first).days} days", "say `from:` to begin later")
    store = Store.open(":memory:", create=True, own=site.own)
    try:
        setting = replace(site.compiled, rules=rules).over(store, site.calendar, calendars=site.calendars, language=site.language)
        given = Given(store, setting.vocabulary, site.calendar)
        with store.session(write=True), store.context(quiet=True):
            given.fill(data.get("given", {}))
        for number in range((days[-1] - first).days + 1):
            day = first + timedelta(days=number)
            for when, entry in happens:
                if when == day:
                    with store.session(write=True):
                        given.fill({name: rows for name, rows in entry.items() if name != "on"})
            tick(setting, site.calendar.at(day, NOON))
            for when, index, entry in expected:
                if when == day:
                    rows = {name: rows for name, rows in entry.items() if name not in ("by", "nothing")}
                    outcome.failures += [_failure(definition, index, day, one) for one in differences(rows, given)]
    finally:
        store.close()


def _failure(definition: Definition, index: int, day: date, one: Difference) -> Finding:
    where: Where = ("expect", index, plural(one.entity), one.row) if one.row >= 0 else ("expect", index)
    return Finding(definition.place(where), "test-difference", f"{day}: {one.entity.replace('_', ' ')}: {one.text}")


def _day(value: Any) -> date:
    try:
        return parse_day(str(value))
    except PhraseError as error:
        raise BadTest(error.message, error.hint) from None
