"""What `regelwerk test` reports beside ok and FAILED: JUnit XML, coverage, changes nobody notices, and what an edit concerns."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.commands import run
from engine.site import load_site
from engine.testing.changes import changes
from engine.testing.junit import junit
from engine.testing.mutate import NOTICED, REFUSED, SURVIVED, Mutation, changed
from engine.testing.near import counted, opposite_way, other, slot
from engine.testing.run import Outcome, benches
from engine.testing.watch import concerned

ROOT = Path(__file__).parents[2]
RULES = """
rules:
  big:
    label: B
    for: customer
    purpose: internal
    when: [{kind: company}, {purchases: {some: [{kind: vehicle}]}}]
    at_start: act
    do: {mark: {tag: stammkunde}, call: {activity: check_address, due: 2 business days}}
  other:
    label: O
    for: customer
    purpose: internal
    when: [{moved: true}]
    at_start: act
    do: {mark: {tag: stammkunde}}
"""
TESTS = """
tests:
  big_one:
    of: [big]
    given: {customers: [{number: 1, kind: company, purchases: [{number: P, kind: vehicle}]}]}
    expect: [{by: 2026-03-02, tags: [{kind: stammkunde}], activities: [{kind: check_address, due: $due}]}]
    rows: {right: {due: 2026-02-25}, "<wrong>": {due: "2026-02-26 & more"}}
