"""Running a test: each row of its table on a store of its own, a tick a day at noon and at every moment it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from time import perf_counter
from typing import Any

from engine.definitions.content import check_test
from engine.definitions.layers import Definition
from engine.language.calendars import Calendar, parse_day
from engine.language.durations import PhraseError
from engine.language.findings import Finding, Place, Where
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import plural
from engine.running.compiling import Compiled
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.site import Site, as_shipped
from engine.testing.done import complete_work
from engine.testing.expect import NO_RECORDS, Difference, differences
from engine.testing.given import BadTest, Given, times_of
from engine.testing.responses import responses
from engine.testing.stores import Blank

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
    seconds: float = 0.0
    place: Place | None = None
    """Where the row is written."""


@dataclass
class Bench:
    """What tests run on: a pack's definitions, compiled, and a store that is empty again for each row."""

    pack: str
    site: Site
    compiled: Compiled
    blank: Blank
    impatient: bool = False
    """Whether a row is given up at its first difference."""
    around: Callable[[Setting], AbstractContextManager[Any]] = nullcontext
    """Entered with what is under test, left when the row is over and its store is as it was left."""

    def wrote(self, place: Place) -> bool:
        """Whether something stands in the pack's own files."""
        return any(name == self.pack and place.file.startswith(f"{shown}/") for name, _, shown in self.site.layers)


def benches(site: Site) -> Iterator[tuple[Bench, list[Definition]]]:
    """Each pack's definitions with its tests.

    A pack's tests are about the pack as it was shipped, in the default calendar; the site's own about everything in force.
    """
    names = sorted(site.sections["tests"])
    blanks: dict[Any, Blank] = {}
    for pack in dict.fromkeys(name for name, _, _ in site.layers):  # a site has two folders and one name
        mine = [name for name in names if name.partition(".")[0] == pack]
        if mine:
            here = site if pack == site.layers[-1][0] else as_shipped(site, pack)
            blank = blanks.setdefault(here.own, Blank(here.own))
            yield Bench(pack, here, here.compiled, blank), [site.definitions.sections["tests"][name] for name in mine]


def run_tests(site: Site, only: frozenset[str] = frozenset()) -> Iterator[Outcome]:
    """Run the tests of all layers (or those named by id or by a rule's id), one outcome per row."""
    for bench, tests in benches(site):
        for definition in tests:
            if wanted(definition, bench.compiled, only):
                yield from run_test(bench, definition)


def wanted(definition: Definition, compiled: Compiled, only: frozenset[str]) -> bool:
    """Whether a test is among those named: by its own id, its pack's name, or the id of a rule it is about."""
    return (
        not only or definition.id in only or definition.id.partition(".")[0] in only or bool(only & {rule for rule in rules_of(definition, compiled) if rule})
    )


def rules_of(definition: Definition, compiled: Compiled) -> list[str]:
    """The full ids of the rules a test is about; "" where there is none."""
    pack = definition.id.partition(".")[0]
    known = acting(compiled)
    return [name if name in known else full if (full := f"{pack}.{name}") in known else "" for name in definition.data["of"]]


def acting(compiled: Compiled) -> set[str]:
    """The ids of the rules and workflows that run."""
    return {rule.id for rule in compiled.rules} | {flow.id for flow in compiled.flows}


def run_test(bench: Bench, definition: Definition) -> Iterator[Outcome]:
    """A test, one outcome per row."""
    rules = rules_of(definition, bench.compiled)
    missing = [(index, str(definition.data["of"][index])) for index, rule in enumerate(rules) if not rule]
    if missing:
        known = [name.partition(".")[2] for name in acting(bench.compiled)]
        wrong = [
            Finding(definition.place(("of", index)), "test-unknown-rule", f"there is no rule '{name}' that runs", did_you_mean(name, known))
            for index, name in missing
        ]
        yield Outcome(definition.id, "", wrong=wrong, place=definition.place(()))
        return
    for row in rows_of(definition):
        yield run_row(bench, definition, row)


