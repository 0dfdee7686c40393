"""Twelve shipped rules: the engine's own search for what is due, against the same decision written by hand in SQL.

Both sides answer with (subject, occurrence) and leave out what was already done or already stands. `while` rules also
answer for whom they no longer hold ("gone").
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.world import BEFORE, NOW, TODAY
from engine.language.arithmetic import earliest_anchor, latest_anchor, shift
from engine.language.durations import parse_duration
from engine.planning import candidates as find
from engine.planning.rules import Rule
from engine.running.asking import FINDERS
from engine.running.events import take_changes
from engine.running.setting import Setting
from engine.store.store import Store

NAMES = (
    "contract_signed",
    "inspection_invoiced",
    "remotorisation",
    "add_on_sales",
    "financing_ends",
    "annual_service_by_km",
    "trade_up_pays",
    "regular_customer",
    "never_in_the_workshop",
    "open_recall",
    "insurance_window",
    "winter_tyres",
)
SQL = Path(__file__).parent / "sql"
Answer = set[tuple[int, str]]
Events = dict[str, list[tuple[int, int, datetime, str, int]]]


@dataclass
class Measured:
    """One rule: seconds of each repetition, and how many answers both sides gave."""

    name: str
    trigger: str
    answers: int
    engine: list[float]
    sql: list[float]


def the_twelve(setting: Setting) -> list[Rule]:
    """The rules that are measured."""
    return [rule for rule in setting.rules if rule.id.removeprefix("standard.") in NAMES]


def waiting_events(setting: Setting) -> Events:
    """Events out of what changed since the last tick; both sides read the same ones."""
    take_changes(setting.store, setting.vocabulary, setting.events, 0, NOW, setting.calendar)
    found: Events = {}
    for row in setting.store.rows("SELECT id, name, subject_id, happened_at FROM event WHERE NOT taken ORDER BY id", []):
        happened = row[3] if isinstance(row[3], datetime) else datetime.fromisoformat(str(row[3]))
        found.setdefault(row[1], []).append((row[0], row[2], happened, "", 0))
    return found


def by_engine(setting: Setting, rule: Rule, events: Events) -> Answer:
    """What the engine would act on now."""
    answer: Answer = set()
    for scene in setting.scenes(rule, NOW, BEFORE):
        found = find.by_event(rule, scene, events.get(rule.event, [])) if rule.trigger == "on" else FINDERS[rule.trigger](rule, scene)
        answer |= {(candidate.subject, candidate.occurrence) for candidate in found}
        if rule.trigger == "while":
            answer |= {(subject, "gone") for subject in find.gone([(rule, scene)])}
    return answer


class Sql:
    """The same by the statements in `sql/`, over a connection of its own; `:name` stands for a value of `values`."""

    def __init__(self, store: Store) -> None:
        self.connection = sqlite3.connect(store.target)
        self.values = {name: str(value) for name, value in values().items()}
        self.texts = {name: _statements(name) for name in NAMES}

    def __call__(self, name: str) -> Answer:
        """The answers of one rule."""
        return {(int(row[0]), str(row[1])) for text in self.texts[name] for row in self.connection.execute(text, self.values)}


def _statements(name: str) -> list[str]:
    lines = [line for line in (SQL / f"{name}.sql").read_text("utf-8").splitlines() if not line.startswith("--")]
    return "\n".join(lines).split(";\n")


def values() -> dict[str, Any]:
    """The days that the statements compare with, counted as the rules say."""
    found: dict[str, Any] = {"today": TODAY, "winter": datetime(2026, 9, 25, 6).isoformat(timespec="minutes")}
    found["autumn"] = datetime(2026, 10, 1, 6).isoformat(timespec="minutes")
    for name, length, sign, back in (
        ("remotorisation", "32 months", 1, 60),
        ("add_on", "30 days", 1, 14),
        ("financing_first", "12 months", -1, 30),
        ("financing_second", "9 months", -1, 30),
        ("financing_third", "6 months", -1, 30),
        ("financing_last", "3 months", -1, 30),
    ):
        due = _due(length, sign)
        found[f"{name}_newest"] = latest_anchor(TODAY, due)
        found[f"{name}_oldest"] = earliest_anchor(TODAY - timedelta(days=back), due)
    for name, length in (("ago6", "6 months"), ("ago24", "24 months"), ("ago36", "36 months")):
        found[name] = latest_anchor(TODAY, _due(length, 1))
    return found


def _due(length: str, sign: int) -> Callable[[date], date]:
    from engine.language.calendars import Calendar

    duration, calendar = parse_duration(length), Calendar()
    return lambda day: shift(day, duration, sign, calendar)


def measure(setting: Setting, events: Events, repeat: int) -> list[Measured]:
    """Both sides of each rule, by turns, so that a busy machine slows both. Raises AssertionError where they differ."""
    by_sql = Sql(setting.store)
    result = []
    for rule in the_twelve(setting):
        name = rule.id.removeprefix("standard.")
        ours, theirs = by_engine(setting, rule, events), by_sql(name)
        assert ours == theirs, f"{name}: {len(ours - theirs)} only by the engine, {len(theirs - ours)} only by SQL: {sorted(ours ^ theirs)[:5]}"
        engine, sql = [], []
        for _ in range(repeat):
            engine.append(timed(lambda rule=rule: by_engine(setting, rule, events)))  # type: ignore[misc]
            sql.append(timed(lambda name=name: by_sql(name)))  # type: ignore[misc]
        result.append(Measured(name, rule.trigger, len(ours), engine, sql))
    return result


def timed(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(seconds: Sequence[float]) -> str:
    """median (least to most), in milliseconds."""
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2] * 1000:8.1f} ms ({ordered[0] * 1000:.1f} to {ordered[-1] * 1000:.1f})"
