"""A rule that is deleted or switched off: what it left is shown and taken back; on both databases."""

from datetime import date, datetime, timedelta

import pytest

from engine.running.left_behind import left_behind
from engine.running.tick import tick
from engine.site import load_site

NOW = datetime(2026, 3, 2, 9)
RULES = """
rules:
  level: {label: L, for: customer, purpose: internal, while: [{moved: true}], do: {mark: {tag: stammkunde}, show: {list: matching_wishes}, write: {set: {profession: five}}}}
  due: {label: D, for: customer, purpose: internal, date: birthday, do: {work: {activity: resubmission}, show: {list: matching_wishes}}}
  held: {label: H, for: customer, purpose: internal, when: [{moved: true}], do: {work: {activity: resubmission}}}
"""
OTHER = "  other: {label: O, for: customer, purpose: internal, date: birthday, do: {work: {activity: resubmission}}}\n"


@pytest.fixture
def home(store, tmp_path):
    (tmp_path / "rules").mkdir()

    def setting(rules, left_open="keep", sound=True):
        (tmp_path / "regelwerk.yaml").write_text(f"pack: site\npacks: [standard]\nleft_open: {left_open}\n", "utf-8")
        (tmp_path / "rules" / "own.yaml").write_text(rules, "utf-8")
        site = load_site(tmp_path)
        assert (site.findings() == []) == sound
        return site.setting(store)

    with store.session(write=True), store.context(quiet=True):
        row = {"number": 1, "moved": True, "profession": "two", "birthday": date(2026, 3, 2)}
        store.insert_many("customer", [row])
    return setting


def state(store):
    def number(sql):
        return int(store.rows(sql, [])[0][0])

    return (
        number("SELECT COUNT(*) FROM tag WHERE taken_back_on IS NULL"),
        number("SELECT COUNT(*) FROM list_entry WHERE taken_off_at IS NULL"),
        store.rows("SELECT profession FROM customer", [])[0][0],
        number("SELECT COUNT(*) FROM activity WHERE status = 'open'"),
        number("SELECT COUNT(*) FROM occurrence WHERE status = 'held'"),
    )


NOTHING = "rules: {}\n"
OFF = RULES.replace("{label", "{enabled: false, label")


@pytest.mark.parametrize("without", [NOTHING, OFF])
@pytest.mark.parametrize(("left_open", "left"), [("keep", (0, 1, "two", 1, 1)), ("close", (0, 1, "two", 0, 0))])
def test_levels_are_taken_back_and_open_work_as_the_site_says(store, home, without, left_open, left):
    tick(home(RULES), NOW)
    assert state(store) == (1, 2, "five", 1, 1)
    setting = home(without, left_open)
    assert left_behind(setting) == [
        ("site.due", "list entries", 1),
        ("site.due", "open activities", 1),
        ("site.held", "held", 1),
        ("site.level", "fields", 1),
        ("site.level", "list entries", 1),
        ("site.level", "tags", 1),
    ]
    for hours in (1, 2):
        report = tick(setting, NOW + timedelta(hours=hours))
        assert state(store) == left
    assert report.tally.by_definition == {}
    assert ("site.due", "list entries", 1) in left_behind(setting)
    withdrawn = store.rows("SELECT definition, COUNT(*) FROM decision WHERE reason = 'the definition is gone' GROUP BY definition ORDER BY definition", [])
    assert [tuple(row) for row in withdrawn] == ([("site.due", 1), ("site.held", 1)] if left_open == "close" else []) + [("site.level", 3)]


def test_a_level_that_comes_back_holds_again(store, home):
    tick(home(RULES), NOW)
    tick(home(NOTHING), NOW + timedelta(hours=1))
    tick(home(RULES), NOW + timedelta(hours=2))
    assert state(store)[:3] == (1, 2, "five")


def test_work_that_another_rule_wants_stays(store, home):
    tick(home(RULES + OTHER), NOW)
    tick(home("rules:\n" + OTHER, "close"), NOW + timedelta(hours=1))
    assert state(store)[3] == 1


@pytest.mark.parametrize("wrong", ["rules: [\n", RULES.replace("for: customer", "for: custommer")])
def test_a_rule_that_is_only_wrong_is_not_gone(store, home, wrong):
    tick(home(RULES), NOW)
    setting = home(wrong, "close", sound=False)
    tick(setting, NOW + timedelta(hours=1))
    assert left_behind(setting) == []
    assert state(store) == (1, 2, "five", 1, 1)
