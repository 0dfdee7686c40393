"""Looking ahead: `plan --against` over 30 days after one period was edited, and a simulation of 36 months."""

from __future__ import annotations

import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from bench.rules import timed
from bench.world import NOW, World
from engine.against import Effects, effects_of, sides
from engine.running.ahead.assumptions import assumptions_of
from engine.running.tick import tick
from engine.simulating import Simulation, simulate
from engine.site import load_site, open_site

SITE = "pack: bench\nlanguage: de\nstore: bench.db\npacks: [standard, pipelines]\n"
EDITED = SITE + "parameters:\n  standard.remotorisation_after: 31 months\n"


def made(folder: Path, customers: int) -> None:
    """A site of that size, ticked once; beside it, in `before`, its settings before the edit."""
    (folder / "before").mkdir(parents=True)
    (folder / "before" / "regelwerk.yaml").write_text(SITE, "utf-8")
    (folder / "regelwerk.yaml").write_text(SITE, "utf-8")
    site = load_site(folder)
    store = site.open_store(create=True)
    World(store, customers).fill()
    tick(site.setting(store), NOW)
    store.close()
    (folder / "regelwerk.yaml").write_text(EDITED, "utf-8")


def against(folder: Path, days: int = 30) -> Effects:
    """What `plan --against before` finds."""
    site, store = open_site(folder)
    with sides(site, store, str(folder / "before")) as other:
        found = effects_of(other, store, NOW + timedelta(hours=1), NOW + timedelta(days=days))
    store.close()
    return found


def ahead(folder: Path, days: int) -> Simulation:
    """What `simulate` finds after so many days."""
    site, store = open_site(folder)
    found = simulate(site, store, NOW + timedelta(hours=1), NOW + timedelta(days=days), assumptions_of({}))
    store.close()
    return found


def main(arguments: list[str]) -> None:
    """Both measures: customers for the first and for the second, and the days of the second."""
    many, few, days = (int(one) for one in [*arguments, *("100000", "5000", "1096")[len(arguments) :]])
    with tempfile.TemporaryDirectory(prefix="regelwerk-bench-") as name:
        print("\n(g) looking ahead")
        made(Path(name) / "many", many)
        print(f"    plan --against, 30 days, {many} customers, one period edited: {timed(lambda: against(Path(name) / 'many')):.1f} s")
        made(Path(name) / "few", few)
        print(f"    simulate, {days} days, {few} customers: {timed(lambda: ahead(Path(name) / 'few', days)):.1f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
