"""Which definitions can be used: parameters filled in, shape and content checked. A wrong one is left out and reported."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.definitions.content import CONTENT, check_field_name, parameter_mistakes
from engine.definitions.document import Document
from engine.definitions.layers import ACTING, BUILT_IN, Definition, Definitions
from engine.definitions.parameters import Values, Variant, resolved, variants
from engine.definitions.shape import Shape
from engine.language.findings import Finding, Problem
from engine.language.nearest import did_you_mean
from engine.language.vocabulary import Vocabulary

OWN_NUMBERS = 200
"""A site's and a consultant's kinds of tag begin here."""
ABOUT_KEYS = frozenset({"condition-unknown-field", "condition-path-through-many", "condition-unknown-operator", "condition-wrong-operator"})
"""Codes of conditions whose mistake is the key, not what stands behind it."""
Sections = dict[str, dict[str, Any]]


def accept(
    found: Definitions, settings: Document, shapes: Mapping[str, Shape], vocabulary_of: Callable[[Sections], Vocabulary], other_type: Collection[str] = ()
) -> Sections:
    """Section -> id -> data of every definition that is in order; all findings are added to `found`.

    `other_type` names the own fields that the site's store keeps with another type: they are left out.
    """
    sections: Sections = {name: {} for name in found.sections}
    values = parameter_values(found, settings, shapes["parameters"], sections)
    for section, entries in found.sections.items():
        for definition in entries.values() if section not in ("parameters", "tests") else ():
            before = len(found.findings)
            several = variants(found, definition, values) if section in ACTING else [Variant(resolved(found, definition, values.plain))]
            if len(found.findings) == before and all(_take(found, sections, definition, one.data, shapes[section]) for one in several) and several[1:]:
                found.variants[definition.id] = several
    for name in sorted(sections["fields"].keys() & set(other_type)):
        del sections["fields"][name]
        hint = "take a new name, or write the old type"
        note(found, found.sections["fields"][name], Problem(("type",), "field-other-type", f"'{name}' had another type, and the store keeps its values", hint))
    for definition in found.sections["tests"].values():  # `$name` is a column of the test's own table
        _take(found, sections, definition, definition.data, shapes["tests"])
    for section in CONTENT:
        if section != "parameters":
            _keep_content(found, sections, section, vocabulary_of(sections))
    _tag_numbers(found, sections)
    return sections


def parameter_values(found: Definitions, settings: Document, shape: Shape, sections: Sections) -> Values:
    """The parameters' values in force; declarations that are in order are put into `sections`, all findings into `found`."""
    for definition in found.sections["parameters"].values():
        _take(found, sections, definition, definition.data, shape)
    _keep_content(found, sections, "parameters", Vocabulary({}))
    values = _values(found, sections["parameters"], settings)
    found.values = values
    return values


def _tag_numbers(found: Definitions, sections: Sections) -> None:
    """Every kind of tag has a number of its own; those of the built-in kinds are fixed (S0.12, S0.18)."""
    owners: dict[int, str] = {}
    known = {name: found.sections["tags"][name] for name in sections["tags"]}
    for name, definition in sorted(known.items(), key=lambda one: one[1].pack != BUILT_IN):
        number = sections["tags"][name]["number"]
        built_in = definition.pack == BUILT_IN
        mistake = None
        if not built_in and number < OWN_NUMBERS:
            mistake = Problem(("number",), "tag-number-reserved", f"{number} is kept for built-in tags", f"take one from {OWN_NUMBERS} on")
        elif number in owners:
            free = next(n for n in range(OWN_NUMBERS, 10_000) if n not in {sections["tags"][other]["number"] for other in sections["tags"]})
            mistake = Problem(("number",), "tag-number-taken", f"'{owners[number]}' has the number {number} already", f"take e.g. {free}")
        if mistake:
            note(found, definition, mistake)
            if not built_in:
                del sections["tags"][name]
        else:
            owners[number] = name


