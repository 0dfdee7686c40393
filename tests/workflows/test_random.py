"""Random sound workflows, random outcomes, time steps and kills between any two statements: what must always hold."""

import re
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from engine.planning.workflows.compile import compile_flow
from engine.planning.workflows.sound import unsound
from engine.planning.workflows.step_names import places_of
from engine.running import hands
from engine.running.cases import versions
from engine.running.compiling import kit_of
from engine.store import activities
from engine.store.store import Store
from tests.support import postgres
from tests.workflows.play import Play, compiled, flow_text
from tests.workflows.random_flows import stories
from tests.workflows.test_semantics import WORDS

CARE = """
  care:
    label: Care
    for: customer
    purpose: internal
    steps:
      ask: {activity: call, due: 2 days, outcomes: {reached: {next: happy}, no_answer: {tries: [1 day], else: {next: unhappy}}, given_up: {next: unhappy}}}
      happy: {end: happy}
      unhappy: {end: unhappy}
"""
QUIET = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
"""Without making a failure smaller: a story is replayed by its numbers, and trying thousands of smaller ones takes an hour."""
MOST_STEPS = 14
"""Larger workflows are left out: trying all their states takes seconds each."""


class Killed(BaseException):
    """The process died."""


@cache
def words():
    """A site with the workflow `care` and a place for a random one."""
    return compiled(WORDS + flow_text("over: {end: over}") + CARE)


def made_of(data):
    """The site with the random workflow in its place; None where it is not sound."""
    base = words()
    flow, problems = compile_flow("case", data, kit_of(base.vocabulary))
    assert flow is not None, (problems, data)
    if len(flow.steps) > MOST_STEPS or any(one.severity == "error" for one in unsound(flow, places_of(data))):
        return None
    care = next(one for one in base.flows if one.id == "care")
    rules = [rule for rule in base.rules if rule.id != "case"]
    return replace(base, flows=[replace(flow, data=data), care], rules=[*rules, flow.start])


