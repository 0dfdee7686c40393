"""Running a test: each row of its table on a store of its own, a tick a day at noon and at every moment it names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.definitions.layers import Definition
from engine.language.calendars import Calendar, parse_day
from engine.language.durations import PhraseError
from engine.language.findings import Finding, Where
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import plural
from engine.running.compiling import Compiled
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.site import Site, as_shipped
from engine.store.store import Store
from engine.testing.done import complete_work
from engine.testing.expect import CASE_WORDS, Difference, differences
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
    for pack in dict.fromkeys(name for name, _, _ in site.layers):  # a site has two folders and one name
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
    known = acting(compiled)
    return [name if name in known else full if (full := f"{pack}.{name}") in known else "" for name in definition.data["of"]]


def acting(compiled: Compiled) -> set[str]:
    """The ids of the rules and workflows that run."""
    return {rule.id for rule in compiled.rules} | {flow.id for flow in compiled.flows}


def _one_test(site: Site, definition: Definition) -> Iterator[Outcome]:
    rules = rules_of(definition, site.compiled)
    missing = [(index, str(definition.data["of"][index])) for index, rule in enumerate(rules) if not rule]
    if missing:
        known = [name.partition(".")[2] for name in acting(site.compiled)]
        wrong = [
            Finding(definition.place(("of", index)), "test-unknown-rule", f"there is no rule '{name}' that runs", did_you_mean(name, known))
            for index, name in missing
        ]
        yield Outcome(definition.id, "", wrong=wrong)
        return
    for row, values in (definition.data.get("rows") or {"": {}}).items():
        outcome = Outcome(definition.id, row)
        try:
            data = {key: filled(definition.data[key], values) for key in ("given", "happens", "expect", "from") if key in definition.data}
            _run(site, definition, rules, data, outcome)
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


def _run(site: Site, definition: Definition, names: Collection[str], data: Mapping[str, Any], outcome: Outcome) -> None:
    calendar = site.calendar
    expected = [(_moment(entry["by"], calendar), index, entry) for index, entry in enumerate(data["expect"])]
    happens = [(_moment(entry["on"], calendar), entry) for entry in data.get("happens", ())]
    named = sorted([moment for moment, *_ in expected] + [moment for moment, _ in happens])
    last = calendar.today(named[-1])
    first = _day(data["from"]) if "from" in data else calendar.today(named[0]) - RUN_UP
    if (last - first).days > MOST_DAYS:
        raise BadTest(f"the test runs over {(last - first).days} days", "say `from:` to begin later")
    noons = [calendar.at(first + timedelta(days=number), NOON) for number in range((last - first).days + 1)]
    store = Store.open(":memory:", create=True, own=site.own)
    try:
        setting = under_test(site.compiled, names).over(store, calendar, calendars=site.calendars, language=site.language)
        given = Given(store, setting.vocabulary, calendar)
        with store.session(write=True), store.context(quiet=True):
            given.fill(data.get("given", {}))
        for now in sorted({*noons, *named}):
            for when, entry in happens:
                if when == now:
                    _let_happen(setting, given, entry, now)
            tick(setting, now)
            for when, index, entry in expected:
                if when == now:
                    outcome.failures += [_failure(definition, index, calendar.local(now), one) for one in differences(entry, given)]
    finally:
        store.close()


def _let_happen(setting: Setting, given: Given, entry: Mapping[str, Any], now: datetime) -> None:
    """Records come or change, then people complete work."""
    with given.store.session(write=True):
        given.fill({name: rows for name, rows in entry.items() if name not in ("on", "done")})
    for spec in entry.get("done", ()):
        complete_work(setting, given, spec, now)


def under_test(compiled: Compiled, names: Collection[str]) -> Compiled:
    """The definitions with none but those named acting."""
    rules = [rule for rule in compiled.rules if rule.id in names]
    return replace(compiled, rules=rules, flows=[flow for flow in compiled.flows if flow.id in names])


def _failure(definition: Definition, index: int, local: datetime, one: Difference) -> Finding:
    section = one.entity if one.entity in CASE_WORDS else plural(one.entity)
    where: Where = ("expect", index, section, one.row) if one.row >= 0 else ("expect", index)
    shown = f"{local:%Y-%m-%d}" if local.time() == NOON else f"{local:%Y-%m-%dT%H:%M}"
    return Finding(definition.place(where), "test-difference", f"{shown}: {one.entity.replace('_', ' ')}: {one.text}")


def _moment(value: Any, calendar: Calendar) -> datetime:
    """A day (its noon) or a local moment, as naive UTC. Raises BadTest."""
    text = str(value)
    if "T" not in text:
        return calendar.at(_day(value), NOON)
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadTest(f"'{text}' is no moment", "write e.g. 2026-11-30 or 2026-11-30T14:00") from None
    return calendar.at(local.date(), local.time())


def _day(value: Any) -> date:
    try:
        return parse_day(str(value))
    except PhraseError as error:
        raise BadTest(error.message, error.hint) from None
