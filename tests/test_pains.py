"""docs/pains.md: each test it names exists, and what no other test shows."""

import re
from datetime import date
from pathlib import Path

import pytest

from engine.commands import run
from engine.definitions.reader import read_text
from engine.site import load_site
from tests.commands.calling import typing

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "pains.md").read_text("utf-8")
NAMED = re.findall(r"^\* `(tests/[a-z_/]+\.py)::(test_\w+)`$", PAGE, re.M)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_each_test_that_is_named_exists(file, test):
    assert f"\ndef {test}(" in (ROOT / file).read_text("utf-8")


def test_every_pain_names_a_test():
    pains = re.split(r"^## ", PAGE, flags=re.M)[1:]
    assert [pain.partition(".")[0] for pain in pains[:15]] == [str(number) for number in range(1, 16)]
    assert all("* `tests/" in pain for pain in pains)
    assert not re.search(r"https?:|#[0-9]{2}", PAGE)


def site_with(folder, **files):
    (folder / "rules").mkdir()
    (folder / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\n", "utf-8")
    for name, text in files.items():
        (folder / "rules" / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def rule(name, condition, do="{mark: {tag: stammkunde}}"):
    return f"rules:\n  {name}: {{label: X, for: customer, purpose: internal, at_start: act, when: [{condition}], do: {do}}}\n"


def test_a_mistyped_field_is_an_error_with_its_place_and_the_nearest_name(tmp_path):
    (finding,) = load_site(site_with(tmp_path, own=rule("mine", "{birthdy: {missing: false}}"))).check()
    assert str(finding).startswith("rules/own.yaml:2:77: error condition-unknown-field: customer has no field 'birthdy'; did you mean 'birthday'?")


def test_every_mistake_of_every_file_is_named_at_once(tmp_path, capsys):
    folder = site_with(tmp_path, a="rules: [\n", b=rule("one", "{cty: Ulm}"), c=rule("two", "{city: Ulm}", "{mark: {tag: stamkunde}, call: {activity: fone}}"))
    assert run(["check", "--site", str(folder)]) == 3
    said = capsys.readouterr().out
    for code in ("yaml-syntax", "condition-unknown-field", "effect-unknown-tag", "effect-unknown-activity"):
        assert f"error {code}:" in said
    assert run(["run", "--site", str(folder), "--now", "2026-03-02T08:00"]) != 0


def test_a_list_is_replaced_as_a_whole_and_a_map_key_by_key(tmp_path):
    change = "change:\n  standard.remotorisation: {do: {contact: {assign: [sales_manager]}}}\n"
    shipped = load_site(site_with(tmp_path)).sections["rules"]["standard.remotorisation"]["do"]["contact"]
    assert len(shipped["assign"]) > 1
    (tmp_path / "rules" / "own.yaml").write_text(change, "utf-8")
    site = load_site(tmp_path)
    assert site.check() == []
    assert site.sections["rules"]["standard.remotorisation"]["do"]["contact"] == {**shipped, "assign": ["sales_manager"]}


def test_many_records_without_a_quantifier_are_refused(tmp_path):
    (finding,) = load_site(site_with(tmp_path, own=rule("mine", "{visits.kind: workshop}"))).check()
    assert (finding.code, finding.hint) == ("condition-path-through-many", "ask with some, no, all, count or latest")


def test_what_was_decided_outlives_runs_without_anything_to_do(tmp_path, capsys):
    folder = site_with(tmp_path, own=rule("mine", "{city: Ulm}"))
    store = load_site(folder).open_store(create=True)
    with store.session(write=True), store.context(quiet=True):
        store.insert_many("customer", [{"number": 1, "city": "Ulm", "recorded_on": date(2026, 3, 1)}])
    store.close()
    typing(capsys, folder, ("--now", "2026-03-02T08:00"))("run")
    before = decided(folder)
    assert before
    for minute in range(1, 41):
        typing(capsys, folder, ("--now", f"2026-03-02T09:{minute:02}"))("run")
    assert decided(folder) == before
    assert "2026-03-02 08:00" in typing(capsys, folder, ("--now", "2026-03-02T10:00"))("why", "site.mine", "customer:1")


def decided(folder):
    store = load_site(folder).open_store()
    rows = [tuple(row) for row in store.rows("SELECT id, definition, subject_id, verdict FROM decision WHERE definition = 'site.mine'", [])]
    store.close()
    return rows


@pytest.mark.parametrize("word", ["off", "no", "yes", "on", "True", "Off"])
def test_only_true_and_false_are_yes_and_no(word):
    document, findings = read_text(f"rules: {{enabled: {word}}}\n".encode(), "own.yaml")
    assert document is None
    assert [finding.code for finding in findings] == ["yaml-ambiguous"]
    assert read_text(b"rules: {enabled: false}\n", "own.yaml")[0].data == {"rules": {"enabled": False}}
