"""No definition, however wrong, is answered by a traceback (design.md: one bad file stops itself, not the run)."""

import copy
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import schemas
from engine.definitions.accept import accept
from engine.definitions.collect import collect
from engine.definitions.reader import read_text
from engine.definitions.shape import Shape
from engine.language.findings import InvalidSite
from engine.running.compiling import compile_sections, vocabulary_of
from engine.shipped import shipped_folder
from engine.site import Site, load_site

HERE = Path(__file__).parents[2]
SITE_TEXT = "pack: site\npacks: [standard]\n"
ODD = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        5,
        "",
        "x",
        "$match_score",
        "$nothing",
        "3 days",
        "{{ x",
        [],
        {},
        [[]],
        [None],
        ["x", 5],
        {"x": None},
        {"field": "name"},
        {"is": {}},
    ]
)


def paths_of(value, at=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*at, key)
            yield from paths_of(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*at, index)
            yield from paths_of(inner, (*at, index))


SHIPPED = collect([("standard", shipped_folder("rules"), "standard")])
PLACES = [(section, name, path) for section, entries in SHIPPED.sections.items() for name, found in entries.items() for path in paths_of(found.data)]


WORKFLOWS = """
workflows:
  sale:
    label: Verkauf
    for: opportunity
    purpose: internal
    start: {on: opportunity.recorded, where: [{status: open}]}
    first: call
    stop_when: [{status: lost}]
    on:
      gone: {event: opportunity.lost, only_while: [{status: open}], where: [{status: lost}], next: over}
      smaller: {event: opportunity.won, cancel: [both.left], complete: all}
    steps:
      call:
        activity: resubmission
        due: in 3 days
        assign: [salesperson, sales_manager]
        note: "{{ number }}"
        remind: [on the day, 1 day before]
        escalate: {first: {after: 1 day, to: manager}, second: {after: 3 days, to: sales_manager}}
        deadline: {after: 10 days, next: over, do: {mark: {event: opportunity.won}}}
        form: questions
        appointment: due
        outcomes:
          done: {next: choose, do: {note: {set: {status: open}}}}
          missed: {tries: [1 day, 2 days], else: {next: over}}
      choose: {decide: {new: {where: [{status: open}], next: pause}, else: {next: over}}}
      pause: {wait: {over: {for: 5 days, next: both}, sent: {event: offer.sent, where: [{number: x}], early: keep 3 days, next: both}}}
      both:
        branches:
          left: {where: [{status: open}], activity: gift, slot: vehicle, next: more, steps: {more: {activity: greeting}}}
          right: {wait: {until: 3 days after recorded_at}}
        join: 1 of 2
        rest: keep
        only_while: [{status: open}]
        at_most: 2
        else: {next: over}
        next: all
      all: {each: {contract: {of: contracts, where: [{number: x}], activity: resubmission, later: ignore}}, join: first, next: child}
      child: {workflow: other, detached: true, next: mark}
      mark: {do: {it: {set: {status: won}}}, next: over}
      over: {end: won, do: {it: {event: opportunity.won}}}
  other: {label: Anderer, for: opportunity, purpose: internal, steps: {over: {end: done}}}
questionnaires:
  questions:
    label: Fragen
    questions:
      why: {label: Warum, type: choice, values: {open: offen}, field: opportunity.status, required: true}
"""
"""A workflow with every kind of step and every key."""


def with_workflows():
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "own.yaml").write_text(WORKFLOWS, "utf-8")
        return collect([("standard", shipped_folder("rules"), "standard"), ("site", Path(name), "rules")])


MINE = with_workflows()
MY_PLACES = [
    (section, name, path) for section in ("workflows", "questionnaires") for name, found in MINE.sections[section].items() for path in paths_of(found.data)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("site")
    (path / "regelwerk.yaml").write_text(SITE_TEXT, "utf-8")
    return path


def put_wrong(definitions, wrongs):
    for (section, name, path), value, rename in wrongs:
        here = definitions.sections[section][name].data
        try:
            for step in path[:-1]:
                here = here[step]
            if rename and isinstance(here, dict):
                here[str(value)] = here.pop(path[-1])
            else:
                here[path[-1]] = copy.deepcopy(value)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return definitions


def site_with(folder, definitions):
    settings_document, _ = read_text(SITE_TEXT.encode(), "regelwerk.yaml")
    site = Site(folder, {}, definitions)
    site.sections = accept(definitions, settings_document, schemas.SECTIONS, vocabulary_of)
    for finding in site.check():
        assert finding.message
        assert finding.hint
    return site


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), ODD, st.booleans()), min_size=1, max_size=4))
@example([(("rules", "standard.open_recall", ("do",)), None, True)])
@example([(("rules", "standard.open_recall", ("do",)), None, False)])
def test_a_shipped_definition_with_anything_anywhere_raises_nothing(folder, wrongs):
    site = site_with(folder, put_wrong(copy.deepcopy(SHIPPED), wrongs))
    assert compile_sections(site.sections).rules


def test_the_workflow_that_is_made_wrong_is_sound(folder):
    assert [str(one) for one in site_with(folder, copy.deepcopy(MINE)).check()] == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MY_PLACES), ODD, st.booleans()), min_size=1, max_size=3))
def test_a_workflow_with_anything_anywhere_raises_nothing(folder, wrongs):
    site_with(folder, put_wrong(copy.deepcopy(MINE), wrongs))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["pack", "language", "store", "packs", "parameters", "calendar", "branches", "x"]),
        ODD | st.fixed_dictionaries({"zone": ODD, "open": ODD | st.fixed_dictionaries({"monday": ODD}), "closed": ODD, "KOE": ODD}),
        max_size=4,
    )
)
def test_any_settings_raise_nothing_else(folder, data):
    (folder / "regelwerk.yaml").write_text(json.dumps(data), "utf-8")
    try:
        found = load_site(folder).findings()
    except InvalidSite as error:
        found = error.findings
    (folder / "regelwerk.yaml").write_text(SITE_TEXT, "utf-8")
    assert all(finding.message and finding.hint for finding in found)


def test_the_editor_schemas_are_not_stale():
    """`make docs` writes them."""
    for name, schema in schemas.files().items():
        assert json.loads((HERE / "schemas" / name).read_text("utf-8")) == json.loads(json.dumps(schema)), name
    assert {path.name for path in (HERE / "schemas").glob("*.json")} == set(schemas.files())


def test_the_editor_schemas_are_small_and_dispatch_on_a_key():
    for name in schemas.files():
        text = (HERE / "schemas" / name).read_text("utf-8")
        assert len(text) < 100_000, name
        assert "oneOf" not in text
        assert Shape(json.loads(text)).mistakes([]), f"{name} refuses a list"
