"""The layout of design.md: which module alone may use what."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[1] / "engine"
ALONE = {
    "yaml": "definitions/reader.py",
    "jinja2": "language/templates.py",
    "croniter": "language/schedules.py",
    "holidays": "language/calendars.py",
}
QUERY = "planning/query.py"
QUERIES = {"select", "count", "exists", "get", "left_join", "raw_sql", "delete", "sum", "min", "max", "avg"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("library", ALONE)
def test_one_module_each_imports_a_library(library):
    users = {path.relative_to(ENGINE).as_posix() for path in ENGINE.rglob("*.py") if library in imports(path)}
    assert users == {ALONE[library]}


def test_one_module_alone_makes_pony_query_text():
    """A Pony string query is `eval` (safety.md): `select`, `count`, `exists` of Pony are called in one place."""
    users = set()
    for path in ENGINE.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module == "pony.orm" and QUERIES & {name.name for name in node.names}:
                users.add(path.relative_to(ENGINE).as_posix())
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("select_by_sql", "get_by_sql"):
                users.add(path.relative_to(ENGINE).as_posix())
    assert users <= {QUERY}
    assert QUERY in users


def test_nothing_but_the_command_line_reads_the_clock():
    readers = {
        path.relative_to(ENGINE).as_posix()
        for path in ENGINE.rglob("*.py")
        if re.search(r"(?:datetime\.(?:now|utcnow)|date\.today|time\.time)\(", path.read_text("utf-8"))
    }
    assert readers == {"commands/common.py"}


def test_the_top_level_holds_what_the_brief_names():
    """A command tried with odd file names once left databases here, and they were committed."""
    wanted = {".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "bench", "cli.py", "docs", "engine", "pyproject.toml"}
    wanted |= {"requirements-dev.lock", "rules", "schemas", "tests", "workflows"}
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ENGINE.parent, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert {name.split("/")[0] for name in tracked.stdout.split("\0") if name} <= wanted
