"""The commands as a person types them, on a site made by `init`."""

import json
import re
from datetime import date, datetime

import pytest

from engine.commands import run
from engine.site import load_site


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    return folder


def call(capsys, site, *arguments):
    capsys.readouterr()
    code = run([*arguments, "--site", str(site)])
    return code, *capsys.readouterr()


def remotorisation(site):
    store = load_site(site).open_store()
    with store.session(write=True), store.context(quiet=True):
        ana = store.insert_many("employee", [{"initials": "ana"}])[0]
        customer = store.insert_many("customer", [{"number": 4711, "name": "Öhler", "salesperson": ana, "kind": "company", "country": "DE"}])[0]
        car = store.insert_many("vehicle", [{"vin": "V1", "brand": "Ford", "model": "Focus", "owner": customer}])[0]
        row = {"number": "D1", "customer": customer, "vehicle": car, "salesperson": ana, "delivered_on": date(2021, 6, 30)}
        store.insert_many("delivery", [row])
    store.close()


def test_a_new_site_is_sound_and_quiet(capsys, site):
    assert call(capsys, site, "check") == (0, "", "57 rules, 10 workflows, 1 campaign, 0 findings\n")
    assert call(capsys, site, "plan")[:2] == (0, "nothing to do\n")
    assert call(capsys, site, "run")[:2] == (0, "nothing to do\n")


def test_plan_shows_run_does_and_the_second_run_does_nothing(capsys, site):
    remotorisation(site)
    clock = ["--now", "2024-02-29T08:00"]
    code, out, _ = call(capsys, site, "plan", *clock, "--json")
    planned = json.loads(out)["decisions"]
    assert (code, planned) == (0, [{"definition": "standard.remotorisation", "verdict": "done", "count": 1}])
    assert call(capsys, site, "agenda", *clock)[1] == "nothing is due\n"
    code, out, _ = call(capsys, site, "run", *clock, "--json")
    assert json.loads(out)["decisions"] == planned
    assert call(capsys, site, "run", *clock)[1] == "nothing to do\n"


@pytest.mark.req("S1.16")
def test_the_agenda_and_done(capsys, site):
    remotorisation(site)
    clock = ["--now", "2024-02-29T08:00"]
    call(capsys, site, "run", *clock)
    work = json.loads(call(capsys, site, "agenda", "--user", "ana", "--json", *clock)[1])["activities"]
    assert [(entry["kind"], entry["name"], entry["who"]) for entry in work] == [("remotorisation", "Öhler", "ana")]
    number = str(work[0]["activity"])
    code, _, err = call(capsys, site, "done", number, "maybe", *clock)
    assert (code, "one of interested" in err) == (2, True)
    assert call(capsys, site, "done", number, "interested", "--user", "ana", *clock)[0] == 0
    assert call(capsys, site, "done", number, "interested", *clock)[1].endswith("was done already\n")
    assert call(capsys, site, "done", number, "no_answer", *clock)[0] == 1


def test_a_wrong_file_is_named_and_the_others_run(capsys, site):
    (site / "rules" / "own.yaml").write_text(
        "change:\n  standard.remotorisaton: {date: 30 months after delivered_on}\n"
        "rules:\n  mine:\n    label: {de: M, en: M}\n    for: custommer\n    purpose: internal\n    when: [{name: x}]\n    do: {a: {tag: stammkunde}}\n",
        "utf-8",
    )
    code, out, _ = call(capsys, site, "check")
    assert code == 3
    assert [line for line in out.splitlines() if not line.startswith("    ")] == [
        "rules/own.yaml:2:3: error unknown-target: there is no 'standard.remotorisaton' to change; did you mean 'standard.remotorisation'?",
        "rules/own.yaml:6:10: error rule-unknown-entity: there is no entity 'custommer'; did you mean 'customer'?",
    ]
    remotorisation(site)
    code, out, err = call(capsys, site, "run", "--now", "2024-02-29T08:00")
    assert code == 1
    assert "standard.remotorisation" in out
    assert "custommer" in err


def test_a_dealers_change_takes_effect_and_show_says_where_it_stands(capsys, site):
    (site / "rules" / "own.yaml").write_text("change:\n  standard.remotorisation: {date: 30 months after delivered_on}\n", "utf-8")
    remotorisation(site)
    out = call(capsys, site, "show", "standard.remotorisation")[1]
    assert any("date: 30 months after delivered_on" in line and "rules/own.yaml:2" in line for line in out.splitlines())
    out = call(capsys, site, "run", "--now", "2023-12-30T08:00")[1]
    assert "standard.remotorisation" in out


