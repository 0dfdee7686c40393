"""The reference: fresh, complete, and every example in it is in order where it stands."""

import json
from dataclasses import fields
from pathlib import Path

import pytest

from engine.definitions.layers import GLOBAL, SECTIONS
from engine.definitions.reader import read_text
from engine.effects import EFFECTS
from engine.language.conditions.described import COMBINING, OPERATORS, QUANTIFIERS, TRADE, VALUES
from engine.language.conditions.parse import parse_condition
from engine.language.conditions.words import WORDS
from engine.language.durations import UNITS, parse_duration
from engine.language.phrase_forms import AMOUNTS, MOMENTS, SCHEDULES
from engine.language.phrases import _DAYS, _STARTS, Phrase, parse_phrase
from engine.language.schedules import parse_schedule
from engine.language.vocabulary import Vocabulary
from engine.reference.flow import flow
from engine.reference.keywords import LISTED, NAMED, pages
from engine.reference.pages import FOLDER, entries, files, names
from engine.reference.wholes import WHOLES
from engine.schemas import ASSUMPTIONS, PACK, SITE
from engine.site import load_site
from engine.store.model import ENTITIES

ROOT = Path(__file__).parents[2]
SETTINGS = "pack: site\npacks: [standard, pipelines]\n"
DOCUMENTS = ("regelwerk", "pack", "assumptions")
TABLES = {**OPERATORS, **COMBINING, **QUANTIFIERS, **TRADE, **VALUES}
TRIGGERS = {"on", "date", "when", "while", "every"}
WITHOUT = {"nothing": ["open", "cases"], "for": ["until", "event"], "until": ["for", "event"], "event": ["for", "until"], "name": ["field"], "field": ["name"], "before": ["after"], "count": ["value"]}  # fmt: skip
"""A keyword -> those it cannot stand beside."""


def data_of(text):
    document, findings = read_text(text.encode(), "page.yaml")
    assert findings == []
    return document.data


def with_it(data, path, value):
    """Every way to put a value at a path into some data; `*` stands for each name, `[]` for each entry."""
    if len(path) == 1:
        if isinstance(data, dict):
            rest = {key: one for key, one in data.items() if key not in WITHOUT.get(path[0], ()) and not ({key, path[0]} <= TRIGGERS and key != path[0])}
            yield {**rest, path[0]: value}
        return
    step, rest = path[0], path[1:]
    if isinstance(data, dict):
        for key in data if step == NAMED else [step] if step in data else ():
            yield from ({**data, key: one} for one in with_it(data[key], rest, value))
    elif isinstance(data, list) and step == LISTED:
        for index, entry in enumerate(data):
            yield from ([*data[:index], one, *data[index + 1 :]] for one in with_it(entry, rest, value))


def in_definitions(page):
    """(keyword, example, section, definition) for every way an example can stand in one of the page's whole definitions."""
    whole = data_of(WHOLES[page])
    section = {"steps": "workflows", "effects": "rules"}.get(page, page)
    front = {"steps": ("steps", NAMED), "effects": ("do", NAMED)}.get(page, ())
    for keyword in pages()[page]:
        for example in keyword.examples:
            for name, definition in whole[section].items():
                for one in with_it(definition, (*front, *keyword.path), example):
                    yield keyword, example, section, name, one
                if page == "steps" and keyword.path[0] in ("where", "later", "of", "steps"):
                    for block in ("branches", "each"):
                        for one in with_it(definition, (*front, block, NAMED, *keyword.path), example):
                            yield keyword, example, section, name, one


