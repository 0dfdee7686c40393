"""`docs`: the language, word by word, and what each finding means."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator
from dataclasses import asdict

import click

from engine.language.findings import RegelwerkError
from engine.language.nearest import did_you_mean
from engine.reference.pages import Entry, about, entries, names, of_old
from engine.shipped import shipped_folder

FINDINGS = "findings.md"


@click.command()
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def docs(word: str | None, as_json: bool) -> int:
    """The language, word by word: WORD is a section, a keyword (`again`, `rules.again`) or the code of a finding; without it, all sections."""
    codes = _findings()
    if word in codes:
        shown: dict[str, object] = {"code": word, "text": codes[word]}
        lines = codes[word].splitlines()
    elif word is None or word in names():
        found = [] if word is None else list(entries(word))
        pages = names() if word is None else [word]
        shown = {"sections": {page: about(page) for page in pages}, "words": [asdict(entry) for entry in found]}
        lines = [f"{page}: {about(page)}" for page in pages]
        lines += [f"  {entry.name}: {entry.doc}" for entry in found] if found else []
        lines += [] if word is None else [f"`regelwerk docs {word}.WORD` tells more of one."] if found else []
    else:
        found = _found(word, codes)
        shown = {"words": [asdict(entry) for entry in found]}
        lines = [line for entry in found for line in _lines(entry)]
    click.echo(json.dumps({"version": 1, **shown}, ensure_ascii=False) if as_json else "\n".join(lines))
    return 0


def _found(word: str, codes: dict[str, str]) -> list[Entry]:
    every = [entry for page in names() for entry in entries(page)]
    found = [entry for entry in every if word in (entry.name, f"{entry.page}.{entry.name}", entry.name.rpartition(".")[2])]
    if not found:
        known = dict.fromkeys(said for one in every for said in (one.name, one.name.rpartition(".")[2], f"{one.page}.{one.name}"))
        new = _instead(word, known)
        hint = f"it is called `{new}`: `regelwerk docs {new}`" if new else did_you_mean(word, [*names(), *known, *codes], "`regelwerk docs` lists the sections")
        raise RegelwerkError(f"the language has no word '{word}'", hint, exit_code=2, code="not-found")
    return found


def _instead(word: str, known: Container[str]) -> str:
    """The word that is written for a word of old, "" where that is none or another one stands for it."""
    for page in names():
        for name, one in of_old(page).items():
            if word in (one.old, name, f"{page}.{name}", f"{one.within[0]}.{one.old}"):
                new = f"{word.removesuffix(one.old)}{one.new}"
                return new if new in known else one.new
    return ""


def _lines(entry: Entry) -> Iterator[str]:
    needed = ", needed" if entry.required else ""
    kind = f" ({entry.holds}{needed})" if entry.holds else ""
    yield f"{entry.page}.{entry.name}{kind}"
    yield f"  {entry.doc}"
    yield from (f"    {example}" for example in entry.examples)


def _findings() -> dict[str, str]:
    """Code -> its part of the page of findings, as plain text."""
    page = (shipped_folder("docs") / FINDINGS).read_text("utf-8")
    found = {}
    for part in re.split(r"^### ", page, flags=re.M)[1:]:
        code, _, text = part.partition("\n")
        found[code] = re.split(r"^## ", text, flags=re.M)[0].replace("~~~yaml\n", "").replace("~~~\n", "").strip()
    return found
