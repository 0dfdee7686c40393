"""Words of old: read as the new ones, at their place."""

import pytest

from engine.definitions.deprecated import SPELLINGS, modern, translate
from engine.definitions.reader import read_text
from engine.reference.keywords import pages
from engine.site import load_site

NEW = "rules:\n  mine:\n    label: Meine\n    for: customer\n    purpose: internal\n    when: [{city: Ulm}]\n    do: {call: {activity: resubmission, assign: [salesperson]}}\n"
OLD = NEW.replace("label:", "title:").replace("for:", "entity:").replace("do:", "effects:").replace("assign:", "assignee:")


def test_old_words_mean_what_the_new_ones_do(tmp_path):
    sites = []
    for name, text in (("new", NEW), ("old", OLD)):
        (tmp_path / name / "rules").mkdir(parents=True)
        (tmp_path / name / "regelwerk.yaml").write_text("pack: site\n", "utf-8")
        (tmp_path / name / "rules" / "own.yaml").write_text(text, "utf-8")
        sites.append(load_site(tmp_path / name))
    new, old = sites
    assert old.digest == new.digest
    assert [finding.code for finding in new.check()] == []
    assert [finding.code for finding in old.check()] == ["deprecated"] * 4
    definition = old.definitions.get("rules", "site.mine")
    assert str(definition.place(("do", "call", "assign"))) == "rules/own.yaml:7:56"


def test_positions_keep_their_order():
    document, _ = read_text(OLD.encode(), "own.yaml")
    before = list(document.positions.values())
    assert len(translate(document)) == 4
    assert list(document.positions.values()) == before
    assert list(document.below(("rules", "mine", "do")))[1:] == [("call",), ("call", "activity"), ("call", "assign"), ("call", "assign", 0)]


@pytest.mark.parametrize(
    ("way", "becomes"),
    [
        (("change", "standard.birthday", "effects", "write", "assignee"), ("change", "standard.birthday", "do", "write", "assign")),
        (("change", "templates.birthday", "text"), ("change", "templates.birthday", "body")),
        (("change", "templates.birthday", "entity"), ("change", "templates.birthday", "entity")),
        (("events", "visit.opened", "for"), ("events", "visit.opened", "entity")),
        (("rules", "title", "do", "effects", "tag"), ("rules", "title", "do", "effects", "tag")),
        (("tests", "one", "entity"), ("tests", "one", "entity")),
    ],
)
def test_a_word_is_old_only_where_it_was_a_key(way, becomes):
    assert modern(way) == becomes


def test_no_old_word_is_a_keyword_and_every_new_one_is():
    for one in SPELLINGS:
        page, *rest = one.within
        inner = tuple(rest[1:])
        if inner[:1] == ("do",):
            page, inner = "effects", ()
        if inner[:1] == ("steps",):
            page, inner = "steps", ()
        known = {keyword.path for keyword in pages()[page]}
        assert (*inner, one.new) in known
        assert (*inner, one.old) not in known


def test_a_word_that_was_never_a_key_there_is_no_old_one(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: site\n", "utf-8")
    text = "templates:\n  mine: {label: M, body: B, effects: {}, do: {}}\ncampaigns:\n  ours: {label: O, text: T, body: B}\nevents:\n  visit.opened: {entity: opportunity, when: created, label: L, title: T}\n"
    (tmp_path / "rules" / "own.yaml").write_text(text, "utf-8")
    found = [str(one) for one in load_site(tmp_path).check() if one.code == "shape-unknown-key"]
    assert len(found) == 5
    assert not [one for one in found if "old word" in one]


def test_both_words_are_one_too_many(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text("pack: site\n", "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text(NEW.replace("    purpose", "    title: Meine\n    purpose"), "utf-8")
    found = load_site(tmp_path).check()
    assert [str(one) for one in found] == [
        "rules/own.yaml:5:5: error shape-unknown-key: there is no `title` here; it is the old word for `label`, which stands here too: take it away"
    ]
