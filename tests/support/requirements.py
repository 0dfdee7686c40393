"""Which requirement is proven by which test: `docs/requirements.md` is written from the tests that passed."""

from pathlib import Path

TABLE = Path(__file__).with_suffix(".tsv")
PAGE = Path(__file__).parents[2] / "docs" / "requirements.md"


def sentences() -> dict[str, str]:
    """Requirement number -> its sentence."""
    return dict(line.split("\t", 1) for line in TABLE.read_text("utf-8").splitlines())


def page(passed: dict[str, set[str]]) -> str:
    """The page for the tests that passed, by requirement number."""
    known = sentences()
    done = sum(1 for number in known if passed.get(number))
    lines = ["# Requirements", "", f"{done} of {len(known)} are proven by a test that passed. Written by `make docs`.", ""]
    lines += ["| no. | requirement | proven by |", "|---|---|---|"]
    for number, sentence in known.items():
        tests = ", ".join(f"`{name}`" for name in sorted(passed.get(number, ()))) or "open"
        lines.append(f"| {number} | {sentence.replace('|', '/')} | {tests} |")
    return "\n".join(lines) + "\n"
