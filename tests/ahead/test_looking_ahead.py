"""`plan --against` and `simulate` as a person types them."""

import json
import shutil
import subprocess

import pytest

from engine.commands import run
from engine.running.ahead.closure import closure
from engine.running.ahead.report import period_of
from tests.ahead.house import FLOWS, RULES, house

CLOCK = ["--now", "2026-03-03T08:00"]


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(house(tmp_path / "site"))
    assert run(["run", "--now", "2026-03-02T08:00"]) == 0
    return tmp_path / "site"


def git(folder, *words):
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)


def said(capsys, *words):
    capsys.readouterr()
    code = run(list(words))
    return code, *capsys.readouterr()


def test_what_is_wrong_on_the_other_side_is_said(capsys, site):
    other = site.parent / "other"
    shutil.copytree(site, other)
    (other / "rules" / "own.yaml").write_text("rules: [\n", "utf-8")
    code, _, err = said(capsys, "plan", "--against", str(other), *CLOCK)
    assert code == 1
    assert "on the other side: rules/own.yaml:" in err


def test_a_rule_that_is_called_otherwise_does_the_same(capsys, site):
    other = site.parent / "other"
    shutil.copytree(site, other)
    (site / "rules" / "own.yaml").write_text(RULES.replace("  call:\n", "  ring_up:\n    formerly: call\n", 1), "utf-8")
    code, out, _ = said(capsys, "plan", "--against", str(other), *CLOCK)
    assert code == 0
    assert "site.ring_up: renamed" in out
    assert "nothing comes otherwise" in out


def test_a_label_alone_changes_nothing_that_is_done(capsys, site):
    other = site.parent / "other"
    shutil.copytree(site, other)
    labels = {"label: {de: Anrufen, en: Call}": "label: {de: Rufen, en: Call}", "label: Bekannt": "label: Vertraut"}
    for path in (site / "rules").glob("*.yaml"):
        text = path.read_text("utf-8")
        for old, new in labels.items():
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
    code, out, err = said(capsys, "plan", "--against", str(other), *CLOCK)
    assert (code, err) == (0, "")
    assert "site.call: changed\n  label.de: Anrufen -> Rufen" in out
    assert "known: changed\n  label: Bekannt -> Vertraut" in out
    assert out.endswith("no rule, workflow or campaign does anything else\n")


def test_against_a_revision(capsys, site):
    git(site.parent, "init", "-q")
    (site.parent / ".gitignore").write_text("*.db*\n", "utf-8")
    git(site.parent, "add", "-A")
    git(site.parent, "commit", "-qm", "one")
    assert said(capsys, "plan", "--against", "HEAD", *CLOCK) == (0, "from revision HEAD to this site\nno definition differs\n", "")
    (site / "rules" / "own.yaml").write_text(
        RULES.replace("  apart:", "  again:").replace("activity: ring, due: the date", "activity: visit_us, due: the date"), "utf-8"
    )
    code, out, _ = said(capsys, "plan", "--against", "HEAD", "--days", "10", *CLOCK)
    assert code == 0
    assert "  do.call.activity: ring -> visit_us (rules/own.yaml:19 -> rules/own.yaml:19)" in out
    assert "site.again: added (rules/own.yaml:" in out
    assert "site.apart: removed (rules/own.yaml:" in out
    assert "! site.call activity visit_us: 1 Kunde 1, activity ring -> activity visit_us" in out
    data = json.loads(said(capsys, "plan", "--against", "HEAD", "--json", *CLOCK)[1])
    assert [(one["id"], one["what"]) for one in data["differences"]] == [("site.again", "added"), ("site.apart", "removed"), ("site.call", "changed")]
    assert said(capsys, "plan", "--against", "nothing", *CLOCK)[::2] == (
        2,
        "'nothing' is neither a folder nor a revision; `git log --oneline` lists the revisions\n",
    )


