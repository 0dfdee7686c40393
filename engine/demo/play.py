"""The demo's weeks: a first load, then each morning the export of the day before and a tick."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from engine.demo.generate import DAYS, write_exports
from engine.language.findings import RegelwerkError
from engine.running import hands
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.site import Site, load_site
from engine.store.imports import load_file

TEMPLATE = Path(__file__).with_name("site")
MORNING = time(6)


@dataclass
class Played:
    """What the weeks amounted to."""

    site: Site
    setting: Setting
    today: date
    rows: int = 0
    ticks: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)


def make_site(folder: Path) -> Site:
    """A fresh demo site in the folder; a former demo there is replaced, anything else is refused."""
    settings = folder / "regelwerk.yaml"
    if settings.exists() and settings.read_bytes() != (TEMPLATE / "regelwerk.yaml").read_bytes():
        raise RegelwerkError(f"{folder} holds another site", "name an empty folder", exit_code=2, code="exists")
    if folder.exists() and not settings.exists() and any(folder.iterdir()):
        raise RegelwerkError(f"{folder} is not empty", "name an empty folder", exit_code=2, code="exists")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    folder.chmod(0o700)
    return load_site(folder)


def play(site: Site, now: datetime, seed: int, customers: int, say: Callable[[str], None]) -> Played:
    """Write the exports up to yesterday, take them in and tick every morning up to `now` (naive UTC)."""
    today = site.calendar.today(now)
    files = write_exports(site.folder / "exports", today - timedelta(days=1), seed, customers)
    say(f"{len(files)} export files of a dealership with {customers} customers are in {site.folder / 'exports'}")
    store = site.open_store(create=True)
    played = Played(site, site.setting(store), today)
    for late in range(DAYS, -1, -1):
        day = today - timedelta(days=late)
        folder = "first" if late == DAYS else (day - timedelta(days=1)).isoformat()
        _morning(played, [file for file in files if file.parent.name == folder], min(now, site.calendar.at(day, MORNING)), seed, say)
    return played


def _morning(played: Played, files: list[Path], now: datetime, seed: int, say: Callable[[str], None]) -> None:
    """Take in what was exported overnight, tick, and let the people work."""
    before = played.rows
    for file in files:
        _take(played, file, now)
    if not played.ticks:
        played.setting.store.analyze()
    report = tick(played.setting, now)
    played.ticks += 1
    for definition, verdicts in report.tally.by_definition.items():
        counts = played.counts.setdefault(definition, {})
        for verdict, number in verdicts.items():
            counts[verdict] = counts.get(verdict, 0) + number
    _work(played, now, Random(f"{seed} {now}"))
    done, blocked, held = (report.tally.total(verdict) for verdict in ("done", "blocked", "held"))
    say(f"{played.site.calendar.local(now):%d.%m.%Y}: {played.rows - before:5} rows in, {done:4} done, {blocked:3} blocked, {held:3} held")


def _work(played: Played, morning: datetime, rng: Random) -> None:
    """What the people of the house do that day: most of what is due gets done, each kind with one of its results."""
    store = played.setting.store
    day = played.site.calendar.today(morning)
    due = store.rows(
        "SELECT a.id, e.initials FROM activity a LEFT JOIN employee e ON e.id = a.assignee WHERE a.status = 'open' AND a.due_on <= ? ORDER BY a.id",
        [day],
    )
    with store.session(write=True), store.context(cause="the demo's people"):
        for number, person in due:
            if rng.random() < 0.6:
                outcomes, later = hands.outcomes_of(played.setting, number), timedelta(minutes=rng.randint(150, 600))
                outcome, agreed = rng.choice(outcomes or ["done"]), morning + timedelta(days=rng.randint(1, 4), hours=4)
                if day < played.today:
                    answers = _answers(played, hands.form_of(played.setting, number), rng)
                    hands.complete(replace(played.setting, user=person or ""), number, outcome, morning + later, agreed, answers)


def _answers(played: Played, form: str, rng: Random) -> dict[str, str]:
    """What a customer answers: every question that must be, and one of the choices."""
    questions = played.setting.sections["questionnaires"][form]["questions"] if form else {}
    said = {}
    for name, question in questions.items():
        if question["type"] == "choice":
            said[name] = rng.choice(sorted(question["values"]))
        elif question.get("required"):
            said[name] = str(rng.choice([1, 1, 2, 2, 3, 4])) if question["type"] == "grade" else "ja"
    return said


def _take(played: Played, file: Path, now: datetime) -> None:
    site = played.site
    result = load_file(played.setting.store, site.sections["imports"][file.stem], file, now, site.calendar)
    if result.findings:
        raise RegelwerkError("\n".join(str(finding) for finding in result.findings[:20]), findings=result.findings)
    played.rows += result.added + result.changed
