"""A dealer with both shipped packs, played on the clock: what the pipelines do, the rules of `standard` beside them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from engine.running import hands
from engine.running.tick import tick
from engine.site import load_site
from engine.store.store import Store

BERLIN = ZoneInfo("Europe/Berlin")


@cache
def site(more=""):
    """The site, read once; `more` are further lines of regelwerk.yaml."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "regelwerk.yaml").write_text(f"pack: site\npacks: [standard, pipelines]\n{more}", "utf-8")
        read = load_site(Path(folder), tests=True)
        assert [str(one) for one in read.findings() if one.severity == "error"] == []
        return read


def local(text):
    """A local day (its noon) or moment as naive UTC."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T12:00")
    return moment.replace(tzinfo=BERLIN).astimezone(UTC).replace(tzinfo=None)


class House:
    """A store, a clock, three people and a prospect."""

    def __init__(self, start, more="", rules=False):
        self.site = site(more)
        self.store = Store.open(":memory:", create=True)
        self.setting = self.site.setting(self.store)
        if not rules:  # the pipelines alone; `rules=True` lets the rules of `standard` act beside them
            self.setting = replace(self.setting, rules=[rule for rule in self.setting.rules if rule.id.startswith("pipelines.")])
        self.now = local(start)
        self.add("branch", code="M", name="München")
        for initials, role in (("ana", "salesperson"), ("bea", "sales_manager"), ("udo", "service_adviser")):
            row = self.add("employee", initials=initials, branch=1, department="after_sales" if initials == "udo" else "sales")
            self.add("employee_role", employee=row, role=role)
        self.store_customer()
        self.tick()

    def store_customer(self):
        self.add(
            "customer", number=1, name="Maier", kind="person", status="prospect", country="DE", branch=1, salesperson=1, email="m@x.de", phone="089 1",
            street="Weg 1", city="München",
        )  # fmt: skip

    def add(self, entity, **values):
        with self.store.session(write=True):
            return self.store.insert_many(entity, [values])[0]

    def change(self, entity, row, **values):
        with self.store.session(write=True):
            self.store.update_many(entity, [{"id": row, **values}])

    def prospect(self, **values):
        base = {"customer": 1, "salesperson": 1, "owner": 1, "branch": 1, "status": "open", "source": "walk_in", "requested_contact": True, "brand": "Ford"}
        row = self.add("opportunity", number="O1", recorded_at=self.now, **{**base, **values})
        self.tick(minutes=1)
        return row

    def sold(self, day, **values):
        car = self.add("vehicle", vin="V1", brand="Ford", model="Focus", kind="car", owner=1)
        row = self.add("delivery", number="D1", customer=1, vehicle=car, salesperson=1, branch=1, delivered_on=datetime.fromisoformat(day).date(), **values)
        self.tick(minutes=1)
        return row

    def tick(self, **later):
        self.now += timedelta(**later)
        report = tick(self.setting, self.now)
        assert not report.stopped, report.stopped

    def until(self, text, step=1):
        """Tick a day (or `step` days) at a time until a day or moment is reached."""
        end = local(text)
        while self.now + timedelta(days=step) < end:
            self.tick(days=step)
        self.now = end
        self.tick()

    def done(self, kind, outcome, appointment=None, answers=None):
        with self.store.session(write=True):
            rows = self.store.rows("SELECT id FROM activity WHERE status IN ('open', 'blocked') AND kind = ? ORDER BY id", [kind])
            assert rows, f"no {kind} is open: {self.open()}"
            agreed = local(appointment) if appointment else None
            hands.complete(self.setting, rows[0][0], outcome, self.now, agreed, answers)
        self.tick(minutes=1)
        return rows[0][0]

    def open(self):
        return [row[0] for row in self.store.rows("SELECT kind FROM activity WHERE status IN ('open', 'blocked') ORDER BY id", [])]

    def work(self, kind, *fields):
        """Fields of the newest activity of a kind; the assignee by initials."""
        names = ", ".join("e.initials" if name == "assignee" else f"a.{name}" for name in fields)
        sql = f"SELECT {names} FROM activity a LEFT JOIN employee e ON e.id = a.assignee WHERE a.kind = ? ORDER BY a.id DESC LIMIT 1"
        row = self.store.rows(sql, [kind])[0]
        found = [str(value)[:16] if "_at" in name and value else value for name, value in zip(fields, row, strict=True)]
        return found[0] if len(found) == 1 else tuple(found)

    def rows(self, sql, *args):
        return [tuple(row) for row in self.store.rows(sql, list(args))]

    def cases(self, beside=("test_drive_confirmation",)):
        """The cases, without those of workflows that only run beside another."""
        found = [(row[0].partition(".")[2], row[1], row[2]) for row in self.store.rows("SELECT definition, status, result FROM instance ORDER BY id", [])]
        return [case for case in found if case[0] not in beside]

    def steps(self):
        return [row[0] for row in self.store.rows("SELECT step FROM token WHERE status = 'open' ORDER BY instance, number", [])]

    def incidents(self):
        return [row[0] for row in self.store.rows("SELECT reason FROM incident", [])]