@pytest.mark.parametrize(
    ("against", "says"),
    [
        ("regelwerk.yaml", "regelwerk.yaml is a file; name the folder it is in"),
        ("Betrieb früher", "'Betrieb früher' is no folder, and . is in no git repository; `git init` makes one; or name a folder to compare with"),
        ("", "--against names nothing; write e.g. `--against HEAD`"),
    ],
)
def test_what_cannot_be_compared_with_is_said_as_it_is(capsys, site, monkeypatch, against, says):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    assert said(capsys, "plan", "--against", against, *CLOCK) == (2, "", f"{says}\n")


def test_programs_are_told_what_is_left_out_where_the_rest_is_done(capsys, site):
    other = site.parent / "other"
    shutil.copytree(site, other)
    whole = ["plan", "run", "status", f"plan --against {other}", "simulate --until 2026-03-04"]
    assert all("errors" not in json.loads(said(capsys, *words.split(), "--json", *CLOCK)[1]) for words in whole)
    (site / "rules" / "wrong.yaml").write_text("rules: [\n", "utf-8")
    for words in whole:
        code, out, _ = said(capsys, *words.split(), "--json", *CLOCK)
        assert (code, [(one["file"], one["line"]) for one in json.loads(out)["errors"]]) == (1, [("rules/wrong.yaml", 2)]), words
    (other / "rules" / "wrong.yaml").write_text("rules: [\n", "utf-8")
    (site / "rules" / "wrong.yaml").unlink()
    data = json.loads(said(capsys, "plan", "--against", str(other), "--json", *CLOCK)[1])
    assert ("errors" in data, [one["file"] for one in data["errors_there"]]) == (False, ["rules/wrong.yaml"])


def test_a_site_in_no_repository(capsys, site, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "/")
    code, _, err = said(capsys, "plan", "--against", "HEAD", *CLOCK)
    assert (code, "is in no git repository; `git init` makes one" in err) == (2, True)


def test_against_another_version_of_a_pack(capsys, site):
    newer = site.parent / "newer"
    shutil.copytree(site / "words", newer)
    (newer / "rules.yaml").write_text(
        "rules:\n  note:\n    label: {de: Notiz, en: Note}\n    for: customer\n    purpose: internal\n    while: [{number: {missing: false}}]\n    do: {mark: {tag: other}}\n",
        "utf-8",
    )
    code, out, err = said(capsys, "plan", "--against", str(newer), *CLOCK)
    assert code == 0, err
    assert f"from this site to this site with words from {newer}" in out
    assert "words.note: added (words/rules.yaml:2)" in out
    assert "words.note tag other 6" in " ".join(out.split())


def test_a_parameter_of_the_site_is_shown_with_both_places(capsys, site):
    before = site.parent / "before"
    shutil.copytree(site, before, ignore=shutil.ignore_patterns("*.db*"))
    (site / "regelwerk.yaml").write_text((site / "regelwerk.yaml").read_text("utf-8") + 'calendar: {day_starts: "07:00"}\n', "utf-8")
    code, out, _ = said(capsys, "plan", "--against", str(before), *CLOCK)
    assert code == 0
    assert "regelwerk.yaml calendar.day_starts: nothing -> 07:00 (not there -> regelwerk.yaml:5)" in out


ASSUME = "activities:\n  ring: {outcomes: {reached: 1}, after: 1 business day, never: 0}\n"


def test_simulate_as_table_csv_json_and_picture(capsys, site):
    (site / "assume.yaml").write_text(ASSUME, "utf-8")
    words = ["simulate", "--until", "2026-04-03", "--assume", "assume.yaml", "--by", "week", "--customer", "1", *CLOCK]
    code, out, err = said(capsys, *words, "--csv", "out", "--picture", "out.svg")
    assert (code, err) == (0, "")
    assert "ring: reached 100 %; 1 business days after it is due; 0 % never" in out
    lines = (site / "out" / "counts.csv").read_text("utf-8").splitlines()
    assert lines[0] == "period;definition;what;verdict;count"
    assert "2026-W10;site.call;activity ring;made;2" in lines
    assert "activity ring;site.call;done: reached" in (site / "out" / "timeline.csv").read_text("utf-8")
    assert (site / "out.svg").read_text("utf-8").startswith("<svg ")
    data = json.loads(said(capsys, *words, "--json")[1])
    assert data == json.loads(said(capsys, *words, "--json")[1])
    assert {row["employee"] for row in data["load"]} == {"ana"}


