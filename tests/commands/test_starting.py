"""A new site, and what programs are told: JSON for init and demo, a code and a place for every error."""

import json
import re
import shlex

import pytest

from engine.commands import run
from engine.store import disk

SCHEMAS = [f".regelwerk/{name}.json" for name in ("definitions", "regelwerk", "pack", "assumptions")]


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    return folder


def errors(capsys, *arguments):
    capsys.readouterr()
    code = run([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)["errors"]


def test_init_makes_what_an_editor_needs(site):
    settings = json.loads((site / ".vscode" / "settings.json").read_text("utf-8"))["yaml.schemas"]
    assert list(settings.values()) == [["rules/**/*.yaml", "workflows/**/*.yaml"], ["regelwerk.yaml"], ["pack.yaml"]]
    for name in settings:
        assert json.loads((site / name).read_text("utf-8"))["type"] == "object"
    for name in ("regelwerk.yaml", "rules/own.yaml", "workflows/own.yaml"):
        schema = re.match(r"# yaml-language-server: \$schema=(.+)\n", (site / name).read_text("utf-8"))
        assert ((site / name).parent / schema.group(1)).is_file()


def test_what_somebody_put_there_before_stays(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text("change: {}\n", "utf-8")
    assert run(["init", str(tmp_path)]) == 0
    assert (tmp_path / "rules" / "own.yaml").read_text("utf-8") == "change: {}\n"


def test_own_definitions_are_read_from_workflows_too(capsys, site):
    (site / "workflows" / "own.yaml").write_text("change:\n  standard.nothing: {enabled: false}\n", "utf-8")
    code, found = errors(capsys, "check", "--site", str(site))
    assert (code, [(one["file"], one["line"], one["code"]) for one in found]) == (3, [("workflows/own.yaml", 2, "unknown-target")])


def test_init_as_json(capsys, tmp_path):
    folder = tmp_path / "neu"
    assert run(["init", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "version": 1,
        "folder": str(folder),
        "files": ["regelwerk.yaml", "rules/own.yaml", "workflows/own.yaml", ".vscode/settings.json", *SCHEMAS],
        "warnings": [],
    }
    none = {"file": None, "line": None, "column": None}
    assert errors(capsys, "init", str(folder)) == (2, [{**none, "code": "exists", "message": f"{folder} is a site already", "hint": "choose another folder"}])


def test_demo_as_json(capsys, tmp_path):
    assert run(["demo", str(tmp_path / "demo"), "--customers", "50", "--now", "2026-11-24T08:00", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["version"], shown["ticks"] > 20, shown["commands"][0]) == (1, True, ["status"])


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["why", "standard.nothing", "customer:1"], 2, "not-found"),
        (["select", "[]", "--for", "custommer"], 2, "not-found"),
        (["run", "--now", "someday"], 2, "usage"),
        (["rnu"], 2, "usage"),
        (["show", "standard.nothing"], 2, "not-found"),
    ],
)
def test_every_error_has_a_code(capsys, site, words, code, name):
    exit_code, found = errors(capsys, *words, "--site", str(site))
    assert (exit_code, [one["code"] for one in found]) == (code, [name])


def test_an_error_in_a_typed_condition_has_its_place(capsys, site):
    code, found = errors(capsys, "select", "[{a: *b}]", "--site", str(site))
    assert (code, [(one["file"], one["line"], one["column"], one["code"]) for one in found]) == (2, [("condition", 1, 13, "yaml-alias")])
    code, found = errors(capsys, "select", "[{nmae: x}]", "--site", str(site))
    assert (code, [(one["file"], one["code"]) for one in found]) == (2, [("condition", "condition-unknown-field")])


def test_without_a_site_and_while_another_runs(capsys, tmp_path, site):
    assert [one["code"] for one in errors(capsys, "run", "--site", str(tmp_path))[1]] == ["no-site"]
    from engine.site import load_site

    store = load_site(site).open_store()
    with store.lease():
        assert [one["code"] for one in errors(capsys, "run", "--site", str(site))[1]] == ["busy"]
    store.close()


@pytest.mark.parametrize(("kind", "found"), [("ext4", ""), ("nfs4", "nfs4"), ("cifs", "cifs"), ("fuse.sshfs", "fuse.sshfs")])
def test_a_network_disk_is_known_by_the_longest_mount(tmp_path, kind, found):
    mounts = tmp_path / "mounts"
    place = tmp_path / "mit leer"
    place.mkdir()
    escaped = str(place).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {escaped} {kind} rw 0 0\nserver:/y /somewhere nfs rw 0 0\nodd\n", "utf-8")
    assert disk.network_disk(place / "haus", mounts) == found
    assert disk.network_disk(tmp_path, mounts) == ""
    assert disk.network_disk(tmp_path, tmp_path / "nothing") == ""


def test_init_warns_on_a_network_disk(capsys, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n", "utf-8")
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    assert run(["init", str(tmp_path / "haus")]) == 0
    assert "warning: " in (said := capsys.readouterr()).err
    assert "network disk (nfs4)" in said.err
    assert "warning" not in said.out


def test_what_is_in_the_way_of_the_schemas_is_named_before_anything_is_written(capsys, tmp_path):
    (tmp_path / ".regelwerk").touch()
    code, found = errors(capsys, "init", str(tmp_path))
    assert (code, found[0]["code"], "is in the way" in found[0]["message"]) == (2, "exists", True)
    assert [one.name for one in tmp_path.iterdir()] == [".regelwerk"]


def test_what_to_type_next_can_be_copied_whatever_the_folder_is_called(tmp_path, capsys):
    assert run(["init", str(tmp_path / "Autohaus Müller & Söhne")]) == 0
    typed = capsys.readouterr().out.partition("Next: regelwerk ")[2]
    assert run(shlex.split(typed)) == 0
    assert run(["demo", str(tmp_path / "Vorführung ß"), "--customers", "50", "--now", "2026-11-24T09:30"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert run(shlex.split(last.partition("Go on: regelwerk ")[2].partition(";")[0])) == 0
    assert run(shlex.split(last.partition("`regelwerk ")[2].partition("`")[0])) == 0