class Story:
    """One store in which a story is played."""

    def __init__(self, made, store):
        self.play = Play(made, store)
        self.kinds = {name: step for flow in made.flows for name, step in flow.steps.items()}
        self.play.add("vehicle", vin="DEMO")
        for number in (1, 2, 3):
            self.play.opportunity(f"O{number}", vehicle=1, asked_for=("finance", "insurance", "finance, insurance")[number - 1])
        self.play.add("offer", number="A1", customer=1, opportunity=1)
        self.count = 0

    def move(self, what, first, second, kill):
        """One thing that happens; killed before the given write statement it is done again."""
        play, self.count = self.play, self.count + 1
        row = first % 3 + 1
        if what == "tick":
            hours = (1, 5, 24, 50, 24 * 9)[first % 5]
            play.tick(hours=hours) if kill is None else self.again(kill, lambda after: play.tick(hours=0 if after else hours))
        elif what in ("done", "cancel"):
            self.work(what, first, second, kill)
        elif what == "offer":
            play.add("offer", number=f"N{self.count}", customer=1, opportunity=row, sent_at=play.now)
        elif what == "contract":
            play.add("contract", number=f"N{self.count}", customer=1, opportunity=row, signed_on=play.now.date())
        elif what == "trade_in":
            play.add("trade_in", number=f"N{self.count}", customer=1, opportunity=row, recorded_on=play.now.date())
        elif what == "status":
            play.change("opportunity", row, status=("open", "won", "lost")[second % 3])
        elif what == "asked":
            play.change("opportunity", row, asked_for=("", "finance", "insurance")[second % 3])
        elif second % 5 == 0:
            play.change("customer", 1, deceased=True)

    def open_work(self):
        sql = (
            "SELECT a.id, t.step FROM token t JOIN activity a ON a.id = t.activity"
            " WHERE a.status IN ('open', 'blocked') AND t.status = 'open' ORDER BY t.instance, t.number"
        )
        return self.play.rows(sql)

    def work(self, what, first, second, kill):
        rows = self.open_work()
        if not rows:
            return
        activity, step = rows[first % len(rows)]
        outcomes = list(self.kinds[step].outcomes) or ["done"]

        def act(_):
            with self.play.store.session(write=True):
                if what == "cancel":
                    activities.cancel(self.play.store, [activity], "not wanted", self.play.now)
                else:
                    hands.complete(self.play.setting, activity, outcomes[second % len(outcomes)], self.play.now)

        act(0) if kill is None else self.again(kill, act)

    def again(self, kill, act):
        try:
            with dying(self.play.store, kill):
                act(0)
        except Killed:
            act(1)

    def settle(self):
        """Let time pass and work be done until nothing is open any more."""
        for number in range(40):
            for place in range(len(self.open_work())):
                self.work("done", place, number + place, None)
            self.play.tick(days=5)
            self.holds()
            if not self.play.steps():
                return

    def holds(self):
        """What must hold after every tick."""
        play = self.play
        for what, sql in NEVER.items():
            assert play.rows(sql) == [], what
        assert play.incidents() == []
        assert play.rows("SELECT COUNT(*) FROM instance WHERE definition = 'case'") == [(3,)]
        late = "SELECT t.id FROM timer t JOIN instance i ON i.id = t.instance WHERE t.status = 'armed' AND t.due_at <= ? AND i.status = 'running'"
        assert play.rows(late, play.now) == []
        for case, number, step, status, activity, child in play.rows(
            "SELECT instance, number, step, status, activity, child FROM token WHERE status IN ('open', 'queued')"
        ):
            assert self.goes_on(case, number, self.kinds[step], status, activity, child), (case, step)

    def goes_on(self, case, number, step, status, activity, child):
        """Whether something can lead on from an open step."""
        rows = self.play.rows
        if status == "queued":
            return bool(step.slot)
        if step.kind == "activity":
            return rows("SELECT status FROM activity WHERE id = ?", activity) in ([("open",)], [("blocked",)])
        if step.kind == "wait":
            armed = rows("SELECT COUNT(*) FROM timer WHERE instance = ? AND token = ? AND status = 'armed'", case, number)[0][0]
            return armed == sum(wait.phrase is not None for wait in step.waits)
        if step.is_block:
            return rows("SELECT COUNT(*) FROM token WHERE instance = ? AND parent = ? AND status IN ('open', 'queued')", case, number)[0][0] > 0
        return step.kind == "workflow" and rows("SELECT status FROM instance WHERE id = ?", child) == [("running",)]

    def contents(self):
        """All that became of it, without the rows' numbers: what was rolled back leaves a gap in those of PostgreSQL."""
        return {what: sorted(re.sub(r"\bcase \d+", "case", repr(row)) for row in self.play.rows(sql)) for what, sql in CONTENTS.items()}


