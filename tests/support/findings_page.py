"""Writes docs/findings.md: every code `check` gives, with an input that gives it and the exact message.

`python -m tests.support.findings_page` writes it anew. Why advice is given stands beside each check (engine/advice); the examples are
the corpus of bad input.
"""

import re
from pathlib import Path

from engine.advice import WHY
from engine.planning.workflows.sound import WHY as ABOUT_FLOWS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "findings.md"
BAD = ROOT / "tests" / "corpus" / "bad"
LINE = re.compile(r"([^ ]+?):(\d+):(\d+): (error|warning) ([a-z0-9-]+): (.*)")
ADVICE = WHY | ABOUT_FLOWS
FAMILIES = {
    "yaml": "Reading YAML", "shape": "The shape of a definition", "condition": "Conditions", "rule": "Rules", "rules": "Rules with each other", "effect": "Effects",
    "flow": "Workflows", "content": "What other definitions name", "change": "Changes of a layer", "parameter": "Parameters", "field": "Own fields", "tag": "Kinds of tag",
    "site": "The settings",
}  # fmt: skip
HEAD = """# What `check` finds

Written by `python -m tests.support.findings_page` from the checks and from the corpus of bad input, which the tests hold to these exact
messages. An *error* leaves its definition out, and `check` ends with 3. *Advice* (a warning) leaves everything in force, and `check` ends
with 0; with `--strict` it ends with 3. `check --fix` mends what is marked *fixable*.
"""
FIXABLE = ("yaml-ambiguous", "change-nothing", "change-restates", "change-old-id", "deprecated")


def examples():
    """Code -> (severity, message, the lines it is about), from the shortest input that gives it."""
    found = {}
    sources = [path.with_suffix("") if path.with_suffix("").is_dir() else path.with_suffix(".yaml") for path in sorted(BAD.glob("*.expected"))]
    for source in sources:
        for line in (BAD / f"{source.stem}.expected").read_text("utf-8").splitlines():
            file, row, _, severity, code, message = LINE.fullmatch(line).groups()
            shown = about(source / file if source.is_dir() else source, int(row))
            if code not in found or (shown and len(shown) < len(found[code][2] or " " * 9999)):
                found[code] = (severity, message, shown)
    return found


def about(path, row):
    """The line a finding is about, with the lines it lies under."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        return ""
    if row > len(lines) or not lines[row - 1].isprintable() or len(lines[row - 1]) > 160:
        return ""
    kept, indent = [lines[row - 1]], len(lines[row - 1]) - len(lines[row - 1].lstrip())
    for line in reversed(lines[: row - 1]):
        own = len(line) - len(line.lstrip())
        if line.strip() and own < indent and len(line) <= 160 and line.isprintable():
            kept.insert(0, line)
            indent = own
    return "\n".join(kept)


def page():
    """The text of the page."""
    found, parts, family = examples(), [HEAD], None
    order = list(FAMILIES)
    for code in sorted(found, key=lambda code: (order.index(head) if (head := code.split("-")[0]) in order else len(order), code)):
        severity, message, shown = found[code]
        head = FAMILIES.get(code.split("-")[0], "Everything else")
        if head != family:
            parts.append(f"\n## {head}\n")
            family = head
        kind = ("advice" if severity == "warning" else "error") + (", fixable" if code in FIXABLE else "")
        parts.append(f"\n### {code}\n{kind}: {message}\n")
        if code in ADVICE:
            parts.append(f"\n{ADVICE[code]}\n")
        if shown:
            parts.append(f"\n~~~yaml\n{shown}\n~~~\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
