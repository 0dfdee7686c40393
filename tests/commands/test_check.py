"""`check`: exit codes with and without --strict, and what it prints for people, for GitHub and for programs."""

import json

import pytest

from engine.commands import run
from tests.commands.calling import typing

SITE = "pack: site\npacks: [standard, pipelines]\n"
ADVICE = "change:\n  standard.remotorisation: {catch_up: 60 days}\n"
BOTH = ADVICE + "rules:\n  50%:\n    label: x\n"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    (tmp_path / "rules").mkdir()
    return tmp_path


@pytest.fixture
def call(capsys, site):
    return typing(capsys, site)


def test_the_shipped_packs_are_clean_under_strict(call):
    assert call("check", "--strict") == ""


def test_advice_leaves_the_exit_code_at_0_but_not_under_strict(call, site, capsys):
    (site / "rules" / "own.yaml").write_text(ADVICE, "utf-8")
    assert "warning change-nothing" in call("check")
    assert run(["check", "--strict", "--site", str(site)]) == 3
    assert "change-nothing" not in capsys.readouterr().err


def test_advice_leaves_nothing_out(call, site, capsys):
    """A condition that can never hold is advice: the rule runs, and `run` says nothing of it."""
    before = json.loads(call("check", "--json"))["rules"]
    rule = "rules:\n  mine: {label: x, for: customer, purpose: internal, when: [{city: Ulm}, {city: Bonn}], do: {mark: {tag: stammkunde}}}\n"
    (site / "rules" / "own.yaml").write_text(rule, "utf-8")
    shown = json.loads(call("check", "--json"))
    assert [(one["code"], one["severity"]) for one in shown["errors"]] == [("condition-never-true", "warning")]
    assert shown["rules"] == before + 1


def test_for_github(site, capsys):
    (site / "rules" / "own.yaml").write_text(BOTH, "utf-8")
    assert run(["check", "--format", "github", "--site", str(site)]) == 3
    file = f"{site}/rules/own.yaml".replace(":", "%3A").replace(",", "%2C")
    assert capsys.readouterr().out.splitlines() == [
        f"::warning file={file},line=2,col=3,title=change-nothing::the change of 'standard.remotorisation' changes nothing: "
        "all it says is there already; delete it",
        f"::error file={file},line=4,col=3,title=bad-id::'50%25' is no id; use lower case letters, digits and _",
    ]


def test_settings_that_cannot_be_used_are_shown_for_github_as_well(site, capsys):
    (site / "regelwerk.yaml").write_text(SITE + "colour: red\n", "utf-8")
    assert run(["check", "--format", "github", "--site", str(site)]) == 3
    assert capsys.readouterr().out.startswith(f"::error file={site}/regelwerk.yaml,line=3,col=1,title=shape-unknown-key::there is no `colour` here; one of ")


def test_json_is_one_form_under_two_names(call, site):
    (site / "rules" / "own.yaml").write_text(ADVICE, "utf-8")
    assert call("check", "--format", "json") == call("check", "--json")
