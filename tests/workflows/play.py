"""A small site played on the clock: workflows written as YAML in the test, the shipped words, a store in memory."""

from datetime import datetime, timedelta

from engine.definitions.reader import read_text
from engine.language.calendars import Calendar
from engine.language.money import parse_money  # noqa: F401 - keeps the money words loaded as a site has them
from engine.running import hands
from engine.running.compiling import Compiled, compile_sections
from engine.running.tick import tick
from engine.store.store import Store
from tests.running.sites import shipped_sections

MONDAY = datetime(2026, 11, 2, 8)
"""A Monday morning, naive UTC (09:00 in Berlin)."""


FLOW = "workflows:\n  case:\n    label: Case\n    for: opportunity\n    purpose: internal\n    start: {on: opportunity.recorded}\n"


def flow_text(steps, head=""):
    """A workflow `case` that begins with an opportunity, of these steps; `head` is written above them."""
    lines = "".join(f"      {line}\n" for line in steps.strip().splitlines())
    return FLOW + "".join(f"    {line}\n" for line in head.strip().splitlines()) + "    steps:\n" + lines


def compiled(text, **more):
    document, findings = read_text(text.encode(), "test.yaml")
    assert document is not None, findings
    shipped = shipped_sections()
    sections = {name: dict(shipped.get(name, {})) for name in shipped if name not in ("rules", "workflows", "tests")}
    for section, entries in {**document.data, **more}.items():
        sections.setdefault(section, {}).update(entries)
    return compile_sections(sections)


class Play:
    """A store, a clock and what one asks of them."""

    def __init__(self, text, store=None, **more):
        self.store = store or Store.open(":memory:", create=True)
        self.compiled = text if isinstance(text, Compiled) else compiled(text, **more)
        assert not self.compiled.problems, self.compiled.problems
        self.setting = self.compiled.over(self.store, Calendar())
        self.now = MONDAY
        with self.store.session(write=True):
            self.add("branch", code="M", name="München")
            self.add("employee", initials="ana", branch=1)
            self.add("employee", initials="bea", branch=1)
            self.add("employee_role", employee=1, role="salesperson")
            self.add("employee_role", employee=2, role="sales_manager")
            self.add("customer", number=1, name="Maier", kind="person", country="DE", branch=1, salesperson=1, email="m@x.de", phone="089 1")
        self.tick()

    def add(self, entity, **values):
        with self.store.session(write=True):
            return self.store.insert_many(entity, [values])[0]

    def change(self, entity, row, **values):
        with self.store.session(write=True):
            self.store.update_many(entity, [{"id": row, **values}])

    def opportunity(self, number="O1", **values):
        base = {"customer": 1, "salesperson": 1, "owner": 1, "branch": 1, "status": "open", "recorded_at": self.now, "requested_contact": True}
        return self.add("opportunity", number=number, **{**base, **values})

    def tick(self, **later):
        self.now += timedelta(**later)
        report = tick(self.setting, self.now)
        assert not report.stopped, report.stopped
        return report

    def done(self, kind, outcome, appointment=None, answers=None, **later):
        self.now += timedelta(**later)
        with self.store.session(write=True):
            row = self.store.rows("SELECT id FROM activity WHERE status IN ('open', 'blocked') AND kind = ? ORDER BY id", [kind])[0][0]
            hands.complete(self.setting, row, outcome, self.now, appointment, answers)
        return row

    def pause(self, definition, on=True):
        with self.store.session(write=True):
            self.store.set_switch(f"pause:{definition}", "on" if on else None, "", self.now)

    def resume(self, definition):
        self.pause(definition, on=False)

    def open_work(self):
        return [row[0] for row in self.store.rows("SELECT kind FROM activity WHERE status IN ('open', 'blocked') ORDER BY id", [])]

    def steps(self):
        sql = "SELECT t.step, t.item_id FROM token t JOIN instance i ON i.id = t.instance WHERE t.status IN ('open', 'queued') ORDER BY t.instance, t.number"
        return [f"{row[0]} {row[1]}" if row[1] else row[0] for row in self.store.rows(sql, [])]

    def cases(self):
        return [(row[0], row[1]) for row in self.store.rows("SELECT status, result FROM instance ORDER BY id", [])]

    def rows(self, sql, *args):
        return [tuple(row) for row in self.store.rows(sql, list(args))]

    def armed(self):
        return [row[0] for row in self.store.rows("SELECT name FROM timer WHERE status = 'armed' ORDER BY id", [])]

    def noted(self):
        return [row[0] for row in self.store.rows("SELECT reason FROM decision WHERE occurrence LIKE 'case %' AND reason IS NOT NULL ORDER BY id", [])]

    def incidents(self):
        return [row[0] for row in self.store.rows("SELECT reason FROM incident WHERE status = 'open' ORDER BY id", [])]
