"""Bad input and its exact messages: `corpus/bad/NAME.yaml` with `NAME.expected`, under both YAML parsers.

A file named `site_...` is a regelwerk.yaml, any other a file of the dealer's own rules beside the shipped pack; a folder is
a whole site.
`UPDATE_GOLDEN=1 pytest tests/test_corpus.py` writes what is said now; read the difference before committing it.
"""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from engine.commands import run
from engine.language.findings import InvalidSite
from engine.site import checked_site, load_site

HERE = Path(__file__).parent
BAD = sorted(path for path in (HERE / "corpus" / "bad").iterdir() if path.suffix == ".yaml" or path.is_dir())
GOOD = sorted((HERE / "corpus" / "good").glob("*.yaml"))
SITE = "pack: site\npacks: [standard]\n"


def findings_of(folder, source):
    if source.is_dir():
        shutil.copytree(source, folder, dirs_exist_ok=True)
        people(folder)
        return checked_site(folder).check()
    name = "regelwerk.yaml" if source.stem.startswith("site_") else "rules/own.yaml"
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "regelwerk.yaml").write_text(SITE, "utf-8")
    (folder / name).write_bytes(source.read_bytes())
    try:
        return load_site(folder, tests=source.stem.startswith("test_")).check()
    except InvalidSite as error:
        return error.findings


def people(folder):
    """Employees and the role each holds, from `people.txt`, in a store of the site's."""
    if (folder / "people.txt").exists():
        store = load_site(folder).open_store(create=True)
        with store.session(write=True):
            for line in (folder / "people.txt").read_text("utf-8").splitlines():
                initials, _, role = line.partition(":")
                employee = store.insert_many("employee", [{"initials": initials}])[0]
                store.insert_many("employee_role", [{"employee": employee, "role": role.strip()}] if role.strip() else [])
        store.close()


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
        assert re.match(r"(regelwerk|(rules|workflows|house)/[a-z_/]+)\.yaml:\d+:\d+: (error|warning) [a-z0-9-]+: .+; .+", line), (
            "place: what is wrong; what to do"
        )


@pytest.mark.parametrize("source", GOOD, ids=lambda path: path.stem)
def test_good_input_gets_none(source, parser, tmp_path):
    assert findings_of(tmp_path, source) == []


def test_the_corpus_is_large_enough():
    assert len(BAD) >= 60


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


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    source = tmp_path / "own.yaml"
    source.write_text("rules: {}\n", "utf-8")
    findings_of(tmp_path, source)
    plainly = Path.read_bytes

    def refused(path):
        if path.name == "own.yaml":
            raise PermissionError(13, "Permission denied")
        return plainly(path)

    monkeypatch.setattr(Path, "read_bytes", refused)  # rights do not stop root, who runs the tests in a container
    (finding,) = load_site(tmp_path).findings()
    assert str(finding) == "rules/own.yaml: error yaml-unreadable: the file cannot be read: Permission denied; check its rights"


def test_a_folder_that_is_called_like_a_file_is_none(tmp_path):
    (tmp_path / "rules" / "own.yaml").mkdir(parents=True)
    (tmp_path / "regelwerk.yaml").write_text(SITE, "utf-8")
    assert load_site(tmp_path).findings() == []


def test_keys_that_would_collide_as_numbers_are_text(parser, tmp_path):
    """Whole numbers i * (2**61 - 1) all have the hash 0 (safety.md, Y25); keys are text and do not collide."""
    source = tmp_path / "own.yaml"
    source.write_text("rules:\n" + "".join(f"  {i * (2**61 - 1)}: x\n" for i in range(20_000)), "utf-8")
    found = findings_of(tmp_path, source)
    assert {finding.code for finding in found} == {"bad-id"}


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
