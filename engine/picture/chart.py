"""Stacked bars as SVG: how much of what in each period. No script, no font of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

COLOURS = ("#2563eb", "#f59e0b", "#10b981", "#8b5cf6", "#ef4444", "#0891b2", "#9ca3af")
WIDTH, HEIGHT, LEFT, TOP, ROW = 960, 300, 56, 44, 18
OTHERS = "others"
"""What the smaller ones are summed up as."""


def bars(title: str, rows: Sequence[tuple[str, str, int]]) -> str:
    """A picture of (period, what, count); the six largest by name."""
    sums: Counter[str] = Counter()
    for _, what, count in rows:
        sums[what] += count
    names = [what for what, _ in sums.most_common(len(COLOURS) - 1)]
    names += [OTHERS] if len(sums) > len(names) else []
    cells: Counter[tuple[str, str]] = Counter()
    for period, what, count in rows:
        cells[period, what if what in names else OTHERS] += count
    periods = sorted({period for period, _, _ in rows})
    top = max((sum(cells[period, name] for name in names) for period in periods), default=0) or 1
    height = TOP + HEIGHT + 34 + ROW * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"'
        ' font-family="system-ui, sans-serif" font-size="11">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="600" fill="#111827">{escape(title)}</text>',
        *_scale(top),
    ]
    step = (WIDTH - LEFT - 20) / max(len(periods), 1)
    for place, period in enumerate(periods):
        parts += _bar(LEFT + place * step, step, [(COLOURS[names.index(name)], cells[period, name], f"{period} {name}") for name in names], top)
        if place % max(1, len(periods) // 12) == 0:
            parts.append(f'<text x="{LEFT + place * step:.1f}" y="{TOP + HEIGHT + 16}" fill="#374151">{escape(period)}</text>')
    for place, name in enumerate(names):
        y = TOP + HEIGHT + 30 + place * ROW
        parts.append(f'<rect x="{LEFT}" y="{y}" width="11" height="11" fill="{COLOURS[place]}"/>')
        total = sums[name] if name in sums else sum(count for what, count in sums.items() if what not in names)
        parts.append(f'<text x="{LEFT + 18}" y="{y + 10}" fill="#374151">{escape(name)} ({total})</text>')
    return "\n".join([*parts, "</svg>", ""])


def _scale(top: int) -> list[str]:
    lines = []
    for part in range(5):
        y = TOP + HEIGHT - part * HEIGHT / 4
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e5e7eb"/>')
        lines.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="#6b7280">{round(top * part / 4)}</text>')
    return lines


def _bar(x: float, step: float, pieces: Sequence[tuple[str, int, str]], top: int) -> list[str]:
    y = float(TOP + HEIGHT)
    found = []
    for colour, count, name in pieces:
        if count:
            tall = count / top * HEIGHT
            y -= tall
            found.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(step * 0.85, 0.5):.1f}" height="{tall:.1f}" fill="{colour}"><title>{escape(name)}: {count}</title></rect>'
            )
    return found
