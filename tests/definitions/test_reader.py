import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.definitions.reader import read_text

LOADERS = ["c", "python"]
BAD = {
    "alias-bomb": ("a0: &a0 [x]\na1: [*a0, *a0]\n", "yaml-anchor", 1, 5),
    "merge-bomb": ("a: {k: 1}\nb:\n  <<: {x: 1}\n", "yaml-merge-key", 3, 3),
    "deep-flow": ("a: " + "[" * 500 + "]" * 500, "yaml-too-deep", 1, 35),
    "deep-block": ("- " * 500 + "x", "yaml-no-map", 1, 1),
    "base60-bomb": ("a: 1" + ":1" * 20000, "yaml-ambiguous", 1, 4),
    "huge-int": ("a: " + "9" * 5000, "yaml-huge-number", 1, 4),
    "dup-key": ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1),
    "dup-key-nested": ("r:\n  a: 1\n  a: 2\n", "yaml-duplicate-key", 3, 3),
    "norway": ("country: NO\n", "yaml-ambiguous", 1, 10),
    "times": ("opens: 08:00\n", "yaml-ambiguous", 1, 8),
    "octal": ("zip: 01234\n", "yaml-ambiguous", 1, 6),
    "hex": ("a: 0x1F\n", "yaml-ambiguous", 1, 4),
    "underscore": ("a: 1_000\n", "yaml-ambiguous", 1, 4),
    "exponent": ("a: 1e3\n", "yaml-ambiguous", 1, 4),
    "nan": ("a: .nan\n", "yaml-ambiguous", 1, 4),
    "tag-python": ("a: !!python/object/apply:os.system [x]\n", "yaml-tag", 1, 4),
    "tag-local": ("a: !thing x\n", "yaml-tag", 1, 4),
    "directive": ("%YAML 1.2\n---\na: x\n", "yaml-directive", 1, 1),
    "multi-doc": ("a: x\n---\nb: y\n", "yaml-second-document", 2, 1),
    "bidi": ('a: "x\u202ey"\n', "yaml-control-character", 1, 6),
    "nul": ('a: "x\0y"\n', "yaml-control-character", 1, 6),
    "complex-key": ("[a, b]: 1\n", "yaml-complex-key", 1, 1),
    "empty": ("", "yaml-empty", 1, 1),
    "scalar": ("just text\n", "yaml-no-map", 1, 1),
    "list": ("- a\n", "yaml-no-map", 1, 1),
    "unclosed": ("a: [1, 2\n", "yaml-syntax", 2, 1),
    "tab": ("a:\n\tb: 1\n", "yaml-syntax", 2, 1),
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_named_with_its_place(name, loader):
    text, code, line, column = BAD[name]
    document, findings = read_text(text.encode(), "x.yaml", loader)
    assert document is None
    assert (findings[0].code, findings[0].place.line, findings[0].place.column) == (code, line, column)
    assert findings[0].message
    assert findings[0].hint


def test_keys_are_text_and_values_are_what_they_say():
    document, findings = read_text(b'on: sold\nno: x\n1: 2\n2026-01-01: 2026-02-30\nd: 1.5\nt: true\nv: 1E10X\nq: "08:00"\ne:\n', "x.yaml")
    assert not findings
    assert document.data == {
        "on": "sold", "no": "x", "1": 2, "2026-01-01": "2026-02-30", "d": Decimal("1.5"), "t": True, "v": "1E10X", "q": "08:00", "e": None,
    }  # fmt: skip
    assert document.positions["q",][1].column == 4


@pytest.mark.parametrize("data", [b"\xff\xfea\x00:\x00", b"a: \xe9\n"])
def test_other_encodings_are_refused(data):
    assert read_text(data, "x.yaml")[1][0].code == "yaml-not-utf8"


def test_windows_line_ends_and_a_byte_order_mark_are_fine():
    assert read_text("\ufeffa: ä\r\nb: 1\r\n".encode(), "x.yaml")[0].data == {"a": "ä", "b": 1}


def test_all_mistakes_at_once():
    _, findings = read_text(b"a: NO\nb: 08:00\na: 1\n", "x.yaml")
    assert [finding.place.line for finding in findings] == [1, 2, 3]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", ["[" * 100_000, "a: " + "[" * 100_000, "? " * 3000, "a: [" + "x," * 60_000 + "]"])
def test_nothing_crashes_the_process(text, loader):
    code = "import sys; from engine.definitions.reader import read_text; print(read_text(sys.stdin.buffer.read(), 'x', sys.argv[1])[1][0].code)"
    result = subprocess.run([sys.executable, "-c", code, loader], input=text.encode(), capture_output=True, timeout=60)
    assert result.returncode == 0
    assert result.stdout.startswith(b"yaml-")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!%#'\"|>?,\n \t0123456789.", max_size=60))
def test_no_text_raises_and_both_parsers_agree_on_what_is_good(text):
    one, two = (read_text(text.encode(), "x.yaml", loader)[0] for loader in LOADERS)
    if one is not None and two is not None:
        assert one.data == two.data
