"""A drawing as SVG: no script, no font of its own, readable in light and dark."""

from __future__ import annotations

from html import escape

from engine.picture.drawing import Arrow, Box, Drawing
from engine.picture.layout import Layout, lay_out

LETTER, LINE, GAP_X, GAP_Y, MARGIN = 7.2, 34, 22, 74, 24
"""Pixels: a letter's width, a box's height, between boxes, between two layers of boxes, around the picture."""
FILL = {
    "activity": "#dbeafe",
    "wait": "#fef3c7",
    "decide": "#ede9fe",
    "branches": "#e5e7eb",
    "each": "#e5e7eb",
    "join": "#e5e7eb",
    "workflow": "#dcfce7",
    "do": "#fce7f3",
    "end": "#1f2937",
    "start": "#1f2937",
}


def to_svg(drawing: Drawing) -> str:
    """The picture as text."""
    layout = lay_out(drawing)
    boxes = {box.name: box for box in drawing.boxes}
    widths = {name: _width(boxes.get(name), layout.labels.get(name, "")) for layer in layout.layers for name in layer}
    centres, total = _places(layout, widths)
    height = MARGIN * 2 + (len(layout.layers) + 1) // 2 * LINE + (len(layout.layers) - 1) // 2 * GAP_Y + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {height}" width="{total:.0f}" height="{height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="12">',
        f"<title>{escape(drawing.title)}</title>",
        f'<rect width="{total:.0f}" height="{height}" fill="#ffffff"/>',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#6b7280"/></marker></defs>',
        f'<text x="{MARGIN}" y="{MARGIN}" font-size="15" font-weight="600" fill="#111827">{escape(drawing.title)}</text>',
    ]
    parts += [_arrow(arrow, layout, centres) for arrow in drawing.arrows if arrow.start != arrow.end]
    parts += [_loop(arrow, centres, widths) for arrow in drawing.arrows if arrow.start == arrow.end]
    parts += [_box(boxes[name], centres[name], widths[name]) for name in centres if name in boxes]
    return "\n".join([*parts, "</svg>", ""])


def _width(box: Box | None, label: str) -> float:
    if box is None:
        return len(label) * 5.8 + 8 if label else 12
    if box.kind == "start":
        return 18
    return max(len(box.title) * LETTER + 26, 64)


def _places(layout: Layout, widths: dict[str, float]) -> tuple[dict[str, tuple[float, float]], float]:
    spans = [sum(widths[name] for name in layer) + GAP_X * (len(layer) - 1) for layer in layout.layers]
    total = max(spans, default=0) + 2 * MARGIN + 80
    centres = {}
    for row, (layer, span) in enumerate(zip(layout.layers, spans, strict=True)):
        x = (total - span) / 2
        for name in layer:
            centres[name] = (x + widths[name] / 2, MARGIN + 24 + LINE / 2 + row * (LINE + GAP_Y) / 2)
            x += widths[name] + GAP_X
    return centres, total


def _arrow(arrow: Arrow, layout: Layout, centres: dict[str, tuple[float, float]]) -> str:
    chain = layout.chains[arrow]
    points = [centres[name] for name in chain]
    points[0] = (points[0][0], points[0][1] + LINE / 2)
    points[-1] = (points[-1][0], points[-1][1] - LINE / 2)
    back = arrow in layout.back
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        bend = (y1 - y0) / 2
        path += f" C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}"
    ends = 'marker-start="url(#tip)" stroke-dasharray="4 3"' if back else 'marker-end="url(#tip)"'
    line = f'<path d="{path}" fill="none" stroke="#6b7280" {ends}/>'
    place = next((name for name in chain if name in layout.labels), "")
    return line + (_label(arrow.label, centres[place][0], centres[place][1] + 4) if place else "")


def _label(text: str, x: float, y: float) -> str:
    if not text:
        return ""
    width = len(text) * 5.6 + 6
    ground = f'<rect x="{x - width / 2:.1f}" y="{y - 10:.1f}" width="{width:.1f}" height="14" fill="#ffffff" fill-opacity="0.85"/>'
    return ground + f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="10.5" fill="#374151">{escape(text)}</text>'


def _loop(arrow: Arrow, centres: dict[str, tuple[float, float]], widths: dict[str, float]) -> str:
    x, y = centres[arrow.start]
    right = x + widths[arrow.start] / 2
    path = f"M{right:.1f} {y - 8:.1f} C{right + 30:.1f} {y - 20:.1f} {right + 30:.1f} {y + 20:.1f} {right:.1f} {y + 8:.1f}"
    return f'<path d="{path}" fill="none" stroke="#6b7280" stroke-dasharray="4 3" marker-end="url(#tip)"/>' + _label(
        arrow.label, right + 14 + len(arrow.label) * 2.6, y + 24
    )


def _box(box: Box, centre: tuple[float, float], width: float) -> str:
    x, y = centre
    if box.kind == "start":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{FILL["start"]}"/>'
    ink = "#ffffff" if box.kind == "end" else "#111827"
    radius = LINE / 2 if box.kind in ("end", "wait") else 5
    shape = f'<rect x="{x - width / 2:.1f}" y="{y - LINE / 2:.1f}" width="{width:.1f}" height="{LINE}" rx="{radius}" fill="{FILL[box.kind]}" stroke="#9ca3af"/>'
    text = f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" fill="{ink}">{escape(box.title)}</text>'
    if not box.count:
        return shape + text
    badge = f'<rect x="{x + width / 2 - 14:.1f}" y="{y - LINE / 2 - 9:.1f}" width="{14 + len(str(box.count)) * 7}" height="17" rx="8" fill="#b91c1c"/>'
    number = f'<text x="{x + width / 2 - 7 + len(str(box.count)) * 3.5:.1f}" y="{y - LINE / 2 + 4:.1f}" text-anchor="middle" font-size="11" fill="#ffffff">{box.count}</text>'
    return shape + text + badge + number
