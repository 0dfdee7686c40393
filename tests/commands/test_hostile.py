"""Nonsense for every argument: a message and a documented exit code, JSON where it is asked for, never a mistake of ours."""

import json

import pytest

from engine.commands import run

NONSENSE = [
    "", "0", "-1", "99999999999999999999", "ä", "💥", "'; DROP TABLE x;--", "a" * 5000, "[", "{}", "[{}]", "null", "{a: *b}", "!!python/object:os.system x",
    "2026-02-30", "0001-01-01", "1e999", "NaN", "[{number: 99999999999999999999}]", '[{name: {contains: "%"}}]', "[{recorded_on: {after: 99999 months ago}}]",
    "[{visits: {count: {where: [], at_least: -1}}}]", "[{name: null}]", "[{number: 1.5}]", "customer=1", "number=99999999999999999999",
    "birthday=1.1.99999", "household_size=99999999999999999999",
]  # fmt: skip
CLOCKS = ["0001-01-01", "9999-12-31T23:59", "2026-13-01", "2026-11-24T25:00", "2026-11-24T08:00+14:00", "x", "0001-01-01T00:00+14:00", "2026-03-29T02:30"]


def commands(word):
    yield from (["select", word], ["select", word, "--csv"], ["select", "[{number: 1}]", "--show", word], ["select", "[]", "--for", word])
    yield from (["record", word], ["record", "customer", word], ["record", "customer", "--set", "1", word], ["record", "customer", "--set", word])
    yield from (
        ["record", "history_entry", "--delete", word],
        ["consent", "show", word],
        ["consent", "confirm", word],
        ["activity", "move", word, "2026-01-01"],
    )
    yield from (["activity", "move", "1", word], ["activity", "assign", "1", word], ["absence", word, word, word], ["absence", "ana", word, word])
    yield from (["agenda", "--until", word], ["agenda", "--branch", word], ["agenda", "--kind", word], ["agenda", "--user", word], ["why", word, "customer:1"])
    yield from (["why", "standard.birthday", word], ["why", "standard.birthday", f"customer:{word}"], ["show", word], ["fields", word], ["customer", word])
    yield from (["done", word, word], ["done", "1", word], ["import", word, "--as", "x"], ["release", word])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile") / "haus"
    assert run(["init", str(folder)]) == 0
    for words in (["customer", "number=1", "name=O'Öhler; DROP"], ["employee", "initials=ana"]):
        assert run(["record", *words, "--site", str(folder)]) == 0
    return folder


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch, tmp_path):
    """Nothing a strange name makes may end up in the project."""
    monkeypatch.chdir(tmp_path)


def shown(capsys, site, arguments):
    capsys.readouterr()
    code = run([*arguments, "--site", str(site)])
    out, error = capsys.readouterr()
    assert code in (0, 1, 2, 3), (arguments, error)
    return code, out


@pytest.mark.parametrize("word", NONSENSE)
def test_nonsense_gets_a_message(capsys, site, word):
    for arguments in commands(word):
        shown(capsys, site, arguments)
        code, out = shown(capsys, site, [*arguments, "--json"])
        if "--csv" not in arguments:
            assert json.loads(out)["version"] == 1, arguments
            assert code == 0 or json.loads(out)["errors"][0]["message"]


@pytest.mark.parametrize("clock", CLOCKS)
def test_any_clock_gets_a_message(capsys, site, clock):
    for arguments in (["agenda"], ["select", "[{birthday: {after: 3 months ago}}]"], ["status"], ["why", "standard.birthday", "customer:1"], ["plan"]):
        code, out = shown(capsys, site, [*arguments, "--now", clock, "--json"])
        assert code in (0, 1) or json.loads(out)["errors"][0]["hint"], arguments


@pytest.mark.parametrize("name", ["change", "Customer", "v0.id", "-1", ""])
def test_only_the_dealer_s_records_are_selected(capsys, site, name):
    assert shown(capsys, site, ["select", "[]", "--for", name])[0] == 2


@pytest.mark.parametrize("words", [["select", "[{city: x\x01}]"], ["record", "customer", "number=7", "name=a\0b"], ["select", '[{city: "a\\0b"}]'],
                                   ["record", "customer", "number=7", "name=a\udcff"], ["activity", "cancel", "1", "--because", "\x1b[31m"]])  # fmt: skip
def test_control_characters_come_in_nowhere(site, capsys, words):
    assert run([*words, "--site", str(site)]) == 2
    assert "control character U+" in capsys.readouterr().err