def note(found: Definitions, definition: Definition, mistake: Problem) -> None:
    """A mistake as a finding at its place."""
    place = definition.places.get(mistake.where)
    taken = definition.removed.get((*mistake.where, mistake.missing)) if mistake.missing else definition.removed.get(mistake.where)
    if taken:
        found.findings.append(Finding(taken, mistake.code, mistake.message, mistake.hint))
        return
    where = place[0] if place and (mistake.key or mistake.code in ABOUT_KEYS) else definition.place(mistake.where)
    found.findings.append(Finding(where, mistake.code, mistake.message, mistake.hint, mistake.severity))


def _take(found: Definitions, sections: Sections, definition: Definition, data: Any, shape: Shape) -> bool:
    wrong = shape.mistakes(data, (definition.section, definition.id))
    for mistake in wrong:
        note(found, definition, mistake)
    if not wrong:
        sections[definition.section][definition.id] = data
    elif definition.section == "rules":
        found.halves[definition.id] = _without(data, wrong)
    return not wrong


def _without(data: Any, wrong: list[Problem]) -> Any:
    """The rest of a definition, so that what is wrong in it is found as well. Later items of a list go first."""
    rest = copy.deepcopy(data)
    for mistake in sorted(wrong, key=lambda one: [str(step).zfill(6) for step in one.where], reverse=True):
        here: Any = rest
        for step in mistake.where[:-1]:
            here = here[step]
        if mistake.where:
            del here[mistake.where[-1]]
    return rest


def _keep_content(found: Definitions, sections: Sections, section: str, vocabulary: Vocabulary) -> None:
    """Leave out what names something that does not exist."""
    for name, data in list(sections[section].items()):
        wrong = list(CONTENT[section](data, vocabulary))
        wrong += list(check_field_name(name, data, vocabulary)) if section == "fields" and not wrong else []
        for mistake in wrong:
            note(found, found.sections[section][name], mistake)
        if wrong:
            del sections[section][name]


def _values(found: Definitions, parameters: Mapping[str, Any], settings: Document) -> Values:
    """The site's values where they fit, else the defaults. A wrong declaration has no value."""
    values = Values({name: spec["default"] for name, spec in parameters.items()})
    for name, value in (settings.data.get("parameters") or {}).items():
        if name in parameters:
            _value(found, name, parameters[name], value, settings, values)
        elif name not in found.sections["parameters"]:
            hint = did_you_mean(name, parameters, "`regelwerk show parameters.ID` shows one")
            found.wrong(settings.place(("parameters", name), key=True), "unknown-parameter", f"there is no parameter '{name}'", hint)
    return values


def _value(found: Definitions, name: str, spec: Mapping[str, Any], value: Any, settings: Document, values: Values) -> None:
    """One parameter's value: plain, or a map with what differs per branch and brand."""

    def fits(one: Any, *steps: str) -> bool:
        wrong = list(parameter_mistakes(spec, one, ()))
        for mistake in wrong:
            found.wrong(settings.place(("parameters", name, *steps)), mistake.code, f"{name}: {mistake.message}", mistake.hint)
        return not wrong

    if not isinstance(value, Mapping):
        if fits(value):
            values.plain[name] = value
        return
    if "default" in value and fits(value["default"], "default"):
        values.plain[name] = value["default"]
    known = settings.data.get("branches") or {}
    for code, one in value.get("branch", {}).items():
        if known and code not in known:
            place = settings.place(("parameters", name, "branch", code), key=True)
            found.wrong(place, "parameter-unknown-branch", f"there is no branch '{code}'", did_you_mean(code, known))
        elif fits(one, "branch", code):
            values.branch.setdefault(name, {})[code] = one
    values.brand.update({name: {brand: one for brand, one in value.get("brand", {}).items() if fits(one, "brand", brand)}} if "brand" in value else {})
