"""The benchmark compares like with like: on a small store the engine, the SQL and the loops give the same answers."""

from datetime import timedelta

import pytest

from bench import ahead, imports, spiff
from bench.__main__ import site_with
from bench.loops import Loops
from bench.rules import NAMES, by_engine, measure, waiting_events
from bench.workflows import Cases, steps


def test_engine_and_sql_answer_alike_and_every_rule_has_something_to_do(tmp_path):
    setting, _ = site_with(tmp_path, 2000)
    found = {one.name: one.answers for one in measure(setting, waiting_events(setting), repeat=1)}
    setting.store.close()
    assert set(found) == set(NAMES)
    assert all(found.values()), found


def test_engine_and_loops_answer_alike(tmp_path):
    setting, _ = site_with(tmp_path, 300)
    events, loops = waiting_events(setting), Loops(setting.store)
    for rule in setting.rules:
        assert loops(rule.id.removeprefix("standard.")) == by_engine(setting, rule, events), rule.id
    setting.store.close()


def test_the_import_that_is_measured_takes_everything(tmp_path):
    assert set(imports.seconds(tmp_path, 200)) == {"first load", "nothing changed", "a tenth changed"}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_running_cases_are_measured_doing_what_they_should(kind, tmp_path, request):
    """The asserts are the bench's own: nothing is due in a quiet tick, a tenth when its day has come, completed cases end."""
    cases = Cases(tmp_path, 500, request.getfixturevalue("pg_dsn") if kind == "postgres" else "bench.db")
    assert cases.fill().number == cases.store.rows("SELECT COUNT(*) FROM instance WHERE status = 'running'", [])[0][0]
    assert cases.quiet(2).seconds
    assert cases.due(2).number == 50
    assert [one.number for one in steps(cases, 2, 2, tmp_path / "spiff.db")] == [6] * (3 if spiff.INSTALLED else 1)
    cases.store.close()
    assert cases.peak(cases.now + timedelta(hours=1)) > 0


def test_looking_ahead_is_measured_finding_what_it_should(tmp_path):
    ahead.made(tmp_path / "site", 200)
    found = ahead.against(tmp_path / "site")
    assert {one.definition for one in found.changes} == {"standard.remotorisation"}
    assert found.walked < found.acting / 4
    assert ahead.ahead(tmp_path / "site", 20).came.counts
