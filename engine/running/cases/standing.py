"""Where cases stand and what comes next: of a subject, of a customer, of the work somebody has open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.language.conditions import Literal, Test
from engine.planning.query import QueryContext, ids
from engine.planning.workflows.case import Trouble
from engine.running.cases.versions import flow_of
from engine.running.setting import Setting
from engine.store.given import as_instant


@dataclass(frozen=True)
class Standing:
    """An open step: when its work is due, how it can end (`outcome > step`), and its moments to come (when, what)."""

    step: str
    activity: int | None
    due_at: datetime | None
    ways: tuple[str, ...]
    timers: tuple[tuple[datetime | None, str], ...]

    @property
    def next(self) -> str:
        """What comes next, in one line."""
        return ", ".join(self.ways)


@dataclass(frozen=True)
class CaseOf:
    """A case and the open steps it stands at; none where it has ended."""

    case: int
    workflow: str
    subject: str
    status: str
    result: str
    started_at: datetime | None
    ended_at: datetime | None
    steps: list[Standing] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("starting", "running", "parked")


CASES = (
    "SELECT id, definition, status, result, started_at, ended_at, version, subject_id FROM instance WHERE subject_entity = ? AND subject_id IN ({}) ORDER BY id"
)
STEPS = (
    "SELECT t.instance, t.number, t.step, t.activity, a.due_at FROM token t LEFT JOIN activity a ON a.id = t.activity"
    " WHERE t.status IN ('open', 'queued') AND t.instance IN ({}) ORDER BY t.instance, t.number"
)


def cases_of(setting: Setting, entity: str, rows: Sequence[int]) -> list[CaseOf]:
    """The cases of these records, the running ones with where they stand."""
    store = setting.store
    key = store.model[entity].key or "id"
    named = dict(store.rows_in(f'SELECT id, "{key}" FROM "{entity}" WHERE id IN ({{}})', [], rows))
    found, versions = [], {}
    for case, definition, status, result, started, ended, version, subject in store.rows_in(CASES, [entity], rows):
        versions[case] = version
        about = f"{entity}:{named.get(subject, subject)}"
        found.append(CaseOf(case, str(definition), about, str(status), result or "", as_instant(started), as_instant(ended)))
    running = {one.case: one for one in found if one.runs}
    timers = _timers(setting, list(running))
    for case, number, step, activity, due in store.rows_in(STEPS, [], list(running)):
        ways = ways_of(setting, versions[case], step)
        running[case].steps.append(Standing(step, activity, as_instant(due), ways, tuple(timers.get((case, number), ()))))
    return found


def cases_of_customer(setting: Setting, customer: int, now: datetime) -> list[CaseOf]:
    """The cases about a customer and about the records that are the customer's."""
    number = setting.store.rows("SELECT number FROM customer WHERE id = ?", [customer])[0][0]
    found: list[CaseOf] = []
    for (entity,) in setting.store.rows("SELECT DISTINCT subject_entity FROM instance ORDER BY subject_entity", []):
        path = setting.vocabulary.entity(entity).customer
        if entity == "customer":
            found += cases_of(setting, entity, [customer])
        elif path:
            test = Test(f"{path}.number", "is", Literal(number))
            found += cases_of(setting, entity, ids(setting.store, entity, test, QueryContext(now, setting.calendar)))
    return sorted(found, key=lambda one: one.case)


def steps_of_work(setting: Setting, activities: Sequence[int]) -> dict[int, tuple[int, str, tuple[str, ...]]]:
    """Activity -> its case, its step, and how that can end."""
    sql = (
        "SELECT t.activity, i.id, t.step, i.version FROM token t JOIN instance i ON i.id = t.instance"
        " WHERE t.status = 'open' AND i.status IN ('running', 'parked') AND t.activity IN ({})"
    )
    rows = setting.store.rows_in(sql, [], activities)
    return {activity: (case, step, ways_of(setting, version, step)) for activity, case, step, version in rows}


def ways_of(setting: Setting, version: int | None, step: str) -> tuple[str, ...]:
    """The ways that leave a step, `outcome > step` each; none where its version can no longer be read."""
    if version is None:
        return ()
    try:
        found = flow_of(setting, version).steps.get(step)
    except Trouble:
        return ()
    ways = [(name, target or (found.next if found and name in found.outcomes else "")) for name, target in (found.ways() if found else ())]
    return tuple(f"{name or 'done'} > {target or 'over'}" for name, target in ways)


def _timers(setting: Setting, cases: Sequence[int]) -> dict[tuple[int, int], list[tuple[datetime | None, str]]]:
    found: dict[tuple[int, int], list[tuple[Any, str]]] = defaultdict(list)
    sql = "SELECT instance, token, due_at, name FROM timer WHERE status = 'armed' AND instance IN ({}) ORDER BY due_at, id"
    for case, token, due, name in setting.store.rows_in(sql, [], cases):
        found[case, token].append((as_instant(due), str(name).removesuffix(" 0").strip()))
    return found
