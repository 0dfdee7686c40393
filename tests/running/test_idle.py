"""What a tick leaves out comes to nothing: beside ticks that look at every rule each time, the decisions are the same."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from bench.world import BEFORE, World
from engine.running import idle
from engine.running.tick import tick
from engine.site import load_site

SITE = "pack: bench\nlanguage: de\nstore: bench.db\npacks: [standard, pipelines]\n"
SQL = "SELECT definition, subject_entity, subject_id, occurrence, effect, target, verdict, decided_at FROM decision"


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Thirty-two days, ticked twice: with every rule looked at, and with those left out that may be."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "regelwerk.yaml").write_text(SITE, "utf-8")
    site = load_site(folder)
    store = site.open_store(create=True)
    World(store, 150).fill()
    found = []
    for digest in ("", site.digest):
        with store.throwaway() as copy:
            setting = replace(site.setting(copy), digest=digest)
            world = World(copy, 150)
            for day in range(32):
                if day in (3, 11, 20):
                    if day == 3:
                        world.go_on()
                    with copy.session(write=True):
                        moved = [
                            {"id": row[0], "delivered_on": (BEFORE - timedelta(days=900 + day)).date()}
                            for row in copy.rows("SELECT id FROM delivery ORDER BY id LIMIT 5", [])
                        ]
                        copy.update_many("delivery", moved)
                report = tick(setting, BEFORE + timedelta(days=day), daily=False)
                assert not report.stopped
            found.append(sorted(copy.rows(SQL, []), key=repr))
    store.close()
    return found


def test_the_decisions_are_the_same(days):
    everything, some = days
    assert len(everything) > 150
    assert some == everything


@pytest.fixture
def own(tmp_path):
    """The folder of a site of its own, without definitions."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "pack.yaml").write_text("pack: words\nversion: 1.0.0\nlabel: Words\n", "utf-8")
    (tmp_path / "regelwerk.yaml").write_text("pack: site\nlanguage: de\nstore: store.db\npacks: [words]\n", "utf-8")
    return tmp_path


def opened(folder):
    site = load_site(folder)
    assert [str(one) for one in site.findings()] == []
    store = site.open_store(create=True)
    return store, site.setting(store)


def tags(store):
    return [row[0] for row in store.rows("SELECT kind FROM tag WHERE taken_back_on IS NULL ORDER BY kind", [])]


def test_work_moves_with_an_anchor_that_the_tick_itself_sets(own):
    rules = """
activities:
  ring: {label: Anruf, outcomes: [reached]}
events:
  contract.signed: {entity: contract, when: {signed_on: becomes present}, label: {de: Unterschrieben, en: Signed}}
rules:
  call:
    label: {de: Anrufen, en: Call}
    for: contract
    purpose: internal
    date: 10 days after promised_on
    catch_up: all
    do: {call: {activity: ring, due: 5 days after promised_on, closed_day: stay}}
  promise:
    label: {de: Zusagen, en: Promise}
    for: contract
    purpose: internal
    on: contract.signed
    do: {promise: {set: {promised_on: today}}}
"""
    (own / "rules" / "own.yaml").write_text(rules, "utf-8")
    store, setting = opened(own)
    with store.session(write=True):
        customer = store.insert_many("customer", [{"number": 1, "name": "Maier"}])[0]
        contract = store.insert_many("contract", [{"number": "V", "customer": customer, "promised_on": date(2026, 3, 1)}])[0]
    start = datetime(2026, 3, 12, 8)
    for minutes in (0, 1):
        tick(setting, start + timedelta(minutes=minutes))
    assert [str(row[0]) for row in store.rows("SELECT due_on FROM activity", [])] == ["2026-03-06"]
    with store.session(write=True):
        store.update_many("contract", [{"id": contract, "signed_on": date(2026, 3, 2)}])
    for minutes in (2, 3):
        tick(setting, start + timedelta(minutes=minutes))
    assert [str(row[0]) for row in store.rows("SELECT due_on FROM activity", [])] == ["2026-03-17"], "12 March and five days"
    store.close()


def test_a_rule_that_differs_by_branch_is_looked_at_when_somebody_or_the_branch_moves(own):
    (own / "rules" / "own.yaml").write_text(PARAMETER, "utf-8")
    settings = own / "regelwerk.yaml"
    settings.write_text(settings.read_text("utf-8") + "parameters: {site.wanted: {default: company, branch: {NORD: person}}}\n", "utf-8")
    store, setting = opened(own)
    with store.session(write=True):
        south, north = store.insert_many("branch", [{"code": "SUED", "name": "Süd"}, {"code": "NORD", "name": "Nord"}])
        customer = store.insert_many("customer", [{"number": 1, "name": "Maier", "kind": "person", "branch": south}])[0]
    start = datetime(2026, 3, 12, 8)
    for minutes in (0, 1):
        tick(setting, start + timedelta(minutes=minutes))
    assert tags(store) == []
    with store.session(write=True):
        store.update_many("customer", [{"id": customer, "branch": north}])
    tick(setting, start + timedelta(minutes=2))
    assert tags(store) == ["known"]
    with store.session(write=True):
        store.update_many("branch", [{"id": south, "code": "NORD2"}, {"id": north, "code": "SUED2"}])
    tick(setting, start + timedelta(minutes=3))
    assert tags(store) == [], "a branch that is called otherwise"
    store.close()


def test_the_digest_is_the_same_in_every_process(own):
    (own / "rules" / "own.yaml").write_text(PARAMETER, "utf-8")
    settings = own / "regelwerk.yaml"
    settings.write_text(
        settings.read_text("utf-8") + "parameters: {site.wanted: {default: company, branch: {A: person, B: person, C: person, D: person}}}\n", "utf-8"
    )
    code = "import sys; from pathlib import Path; from engine.site import load_site; site = load_site(Path(sys.argv[1])); site.compiled; print(site.digest)"
    found = {
        subprocess.run([sys.executable, "-c", code, str(own)], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1


PARAMETER = """
parameters:
  wanted: {type: text, default: person, label: {de: Wer, en: Who}}
tags:
  known: {number: 300, label: Bekannt}
rules:
  mark:
    label: {de: Kennzeichnen, en: Mark}
    for: customer
    purpose: internal
    while: [{kind: $wanted}]
    do: {mark: {tag: known}}
"""


def test_most_rules_are_left_out_of_a_quiet_tick(tmp_path, monkeypatch):
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    site = load_site(tmp_path)
    store = site.open_store(create=True)
    World(store, 20).fill()
    setting = site.setting(store)
    for minutes in (0, 1):
        tick(setting, BEFORE + timedelta(minutes=minutes))
    looked_at = []
    due_part = idle.due_part

    def noted(state, rule, changed):
        part = due_part(state, rule, changed)
        looked_at.extend([rule.id] if part is not None else [])
        return part

    monkeypatch.setattr("engine.running.tick.due_part", noted)
    tick(setting, BEFORE + timedelta(minutes=2))
    store.close()
    acting = [rule for rule in setting.rules if rule.trigger in ("when", "while", "date")]
    assert len({rule.id for rule in acting} & set(looked_at)) < len(acting) / 2
