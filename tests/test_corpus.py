"""Bad input and its exact messages: `corpus/bad/NAME.yaml` with `NAME.expected`, under both YAML parsers.

A file named `site_...` is a regelwerk.yaml, any other a file of the dealer's own rules beside the shipped pack.
`UPDATE_GOLDEN=1 pytest tests/test_corpus.py` writes what is said now; read the difference before committing it.
"""

import os
import re
from pathlib import Path

import pytest
import yaml

from engine.commands import run
from engine.language.findings import InvalidSite
from engine.site import load_site

HERE = Path(__file__).parent
BAD = sorted((HERE / "corpus" / "bad").glob("*.yaml"))
GOOD = sorted((HERE / "corpus" / "good").glob("*.yaml"))
SITE = "pack: site\npacks: [standard]\n"
ELSEWHERE = {
    "file-is-a-link": "tests/test_corpus.py, a link",
    "yaml-unreadable": "tests/test_corpus.py, a file without rights",
    "yaml-too-large": "tests/test_corpus.py, made in the test",
    "yaml-too-many": "tests/test_corpus.py, made in the test",
    "yaml-too-long": "tests/test_corpus.py, made in the test",
}


def findings_of(folder, source):
    name = "regelwerk.yaml" if source.stem.startswith("site_") else "rules/own.yaml"
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "regelwerk.yaml").write_text(SITE, "utf-8")
    (folder / name).write_bytes(source.read_bytes())
    try:
        return load_site(folder, tests=source.stem.startswith("test_")).findings()
    except InvalidSite as error:
        return error.findings


@pytest.fixture(params=["c", "python"])
def parser(request, monkeypatch):
    if request.param == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return request.param


@pytest.mark.parametrize("source", BAD, ids=lambda path: path.stem)
def test_bad_input_gets_exactly_these_messages(source, parser, tmp_path):
    said = "".join(f"{finding}\n" for finding in findings_of(tmp_path, source))
    golden = source.with_suffix(".expected")
    if os.environ.get("UPDATE_GOLDEN") and parser == "c":
        golden.write_text(said, "utf-8")
    assert said == golden.read_text("utf-8")
    for line in said.splitlines():
        assert re.match(r"(regelwerk|rules/own)\.yaml:\d+:\d+: error [a-z0-9-]+: .+; .+", line), "place: what is wrong; what to do"


@pytest.mark.parametrize("source", GOOD, ids=lambda path: path.stem)
def test_good_input_gets_none(source, parser, tmp_path):
    assert findings_of(tmp_path, source) == []


def test_the_corpus_is_large_enough():
    assert len(BAD) >= 60


def codes_in_the_engine():
    """Every code a definition can be given, read out of the source."""
    found = set()
    for path in (HERE.parent / "engine").rglob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(r'"((?:yaml|shape|content|rule|effect|site|parameter|condition)-[a-z0-9-]+)"', text))
        if path.name == "reader.py":
            found |= {f"yaml-{code}" for code in re.findall(r'self\.wrong\(event, "([a-z-]+)"', text)} | {"yaml-too-many", "yaml-too-deep"}
        if path.parent.name == "conditions":
            found |= {f"condition-{code}" for code in re.findall(r'wrong\(\s*[^"\n]*?"([a-z-]+)",', text)} - {"condition-email"}
        if path.name == "layers.py":
            found |= set(re.findall(r'\.wrong\([^"\n]*"([a-z]+-[a-z-]+)"', text))
    return found


def test_every_code_is_in_the_corpus():
    seen = {code for path in BAD for code in re.findall(r" error ([a-z0-9-]+):", path.with_suffix(".expected").read_text("utf-8"))}
    assert codes_in_the_engine() - seen - set(ELSEWHERE) == set()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# " + "x" * 1024 * 1024, "yaml-too-large"),
        ("a: [" + "x," * 60_000 + "]", "yaml-too-many"),
        ("a: " + "x" * 70_000, "yaml-too-long"),
    ],
)
def test_caps(text, code, parser, tmp_path):
    source = tmp_path / "big.yaml"
    source.write_text(text, "utf-8")
    (finding,) = findings_of(tmp_path, source)
    assert finding.code == code


def test_a_file_that_cannot_be_read(tmp_path):
    source = tmp_path / "own.yaml"
    source.write_text("rules: {}\n", "utf-8")
    findings_of(tmp_path, source)
    (tmp_path / "rules" / "own.yaml").unlink()
    (tmp_path / "rules" / "own.yaml").mkdir()
    assert load_site(tmp_path).findings() == []  # a folder that is called so is no file


def test_a_link_is_named_and_not_read(tmp_path):
    (tmp_path / "elsewhere.yaml").write_text("rules: {}\n", "utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    (tmp_path / "rules" / "linked.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (finding,) = load_site(tmp_path).findings()
    assert str(finding) == "rules/linked.yaml: error file-is-a-link: the file is a link and is not read; put the file itself here"


def test_check_shows_the_line_and_what_remains_runs(tmp_path, capsys):
    (tmp_path / "rules").mkdir()
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    (tmp_path / "rules" / "own.yaml").write_text("rules:\n  mine: {lable: x}\n", "utf-8")
    assert run(["check", "--site", str(tmp_path)]) == 3
    shown = capsys.readouterr()
    assert "      mine: {lable: x}\n             ^" in shown.out
    assert "rules, " in shown.err
