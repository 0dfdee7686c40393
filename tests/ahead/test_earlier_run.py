"""`plan --against run:N`: what has changed since an earlier run, put together from the stored versions."""

import json

import pytest

from engine.commands import run
from engine.site import load_site
from tests.ahead.house import FLOWS, RULES, house
from tests.ahead.test_looking_ahead import said

CLOCK = ["--now", "2026-03-04T09:00"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Run 1 with everything as it is; then the call comes 20 days after, a rule goes, one comes, a step is due later; run 2."""
    folder = house(tmp_path / "site")
    monkeypatch.chdir(folder)
    assert run(["run", "--now", "2026-03-02T08:00"]) == 0
    rules = RULES.replace("date: 10 days", "date: 20 days").replace("  apart:", "  fresh:")
    (folder / "rules" / "own.yaml").write_text(rules, "utf-8")
    (folder / "workflows" / "own.yaml").write_text(FLOWS.replace("due: in 2 days", "due: in 4 days"), "utf-8")
    assert run(["run", "--now", "2026-03-03T08:00"]) == 0
    return folder


def test_against_an_earlier_run(capsys, site):
    code, out, err = said(capsys, "plan", "--against", "run:1", "--days", "30", *CLOCK)
    assert (code, err) == (0, "")
    head, *rest = out.splitlines()
    assert head == "from run 1 of 2026-03-02 08:00 to this site"
    assert any(line.startswith("site.apart: removed") for line in rest)
    assert any(line.startswith("site.fresh: added") for line in rest)
    assert any("date: 10 days after delivered_on -> 20 days after delivered_on (run 1" in line for line in rest)
    assert any("due: in 2 days -> in 4 days" in line for line in rest)
    data = json.loads(said(capsys, "plan", "--against", "run:1", "--json", *CLOCK)[1])
    assert {one["definition"] for one in data["changes"]} == {"site.call"}
    assert {one["id"] for one in data["differences"]} == {"site.call", "site.apart", "site.fresh", "site.chain"}


def test_against_the_last_run_nothing_differs(capsys, site):
    assert said(capsys, "plan", "--against", "run:2", *CLOCK) == (0, "from run 2 of 2026-03-03 08:00 to this site\nno definition differs\n", "")


def test_what_was_switched_off_since_is_switched_off(capsys, site):
    (site / "rules" / "own.yaml").write_text((site / "rules" / "own.yaml").read_text("utf-8") + "    enabled: false\n", "utf-8")
    out = said(capsys, "plan", "--against", "run:2", *CLOCK)[1]
    assert "site.fresh: switched off" in out


def test_a_parameters_name_is_no_difference(capsys, site):
    rules = RULES.replace("date: 10 days", "date: $after").replace("purpose: internal\n    date", "purpose: internal\n    limit: 50 per run\n    date")
    (site / "rules" / "own.yaml").write_text(rules + "parameters:\n  after: {type: duration, default: 20 days, label: Anruf}\n", "utf-8")
    assert run(["run", "--now", "2026-03-03T09:00"]) == 0
    more = (site / "rules" / "own.yaml").read_text("utf-8").replace("50 per run", "60 per run")
    (site / "rules" / "own.yaml").write_text(more, "utf-8")
    out = said(capsys, "plan", "--against", "run:3", *CLOCK)[1]
    assert "limit: 50 per run -> 60 per run" in out
    assert "date:" not in out


@pytest.mark.parametrize(
    ("against", "message"), [("run:9", "there is no run 9; the last tick is run 2"), ("run:x", "'run:x' names no run; write its number: `--against run:17`")]
)
def test_what_names_no_run_is_said(capsys, site, against, message):
    code, _, err = said(capsys, "plan", "--against", against, *CLOCK)
    assert (code, message in err) == (2, True), err


def test_a_run_that_was_a_persons_deed_went_by_no_definitions(capsys, site):
    store = load_site(site).open_store()
    with store.session(write=True):
        store.run("UPDATE run SET definitions = NULL WHERE id = 1", [])
    store.close()
    code, _, err = said(capsys, "plan", "--against", "run:1", *CLOCK)
    assert (code, err) == (2, "run 1 was no tick; the last tick is run 2\n")


def test_what_is_wrong_here_is_not_said_of_the_run(capsys, site):
    (site / "rules" / "more.yaml").write_text(
        "rules:\n  wrong: {label: X, for: custommer, purpose: internal, when: [{city: A}], do: {mark: {tag: known}}}\n", "utf-8"
    )
    code, _, err = said(capsys, "plan", "--against", "run:2", *CLOCK)
    assert (code, err.count("custommer"), "other side" in err) == (1, 1, False), err