def test_wrong_assumptions_are_all_named_at_once(capsys, site):
    (site / "assume.yaml").write_text(
        "activities:\n  rings: {never: 5}\n  ring: {outcomes: {reach: 1}, answers: {how: 1}}\n  visit_us: {outcomes: {came: 0}}\n", "utf-8"
    )
    code, _, err = said(capsys, "simulate", "--until", "2026-04-03", "--assume", "assume.yaml", *CLOCK)
    assert code == 2
    assert err.splitlines() == [
        "assume.yaml:2:3: error assume-unknown-activity: there is no kind of activity 'rings'; did you mean 'ring'?",
        "assume.yaml:3:21: error assume-unknown-outcome: a ring never ends with 'reach'; did you mean 'reached'?",
        "assume.yaml:3:42: error assume-unknown-question: no form asks 'how'; there is none yet",
        "assume.yaml:4:24: error assume-no-share: no outcome of visit_us has a share; give one more than 0",
    ]


SPANS = [
    ("after: gestern", "17: error shape-unknown-value: 'gestern' is no number of days up to 999; write e.g. 0 to 2 business days"),
    ("after: 2000 days", "17: error shape-unknown-value: '2000 days' is no number of days up to 999; write e.g. 0 to 2 business days"),
    ("after: 3", "17: error shape-wrong-kind: `after` is a whole number, not a number of days up to 999; write e.g. 0 to 2 business days"),
    ("appointment: soon", "23: error shape-unknown-value: 'soon' is no number of days up to 999; write e.g. 1 to 5 business days"),
    ("after: 5 to 2 days", "17: error assume-backwards: '5 to 2 days' begins with the greater number; write 2 to 5 days"),
    ("appointment: 1 to 0 business days", "23: error assume-backwards: '1 to 0 business days' begins with the greater number; write 0 to 1 business days"),
]


@pytest.mark.parametrize(("written", "expected"), SPANS)
def test_wrong_times_are_told_what_is_wrong_and_what_a_right_one_looks_like(capsys, site, written, expected):
    (site / "assume.yaml").write_text(f"activities:\n  ring: {{{written}}}\n", "utf-8")
    code, _, err = said(capsys, "simulate", "--until", "2026-04-03", "--assume", "assume.yaml", *CLOCK)
    assert (code, err) == (2, f"assume.yaml:2:{expected}\n")
    (site / "assume.yaml").write_text(f"otherwise:\n         {written}\n", "utf-8")
    code, _, err = said(capsys, "simulate", "--until", "2026-04-03", "--assume", "assume.yaml", *CLOCK)
    assert (code, err) == (2, f"assume.yaml:2:{expected}\n")


def test_a_simulation_needs_a_day(capsys, site):
    assert said(capsys, "simulate", "--until", "", *CLOCK) == (2, "", "--until names no day; write e.g. 2026-11-24\n")


def test_a_simulation_does_not_go_back_in_time(capsys, site):
    assert said(capsys, "simulate", "--until", "2026-03-01", *CLOCK)[0] == 2
    code, _, err = said(capsys, "simulate", "--until", "2026-03-09", "--now", "2026-02-01T08:00")
    assert code == 1
    assert "but the last tick was at" in err


def test_periods():
    from datetime import date

    day = date(2026, 12, 31)
    assert [period_of(day, by) for by in ("day", "week", "month")] == ["2026-12-31", "2026-W53", "2026-12"]


def test_a_workflow_is_walked_with_the_rule_that_plans_the_same_kind_of_work(site):
    from engine.against import _said
    from engine.site import open_site

    here, store = open_site(site)
    sides = [(here.setting(store), _said(here))]
    assert closure(sides, ["site.call"]) == {"site.call", "site.chain"}
    assert closure(sides, ["site.mark"]) == {"site.mark"}
    assert FLOWS.count("ring") == 1
    store.close()