"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "rules" / "tests").mkdir(parents=True)
    (tmp_path / "regelwerk.yaml").write_text("pack: mine\npacks: [standard]\n", "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(RULES, "utf-8")
    (tmp_path / "rules" / "tests" / "own.yaml").write_text(TESTS.replace("2026-02-26 & more", "2026-02-25"), "utf-8")
    return tmp_path


def test_junit_names_each_row_and_escapes_what_differs(site, capsys):
    (site / "rules" / "tests" / "own.yaml").write_text(TESTS, "utf-8")
    assert run(["test", "mine.big", "--site", str(site), "--junit", str(site / "out.xml")]) == 1
    capsys.readouterr()
    root = ElementTree.parse(site / "out.xml").getroot()
    (suite,) = root.findall("testsuite")
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("mine", "2", "1", "0")
    good, bad = suite.findall("testcase")
    assert (good.get("name"), good.find("failure")) == ("mine.big_one [right]", None)
    assert bad.get("name") == "mine.big_one [<wrong>]"
    assert "2026-02-26 & more" in bad.find("failure").text
    assert float(bad.get("time")) > 0


def test_junit_has_no_character_that_xml_forbids():
    (case,) = ElementTree.fromstring(junit([Outcome("p.t", "a\x0bb\x00")])).iter("testcase")
    assert case.get("name") == "p.t [a?b?]"


def test_a_report_that_cannot_be_written_says_so(site, capsys):
    assert run(["test", "mine.big", "--site", str(site), "--junit", str(site / "no" / "out.xml")]) == 2
    assert "cannot be written: No such file" in capsys.readouterr().err


def test_coverage_names_what_no_test_reaches(site, capsys):
    assert run(["test", "mine.big", "--site", str(site), "--coverage", "--threshold", "100"]) == 1
    shown = capsys.readouterr().out
    assert "mine.big: 5 of 7\n" in shown
    assert "rules/own.yaml:7: condition not reached: kind is false" in shown
    assert "rules/own.yaml:7: condition not reached: some is false" in shown
    assert "5 of 7 reached (71.4 %)" in shown
    assert run(["test", "mine.big", "--site", str(site), "--coverage", "--threshold", "71"]) == 0


def test_a_rule_without_a_test_is_not_covered(site, capsys):
    assert run(["test", "mine.other", "--site", str(site), "--coverage", "--threshold", "1"]) == 1
    shown = capsys.readouterr()
    assert "mine.other: 0 of " in shown.out
    assert "no test is about mine.other" in shown.err
    (site / "rules" / "tests" / "own.yaml").unlink()
    assert run(["test", "mine.other", "--site", str(site), "--mutate", "--threshold", "1"]) == 1
    assert "no test is about mine.other: nothing would notice a change" in capsys.readouterr().err
    assert run(["test", "mine.other", "--site", str(site), "--coverage", "--threshold", "1"]) == 1


def test_both_sides_of_a_condition_are_reached_by_the_records_the_rule_looks_at(site, capsys):
    more = (
        TESTS.replace("2026-02-26 & more", "2026-02-25")
        + "  small_one:\n    of: [big]\n    given: {customers: [{number: 1, kind: person}]}\n    expect: [{by: 2026-03-02, nothing: true}]\n"
    )
    (site / "rules" / "tests" / "own.yaml").write_text(more, "utf-8")
    assert run(["test", "mine.big", "--site", str(site), "--coverage", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["coverage"]
    assert (found["definition"], found["reached"], found["of"]) == ("mine.big", 7, 7)
    assert {item["kind"] for item in found["items"]} == {"rule", "effect", "condition"}


def test_a_workflow_is_covered_by_its_steps_and_ways_out(tmp_path, capsys):
    (tmp_path / "regelwerk.yaml").write_text("pack: mine\npacks: [standard, pipelines]\n", "utf-8")
    assert run(["test", "pipelines.an_offer_without_an_opportunity", "--site", str(tmp_path), "--coverage", "--json"]) == 0
    (found,) = [one for one in json.loads(capsys.readouterr().out)["coverage"] if one["definition"] == "pipelines.offer_follow_up"]
    reached = {item["what"]: item["reached"] for item in found["items"] if item["kind"] in ("step", "outcome")}
    assert (reached["first"], reached["first: no_answer"]) == (True, True)
    assert not all(reached.values())


def test_a_change_that_no_test_notices_is_named_with_its_place(site, capsys):
    assert run(["test", "mine.big", "mine.other", "--site", str(site), "--mutate", "--threshold", "90"]) == 1
    shown = capsys.readouterr()
    assert "mine.other: 0 of " in shown.out, "a definition without a test: every change survives"
    assert "        rules/own.yaml:7: kind: company -> kind: {is_not: company}" not in shown.out
    assert "        rules/own.yaml:7: {kind: company} -> left out\n" in shown.out
    assert "are refused by `check`" in shown.err


def test_each_change_is_made_alone_and_only_its_definition_is_compiled(site):
    found = load_site(site, tests=True)
    ((bench, _),) = [one for one in benches(found) if one[0].pack == "mine"]
    owner = found.definitions.owner("mine.big")
    data = found.sections["rules"]["mine.big"]
    before = json.dumps(data)
    for change in changes(data, bench.compiled.vocabulary):
        compiled = changed(found, bench.compiled, owner, change)
        if compiled is not None:
            assert compiled.sections["rules"]["mine.big"] != data, change
            others = [rule for rule in compiled.rules if rule.id != "mine.big"]
            assert all(ours is theirs for ours, theirs in zip(others, [r for r in bench.compiled.rules if r.id != "mine.big"], strict=True))
    assert json.dumps(data) == before


def test_the_fates_of_changes(site):
    mutation = Mutation(load_site(site, tests=True))
    (target,) = mutation.targets(frozenset({"mine.big"}))
    by_new = {(mutant.old, mutant.new): mutant.fate for mutant in mutation.run(target).mutants}
    assert by_new["enabled: true", "enabled: false"] == NOTICED
    assert by_new["due: 2 business days", "due: 3 business days"] == NOTICED
    assert by_new["some", "no"] == NOTICED
    assert by_new["{kind: company}", "left out"] == SURVIVED
    assert REFUSED not in by_new.values()


def test_several_processes_find_the_same(site, capsys):
    shown = []
    for jobs in ("1", "2"):
        run(["test", "mine.big", "mine.other", "--site", str(site), "--mutate", "--jobs", jobs])
        shown.append(capsys.readouterr())
    assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("3 business days before ends_on", ["4 business days before ends_on", "2 business days before ends_on"]),
        ("1 day", ["2 day"]),
        ("1500.00 EUR", ["1500.01 EUR", "1499.99 EUR"]),
        ("200 per run", ["201 per run", "199 per run"]),
        ("the date", []),
    ],
)
def test_a_period_is_made_one_longer_and_one_shorter(text, near):
    assert list(counted(text)) == near


def test_what_stands_nearest():
    assert list(opposite_way("10 days before ends_on")) == ["10 days after ends_on"]
    assert (list(slot("year on 10-01")), list(slot("day at 08:00")), list(slot("0 6 * * 1"))) == (["year on 10-02"], ["day at 09:00"], ["0 6 * * 2"])
    assert (list(other("b", ["a", "b"])), list(other("a", ["a"])), list(other("x", ["a", "b"]))) == (["a"], [], [])


def test_an_edit_concerns_the_tests_of_what_it_changes(site):
    before = load_site(site, tests=True)
    own = site / "rules" / "own.yaml"
    own.write_text(RULES.replace("{moved: true}", "{moved: false}"), "utf-8")
    assert concerned(before, load_site(site, tests=True)) == frozenset()
    own.write_text(RULES.replace("2 business days", "3 business days"), "utf-8")
    assert concerned(before, load_site(site, tests=True)) == {"mine.big_one"}
    own.write_text(RULES + "lists:\n  a_list: {label: A}\n", "utf-8")
    assert concerned(before, load_site(site, tests=True)) == frozenset(before.sections["tests"])


@pytest.mark.parametrize(
    "words", [["--watch", "--json"], ["--watch", "--mutate"], ["--coverage", "--mutate"], ["--threshold", "5"], ["--junit", "x", "--mutate"]]
)
def test_options_that_say_nothing_together_are_refused(site, words, capsys):
    assert run(["test", "--site", str(site), *words]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "100.5"])
