"""`import --map`: another map of the site, or one in a file."""

import json

import pytest

from engine.commands import run
from engine.site import load_site

MAPS = """
imports:
  people: {entity: customer, columns: {Nr: number, Name: name}}
  houses: {entity: branch, columns: {Kuerzel: code}}
"""
OTHER = "imports: {theirs: {entity: customer, columns: {Nummer: number, Nachname: name}}}\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["init", "haus"]) == 0
    (tmp_path / "haus" / "rules" / "own.yaml").write_text(MAPS, "utf-8")
    (tmp_path / "other.yaml").write_text(OTHER, "utf-8")
    (tmp_path / "a.csv").write_text("Nr;Name\n1;Maier\n", "utf-8")
    (tmp_path / "b.csv").write_text("Nummer;Nachname\n2;Huber\n", "utf-8")
    return tmp_path


def call(capsys, *arguments):
    capsys.readouterr()
    code = run(["import", *arguments, "--site", "haus", "--json"])
    shown = json.loads(capsys.readouterr().out)
    return code, [(one["file"], one["line"], one["code"]) for one in shown["errors"]]


def test_a_map_by_its_name_or_from_a_file(capsys, site):
    assert call(capsys, "a.csv", "--as", "customer", "--map", "people") == (0, [])
    assert call(capsys, "b.csv", "--as", "customer", "--map", "other.yaml") == (0, [])
    assert call(capsys, "b.csv", "--as", "theirs", "--map", "other.yaml") == (0, [])
    assert call(capsys, "b.csv", "--as", "people", "--map", "other.yaml") == (0, [])
    store = load_site(site / "haus").open_store()
    assert [row[0] for row in store.rows("SELECT name FROM customer ORDER BY number", [])] == ["Maier", "Huber"]
    store.close()


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [("customer", "houses", "usage"), ("houses", "other.yaml", "usage"), ("vehicle", "other.yaml", "usage"), ("customer", "nothing.yaml", "not-found")],
)
def test_a_map_that_is_not_there_or_does_not_fit(capsys, site, kind, name, code):
    assert call(capsys, "a.csv", "--as", kind, "--map", name) == (2, [(None, None, code)])


def test_a_wrong_map_file_is_told_with_its_places(capsys, site):
    (site / "bad.yaml").write_text("imports:\n  theirs:\n    entity: customer\n    columns: {Nr: nmber}\n", "utf-8")
    assert call(capsys, "a.csv", "--as", "customer", "--map", "bad.yaml") == (
        3,
        [("bad.yaml", 3, "content-no-key"), ("bad.yaml", 4, "content-unknown-field")],
    )
    (site / "bad.yaml").write_text("rules: {}\n", "utf-8")
    assert call(capsys, "a.csv", "--as", "customer", "--map", "bad.yaml") == (3, [("bad.yaml", 1, "import-no-map")])