@pytest.mark.req("S0.30", "S0.32")
def test_select_answers_typed_conditions(capsys, site):
    remotorisation(site)
    store = load_site(site).open_store()
    with store.session(write=True):
        customer = store.rows("SELECT id FROM customer", [])[0][0]
        store.insert_many("tag", [{"customer": customer, "kind": "reklamation", "posted_on": date(2024, 1, 1)}])
        bike = store.insert_many("vehicle", [{"vin": "M", "kind": "motorcycle"}])[0]
        store.insert_many("purchase", [{"number": "P", "customer": customer, "vehicle": bike, "kind": "vehicle"}])
    store.close()
    for condition in ("[{tagged: reklamation}]", "[{purchases: {some: [{vehicle.kind: motorcycle}]}}, {visits: {no: [{kind: workshop}]}}]"):
        found = json.loads(call(capsys, site, "select", condition, "--json")[1])
        assert [row["number"] for row in found["rows"]] == [4711]
    code, _, err = call(capsys, site, "select", "[{tagd: x}]")
    assert (code, "did you mean 'tags'" in err) == (2, True)
    assert call(capsys, site, "select", "[{name: {contains: öH}}]", "--show", "number,name", "--csv")[1] == "number;name\n4711;Öhler\n"
    assert call(capsys, site, "select", "[{name: x}]", "--show", "nmae")[0] == 2


def test_usage_errors_have_their_codes(capsys, tmp_path, site):
    assert call(capsys, tmp_path, "run")[0] == 3
    assert call(capsys, site, "rnu")[0] == 2
    assert call(capsys, site, "run", "--now", "someday")[0] == 2
    assert call(capsys, site, "run", "--user", "nobody")[0] == 2
    assert call(capsys, site, "release", "standard.nothing")[0] == 2
    assert run(["init", str(site)]) == 2


def test_a_second_runner_is_told_and_waits(capsys, site):
    store = load_site(site).open_store()
    with store.lease():
        code, _, err = call(capsys, site, "run")
    assert (code, "another run holds the store" in err) == (75, True)
    assert call(capsys, site, "run")[0] == 0


def test_pause_and_resume(capsys, site):
    remotorisation(site)
    call(capsys, site, "pause")
    assert re.search(r"remotorisation +held +1\n", call(capsys, site, "run", "--now", "2024-02-29T08:00")[1])
    assert call(capsys, site, "agenda", "--now", "2024-02-29T08:00")[1] == "nothing is due\n"
    out = call(capsys, site, "status")[1]
    assert "paused: everything" in out
    assert re.search(r"remotorisation +held +1 +paused\n", out)
    assert "1 held" in call(capsys, site, "resume")[1]
    assert re.search(r"remotorisation +done +1\n", call(capsys, site, "run", "--now", "2024-03-20T09:00")[1])
    assert "remotorisation" in call(capsys, site, "agenda", "--now", "2024-03-20T09:00")[1]


@pytest.mark.req("S4.12")
def test_why_names_the_first_failing_leaf_and_what_was_decided(capsys, site):
    remotorisation(site)
    clock = ["--now", "2024-02-29T08:00"]
    call(capsys, site, "run", *clock)
    code, out, _ = call(capsys, site, "why", "standard.remotorisation", "delivery:D1", *clock)
    assert code == 0
    assert "the condition holds now" in out
    assert "date#1" in out
    store = load_site(site).open_store()
    with store.session(write=True):
        store.run("UPDATE vehicle SET owner = NULL", [])
    store.close()
    out = call(capsys, site, "why", "standard.remotorisation", "delivery:D1", *clock)[1]
    assert "it does not hold now: vehicle.owner is customer" in out
    assert call(capsys, site, "why", "standard.remotorisation", "customer:4711")[0] == 2
    assert call(capsys, site, "why", "standard.remotorisaton", "delivery:D1")[0] == 2
    out = call(capsys, site, "customer", "4711")[1]
    assert "Öhler" in out
    assert "delivery" in out
    assert call(capsys, site, "customer", "1")[0] == 2


def test_what_is_held_for_a_removed_rule_can_be_discarded_and_release_names_what_is_gone(capsys, site):
    store = load_site(site).open_store()
    row = {"subject_entity": "customer", "occurrence": "episode 1", "status": "held", "made_at": datetime(2026, 1, 1)}
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1}])[0]
        rows = [{**row, "subject_id": customer, "definition": name, "effect": "gone"} for name in ("standard.birthday", "site.removed")]
        store.insert_many("occurrence", rows)
    store.close()
    assert call(capsys, site, "release", "standard.birthday")[:2] == (
        0,
        "nothing released\n'gone' is no effect of standard.birthday any more; `regelwerk discard standard.birthday` drops what is held for it\n",
    )
    assert json.loads(call(capsys, site, "release", "site.removed", "--json")[1])["without_effect"] == ["gone"]
    assert call(capsys, site, "discard", "site.removed")[:2] == (0, "1 discarded\n")
    assert call(capsys, site, "discard", "site.removed")[0] == 2
