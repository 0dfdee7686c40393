"""Edits between ticks: a level that does something else, a rule that was wrong for a while."""

from datetime import date, timedelta

from engine.running.tick import tick
from engine.site import load_site
from tests.running.test_tick import MORNING

LEVEL = "rules: {l: {label: L, for: customer, purpose: internal, while: [{city: Köln}], do: {m: {tag: %s}}}}\ntags: {aa: {number: 201, label: A}, bb: {number: 202, label: B}}\n"
DATE = "rules: {d: {label: D, for: customer, purpose: internal, date: 3 days after %s, do: {h: {history: {action: phone_call, content: x}}}}}\n"


def setting_of(folder, text, store):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "regelwerk.yaml").write_text("packs: [standard]\n", "utf-8")
    (folder / "rules" / "own.yaml").write_text(text, "utf-8")
    return load_site(folder).setting(store)


def tags(store):
    return [row[0] for row in store.rows("SELECT kind FROM tag WHERE taken_back_on IS NULL AND kind IN ('aa', 'bb')", [])]


def test_a_level_that_was_edited_keeps_what_it_does_now(store, tmp_path):
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1, "city": "Köln"}])[0]
    tick(setting_of(tmp_path, LEVEL % "aa", store), MORNING)
    assert tags(store) == ["aa"]
    edited = setting_of(tmp_path, LEVEL % "bb", store)
    tick(edited, MORNING + timedelta(hours=1))
    assert tags(store) == ["bb"]
    tick(edited, MORNING + timedelta(hours=2))
    assert tags(store) == ["bb"]
    with store.session(write=True):
        store.update_many("customer", [{"id": customer, "city": "Bonn"}])
    tick(edited, MORNING + timedelta(hours=3))
    assert tags(store) == []


def test_a_rule_that_was_wrong_for_a_tick_makes_up_for_it(store, tmp_path):
    with store.session(write=True):
        store.insert_many("customer", [{"number": 1, "customer_since_on": date(2026, 3, 1)}])
    first = MORNING.replace(year=2026, month=3, day=3)
    tick(setting_of(tmp_path, DATE % "customer_since_on", store), first)
    tick(setting_of(tmp_path, DATE % "customer_sinze_on", store), first + timedelta(days=1))
    tick(setting_of(tmp_path, "rules: [\n", store), first + timedelta(days=2))
    mended = setting_of(tmp_path, DATE % "customer_since_on", store)
    tick(mended, first + timedelta(days=3))
    tick(mended, first + timedelta(days=4))
    assert store.rows("SELECT COUNT(*) FROM history_entry", [])[0][0] == 1
