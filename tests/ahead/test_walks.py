"""Looking ahead over both databases: a walk leaves nothing, comes out the same, and sees what an edit does."""

import shutil
from datetime import timedelta

import pytest

from engine.against import effects_of, sides
from engine.running.ahead.assumptions import assumptions_of
from engine.running.tick import tick
from engine.simulating import simulate
from engine.site import open_site
from tests.ahead.house import NOW, RULES, everything, house


@pytest.fixture(params=["sqlite", "postgres"])
def here(request, tmp_path):
    folder = house(tmp_path / "site", request.getfixturevalue("pg_dsn") if request.param == "postgres" else "store.db")
    site, store = open_site(folder)
    tick(site.setting(store), NOW)
    yield site, store
    store.close()


ASSUMED = {
    "otherwise": {"after": "1 day", "never": 0, "appointment": "2 days"},
    "activities": {"ring": {"outcomes": {"reached": 1, "missed": 0}}, "visit_us": {"outcomes": {"came": 1}}},
}


def test_a_simulation_leaves_nothing_in_the_store(here):
    site, store = here
    before = everything(store)
    found = simulate(site, store, NOW, NOW + timedelta(days=30), assumptions_of(ASSUMED), by="day", customers=[1])
    assert found.came.counts
    assert found.came.load
    assert everything(store) == before


def test_people_end_work_as_assumed_and_cases_go_on(here):
    site, store = here
    found = simulate(site, store, NOW, NOW + timedelta(days=30), assumptions_of(ASSUMED), by="month", customers=[1])
    counts = {(row[1], row[2], row[3]): row[4] for row in found.came.counts}
    assert counts["site.chain", "activity ring", "ended reached"] == 1
    assert counts["site.chain", "activity visit_us", "ended came"] == 1
    assert counts["site.call", "activity ring", "ended reached"] == 6
    assert ("site.call", "activity ring", "ended missed") not in counts
    days = [(day, what, status) for _, day, what, _, status in found.came.lines if what == "activity visit_us"]
    # due on the 4th, done a day later, an appointment two days after the day after, done a day after that
    assert days == [("2026-03-10", "activity visit_us", "done: came")]


def test_the_same_seed_gives_the_same_and_another_one_another(here):
    site, store = here
    came = [simulate(site, store, NOW, NOW + timedelta(days=40), assumptions_of({}, seed), by="day").came for seed in (3, 3, 4, 5)]
    assert came[0] == came[1]
    assert came[0] != came[2] or came[0] != came[3]


def test_what_is_never_done_stays_open(here):
    site, store = here
    found = simulate(site, store, NOW, NOW + timedelta(days=30), assumptions_of({"otherwise": {"never": 100}}))
    assert not [row for row in found.came.counts if row[3].startswith("ended")]
    assert found.came.load[-1][2:] == (0, 0, 7)


def edited(site, old, new, tmp_path):
    """The site as it was in another folder, edited here."""
    folder = tmp_path / "before"
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("*.db*"))
    text = RULES.replace(old, new)
    assert text != RULES
    (site.folder / "rules" / "own.yaml").write_text(text, "utf-8")
    return folder


def seen(site, store, folder):
    after, again = open_site(site.folder)
    again.close()
    with sides(after, store, str(folder)) as other:
        return effects_of(other, store, NOW + timedelta(hours=1), NOW + timedelta(days=30))


def test_a_later_date_moves_what_is_still_to_come(here, tmp_path):
    site, store = here
    before = everything(store)
    found = seen(site, store, edited(site, "10 days after delivered_on", "13 days after delivered_on", tmp_path))
    (value,) = found.differences[0].values
    assert (found.differences[0].id, value.path, value.old, value.new) == ("site.call", "date", "10 days after delivered_on", "13 days after delivered_on")
    assert (value.old_place, value.new_place) == ("rules/own.yaml:17", "rules/own.yaml:17")
    (change,) = found.changes
    assert (change.definition, change.what, change.counts) == ("site.call", "activity ring", {"new": 0, "gone": 0, "moved": 6, "otherwise": 0})
    assert change.examples["moved"][0] == ("1 Kunde 1", "2026-03-05 -> 2026-03-09")  # the 8th is a Sunday
    assert len(change.examples["moved"]) == 5
    assert everything(store) == before


def test_who_does_the_work_may_be_what_differs(here, tmp_path):
    site, store = here
    with store.session(write=True):
        pwe = store.insert_many("employee", [{"initials": "pwe"}])[0]
        store.update_many("customer", [{"id": row[0], "salesperson": pwe} for row in store.rows("SELECT id FROM customer WHERE number < 4", [])])
    found = seen(site, store, edited(site, "assign: [salesperson]", "assign: [customer.salesperson]", tmp_path))
    assert [(one.definition, one.what, {how: n for how, n in one.counts.items() if n}) for one in found.changes] == [
        ("site.call", "activity ring", {"otherwise": 3})
    ]
    assert found.changes[0].examples["otherwise"][0] == ("1 Kunde 1", "ana -> pwe")


def test_only_what_the_edit_can_matter_to_is_walked(here, tmp_path):
    site, store = here
    found = seen(site, store, edited(site, "[{deliveries: {some: []}}]", "[{opportunities: {some: []}}]", tmp_path))
    assert found.acting == 4
    assert found.walked == 1
    assert [(one.definition, one.what, one.counts["new"]) for one in found.changes if one.definition == "site.mark"]
    assert {one.definition for one in found.changes} == {"site.mark"}
    withdrawn = [says for one in found.changes for _, says in one.examples["otherwise"] + one.examples["new"]]
    assert any("withdrawn" in says for says in withdrawn), withdrawn


def test_a_rule_switched_off_no_longer_acts(here, tmp_path):
    site, store = here
    found = seen(site, store, edited(site, "    date: 10 days", "    enabled: false\n    date: 10 days", tmp_path))
    assert [(one.id, one.what) for one in found.differences] == [("site.call", "off")]
    assert [one.counts for one in found.changes] == [{"new": 0, "gone": 6, "moved": 0, "otherwise": 0}]


def test_running_cases_of_an_edited_workflow_are_counted(here, tmp_path):
    site, store = here
    folder = tmp_path / "before"
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("*.db*"))
    flows = site.folder / "workflows" / "own.yaml"
    flows.write_text(flows.read_text("utf-8").replace("first:", "start_call:"), "utf-8")
    found = seen(site, store, folder)
    (plan,) = found.cases
    assert plan.definition == "site.chain"
    assert [len(which) for which in plan.stuck.values()] == [1]
    assert "start_call" not in " ".join(plan.stuck)