def test_a_threshold_is_0_to_100(site, value, capsys):
    assert run(["test", "--site", str(site), "--coverage", "--threshold", value]) == 2
    assert capsys.readouterr().err == f"--threshold {value} is no per cent; write 0 to 100, e.g. 90\n"


def test_junit_says_where_each_row_is_written_and_how_many_there_are(site, capsys):
    (site / "rules" / "tests" / "own.yaml").write_text(TESTS, "utf-8")
    assert run(["test", "mine.big", "--site", str(site), "--junit", str(site / "out.xml")]) == 1
    capsys.readouterr()
    root = ElementTree.parse(site / "out.xml").getroot()
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["2", "1", "0"]
    lines = (site / "rules" / "tests" / "own.yaml").read_text("utf-8").splitlines()
    for case, row in zip(root.iter("testcase"), ("right", "wrong"), strict=True):
        assert case.get("file") == "rules/tests/own.yaml"
        assert row in lines[int(case.get("line")) - 1]


def test_junit_of_nothing_run_still_counts(site, capsys):
    (site / "rules" / "tests" / "own.yaml").unlink()
    assert run(["test", "mine.other", "--site", str(site), "--junit", str(site / "out.xml")]) == 0
    capsys.readouterr()
    root = ElementTree.parse(site / "out.xml").getroot()
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["0", "0", "0"]


def test_the_purpose_of_what_addresses_nobody_is_no_change(site):
    words = load_site(site).compiled.vocabulary
    tag = {"for": "customer", "purpose": "advertising", "do": {"mark": {"tag": "stammkunde"}, "check": {"activity": "check_address"}}}
    for effect, wanted in (({"message": "birthday"}, 1), ({"activity": "phone_call"}, 1), ({"activity": "check_address"}, 0)):
        made = [one for one in changes({**tag, "do": {**tag["do"], "more": effect}}, words) if one.where == ("purpose",)]
        assert len(made) == wanted, effect


def test_a_packs_name_stands_for_all_it_wrote(site, capsys):
    assert run(["test", "mine", "--site", str(site)]) == 0
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["mine.big_one"] * 2
    assert {target.id for target in Mutation(load_site(site, tests=True)).targets(frozenset(["mine"]))} == {"mine.big", "mine.other"}


def test_watching_runs_what_an_edit_concerns_until_it_is_interrupted(site):
    command = [sys.executable, str(ROOT / "cli.py"), "test", "mine.big", "--watch", "--site", str(site)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in the background inherits that Ctrl-C is ignored
    )
    try:
        seen = []

        def until(words):
            limit = time.monotonic() + 60
            while not any(words in line for line in seen) and time.monotonic() < limit:
                seen.append(process.stdout.readline())
            assert any(words in line for line in seen), seen
            seen.clear()

        until("waiting for an edit")
        (site / "rules" / "own.yaml").write_text(RULES.replace("2 business days", "3 business days"), "utf-8")
        until("due: wanted 2026-02-25, found 2026-02-26")
        until("waiting for an edit")
        (site / "rules" / "own.yaml").write_text(RULES, "utf-8")
        until("2 run, 0 failed")
        until("waiting for an edit")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    finally:
        process.kill()
        process.stdout.close()
