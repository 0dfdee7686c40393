"""Words that are declared and that nothing uses.

A pack's vocabulary is there for others, so a shipped pack's words are left alone; its parameters are its own. A selection is for people
to ask, and is never unused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from engine.advice.looked_at import LookedAt, advice, maps_in
from engine.definitions.layers import Definition
from engine.definitions.parameters import names_in
from engine.language.findings import Problem
from engine.language.templates import TemplateError, parse_template
from engine.language.vocabulary import UnknownName, Vocabulary

UNUSED, NO_BLANK = "unused", "template-unknown-variable"
WHY = {
    UNUSED: "It is declared, and no definition uses it: a parameter whose value changes nothing, a template nobody sends, an event nobody listens to, a form of no "
    "work, a tag that no definition reads, posts or takes off. (A tag that is only posted by hand is worth a selection that asks for it.)",
    NO_BLANK: "The template is sent by nothing so far, and there is no kind of record that has all the fields it names: whatever sends it will be refused.",
}
WORD = re.compile(r"[a-z][a-z0-9_.]*")
WHAT = {
    "templates": "nothing sends it",
    "events": "nothing listens to it",
    "questionnaires": "no work has it as its form",
    "tags": "nothing reads or posts it",
}


def advise(looked_at: LookedAt) -> Iterator[tuple[Definition, Problem]]:
    """Advice on what is declared in vain."""
    sections = looked_at.definitions.sections
    used = set(_words(looked_at))
    named = {f"{one.pack}.{name}" for section, ones in sections.items() if section != "tests" for one in ones.values() for name in _names(one)}
    for name in looked_at.compiled.sections["parameters"]:
        definition = sections["parameters"][name]
        if name not in named:
            yield definition, _unused(definition.id.partition(".")[2], "no definition of its pack names it")
    for section, what in WHAT.items():
        for name in looked_at.compiled.sections[section]:
            definition = sections[section][name]
            if definition.pack not in looked_at.shipped and name not in used:
                yield definition, _unused(name, what)
                if section == "templates":
                    yield from ((definition, problem) for problem in _blanks(definition.data, looked_at.compiled.vocabulary))


def _names(definition: Definition) -> Iterator[str]:
    """The parameters a definition names, also where a later layer says something else: the pack uses them still."""
    yield from names_in(definition.data)
    for said in definition.parts[0].said if definition.parts else ():
        yield from names_in(said.value)


def _unused(name: str, what: str) -> Problem:
    return advice((), UNUSED, f"'{name}' is unused: {what}", "use it or delete it", key=True)


def _words(looked_at: LookedAt) -> Iterator[str]:
    """Every word that stands in a value or as a key, other than a definition's own id: what is used is among them."""
    for section, definitions in looked_at.definitions.sections.items():
        for definition in definitions.values() if section not in ("tests", "parameters") else ():
            for _, data in maps_in(definition.data):
                yield from data
                for value in data.values():
                    for one in value if isinstance(value, list) else [value]:
                        yield from WORD.findall(one) if isinstance(one, str) else ()


def _blanks(data: Any, vocabulary: Vocabulary) -> Iterator[Problem]:
    for part in ("subject", "body"):
        texts = data.get(part)
        for language, text in texts.items() if isinstance(texts, dict) else [("", texts)] if texts else []:
            try:
                variables = sorted(parse_template(str(text)).variables)
            except TemplateError:
                continue
            unknown = _nearest_miss(variables, vocabulary)
            if unknown:
                where = (part, language) if language else (part,)
                yield advice(where, NO_BLANK, f"no kind of record has {unknown}", "`regelwerk fields` lists what there is")


def _nearest_miss(variables: list[str], vocabulary: Vocabulary) -> str:
    """What the kind of record that has the most of them lacks; nothing where one has all."""
    missing = [[path for path in variables if not _leads(entity, path, vocabulary)] for entity, one in vocabulary.entities.items() if not one.engine]
    fewest = min(missing, key=len, default=[])
    return ", ".join(f"'{path}'" for path in fewest)


def _leads(entity: str, path: str, vocabulary: Vocabulary) -> bool:
    try:
        vocabulary.last(entity, path)
    except UnknownName:
        return False
    return True