OPEN = "status IN ('open', 'queued')"
NEVER = {
    "two runs of one step have one number": "SELECT instance, step, run, item_id FROM token GROUP BY instance, step, run, item_id HAVING COUNT(*) > 1",
    "two tokens have one number": "SELECT instance, number FROM token GROUP BY instance, number HAVING COUNT(*) > 1",
    "work of two steps": "SELECT activity FROM token WHERE activity IS NOT NULL GROUP BY activity HAVING COUNT(*) > 1",
    "work of no step": "SELECT id, kind FROM activity WHERE id NOT IN (SELECT activity FROM token WHERE activity IS NOT NULL)",
    "a timer of a closed step": "SELECT m.id FROM timer m JOIN token t ON t.instance = m.instance AND t.number = m.token WHERE m.status = 'armed' AND t.status NOT IN ('open', 'queued')",
    "work of a closed step": "SELECT a.id FROM activity a JOIN token t ON t.activity = a.id WHERE a.status IN ('open', 'blocked') AND t.status NOT IN ('open', 'queued')",
    "an open step of an ended case": f"SELECT t.id FROM token t JOIN instance i ON i.id = t.instance WHERE t.{OPEN} AND i.status <> 'running'",
    "a running case with nothing open": f"SELECT id FROM instance i WHERE status = 'running' AND NOT EXISTS (SELECT 1 FROM token t WHERE t.instance = i.id AND t.{OPEN})",
    "a case that did not begin": "SELECT id, status FROM instance WHERE status NOT IN ('running', 'done', 'stopped', 'cancelled')",
    "a slot with two holders": "SELECT slot FROM token WHERE slot IS NOT NULL AND status = 'open' GROUP BY slot HAVING COUNT(*) > 1",
    "a queue for a slot nobody holds": "SELECT q.slot FROM token q WHERE q.status = 'queued' AND NOT EXISTS (SELECT 1 FROM token h WHERE h.slot = q.slot AND h.status = 'open')",
}
CONTENTS = {
    "cases": "SELECT definition, subject_id, occurrence, status, result, counts, started_at, ended_at FROM instance",
    "steps": (
        "SELECT i.definition, i.subject_id, t.number, t.step, t.run, t.item_id, t.parent, t.branch, t.status, t.outcome, t.opened_at, t.closed_at, t.opened, t.ended,"
        " a.kind, a.status, a.outcome, a.due_at, a.assignee FROM token t JOIN instance i ON i.id = t.instance LEFT JOIN activity a ON a.id = t.activity"
    ),
    "timers": "SELECT i.definition, i.subject_id, m.token, m.name, m.due_at, m.status FROM timer m JOIN instance i ON i.id = m.instance",
    "events": "SELECT i.subject_id, r.name, r.record_id, r.status FROM received r JOIN instance i ON i.id = r.instance",
    "journal": "SELECT subject_id, verdict, reason FROM decision WHERE occurrence LIKE 'case %'",
    "reminders": "SELECT a.kind, r.employee, r.reminded_at FROM reminder r JOIN activity a ON a.id = r.activity",
    "history": "SELECT customer, action FROM history_entry",
}


@contextmanager
def dying(store, number):
    """Let the store write so many statements, then die."""
    left = [number]

    def counted(real):
        def write(*args):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args)

        return write

    for name in ("insert_many", "update_many", "run"):
        setattr(store, name, counted(getattr(store, name)))
    try:
        yield
    finally:
        for name in ("insert_many", "update_many", "run"):
            delattr(store, name)


def play_twice(story, stores):
    """The story with its kills and without: all holds all along, and both end the same."""
    data, moves = story
    made = made_of(data)
    assume(made is not None)
    ends = []
    for store, kills in zip(stores, (True, False), strict=True):
        story = Story(made, store)
        for what, first, second, kill in moves:
            story.move(what, first, second, kill if kills else None)
            if what == "tick":
                story.holds()
        story.settle()
        ends.append(story.contents())
    killed, undisturbed = ends
    for what, rows in undisturbed.items():
        assert killed[what] == rows, what


@pytest.fixture
def checked_before(monkeypatch):
    """The tick would try all states of a new workflow; that is done already."""
    monkeypatch.setattr(versions, "unsound", lambda flow, places: [])


@contextmanager
def two_stores():
    """Two empty stores in memory."""
    stores = [Store.open(":memory:", create=True) for _ in range(2)]
    try:
        yield stores
    finally:
        for store in stores:
            store.close()


def in_memory(story):
    with two_stores() as stores:
        play_twice(story, stores)


@settings(QUIET, max_examples=60)
@given(story=stories())
def test_random_workflows(checked_before, story):
    in_memory(story)


@pytest.mark.soak
@settings(QUIET, derandomize=False, max_examples=1_000)
@given(story=stories())
def test_a_thousand_random_workflows(checked_before, story):
    in_memory(story)


@settings(QUIET, max_examples=2)
@given(story=stories())
def test_random_workflows_on_postgresql(checked_before, pg_server, story):
    with_postgres(pg_server, story)


@pytest.mark.soak
@settings(QUIET, derandomize=False, max_examples=100)
@given(story=stories())
def test_a_hundred_random_workflows_on_postgresql(checked_before, pg_server, story):
    with_postgres(pg_server, story)


_numbers = iter(range(10**6))


def with_postgres(server, story):
    if server is None:
        pytest.skip("no PostgreSQL")
    stores = [Store.open(postgres.fresh_database(server, f"random{next(_numbers)}"), create=True) for _ in range(2)]
    try:
        play_twice(story, stores)
    finally:
        for store in stores:
            store.close()
