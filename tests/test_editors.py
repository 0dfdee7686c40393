"""Writing YAML in an editor: the real language server completes a site's own ids and fields, and marks what is wrong."""

import json
from itertools import count

import pytest
from jsonschema import Draft202012Validator

from engine.commands import run
from engine.definitions.reader import read_file
from engine.editing import editor_schemas
from engine.shipped import shipped_folder
from engine.site import load_site
from tests.support.language_server import LanguageServer, program, why_not

MODELINE = "# yaml-language-server: $schema=../.regelwerk/definitions.json\n"
OWN = """
rules:
  own_rule:
    label: Eigene Regel
    for: customer
    purpose: internal
    when: [{loyalty: gold}]
    do: {mark: {tag: goldkunde}}
fields:
  loyalty: {for: customer, type: choice, values: [gold, silver], label: {de: Treue, en: Loyalty}}
tags:
  goldkunde: {number: 230, label: Goldkunde, lifetime: unlimited}
parameters:
  call_after: {type: duration, default: 3 days, label: Anruf nach}
"""
RULE = "rules:\n  mine:\n    label: Mein\n    for: customer\n    purpose: internal\n"
FLOW = "workflows:\n  w:\n    label: W\n    for: opportunity\n    purpose: internal\n    steps:\n      first:\n"


@pytest.fixture(scope="module")
def haus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor") / "haus"
    assert run(["init", str(folder)]) == 0
    (folder / "rules" / "own.yaml").write_text(MODELINE + OWN, "utf-8")
    assert run(["check", "--site", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def editor(haus):
    if program() is None:
        pytest.skip(f"no language server: {why_not()}")
    server = LanguageServer(haus)
    server.wait(haus / "rules" / "probe.yaml", MODELINE + "rulez: 1\n")
    yield Editor(server, haus)
    server.stop()


class Editor:
    """A text with a `|` where the cursor stands."""

    def __init__(self, server, folder):
        self.server, self.folder, self.numbers = server, folder, count()

    def _open(self, text, name):
        path = self.folder / name / f"file{next(self.numbers)}.yaml"
        before, _, after = (MODELINE + text).partition("|")
        found = self.server.open(path, before + after)
        return path, before.count("\n"), len(before) - before.rfind("\n") - 1, found

    def offers(self, text):
        path, line, character, _ = self._open(text, "rules")
        return self.server.complete(path, line, character)

    def says(self, text):
        path, line, character, _ = self._open(text, "rules")
        return self.server.hover(path, line, character)

    def finds(self, text):
        """(line, message) of each finding; the first line of the text is 1."""
        return [(one["range"]["start"]["line"], one["message"]) for one in self._open(text, "rules")[3]]


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("|", ["rules", "workflows", "change", "fields"]),
        (RULE + "    |", ["when", "while", "date", "every", "again", "do"]),
        ("rules:\n  mine:\n    for: |", ["customer", "opportunity", "delivery"]),
        (RULE + "    on: |", ["opportunity.recorded", "contract.signed"]),
        (RULE + "    when:\n      - |", ["city", "loyalty", "visits", "tagged", "any", "none_of"]),
        (RULE + "    when:\n      - loyalty: |", ["gold", "silver"]),
        (RULE + "    when:\n      - tagged: |", ["goldkunde", "inspektionskunde"]),
        (RULE + "    when:\n      - visits:\n          |", ["some", "no", "all", "count", "latest"]),
        (RULE + "    when:\n      - visits:\n          some:\n            - |", ["visited_on", "kind", "tagged"]),
        (RULE + "    do:\n      mark:\n        |", ["tag", "activity", "message", "workflow"]),
        (RULE + "    do:\n      mark:\n        tag: |", ["goldkunde", "inspektionskunde"]),
        (RULE + "    do:\n      call:\n        activity: |", ["phone_call", "test_drive"]),
        (RULE + "    do:\n      write:\n        message: |", ["birthday", "inspection_due"]),
        (FLOW + "        |", ["activity", "wait", "decide", "branches", "each"]),
        (FLOW + "        activity: |", ["phone_call", "test_drive"]),
        (FLOW + "        activity: phone_call\n        |", ["due", "assign", "escalate", "outcomes", "next"]),
        ("change:\n  |", ["standard.remotorisation", "pipelines.sales", "standard.winter_tyres"]),
        ("change:\n  standard.remotorisation:\n    |", ["date", "enabled", "do", "limit"]),
    ],
)
def test_an_editor_completes_the_sites_own_names(editor, text, some):
    offered = editor.offers(text)
    assert set(some) <= set(offered), offered