def rows_of(definition: Definition) -> list[str]:
    """The names of a test's rows; one without a name where it has no table."""
    return list(definition.data.get("rows") or {"": {}})


def cost_of(bench: Bench, definition: Definition, row: str) -> int:
    """What a row costs: a record of many is about as dear as a moment it runs over."""
    try:
        data = filled({key: one for key, one in definition.data.items() if key in ("given", "happens", "expect", "from")}, _values(definition, row))
        records = [record for part in (data.get("given", {}), *data.get("happens", ())) for some in part.values() if isinstance(some, list) for record in some]
        return len(_moments(data, _named(data, bench.site.calendar), bench.site.calendar)) + sum(times_of(dict(record)) for record in records)
    except BadTest:
        return 0


def _values(definition: Definition, row: str) -> Mapping[str, Any]:
    values: Mapping[str, Any] = (definition.data.get("rows") or {"": {}})[row]
    return values


def run_row(bench: Bench, definition: Definition, row: str) -> Outcome:
    """One row of a test, on a store of its own."""
    outcome = Outcome(definition.id, row, place=definition.place(("rows", row) if row else ()))
    values = _values(definition, row)
    started = perf_counter()
    try:
        data = {key: filled(definition.data[key], values) for key in ("given", "happens", "expect", "from") if key in definition.data}
        for problem in check_test(data, bench.compiled.vocabulary):  # what its columns hold
            raise BadTest(problem.message, problem.hint)
        _run(bench, definition, data, outcome)
    except BadTest as error:
        outcome.wrong.append(Finding(definition.place(("rows", row) if row else ()), "test-cannot-run", error.message, error.hint))
    outcome.seconds = perf_counter() - started
    return outcome


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


def _run(bench: Bench, definition: Definition, data: Mapping[str, Any], outcome: Outcome) -> None:
    site, calendar = bench.site, bench.site.calendar
    expected = [(_moment(entry["by"], calendar), index, entry) for index, entry in enumerate(data["expect"])]
    happens = [(_moment(entry["on"], calendar), entry) for entry in data.get("happens", ())]
    moments = _moments(data, _named(data, calendar), calendar)
    store = bench.blank.fresh()
    setting = under_test(bench.compiled, rules_of(definition, bench.compiled)).over(store, calendar, calendars=site.calendars, language=site.language)
    given = Given(store, setting.vocabulary, calendar)
    with store.session(write=True), store.context(quiet=True):
        given.fill(data.get("given", {}))
    with store.session(write=True), bench.around(setting):  # one transaction for all: beginning and ending them took a third of the time
        for now in moments:
            for when, entry in happens:
                if when == now:
                    _let_happen(setting, given, entry, now)
            tick(setting, now, lasting=False)
            for when, index, entry in expected:
                if when == now:
                    found = [*differences(entry, given), *responses(entry, setting, now)]
                    outcome.failures += [_failure(definition, index, calendar.local(now), one) for one in found]
            if bench.impatient and outcome.failures:
                break


def _named(data: Mapping[str, Any], calendar: Calendar) -> list[datetime]:
    """The moments a test names. Raises BadTest."""
    return [*(_moment(entry["by"], calendar) for entry in data["expect"]), *(_moment(entry["on"], calendar) for entry in data.get("happens", ()))]


def _moments(data: Mapping[str, Any], named: Sequence[datetime], calendar: Calendar) -> list[datetime]:
    """Every noon from the test's first day to its last, and every moment it names. Raises BadTest."""
    last = calendar.today(max(named))
    first = _day(data["from"]) if "from" in data else calendar.today(min(named)) - RUN_UP
    if (last - first).days > MOST_DAYS:
        raise BadTest(f"the test runs over {(last - first).days} days", "say `from:` to begin later")
    noons = [calendar.at(first + timedelta(days=number), NOON) for number in range((last - first).days + 1)]
    return sorted({*noons, *named})


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
    section = one.entity if one.entity in NO_RECORDS else plural(one.entity)
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
