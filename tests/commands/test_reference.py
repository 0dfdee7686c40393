"""`docs` prints the reference."""

import json

import pytest

from engine.commands import run


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], "rules: A rule does something for records of one kind"),
        (["rules"], "  again: How often for the same record: always, never, or counted."),
        (["again"], "rules.again (a text or a map)\n  How often for the same record: always, never, or counted.\n    again: never\n"),
        (["steps.activity.due"], "    due: 3 business days"),
        (["at_least"], "conditions.at_least (integer, money)\n  That much or more.\n    amount: {at_least: 500.00 EUR}"),
        (["business day"], "A day on which the branch is open"),
        (["condition-unknown-field"], "error: "),
        (["change-restates"], "One key of a `change:` says what is there already."),
    ],
)
def test_docs_prints(words, shown, capsys):
    assert run(["docs", *words]) == 0
    assert shown in capsys.readouterr().out


def test_docs_of_one_word_on_several_pages_prints_all(capsys):
    assert run(["docs", "due"]) == 0
    out = capsys.readouterr().out
    assert "steps.activity.due (a text)" in out
    assert "effects.activity.due (a text)" in out


def test_docs_of_no_word_names_the_nearest(capsys):
    assert run(["docs", "agian"]) == 2
    assert capsys.readouterr().err == "the language has no word 'agian'; did you mean 'again'?\n"
    assert run(["docs", "agian", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["code"] == "not-found"


def test_docs_as_json(capsys):
    assert run(["docs", "at_start", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["version"] == 1
    assert [(one["page"], one["examples"]) for one in said["words"]] == [("rules", ["at_start: hold"])]
    assert run(["docs", "--json"]) == 0
    assert "steps" in json.loads(capsys.readouterr().out)["sections"]


def test_an_old_word_leads_to_the_new_one(capsys):
    for word, new in (("assignee", "assign"), ("rules.assignee", "assign"), ("effects.assignee", "effects.assign"), ("steps.assignee", "assign")):
        assert run(["docs", word]) == 2
        assert capsys.readouterr().err == f"the language has no word '{word}'; it is called `{new}`: `regelwerk docs {new}`\n"
    assert run(["docs", "rules.entity"]) == 2
    assert "it is called `rules.for`: `regelwerk docs rules.for`" in capsys.readouterr().err
    assert run(["docs", "questionnaires.questions.options"]) == 2
    assert "it is called `questionnaires.questions.values`: `regelwerk docs questionnaires.questions.values`" in capsys.readouterr().err


def test_a_word_is_old_only_where_it_was_a_key(capsys):
    for word in ("rules.options", "events.title", "tags.text"):
        assert run(["docs", word]) == 2
        assert "it is called" not in capsys.readouterr().err
