"""Every code the engine can give is given in a test: read out of the source, looked for in the corpus and in the tests."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.findings_page import ADVICE, PAGE, examples, page

HERE = Path(__file__).parent
ENGINE = HERE.parent / "engine"
SAYERS = {"Finding": 1, "Problem": 1}
"""What is called with a code, and where it stands among the arguments. `wrong` has it first or second."""
FRONT = {
    "definitions/reader.py": "yaml-",
    "store/imports/load.py": "import-",
    "language/conditions/parse.py": "condition-",
    "language/conditions/words.py": "condition-",
}
"""Files whose `wrong` puts the first part of a code in front."""
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
SAFETY = {
    "Y1": "yaml_anchor_bomb", "Y2": "yaml_merge_key", "Y3": "yaml_self_alias", "Y4": "yaml_deep_flow", "Y5": "test_reader.py::test_nothing_crashes_the_process",
    "Y6": "yaml_deep_block", "Y7": "test_corpus.py::test_caps", "Y8": "test_corpus.py::test_caps", "Y9": "yaml_base_60_bomb", "Y10": "yaml_huge_number",
    "Y11": "yaml_duplicate_key", "Y12": "yaml_norway", "Y13": "yaml_key_types", "Y14": "yaml_time", "Y15": "yaml_leading_zero", "Y16": "yaml_bad_date",
    "Y17": "yaml_date_types", "Y18": "yaml_python_tag", "Y19": "yaml_directive", "Y20": "yaml_second_document", "Y21": "yaml_control_characters",
    "Y22": "yaml_utf16", "Y23": "yaml_complex_key", "Y24": "yaml_not_a_number", "Y25": "test_corpus.py::test_keys_that_would_collide_as_numbers_are_text",
}  # fmt: skip
"""The rows of the list of YAML attacks (safety.md §1) and the input or test that stands for each."""


def words_in(node):
    """The plain texts an argument may be: itself, either side of a choice, the first of each pair in a tuple."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words_in(node.body)
        yield from words_in(node.orelse)


def codes_in(path):
    """Every code in a call that names a problem; `?` for one that is not written out."""
    name = path.relative_to(ENGINE).as_posix()
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAYERS:
            given = [node.args[SAYERS[called]]] if len(node.args) > SAYERS[called] else [word.value for word in node.keywords if word.arg == "code"]
            yield from (word for argument in given for word in words_in(argument))
        elif called == "wrong":
            found = [word for argument in node.args[:3] for word in words_in(argument) if CODE.match(word)]
            yield from (FRONT.get(name, "") + word for word in found[:2] if word)


def codes_in_the_engine():
    found = {code for path in ENGINE.rglob("*.py") for code in codes_in(path)}
    found |= set(ADVICE)
    caps = re.findall(r'\("(too-[a-z]+)", ', (ENGINE / "definitions/reader.py").read_text("utf-8"))
    return found | {f"yaml-{code}" for code in caps}


def test_every_code_is_given_in_a_test():
    seen = {code for path in (HERE / "corpus").rglob("*.expected") for code in re.findall(r" (?:error|warning) ([a-z0-9-]+):", path.read_text("utf-8"))}
    for path in HERE.rglob("test_*.py"):
        if path != Path(__file__):
            seen |= {node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    codes = codes_in_the_engine()
    assert len(codes) > 90
    assert {"yaml-unreadable", "import-no-key", "test-cannot-run", "condition-too-deep", "yaml-too-many", "unknown-target"} <= codes
    said = " ".join(seen)
    assert {code for code in codes if not re.search(rf"(?<![a-z0-9-]){code}(?![a-z0-9-])", said)} == set()


ELSEWHERE = re.compile(r"(import|test|assume)-|(field-other-type|file-is-a-link|yaml-(too-large|too-long|too-many|unreadable))\Z")
"""Codes that no text of a definition gives: of imports, of tests that ran, of assumptions, of the disk, of the store, of files too large for a corpus."""


def test_every_code_of_check_has_its_bad_input():
    assert {code for code in codes_in_the_engine() if not ELSEWHERE.match(code)} - set(examples()) == set()


def test_advice_says_why_and_nothing_else_is_advice():
    assert {code for code, (severity, *_) in examples().items() if severity == "warning"} == set(ADVICE)


def test_the_page_of_findings_is_fresh():
    assert PAGE.read_text("utf-8") == page(), "python -m tests.support.findings_page"


@pytest.mark.parametrize("row", SAFETY)
def test_every_yaml_attack_has_its_input(row):
    file, _, test = SAFETY[row].partition("::")
    if test:
        (found,) = HERE.rglob(file)
        assert f"def {test}(" in found.read_text("utf-8")
    else:
        assert any((HERE / "corpus" / kind / f"{file}.yaml").exists() for kind in ("bad", "good"))


def test_no_yaml_attack_is_left_out():
    assert list(SAFETY) == [f"Y{number}" for number in range(1, 26)]
