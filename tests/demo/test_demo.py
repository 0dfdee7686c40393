from datetime import date

import pytest

from engine.commands import run
from engine.demo.generate import write_exports
from engine.demo.play import TEMPLATE
from engine.demo.sheets import SHEETS
from engine.site import load_site


def test_the_maps_know_every_column_of_every_file():
    maps = load_site(TEMPLATE).sections["imports"]
    assert {kind: list(columns.values()) for kind, columns in SHEETS.items()} == {kind: list(spec["columns"]) for kind, spec in maps.items()}


def test_the_same_seed_writes_the_same_files(tmp_path):
    once, twice = (write_exports(tmp_path / name, date(2026, 11, 23), seed=3, customers=60) for name in ("a", "b"))
    assert len(once) > 2 * len(SHEETS)
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in twice]
    assert b"\xfc" in (tmp_path / "a" / "first" / "customers.csv").read_bytes(), "an ü in Windows-1252"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_dealership_runs_for_three_weeks(tmp_path, capsys, seed):
    """A sunday among the seeds' days: nothing may refer to what is not there yet, or the import says so."""
    folder = tmp_path / "demo"
    assert run(["demo", str(folder), "--customers", "250", "--seed", str(seed), "--now", f"2026-11-{21 + seed}T09:30"]) == 0
    shown = capsys.readouterr().out
    for part in ("$ regelwerk status", "$ regelwerk agenda --user ana", "$ regelwerk customer 1", "standard.regular_customer", "22 ticks"):
        assert part in shown
    exists, absent = shown.split("$ regelwerk why ")[1:]
    assert "occurrence" in exists, "why an activity that is there exists"
    assert "nothing has been decided" not in exists
    assert absent.startswith("standard.remotorisation ")
    assert "it does not hold now" in absent
    assert run(["check", "--site", str(folder)]) == 0
    assert run(["select", "motorcycle_never_in_workshop", "--site", str(folder)]) == 0
    assert run(["demo", str(folder), "--customers", "50", "--now", "2026-11-24T09:30"]) == 0, "a demo may be made again"


def test_another_site_is_never_overwritten(tmp_path, capsys):
    assert run(["init", str(tmp_path / "mine")]) == 0
    assert run(["demo", str(tmp_path / "mine")]) == 2
    assert "holds another site; name an empty folder" in capsys.readouterr().err
