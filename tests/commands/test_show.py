"""`show`: the definition in force, the place of every value, and what each layer says of it."""

import json

import pytest

from tests.commands.calling import typing

SETTINGS = """pack: site
packs: [standard, house]
parameters:
  standard.remotorisation_after: {default: 30 months, brand: {Honda: 24 months}, branch: {"02": 28 months}}
"""
HOUSE = """change:
  standard.remotorisation:
    catch_up: 90 days
    do: {contact: {closed_day: previous}}
  tags.stammkunde: {lifetime: 36 months}
"""
OWN = """change:
  standard.remotorisation:
    catch_up: 45 days
    do: {contact: {remove: [note]}}
    label: {fr: Revente}
"""
FILES = {
    "regelwerk.yaml": SETTINGS,
    "house/pack.yaml": 'pack: house\nversion: "1.0.0"\nlabel: Haus\n',
    "house/rules/changes.yaml": HOUSE,
    "rules/own.yaml": OWN,
}


@pytest.fixture
def call(tmp_path, capsys):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return typing(capsys, tmp_path)


def part(call, name):
    """The layers and values of a definition, without the first, which defines it."""
    shown = json.loads(call("show", name, "--layers", "--json"))
    first, *others = shown["layers"]
    assert first["does"] == "defines"
    assert {said["does"] for said in first["says"]} == {"sets"}
    return others, shown["values"]


def test_every_layers_part_in_order(call):
    (house, own), _ = part(call, "standard.remotorisation")
    assert (house["pack"], house["file"], house["line"]) == ("house", "house/rules/changes.yaml", 2)
    assert [(said["does"], said["path"], said["value"], said["was"]) for said in house["says"]] == [
        ("overrides", "catch_up", "90 days", "60 days"),
        ("overrides", "do.contact.closed_day", "previous", "next"),
    ]
    assert [(said["does"], said["path"], said.get("was_at", "").partition(".yaml")[0]) for said in own["says"]] == [
        ("overrides", "catch_up", "house/rules/changes"),
        ("removes", "do.contact.note", "standard/rules/sales"),
        ("adds", "label.fr", ""),
    ]


def test_every_value_of_a_parameter_with_its_place(call):
    _, values = part(call, "standard.remotorisation")
    assert [(one["for"], one["value"]) for one in values["standard.remotorisation_after"]] == [
        ("default", "32 months"), ("site", "30 months"), ("brand Honda", "24 months"), ("branch 02", "28 months"),
    ]  # fmt: skip
    assert values["standard.remotorisation_after"][-1]["place"] == "regelwerk.yaml:4:97"


def test_for_people_the_same_in_lines(call):
    shown = call("show", "standard.remotorisation", "--layers").splitlines()
    said = "    overrides catch_up: 45 days"
    assert f"{said:72}  # rules/own.yaml:3, was 90 days (house/rules/changes.yaml:3)" in shown
    assert f"{'    branch 02: 28 months':72}  # regelwerk.yaml:4" in shown


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("templates.winter_tyres", "subject:"),
        ("templates.standard.winter_tyres", "subject:"),
        ("tags.stammkunde", "lifetime: 36 months"),
        ("activities.service_call", "channel: phone"),
        ("events.visit.closed", "entity: visit"),
        ("roles.salesperson", "de: Verkäufer"),
        ("choices.lost_reasons", "de: Preis"),
        ("parameters.standard.remotorisation_after", "min: 6 months"),
    ],
)
def test_every_section_can_be_shown(call, name, line):
    assert any(shown.strip().startswith(line) for shown in call("show", name).splitlines())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("winter_tyres", "did you mean 'standard.winter_tyres' or 'templates.winter_tyres'?"),
        ("remotorisation", "did you mean 'standard.remotorisation' or 'activities.remotorisation'?"),
        ("templates.winter_tires", "did you mean 'templates.winter_tyres'?"),
        ("standard.remotorisaton", "did you mean 'standard.remotorisation'?"),
        ("templates.house.winter_tyres", "did you mean 'templates.winter_tyres'?"),
    ],
)
def test_what_is_not_there_gets_the_nearest(call, name, hint):
    assert call("show", name, code=2) == f"there is no '{name}'; {hint}\n"
