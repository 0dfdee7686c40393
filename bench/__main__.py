"""Print the measures (a) to (f)."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from bench import ahead, authoring, imports, memory, workflows
from bench.loops import Loops
from bench.rules import Measured, by_engine, measure, spread, the_twelve, timed, waiting_events
from bench.world import BEFORE, World
from engine.running.setting import Setting
from engine.running.tick import tick
from engine.site import load_site

SITE = "pack: bench\nlanguage: de\nstore: bench.db\npacks: [standard]\n"


def site_with(folder: Path, customers: int) -> tuple[Setting, int]:
    """A site of that size, ticked once with the twelve rules, and ten days later; the rows it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "regelwerk.yaml").write_text(SITE, "utf-8")
    site = load_site(folder)
    setting = site.setting(site.open_store(create=True))
    setting.rules = the_twelve(setting)
    world = World(setting.store, customers)
    rows = world.fill()
    tick(setting, BEFORE)
    world.go_on()
    return setting, rows


def main() -> None:
    """All of it, in one run; `workflows` after it: only (e); `authoring`: only (f); `ahead`: only (g)."""
    alone = {"workflows": workflows.main, "authoring": authoring.main, "ahead": ahead.main}
    if sys.argv[1:2] and sys.argv[1] in alone:
        alone[sys.argv[1]](sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--loops", type=int, default=2_000, help="customers of the store for the plain loops")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}")
    with tempfile.TemporaryDirectory(prefix="regelwerk-bench-") as name:
        folder = Path(name)
        setting, rows = site_with(folder / "big", options.customers)
        print(f"\n(a) twelve shipped rules, {options.customers} customers, {rows} rows; median (least to most) of {options.repeat}")
        show(measure(setting, waiting_events(setting), options.repeat))
        setting.store.close()
        print(f"\n(b) import of {options.customers} customers")
        for what, seconds in imports.seconds(folder, options.customers).items():
            print(f"    {what:16} {options.customers / seconds:9.0f} rows/s  ({seconds:.1f} s)")
        print("\n(c) peak memory of `regelwerk run` with all shipped rules")
        print(f"    {memory.peak_of_a_run(folder / 'big', '2026-10-01T12:00'):.0f} MB")
        show_loops(folder / "small", options.loops)
    workflows.main([str(options.customers), str(options.repeat)])
    authoring.main([str(options.repeat)])
    ahead.main([str(options.customers)])


def show(measured: list[Measured]) -> None:
    """A line per rule and the sums."""
    print(f"    {'rule':28} {'trigger':7} {'answers':>7}   {'engine':34} by hand in SQL")
    for one in measured:
        print(f"    {one.name:28} {one.trigger:7} {one.answers:7}   {spread(one.engine):34} {spread(one.sql)}")
    turns = [(sum(one.engine[n] for one in measured), sum(one.sql[n] for one in measured)) for n in range(len(measured[0].engine))]
    ratios = sorted(engine / sql for engine, sql in turns)
    print(f"    {'sum':28} {'':7} {'':7}   {spread([e for e, _ in turns]):34} {spread([s for _, s in turns])}")
    print(f"    engine / SQL in sum: {ratios[len(ratios) // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); the two answers were equal for every rule")


def show_loops(folder: Path, customers: int) -> None:
    """The distance to plain loops, on a smaller store: they would take too long on the big one."""
    setting, _ = site_with(folder, customers)
    events = waiting_events(setting)
    loops = Loops(setting.store)
    print(f"\n(d) plain Pony loops, {customers} customers")
    ours = theirs = 0.0
    for rule in setting.rules:
        name = rule.id.removeprefix("standard.")
        assert loops(name) == by_engine(setting, rule, events), name
        one, two = timed(lambda rule=rule: by_engine(setting, rule, events)), timed(lambda name=name: loops(name))  # type: ignore[misc]
        ours, theirs = ours + one, theirs + two
        print(f"    {name:28} engine {one * 1000:8.1f} ms   loops {two * 1000:9.1f} ms")
    print(f"    in sum: the loops take {theirs / ours:.0f} times as long; the two answers were equal for every rule")
    setting.store.close()


if __name__ == "__main__":
    main()
