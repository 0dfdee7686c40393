"""The guides are true: their files are written and their commands run in order, each line of output they show comes."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from engine.commands import run

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def steps(path):
    """The blocks of a page in order: ("file", name, text) and ("run", arguments, exit code, lines shown)."""
    for language, text in BLOCK.findall(path.read_text("utf-8")):
        if language in ("yaml", "csv"):
            head, _, body = text.partition("\n")
            yield "file", head.removeprefix("# file: "), body
            continue
        for command in re.split(r"^\$ ", text, flags=re.M)[1:]:
            line, _, shown = command.partition("\n")
            line, _, code = line.partition("   # exit ")
            yield "run", shlex.split(line), int(code or 0), shown.splitlines()


@pytest.mark.parametrize("name", ["dealers", "operators", pytest.param("consultants", marks=pytest.mark.req("S2.30")), "workflows", "testing", "ten-changes"])
def test_a_guide_is_true(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ran = 0
    for kind, *step in steps(ROOT / "docs" / f"{name}.md"):
        if kind == "file":
            Path(step[0]).parent.mkdir(parents=True, exist_ok=True)
            Path(step[0]).write_text(step[1], "utf-8")
            continue
        (program, *arguments), code, shown = step
        if program == "git":
            subprocess.run(["git", "-c", "user.name=ana", "-c", "user.email=ana@example.org", *arguments], check=True)
            continue
        assert program == "regelwerk"
        capsys.readouterr()
        assert run(arguments) == code, (arguments, capsys.readouterr())
        said = "".join(capsys.readouterr())
        for line in shown:
            assert line in said, (arguments, said)
        ran += 1
    assert ran > 3


def test_the_commands_of_the_readme_exist_and_their_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    own = [line.removeprefix("    .venv/bin/") for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith("    .venv/bin/regelwerk")]
    assert len(own) > 8
    for line in own:
        _, *arguments = shlex.split(line)
        if "demo-site" not in arguments:
            assert run(arguments) == 0, (line, capsys.readouterr())
