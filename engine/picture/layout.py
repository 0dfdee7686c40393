"""Where boxes go: layers from the top down, few crossings, nothing on top of anything (Sugiyama's method)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.picture.drawing import Arrow, Drawing

SWEEPS = 8


@dataclass
class Layout:
    """Layers of names from the top; `back` are the arrows that lead upwards; long arrows pass through made-up places."""

    layers: list[list[str]]
    back: set[Arrow] = field(default_factory=set)
    chains: dict[Arrow, list[str]] = field(default_factory=dict)
    """Arrow -> the places it passes, its ends included, from the top down."""
    labels: dict[str, str] = field(default_factory=dict)
    """Place -> the label that stands there."""


def lay_out(drawing: Drawing) -> Layout:
    """Layers by the longest way from the start, then each layer sorted by the middle of its neighbours.

    Between two layers of boxes lies one of labels, so that labels have room like boxes.
    """
    names = [box.name for box in drawing.boxes]
    arrows = [arrow for arrow in drawing.arrows if arrow.start != arrow.end]
    back = _back(names, arrows)
    down = [Arrow(a.end, a.start, a.label) if a in back else a for a in arrows]
    rank = {name: 2 * layer for name, layer in _ranks(names, down).items()}
    layout = Layout([[] for _ in range(max(rank.values(), default=0) + 1)], back)
    for name in names:
        layout.layers[rank[name]].append(name)
    links = _chains(arrows, back, rank, layout)
    _sort(layout, links)
    return layout


def _back(names: list[str], arrows: list[Arrow]) -> set[Arrow]:
    """The arrows that close a cycle, found going down from the start."""
    out: Mapping[str, list[Arrow]] = defaultdict(list)
    for arrow in arrows:
        out[arrow.start].append(arrow)
    found: set[Arrow] = set()
    state: dict[str, int] = {}

    for root in names:
        stack = [(root, iter(out[root]))] if root not in state else []
        if stack:
            state[root] = 1
        while stack:
            name, ways = stack[-1]
            way = next(ways, None)
            if way is None:
                state[name] = 2
                stack.pop()
            elif state.get(way.end) == 1:
                found.add(way)
            elif way.end not in state:
                state[way.end] = 1
                stack.append((way.end, iter(out[way.end])))
    return found


def _ranks(names: list[str], down: list[Arrow]) -> dict[str, int]:
    """The longest way to each box from a box nothing leads to."""
    into: dict[str, set[str]] = {name: set() for name in names}
    for arrow in down:
        into[arrow.end].add(arrow.start)
    rank: dict[str, int] = {}
    left = list(names)
    while left:
        ready = [name for name in left if all(one in rank for one in into[name])]
        for name in ready:
            rank[name] = max((rank[one] + 1 for one in into[name]), default=0)
        left = [name for name in left if name not in rank]
    return rank


def _chains(arrows: list[Arrow], back: set[Arrow], rank: Mapping[str, int], layout: Layout) -> list[tuple[str, str]]:
    links: list[tuple[str, str]] = []
    for number, arrow in enumerate(arrows):
        top, bottom = (arrow.end, arrow.start) if arrow in back else (arrow.start, arrow.end)
        chain = [top]
        beside = rank[bottom] - 1 if arrow in back else rank[top] + 1
        for layer in range(rank[top] + 1, rank[bottom]):
            place = f"|{number}.{layer}"
            layout.layers[layer].append(place)
            chain.append(place)
            if layer == beside and arrow.label:
                layout.labels[place] = arrow.label
        chain.append(bottom)
        layout.chains[arrow] = chain
        links += list(zip(chain, chain[1:], strict=False))
    return links


def _sort(layout: Layout, links: list[tuple[str, str]]) -> None:
    above: dict[str, list[str]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for top, bottom in links:
        above[bottom].append(top)
        below[top].append(bottom)
    best, fewest = [list(layer) for layer in layout.layers], _crossings(layout.layers, below)
    for sweep in range(SWEEPS):
        going_down = sweep % 2 == 0
        for index in range(len(layout.layers)) if going_down else reversed(range(len(layout.layers))):
            near = index - 1 if going_down else index + 1
            if 0 <= near < len(layout.layers):
                place = {name: n for n, name in enumerate(layout.layers[near])}
                neighbours = above if going_down else below
                _sort_layer(layout.layers[index], place, neighbours)
        crossings = _crossings(layout.layers, below)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layout.layers], crossings
    layout.layers[:] = best


def _sort_layer(layer: list[str], place: Mapping[str, int], neighbours: Mapping[str, list[str]]) -> None:
    middle = {}
    for position, name in enumerate(layer):
        near = [place[one] for one in neighbours[name] if one in place]
        middle[name] = sum(near) / len(near) if near else float(position)
    layer.sort(key=lambda name: middle[name])


def _crossings(layers: list[list[str]], below: Mapping[str, list[str]]) -> int:
    total = 0
    for upper, lower in zip(layers, layers[1:], strict=False):
        place = {name: n for n, name in enumerate(lower)}
        ends = [sorted(place[one] for one in below[name] if one in place) for name in upper]
        flat = [(n, end) for n, several in enumerate(ends) for end in several]
        total += sum(1 for i, (a, x) in enumerate(flat) for b, y in flat[i + 1 :] if a < b and x > y)
    return total
