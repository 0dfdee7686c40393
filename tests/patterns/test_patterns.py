"""The control-flow patterns of workflow.md §1, each a file of YAML with its tests; three are refused by name."""

from pathlib import Path

import pytest

from engine.site import load_site
from engine.testing.run import run_tests

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("[0-9][0-9]_*.yaml"))


def site_of(tmp_path, file):
    (tmp_path / "regelwerk.yaml").write_text("packs: [standard]\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "pattern.yaml").write_text(file.read_text("utf-8"), "utf-8")
    return load_site(tmp_path, tests=True)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_pattern(file, tmp_path):
    site = site_of(tmp_path, file)
    assert [str(finding) for finding in site.findings() if finding.severity == "error"] == []
    outcomes = list(run_tests(site, frozenset(name for name in site.sections["tests"] if name.startswith("site."))))
    assert outcomes, "a pattern without a test proves nothing"
    assert [str(finding) for one in outcomes for finding in [*one.wrong, *one.failures]] == []


def test_the_table_of_patterns_names_every_case():
    table = (FOLDER.parents[1] / "docs" / "patterns.md").read_text("utf-8")
    rows = {int(row.split("|")[1]): row for row in table.splitlines() if row.startswith("| ") and row[2].isdigit()}
    assert sorted(rows) == list(range(1, 44))
    supported = {int(file.name[:2]): file for file in FILES}
    assert {number for number, row in rows.items() if "| + [" in row} == set(supported)
    assert all(f"tests/patterns/{file.name}" in rows[number] for number, file in supported.items())
    assert {number for number, row in rows.items() if "`check` refuses it" in row} == {8, 17, 38}
