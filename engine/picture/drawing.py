"""What is drawn of a workflow: boxes and arrows, with blocks taken apart into where they open and where they join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.language.labels import label_in
from engine.planning.workflows.graph import Flow, Step


@dataclass(frozen=True)
class Box:
    """A step, or the join of a block. `count` is how many cases stand there."""

    name: str
    title: str
    kind: str
    count: int = 0


@dataclass(frozen=True)
class Arrow:
    """A way from one box to another."""

    start: str
    end: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    """Everything to be drawn."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def drawing_of(flow: Flow, language: str, counts: Mapping[str, int] | None = None) -> Drawing:
    """A workflow's boxes and arrows; `counts` is how many cases stand at each step."""
    counts = counts or {}
    boxes = [Box(START, "", "start")]
    arrows = [Arrow(START, flow.first)]
    for step in flow.steps.values():
        boxes.append(Box(step.name, _title(step, language), step.kind, counts.get(step.name, 0)))
        arrows += _arrows(step)
        if step.is_block:
            boxes.append(Box(_join(step.name), _join_title(step), "join"))
    return Drawing(label_in(flow.label, language) or flow.id, tuple(boxes), _together(arrows))


def _together(arrows: list[Arrow]) -> tuple[Arrow, ...]:
    """One arrow between two boxes, with all its labels."""
    labels: dict[tuple[str, str], list[str]] = {}
    for arrow in arrows:
        known = labels.setdefault((arrow.start, arrow.end), [])
        if arrow.label and arrow.label not in known:
            known.append(arrow.label)
    return tuple(Arrow(start, end, ", ".join(names)) for (start, end), names in labels.items())


START = "*"


def _join(block: str) -> str:
    return f"{block}/join"


def _join_title(step: Step) -> str:
    return "all" if step.need is None else "first" if step.need == 1 else f"{step.need} of {len(step.entries())}"


def _title(step: Step, language: str) -> str:
    return label_in(step.label, language) or step.name.rpartition(".")[2]


def _arrows(step: Step) -> list[Arrow]:
    if step.is_block:
        inside = [Arrow(step.name, entry, "each" if step.each else "") for entry in step.entries()]
        return [*inside, *([Arrow(_join(step.name), step.next)] if step.next else [])]
    block = step.block.rpartition(".")[0]
    found = []
    for label, target in step.ways():
        if target:
            found.append(Arrow(step.name, target, label))
        elif block and step.kind != "end":
            found.append(Arrow(step.name, _join(block), label))
    return found
