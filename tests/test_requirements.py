"""docs/requirements.md names every requirement that a test is marked with, and no other as proven."""

import ast
import re
from pathlib import Path

from tests.support.requirements import PAGE, sentences

HERE = Path(__file__).parent


def marked():
    """Requirement number -> the tests marked with it, read out of the test files."""
    found = {}
    for path in HERE.rglob("test_*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        tables = {one.targets[0].id: one.value for one in tree.body if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)}
        for test in [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")]:
            marks = [node for decorator in test.decorator_list for node in ast.walk(decorator)]
            marks += [node for name in marks if isinstance(name, ast.Name) and name.id in tables for node in ast.walk(tables[name.id])]
            for mark in marks:
                if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.req":
                    for number in mark.args:
                        found.setdefault(number.value, set()).add(test.name)
    return found


def proven():
    """Requirement number -> the tests the page names."""
    rows = re.findall(r"^\| (S\d\.\d+) \| .* \| (.*) \|$", PAGE.read_text("utf-8"), re.M)
    return {number: set(re.findall(r"`(\w+)`", tests)) for number, tests in rows}


def test_the_page_names_every_requirement():
    assert list(proven()) == list(sentences())


def test_every_marked_requirement_is_on_the_page():
    page = proven()
    assert {number: tests - page[number] for number, tests in marked().items() if tests - page[number]} == {}, "write it anew with `make docs`"
    assert {number for number, tests in page.items() if tests} == set(marked())
