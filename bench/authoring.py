"""(f) what an author waits for: `check` and `show` on a site with many rules and workflows, each as a command of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

RULES, FLOWS = 500, 30
TRIGGERS = (
    "when: [{{tagged: inspektionskunde}}, {{visits: {{no: [{{visited_on: {{after: {n} days ago}}}}]}}}}]\n    again: {{not_before: 3 months, at_most: 3}}",
    "date: {n} months after delivered_on\n    where: [{{vehicle.owner: {{is: {{field: customer}}}}}}]\n    catch_up: 60 days",
    "every: year on 09-25\n    where: [{{recorded_on: {{before: {n} days ago}}}}, {{any: [{{city: Ulm}}, {{household_size: {{at_least: 2}}}}]}}]",
    "on: visit.closed\n    where: [{{amount: {{above: {n}.00 EUR}}}}]",
)
SUBJECTS = ("customer", "delivery", "customer", "visit")
WORK = "activity: resubmission, due: $bench_after, assign: [service_adviser]"
FLOW = """  case_{n}:
    label: {{de: Fall {n}, en: Case {n}}}
    for: opportunity
    purpose: service
    ground: opportunity.requested_contact
    start: {{on: opportunity.recorded, where: [{{asked_for: part_{n}}}]}}
    first: call
    steps:
      call:
        activity: service_call
        due: {n} days
        assign: [service_adviser]
        outcomes:
          booked: {{next: offers}}
          no_answer: {{tries: [4 hours, 1 day], else: {{next: lost}}}}
          not_interested: {{next: lost}}
      offers:
        branches:
          one: {{activity: service_call, due: 2 days, outcomes: {{booked: {{}}, no_answer: {{}}, not_interested: {{}}}}}}
          two: {{activity: service_call, due: 3 days, outcomes: {{booked: {{}}, no_answer: {{}}, not_interested: {{}}}}}}
        join: all
        next: pause
      pause: {{wait: {{for: 5 days}}, next: won}}
      won: {{end: won}}
      lost: {{end: lost}}
"""


def write_site(folder: Path, rules: int = RULES, flows: int = FLOWS) -> None:
    """A site with the shipped pack, that many rules of every trigger and that many workflows, spread over files as people do."""
    (folder / "rules").mkdir(parents=True)
    (folder / "workflows").mkdir()
    (folder / "regelwerk.yaml").write_text("pack: bench\nlanguage: de\npacks: [standard]\nparameters: {bench.bench_after: 4 days}\n", "utf-8")
    own = "parameters:\n  bench_after: {type: duration, default: 3 days, label: Frist}\n"
    for start in range(0, rules, 25):
        text = own + "rules:\n" if start == 0 else "rules:\n"
        (folder / "rules" / f"part_{start:03}.yaml").write_text(text + "".join(_rule(n) for n in range(start, min(start + 25, rules))), "utf-8")
    for start in range(0, flows, 5):
        text = "workflows:\n" + "".join(FLOW.format(n=n + 1) for n in range(start, min(start + 5, flows)))
        (folder / "workflows" / f"part_{start:02}.yaml").write_text(text, "utf-8")


def _rule(n: int) -> str:
    kind = n % len(TRIGGERS)
    trigger = TRIGGERS[kind].format(n=n + 1)
    head = f"  rule_{n}:\n    label: {{de: Regel {n}, en: Rule {n}}}\n    for: {SUBJECTS[kind]}\n    purpose: internal\n"
    return f"{head}    {trigger}\n    do:\n      call: {{{WORK}, note: 'Nummer {n}'}}\n      note_it: {{history: {{action: phone_call}}}}\n"


def seconds(arguments: list[str], repeat: int) -> tuple[float, float]:
    """The median time of a command, from its start to its end, and of the processor's time it took."""
    took, busy = [], []
    for _ in range(repeat):
        begun, before = time.perf_counter(), os.times()
        subprocess.run([sys.executable, *arguments], capture_output=True, env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}, check=False)
        after = os.times()
        took.append(time.perf_counter() - begun)
        busy.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return median(took), median(busy)


def main(arguments: list[str]) -> None:
    """Print the times; `arguments`: how often each is measured."""
    repeat = int(arguments[0]) if arguments else 5
    with tempfile.TemporaryDirectory(prefix="regelwerk-bench-") as name:
        site = Path(name) / "site"
        write_site(site)
        print(f"\n(f) {RULES} rules and {FLOWS} workflows; median of {repeat}, the processor's time in brackets, the start of Python among it")
        cli = [str(Path(__file__).parent.parent / "cli.py")]
        commands = (["check"], ["show", "bench.rule_7"], ["show", "bench.rule_7", "--layers"])
        for shown, command in [*((" ".join(one), [*cli, *one, "--site", str(site)]) for one in commands), ("python -c pass", ["-c", "pass"])]:
            whole, busy = seconds(command, repeat)
            print(f"    {shown:32} {whole:.2f} s ({busy:.2f} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
