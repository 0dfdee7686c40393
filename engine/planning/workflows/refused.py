"""Control-flow patterns this language does not offer, found where a graph amounts to one (workflow.md §1, tier C)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from engine.language.findings import Problem, Where
from engine.planning.workflows.graph import Flow, Step


def refused(flow: Flow, places: Mapping[str, Where]) -> Iterator[Problem]:
    """Patterns 8, 17 and 38 by name, with what to use instead."""
    for step in flow.steps.values():
        if step.is_block and step.need is None and len(step.entries()) > 1:
            yield from _multi_merge(flow, step, places)
            yield from _general_merge(flow, step, places)
        if step.kind == "branches":
            yield from _interleaved(flow, step, places)


def _ways_out(flow: Flow, block: Step, entry: str) -> Iterator[tuple[str, str]]:
    """(step inside a branch, the step outside the block it leads to)."""
    inside = {name for name in flow.steps if name == entry or name.startswith(f"{entry}.")}
    for name in sorted(inside):
        for _, target in flow.steps[name].ways():
            if target and not target.startswith(f"{block.name}."):
                yield name, target


def _multi_merge(flow: Flow, block: Step, places: Mapping[str, Where]) -> Iterator[Problem]:
    """Several branches of a block that waits for all go on at one step outside: it would be run for each, or cut the others off."""
    from_branches: dict[str, list[str]] = defaultdict(list)
    for entry in block.entries():
        for name, target in _ways_out(flow, block, entry):
            if entry not in [one.split(" ")[0] for one in from_branches[target]]:
                from_branches[target].append(f"{entry} {name}")
    for target, ways in sorted(from_branches.items()):
        if len(ways) > 1 and flow.steps[target].kind != "end":
            name = ways[1].partition(" ")[2]
            message = f"pattern 8, multi-merge: several branches of {block.name} lead to '{target}' without waiting for each other"
            yield Problem(
                places[name],
                "flow-multi-merge",
                message,
                f"end the branches and write `next: {target}` on {block.name} (pattern 3), or `join: first`",
                key=True,
            )


def _interleaved(flow: Flow, block: Step, places: Mapping[str, Where]) -> Iterator[Problem]:
    """Branches of one case that take turns at one thing."""
    holders: dict[str, list[str]] = defaultdict(list)
    for entry in block.entries():
        for name in sorted(flow.steps):
            if (name == entry or name.startswith(f"{entry}.")) and flow.steps[name].slot and entry not in holders[flow.steps[name].slot]:
                holders[flow.steps[name].slot].append(entry)
    for slot, entries in sorted(holders.items()):
        if len(entries) > 1:
            message = f"pattern 17, interleaved parallel routing: branches of one case take turns at '{slot}'"
            yield Problem(
                places[entries[1]], "flow-interleaved", message, "write the steps one after the other; a `slot` is for different cases (pattern 39)", key=True
            )


def _general_merge(flow: Flow, block: Step, places: Mapping[str, Where]) -> Iterator[Problem]:
    """A branch of a block that waits for all leads back to before the block: what the join would wait for is not to be known there."""
    for entry in block.entries():
        for name, target in _ways_out(flow, block, entry):
            if _reaches(flow, target, block.name):
                message = f"pattern 38, general synchronizing merge: '{name}' leads back to '{target}' while other branches of {block.name} may be open"
                hint = f"end the branch and decide after the join: `next` on {block.name} to a `decide`"
                yield Problem(places[name], "flow-general-merge", message, hint, key=True)
                return


def _reaches(flow: Flow, start: str, goal: str) -> bool:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        if here == goal:
            return True
        step = flow.steps[here]
        for target in [*(target for _, target in step.ways()), *step.entries()]:
            if target and target not in seen:
                seen.add(target)
                todo.append(target)
    return False
