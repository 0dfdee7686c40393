"""The reference as pages: `python -m engine.reference docs/language` writes them, `regelwerk docs` prints from the same entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from engine.definitions.deprecated import Spelling, old_words
from engine.definitions.schema import ABOUT
from engine.effects import EFFECTS
from engine.language.conditions.described import COMBINING, OPERATORS, QUANTIFIERS, TRADE, VALUES
from engine.language.described import Described
from engine.language.phrase_forms import AMOUNTS, MOMENTS, SCHEDULES
from engine.reference.flow import flow
from engine.reference.keywords import LISTED, NAMED, Keyword, pages
from engine.reference.wholes import WHOLES

OTHERS = {
    "steps": "The kinds of step of a workflow: the first word decides the kind and which keys it may have.",
    "effects": "What a rule, a campaign or a step does: each named effect below `do:` has the word of one kind.",
    "conditions": "A list holds where all of it holds. A test is `field: value`, `field: [a, b]` or `field: {operator: value}`.",
    "time": "How amounts of time, moments and schedules are written.",
    "change": "How a layer alters what an earlier one defines; the keys are those of what it changes.",
    "regelwerk": "`regelwerk.yaml`, the settings of a site.",
    "pack": "`pack.yaml`, the head of a pack.",
    "assumptions": "What a simulation takes for granted about people: `regelwerk simulate --assume FILE`.",
}
TABLES: dict[str, dict[str, Mapping[str, Described]]] = {
    "conditions": {"Operators": OPERATORS, "Together": COMBINING, "Many records": QUANTIFIERS, "The trade's own words": TRADE, "Values": VALUES},
    "time": {"Amounts": AMOUNTS, "Moments": MOMENTS, "Schedules, for `every:`": SCHEDULES},
}
"""Page -> its tables of words that no schema holds."""
FRONT = {"steps": ("workflows", NAMED, "steps", NAMED), "effects": ("rules", NAMED, "do", NAMED)}
"""Page -> the way to the map its words stand in, where that is no section's definition."""
FOLDER = "docs/language"
HEAD = "<!-- Written by `make docs` from engine/definitions, engine/effects and engine/language; each example is run by the tests. -->\n\n"


@dataclass(frozen=True)
class Entry:
    """One word of the language as the reference shows it; `examples` are YAML in one line."""

    page: str
    part: str
    name: str
    holds: str
    doc: str
    examples: tuple[str, ...]
    required: bool = False


def about(page: str) -> str:
    """What a page is about."""
    return ABOUT.get(page) or OTHERS[page]


def names() -> list[str]:
    """The pages, in the order of the index."""
    return [*ABOUT, *OTHERS]


@lru_cache
def entries(page: str) -> tuple[Entry, ...]:
    """All words of a page, each once."""
    found = [_of_keyword(one) for one in pages().get(page, ())]
    found += [
        Entry(page, part, word, ", ".join(one.types), one.doc, (one.example,)) for part, table in TABLES.get(page, {}).items() for word, one in table.items()
    ]
    once: dict[tuple[str, str], Entry] = {}
    for entry in found:
        once.setdefault((entry.part, entry.name), entry)
    return tuple(once.values())


@lru_cache
def of_old(page: str) -> dict[str, Spelling]:
    """The spellings of a page's words that are still read, by their names as `Entry` has them."""
    if page not in FRONT and page not in ABOUT:
        return {}
    front = FRONT.get(page, (page, NAMED))
    maps = dict.fromkeys(one.path[:-1] for one in pages().get(page, ()))
    return {".".join(step for step in (*inner, one.old) if step not in (NAMED, LISTED)): one for inner in maps for one in old_words((*front, *inner))}


def _of_keyword(one: Keyword) -> Entry:
    shown = tuple(f"{one.path[-1]}: {flow(example)}" for example in one.examples)
    return Entry(one.page, one.kind, one.name, one.holds, one.doc, shown, one.required)


def page_text(page: str) -> str:
    """One page as Markdown."""
    parts = [f"# {page}\n\n{HEAD}{about(page)}\n"]
    if page in WHOLES:
        parts.append(f"\n```yaml{WHOLES[page]}```\n")
    for part, words in groupby(entries(page), key=lambda entry: entry.part):
        parts += [_head(page, part), *_table(list(words))]
    return "".join([*parts, *_of_old(page)])


def _of_old(page: str) -> Iterator[str]:
    """The spellings that are still read."""
    words = of_old(page)
    if words:
        said = ", ".join(f"`{one.old}` for `{one.new}` (since {one.since})" for one in words.values())
        yield f"\nStill read, with advice that `check --fix` follows: {said}.\n"


def _head(page: str, part: str) -> str:
    shown = f"\n{EFFECTS[part].doc} For example:\n\n```yaml\n{EFFECTS[part].example}\n```\n" if page == "effects" else ""
    return (f"\n## {part}\n" if part else "") + shown


def _table(words: list[Entry]) -> Iterator[str]:
    holds = any(entry.holds for entry in words)
    yield "\n| word | meaning |" + (" what it holds, or asks |" if holds else "") + " example |\n|---|---|" + ("---|" if holds else "") + "---|\n"
    for entry in words:
        needed = " (needed)" if entry.required else ""
        shown = "<br>".join(f"`{example}`" for example in entry.examples)
        yield f"| `{entry.name}`{needed} | {entry.doc} |" + (f" {entry.holds} |" if holds else "") + f" {shown} |\n"


def index_text() -> str:
    """The page that leads to all others."""
    lines = "".join(f"* [{page}]({page}.md): {about(page)}\n" for page in names())
    return f"# The language, word by word\n\n{HEAD}`regelwerk docs WORD` prints the same.\n\n{lines}"


def files() -> dict[str, str]:
    """File name -> text."""
    return {"README.md": index_text(), **{f"{page}.md": page_text(page) for page in names()}}


def write(folder: Path) -> None:
    """Write all pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8")
