"""What a tick leaves out comes to nothing: beside ticks that look at every rule each time, the decisions are the same."""

from dataclasses import replace
from datetime import timedelta

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
                report = tick(setting, BEFORE + timedelta(days=day))
                assert not report.stopped
            found.append(sorted(copy.rows(SQL, []), key=repr))
    store.close()
    return found


def test_the_decisions_are_the_same(days):
    everything, some = days
    assert len(everything) > 150
    assert some == everything


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
