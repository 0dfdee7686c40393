"""SVG drawn as PNG, with the machine's own fonts; needs the extra `png`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from engine.language.findings import RegelwerkError

FONTS = "Arial, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', 'Liberation Sans', 'Noto Sans', Verdana, FreeSans, Ubuntu, Cantarell"
"""The renderer knows no `sans-serif` of the system: it takes the first of these that is there."""
STYLE = f"text, svg {{ font-family: {FONTS}; }}"


def write_picture(path: Path, svg: str) -> None:
    """Write a picture; an ending `.png` draws it. Raises RegelwerkError where it cannot be drawn or written."""
    content = to_png(svg) if path.suffix.lower() == ".png" else svg.encode()
    if not path.parent.is_dir():
        raise RegelwerkError(f"there is no folder {path.parent}", "make it first")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise RegelwerkError(f"{path} cannot be written: {error.strerror}", "check the folder's rights") from None


def ending(path: Path, known: Mapping[str, str]) -> str:
    """The form that a file's ending names. Raises RegelwerkError (exit 2) for one that names none."""
    found = known.get(path.suffix.lower())
    if found is None:
        raise RegelwerkError(f"{path.name}: '{path.suffix}' names no form of picture", "end the name in " + ", ".join(known), exit_code=2)
    return found


def to_png(svg: str) -> bytes:
    """The picture in twice its size. Raises RegelwerkError where there is no renderer, or no font to write with."""
    if not _writes():
        raise RegelwerkError("this machine has no font to draw text with", "install one (on Debian: fonts-dejavu-core), or end the file's name in .svg")
    return _drawn(svg, 2)


@cache
def _writes() -> bool:
    """Whether text leaves anything on a picture: without a font the renderer leaves it out and says nothing."""
    empty = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">{}</svg>'
    return _drawn(empty.format('<text x="2" y="15" fill="#000">W</text>'), 1) != _drawn(empty.format(""), 1)


def _drawn(svg: str, zoom: int) -> bytes:
    try:
        renderer = import_module("resvg_py")
    except ImportError:
        raise RegelwerkError("a PNG needs the extra `png`", "pip install 'regelwerk[png]', or end the file's name in .svg") from None
    return bytes(renderer.svg_to_bytes(svg_string=svg, style_sheet=STYLE, zoom=zoom))
