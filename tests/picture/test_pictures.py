"""Pictures of a workflow: text and Mermaid word for word, SVG measured."""

import re
import sys
from itertools import combinations
from pathlib import Path
from struct import unpack
from xml.etree import ElementTree
from zlib import decompress

import pytest

from engine.language.findings import RegelwerkError
from engine.picture import png
from engine.picture.chart import bars
from engine.picture.drawing import drawing_of
from engine.picture.png import ending, to_png, write_picture
from engine.picture.svg import to_svg
from engine.picture.words import to_mermaid, to_text
from tests.workflows.play import compiled

FLOW = """
workflows:
  sale:
    label: {de: 'Verkauf <groß> & "schön"', en: Sale}
    for: opportunity
    purpose: internal
    steps:
      call: {activity: resubmission, label: Rückruf & Größe, at_most: 3, else: {next: lost}, outcomes: {reached: {next: both}, missed: {tries: [1 day]}, again: {next: call}}}
      both:
        branches:
          money: {activity: financing, steps: {papers: {activity: insurance}}, next: papers}
          car: {wait: {sold: {event: opportunity.won}, late: {for: 5 days}}}
        join: 1 of 2
        next: ask
      ask: {decide: {won: {where: [{status: won}], next: over}, else: {next: call}}}
      over: {end: won}
      lost: {end: lost}
"""
TEXT = """\
Verkauf <groß> & "schön"
□ Rückruf & Größe  [12]
    reached → both
    missed (again), again → ↑ Rückruf & Größe
    else → lost
⇉ both
    → money
    → car
■ lost
  □ money
      → papers
  ◷ car
      sold, late → first (both)
    □ papers
        → first (both)
⇇ first
    → ask
◇ ask
    won → over
    else → ↑ Rückruf & Größe
■ over
"""
MERMAID = """\
flowchart TD
  n0((" "))
  n1["Rückruf & Größe (12)"]
  n2[/"both"/]
  n3[\\"first"\\]
  n4["money"]
  n5["papers"]
  n6(["car"])
  n7{"ask"}
  n8(("over"))
  n9(("lost"))
  n0 --> n1
  n1 -->|"reached"| n2
  n1 -->|"missed (again), again"| n1
  n1 -->|"else"| n9
  n2 --> n4
  n2 --> n6
  n3 --> n7
  n4 --> n5
  n5 --> n3
  n6 -->|"sold, late"| n3
  n7 -->|"won"| n8
  n7 -->|"else"| n1
"""
PATTERNS = sorted((Path(__file__).parents[1] / "patterns").glob("[0-9]*.yaml"))


def drawing(counts=None, text=FLOW, language="de"):
    return drawing_of(compiled(text).flows[0], language, counts)


def boxes_of(picture):
    """(x, y, width, height) of every step's box, read out of the SVG."""
    root = ElementTree.fromstring(picture)
    found = [one for one in root.iter("{http://www.w3.org/2000/svg}rect") if one.get("stroke")]
    return [tuple(float(one.get(key)) for key in ("x", "y", "width", "height")) for one in found]


def texts_of(picture):
    return [one.text for one in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_the_text_word_for_word():
    assert to_text(drawing({"call": 12})) == TEXT


def test_the_mermaid_word_for_word():
    assert to_mermaid(drawing({"call": 12})) == MERMAID


@pytest.mark.parametrize("file", PATTERNS, ids=lambda file: file.stem)
def test_an_svg_has_every_step_and_no_two_boxes_overlap(file):
    text = file.read_text("utf-8")
    text = text[: text.index("\ntests:")]
    for flow in compiled(text).flows:
        picture = to_svg(drawing_of(flow, "de"))
        titles = texts_of(picture)
        assert {name.rpartition(".")[2] for name, step in flow.steps.items() if not step.label} <= set(titles)
        assert len(boxes_of(picture)) == len(flow.steps) + sum(step.is_block for step in flow.steps.values())
        for (x, y, w, h), (u, v, p, q) in combinations(boxes_of(picture), 2):
            assert x + w <= u or u + p <= x or y + h <= v or v + q <= y, "two boxes lie on each other"


def test_boxes_lie_inside_the_picture():
    picture = to_svg(drawing())
    root = ElementTree.fromstring(picture)
    for x, y, w, h in boxes_of(picture):
        assert x >= 0
        assert y >= 0
        assert x + w <= float(root.get("width"))
        assert y + h <= float(root.get("height"))


def test_counts_are_shown_and_umlauts_and_marks_are_text():
    picture = to_svg(drawing({"call": 1234}))
    assert "1234" in texts_of(picture)
    assert "Rückruf & Größe" in texts_of(picture)
    assert 'Verkauf <groß> & "schön"' in texts_of(picture)
    assert not re.search(r"<(script|image|foreignObject)", picture)
    assert "1234" not in to_svg(drawing())


def test_labels_are_in_the_sites_language():
    assert to_text(drawing(language="en")).startswith("Sale\n")


def test_what_mermaid_would_read_as_its_own_is_escaped():
    text = FLOW.replace("Rückruf & Größe", "'Ruf \"an\"'").replace("reached:", "'a|\"b\"':")
    shown = to_mermaid(drawing(text=text))
    assert 'n1["Ruf #quot;an#quot;"]' in shown
    assert '|"a|#quot;b#quot;"|' in shown


def pixels(data):
    """(width, height, the picture's raw rows)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = unpack(">II", data[16:24])
    rows, at = b"", 8
    while at < len(data):
        length, kind = unpack(">I4s", data[at : at + 8])
        rows += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += 12 + length
    return width, height, decompress(rows)


def test_a_png_is_the_svg_in_twice_its_size_with_its_words():
    text = bars("Übersicht", [("2026-11", "anruf", 5), ("2026-12", "anruf", 9)])
    width, height, rows = pixels(to_png(text))
    assert (width, height) == tuple(2 * int(re.search(rf'<svg[^>]* {side}="([0-9]+)"', text).group(1)) for side in ("width", "height"))
    assert rows != pixels(to_png(re.sub(r"<text.*?</text>", "", text)))[2]  # a machine without a font is told so instead


def test_no_picture_without_the_renderer_or_without_a_font(monkeypatch, tmp_path):
    monkeypatch.setattr(png, "_writes", lambda: False)
    with pytest.raises(RegelwerkError, match="no font") as found:
        write_picture(tmp_path / "a.png", "<svg/>")
    assert ".svg" in found.value.hint
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(RegelwerkError, match="extra `png`"):
        png._drawn("<svg/>", 1)
    write_picture(tmp_path / "a.svg", "<svg/>")
    assert [(one.name, one.read_text("utf-8")) for one in tmp_path.iterdir()] == [("a.svg", "<svg/>")]


def test_a_picture_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(RegelwerkError, match="there is no folder"):
        write_picture(tmp_path / "none" / "a.svg", "<svg/>")
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(RegelwerkError, match="cannot be written"):
        write_picture(tmp_path / "a.svg", "<svg/>")


def test_the_ending_names_the_form():
    assert ending(Path("a.PNG"), {".svg": "svg", ".png": "png"}) == "png"
    with pytest.raises(RegelwerkError, match="names no form") as found:
        ending(Path("a.jpg"), {".svg": "svg", ".png": "png"})
    assert (found.value.exit_code, found.value.hint) == (2, "end the name in .svg, .png")