@pytest.fixture(scope="module")
def tried(tmp_path_factory):
    """(page, keyword, example as text) -> whether one of the ways it can stand in gives no error. One site holds them all, a file each."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "rules" / "tests").mkdir(parents=True)
    (folder / "regelwerk.yaml").write_text(SETTINGS, "utf-8")
    for page, whole in WHOLES.items():
        if page not in DOCUMENTS:
            (folder / "rules" / f"whole_{page}.yaml").write_text(whole, "utf-8")
    ways = {}
    for page in [page for page in pages() if page not in (*DOCUMENTS, "change")]:
        for keyword, example, section, name, definition in in_definitions(page):
            number = len(ways)
            if section == "tags" and keyword.path != ("number",):
                definition["number"] = 1000 + number
            own = f"visit.w{number}" if section == "events" else f"{name}_{number}" if section != "choices" else name
            text = json.dumps({section: {own: definition}}, ensure_ascii=False)
            (folder / "rules" / f"way_{number}.yaml").write_text(text, "utf-8")
            ways[f"rules/way_{number}.yaml"] = (page, keyword.name, flow(example))
    wrong = {}
    for finding in load_site(folder, tests=True).check():
        if finding.severity == "error":
            wrong.setdefault(finding.place.file, []).append(str(finding))
    found = {}
    for file, key in ways.items():
        found.setdefault(key, []).append(wrong.get(file, []))
    return found, {file: said for file, said in wrong.items() if "whole_" in file}


def test_whole_definitions_are_in_order(tried):
    assert tried[1] == {}


def test_every_example_is_in_order_where_it_stands(tried):
    found, _ = tried
    everywhere = {
        (page, word.name, flow(example)) for page in pages() if page not in (*DOCUMENTS, "change") for word in pages()[page] for example in word.examples
    }
    assert len(everywhere) > 200
    assert everywhere - set(found) == set(), "no whole definition has a place for it: engine/reference/wholes.py"
    assert {key: min(said, key=len) for key, said in found.items() if all(said)} == {}


@pytest.mark.parametrize(("page", "shape"), [("regelwerk", SITE), ("pack", PACK), ("assumptions", ASSUMPTIONS)])
def test_every_example_of_a_document_is_in_order(page, shape):
    whole = data_of(WHOLES[page])
    assert shape.mistakes(whole) == []
    for keyword in pages()[page]:
        for example in keyword.examples:
            ways = list(with_it(whole, keyword.path, example))
            assert ways
            assert any(shape.mistakes(one) == [] for one in ways), keyword.name


def test_settings_and_changes_are_in_order(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text(WHOLES["regelwerk"], "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(WHOLES["change"], "utf-8")
    assert load_site(tmp_path).check() == []


@pytest.mark.parametrize("word", TABLES)
def test_every_example_of_conditions_is_one(word):
    vocabulary = Vocabulary(ENTITIES, tags={"zufriedenheit": ""})
    one = TABLES[word]
    node, problems = parse_condition([data_of(one.example)], one.about, vocabulary)
    assert problems == []
    assert node is not None


def test_every_word_of_conditions_is_told():
    assert set(WORDS) == set(TRADE)
    for table in (OPERATORS, QUANTIFIERS, COMBINING):
        assert all(word in one.example for word, one in table.items())


def test_every_form_of_time_is_told_and_read():
    assert set(AMOUNTS) == set(UNITS)
    assert set(MOMENTS) > set(_DAYS) | set(_STARTS)
    for one in AMOUNTS.values():
        parse_duration(one.example)
    kinds = {type(parse_phrase(one.example)) for one in MOMENTS.values()}
    assert {kind.__name__ for kind in Phrase.__args__} - {kind.__name__ for kind in kinds} == {"Share"}, "a share is told where deadlines are"
    for one in SCHEDULES.values():
        parse_schedule(one.example)


def test_every_effect_is_an_example_of_its_kind():
    for word, effect in EFFECTS.items():
        ((_, spec),) = data_of(effect.example).items()
        assert word in spec


def test_every_word_has_meaning_and_example():
    assert set(SECTIONS) | {"steps", "effects", "conditions", "time", "change", *DOCUMENTS} == set(names())
    assert set(GLOBAL) < set(names())
    for page in names():
        for entry in entries(page):
            assert entry.doc, entry
            assert entry.examples, entry
            assert len(fields(entry)) == 7


def test_the_pages_are_fresh():
    written = {path.name: path.read_text("utf-8") for path in (ROOT / FOLDER).iterdir()}
    assert written == files(), "make docs"


@pytest.mark.parametrize("value", ["a, b", "no", "08:00", "5 days", {"a": [1, True, "0 6 * * 1"]}, "{{ name }}", "x: y", "#1", ""])
def test_data_reads_as_it_is_written(value):
    assert data_of(f"as: {flow(value)}\n") == {"as": value}
