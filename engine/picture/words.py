"""A drawing as Mermaid, and as text for the terminal."""

from __future__ import annotations

from engine.picture.drawing import START, Drawing
from engine.picture.layout import lay_out

SHAPE = {
    "activity": ("[", "]"),
    "wait": ("([", "])"),
    "decide": ("{", "}"),
    "branches": ("[/", "/]"),
    "each": ("[/", "/]"),
    "join": ("[\\", "\\]"),
    "workflow": ("[[", "]]"),
    "do": (">", "]"),
    "end": ("((", "))"),
    "start": ("((", "))"),
}
MARK = {"activity": "□", "wait": "◷", "decide": "◇", "branches": "⇉", "each": "⇉", "join": "⇇", "workflow": "▣", "do": "▷", "end": "■", "start": "●"}


def to_mermaid(drawing: Drawing) -> str:
    """The picture as a Mermaid flowchart."""
    number = {box.name: f"n{index}" for index, box in enumerate(drawing.boxes)}
    lines = ["flowchart TD"]
    for box in drawing.boxes:
        left, right = SHAPE[box.kind]
        title = _quoted(f"{box.title or ' '}{f' ({box.count})' if box.count else ''}")
        lines.append(f'  {number[box.name]}{left}"{title}"{right}')
    for arrow in drawing.arrows:
        label = f'|"{_quoted(arrow.label)}"|' if arrow.label else ""
        lines.append(f"  {number[arrow.start]} -->{label} {number[arrow.end]}")
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """Text as it may stand between Mermaid's quotes."""
    return text.replace('"', "#quot;")


def to_text(drawing: Drawing) -> str:
    """The steps from the top down, each with the ways that leave it."""
    layout = lay_out(drawing)
    boxes = {box.name: box for box in drawing.boxes}
    title = {box.name: box.title or box.name for box in drawing.boxes}
    ways: dict[str, list[str]] = {}
    for arrow in drawing.arrows:
        up = "↑ " if arrow in layout.back or arrow.start == arrow.end else ""
        shown = f"{title[arrow.end]} ({arrow.end.partition('/')[0]})" if arrow.end.endswith("/join") else title[arrow.end]
        ways.setdefault(arrow.start, []).append(f"{arrow.label + ' ' if arrow.label else ''}→ {up}{shown}")
    lines = [drawing.title]
    for layer in layout.layers:
        for name in layer:
            box = boxes.get(name)
            if box is None or name == START:
                continue
            count = f"  [{box.count}]" if box.count else ""
            depth = "  " * name.count(".")
            lines.append(f"{depth}{MARK[box.kind]} {title[name]}{count}")
            lines += [f"{depth}    {way}" for way in ways.get(name, [])]
    return "\n".join([*lines, ""])
