"""`plan --save` and `run --plan`: what was shown is done, or nothing is."""

import json

import pytest

from engine.commands import run
from engine.site import open_site
from tests.ahead.house import RULES, everything, house

CLOCK = ["--now", "2026-03-06T08:00"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(house(tmp_path / "site"))
    assert run(["run", "--now", "2026-03-02T08:00"]) == 0
    assert run(["plan", "--save", "plan.json", *CLOCK]) == 0
    return tmp_path / "site"


def contents(folder):
    _, store = open_site(folder)
    found = everything(store)
    store.close()
    return found


def assert_refused(capsys, site, says, *clock):
    before = contents(site)
    capsys.readouterr()
    assert run(["run", "--plan", "plan.json", *(clock or CLOCK)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert contents(site) == before


def test_a_plan_is_done_as_it_was_shown(capsys, site):
    plan = json.loads((site / "plan.json").read_text("utf-8"))
    shown = [(one["definition"], one["subject"], one["verdict"]) for one in plan["decisions"]]
    assert ("site.call", "delivery:1", "done") in shown
    _, store = open_site(site)
    before = store.rows("SELECT MAX(id) FROM decision", [])[0][0]
    store.close()
    assert run(["run", "--plan", "plan.json", "--now", "2026-03-06T11:00"]) == 0
    _, store = open_site(site)
    rows = store.rows("SELECT definition, subject_entity, subject_id, verdict FROM decision WHERE id > ? ORDER BY id", [before])
    assert [(row[0], f"{row[1]}:{row[2]}", row[3]) for row in rows] == shown
    assert store.switch("last_tick") == plan["now"]
    store.close()
    assert_refused(capsys, site, "another run was done since")


def test_on_postgresql_a_plan_is_done_as_it_was_shown_though_the_plan_used_up_numbers(capsys, tmp_path, monkeypatch, pg_dsn):
    monkeypatch.chdir(house(tmp_path / "site", pg_dsn))
    for command in (["plan", "--save", "plan.json"], ["run", "--plan", "plan.json"]):  # the first run: cases begin, events are taken
        assert run([*command, "--now", "2026-03-02T08:00"]) == 0, capsys.readouterr().err
    assert "otherwise" not in capsys.readouterr().err


def test_an_edited_calendar_refuses(capsys, site):
    settings = site / "regelwerk.yaml"
    settings.write_text(settings.read_text("utf-8") + 'calendar: {region: DE-BW, closed: ["2026-03-05"]}\n', "utf-8")
    assert_refused(capsys, site, "the definitions or settings: they were edited since")


def test_a_change_by_hand_refuses(capsys, site):
    assert run(["record", "customer", "--set", "1", "name=Anders"]) == 0
    assert_refused(capsys, site, "records were changed since")


def test_a_pause_refuses(capsys, site):
    assert run(["pause", "site.call"]) == 0
    assert_refused(capsys, site, "released, discarded, paused or done")


def test_an_edited_rule_refuses(capsys, site):
    (site / "rules" / "own.yaml").write_text(RULES.replace("10 days after", "9 days after"), "utf-8")
    assert_refused(capsys, site, "the definitions or settings: they were edited since")


def test_another_clock_refuses(capsys, site):
    assert_refused(capsys, site, "the clock: the plan is for 2026-03-06, today is 2026-03-07", "--now", "2026-03-07T08:00")
    assert_refused(capsys, site, "the clock: it is before the plan's", "--now", "2026-03-06T07:00")


def test_a_plan_that_was_edited_is_not_done(capsys, site):
    plan = json.loads((site / "plan.json").read_text("utf-8"))
    del plan["decisions"][0]
    (site / "plan.json").write_text(json.dumps(plan), "utf-8")
    assert_refused(capsys, site, "1 decisions would come out otherwise than the file says")


def test_a_plan_is_written_over_nothing_but_a_plan(capsys, site):
    settings = (site / "regelwerk.yaml").read_text("utf-8")
    assert run(["plan", "--save", "regelwerk.yaml", *CLOCK]) == 2
    assert "regelwerk.yaml is there and is no saved plan" in capsys.readouterr().err
    assert (site / "regelwerk.yaml").read_text("utf-8") == settings
    assert run(["plan", "--save", "plan.json", *CLOCK]) == 0
    assert run(["plan", "--save", "never.json", "--now", "2026-03-01T08:00"]) == 1
    assert "never.json was not written" in capsys.readouterr().err
    assert not (site / "never.json").exists()


@pytest.mark.parametrize(
    "text",
    ['{"regelwerk_plan": true}', '{"regelwerk_plan": 1, "now": "2026-03-06T08:00:00+00:00", "definitions": "", "store": {}, "decisions": []}', "[" * 200_000],
)
def test_odd_files_are_no_plans(capsys, site, text):
    (site / "plan.json").write_text(text, "utf-8")
    assert run(["run", "--plan", "plan.json", *CLOCK]) == 2
    assert "plan.json is" in capsys.readouterr().err


def test_what_is_no_plan_is_refused(capsys, site):
    (site / "plan.json").write_text("[]", "utf-8")
    assert run(["run", "--plan", "plan.json", *CLOCK]) == 2
    assert "plan.json is no saved plan; make it anew" in capsys.readouterr().err
    (site / "plan.json").write_text('{"regelwerk_plan": 9}', "utf-8")
    assert run(["run", "--plan", "plan.json", *CLOCK]) == 2
    assert "is a plan of version 9" in capsys.readouterr().err