def test_what_is_offered_is_what_fits_there(editor):
    assert "visited_on" not in editor.offers(RULE + "    when:\n      - |")
    assert "$call_after" not in editor.offers(RULE + "    do:\n      mark:\n        tag: |")
    assert {"gold", "silver"}.isdisjoint(editor.offers(RULE + "    when:\n      - tagged: |"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("rulez:\n  x: 1\n", 1, "Property rulez is not allowed."),
        (RULE + "    when: [{citty: Bonn}]\n    do: {mark: {tag: goldkunde}}\n", 6, "Property citty is not allowed."),
        (RULE + "    when: [{visits: {somme: [{kind: workshop}]}}]\n    do: {mark: {tag: goldkunde}}\n", 6, "Property somme is not allowed."),
        (RULE + "    when: [{city: Bonn}]\n    do: {mark: {tag: goldkundee}}\n", 7, "Value is not accepted."),
        (RULE.replace("customer", "custommer") + "    when: [{city: Bonn}]\n    do: {mark: {tag: goldkunde}}\n", 4, "Value is not accepted."),
        (FLOW + "        activity: phone_call\n        outcome: {reached: {}}\n", 9, "Property outcome is not allowed."),
        (RULE + "    when: [{city: Bonn}]\n", 2, 'Missing property "do".'),
    ],
)
def test_an_editor_marks_what_is_wrong_where_it_stands(editor, text, line, message):
    found = editor.finds(text)
    assert [one for one in found if one[0] == line and one[1].startswith(message)], found


def test_an_editor_finds_nothing_in_what_is_right(editor):
    assert editor.finds(OWN) == []
    change = "change:\n  standard.remotorisation: {date: 30 months after delivered_on, do: {contact: {remove: [note]}}}\n"
    assert editor.finds(change + "  pipelines.sales: {steps: {first_call: {due: 2 business days, remove: [escalate]}}}\n") == []


def test_an_editor_tells_what_a_keyword_is(editor):
    assert "when this becomes true" in editor.says(RULE + "    wh|en: [{city: Bonn}]")
    assert "Ort / City" in editor.says(RULE + "    when:\n      - ci|ty: Bonn")
    assert "Wiedermotorisierung" in editor.says("change:\n  standard.re|motorisation: {date: 30 months after delivered_on}")


def test_the_settings_complete_their_parameters(haus, editor):
    server = editor.server
    path = haus / "regelwerk.yaml"
    text = path.read_text("utf-8") + "parameters:\n  \n"
    server.open(path, text)
    offered = server.complete(path, text.count("\n") - 1, 2)
    assert {"standard.remotorisation_after", "site.call_after"} <= set(offered)


def test_what_is_shipped_fits_the_sites_schema(haus):
    """Every file of both packs: an editor that marks what is right is worse than none."""
    schema = editor_schemas(load_site(haus))["definitions.json"]
    Draft202012Validator.check_schema(schema)
    fits = Draft202012Validator(schema)
    files = [file for name in ("rules", "workflows") for file in shipped_folder(name).rglob("*.yaml") if file.name != "pack.yaml"]
    assert len(files) > 15
    for file in files:
        document, findings = read_file(file, file.name)
        assert (findings, [error.message for error in fits.iter_errors(document.data)]) == ([], []), file


def test_check_keeps_the_schemas_in_step(haus):
    file = haus / "rules" / "more.yaml"
    file.write_text("tags:\n  silberkunde: {number: 231, label: Silberkunde}\n", "utf-8")
    try:
        assert "silberkunde" not in (haus / ".regelwerk" / "definitions.json").read_text("utf-8")
        assert run(["check", "--site", str(haus)]) == 0
        assert "silberkunde" in (haus / ".regelwerk" / "definitions.json").read_text("utf-8")
    finally:
        file.unlink()
        run(["check", "--site", str(haus)])


def test_check_writes_no_schemas_where_there_were_none(tmp_path):
    (tmp_path / "regelwerk.yaml").write_text("pack: x\nlanguage: de\npacks: [standard]\n", "utf-8")
    assert run(["check", "--site", str(tmp_path)]) == 0
    assert not (tmp_path / ".regelwerk").exists()


def test_they_are_small_enough_for_an_editor(haus):
    """VS Code loads them at every start: well below a megabyte each."""
    for name, schema in editor_schemas(load_site(haus)).items():
        assert len(json.dumps(schema)) < 500_000, name
