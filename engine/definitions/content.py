"""What a shape cannot say: names that must exist, phrases that must be readable. One function a section.

Rules are not checked here but compiled (engine/planning/rules.py): compiling is their check.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.definitions.content_parts import Check, entity_called, missing_field
from engine.definitions.import_content import check_import
from engine.language.calendars import parse_calendar
from engine.language.conditions import parse_condition
from engine.language.durations import PhraseError, parse_duration
from engine.language.findings import Problem, Where
from engine.language.money import parse_money
from engine.language.nearest import an, did_you_mean
from engine.language.templates import TemplateError, parse_template
from engine.language.vocabulary import Entity, Vocabulary, entities_by_plural, field_called

LONGEST = 50


def check_event(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Entity and field exist, and a value it becomes is one the field can have."""
    entity = entity_called(data["entity"], vocabulary, ("entity",))
    if isinstance(entity, Problem):
        yield entity
        return
    for name, how in data["when"].items() if isinstance(data["when"], Mapping) else ():
        wrong = missing_field(entity, name, ("when", name), key=True)
        if wrong:
            yield wrong
        elif entity.fields[name].type == "many":
            yield Problem(("when", name), "content-wrong-field", f"'{name}' is many records", f"declare an event of {entity.fields[name].target}", key=True)
        elif isinstance(how, Mapping):
            choices = entity.fields[name].choices
            if choices and how["becomes"] not in choices:
                hint = did_you_mean(str(how["becomes"]), choices, "one of " + ", ".join(choices))
                yield Problem(("when", name, "becomes"), "content-unknown-value", f"'{how['becomes']}' is no {name} of {an(entity.name)}", hint)


def check_field(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """The entities exist, and `values` belong to a choice. (Its name is looked at by `check_field_name`.)"""
    several = isinstance(data["for"], list)
    for index, name in enumerate(data["for"] if several else [data["for"]]):
        entity = entity_called(name, vocabulary, ("for", index) if several else ("for",))
        if isinstance(entity, Problem):
            yield entity
    if data.get("ground") and data["type"] not in ("boolean", "date"):
        yield Problem(("ground",), "content-wrong-field", f"{an(data['type'])} is no ground", "only yes or no, or a day, records one", key=True)
    if "values" in data and data["type"] != "choice":
        yield Problem(("values",), "content-wrong-field", f"{an(data['type'])} has no `values`", "write `type: choice`, or delete them", key=True)


def check_field_name(name: str, data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """The name is free."""
    if len(name) > LONGEST:
        yield Problem((), "field-too-long", f"'{name[:20]}...' has {len(name)} letters", f"take at most {LONGEST}: databases cut longer names", key=True)
    if name in vocabulary.reserved:
        yield Problem((), "field-reserved", f"'{name}' means something to the engine", f"write e.g. own_{name}", key=True)
    for entity in data["for"] if isinstance(data["for"], list) else [data["for"]]:
        known = vocabulary.entities.get(entity)
        if known and name in known.fields and not known.fields[name].own:
            yield Problem((), "field-taken", f"{an(entity)} has a field '{name}' already", f"use it, or write e.g. own_{name}", key=True)


def check_selection(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """The entity exists and the condition can be asked."""
    entity = entity_called(data.get("for", "customer"), vocabulary, ("for",))
    if isinstance(entity, Problem):
        yield entity
        return
    _, problems = parse_condition(data["where"], entity.name, vocabulary, ("where",))
    yield from problems


def check_tag(data: Mapping[str, Any], _: Vocabulary) -> Iterator[Problem]:
    """The lifetime can be read."""
    lifetime = str(data.get("lifetime", "unlimited"))
    try:
        if lifetime.startswith("until next "):
            month, day = (int(part) for part in lifetime.removeprefix("until next ").split("-"))
            date(2023, month, day)
        elif lifetime != "unlimited":
            parse_duration(lifetime)
    except PhraseError as error:
        yield Problem(("lifetime",), "content-bad-phrase", error.message, error.hint)
    except ValueError:
        yield Problem(("lifetime",), "content-bad-phrase", f"'{lifetime}' names no day", "write e.g. `until next 09-30`")


def check_template(data: Mapping[str, Any], _: Vocabulary) -> Iterator[Problem]:
    """Every text is one that may run."""
    for part in ("subject", "body"):
        value = data.get(part)
        for language, source in value.items() if isinstance(value, Mapping) else [("", value)] if value else []:
            try:
                parse_template(str(source))
            except TemplateError as error:
                yield Problem((part, language) if language else (part,), "content-bad-template", error.message, error.hint)


def check_calendar(data: Mapping[str, Any], _: Vocabulary) -> Iterator[Problem]:
    """Zone, region, hours and days can be read."""
    try:
        parse_calendar(data)
    except PhraseError as error:
        yield Problem((), "content-bad-calendar", error.message, error.hint)


@dataclass(frozen=True)
class ParameterType:
    """What a parameter's value must be, and how two of them compare."""

    name: str

    def read(self, value: Any) -> Any:
        """The value, comparable. Raises PhraseError."""
        if self.name == "duration":
            length = parse_duration(str(value))
            return (length.months * 30 + length.days) * 24 * 60
        if self.name == "money":
            return parse_money(str(value))
        kinds: dict[str, type] = {"integer": int, "boolean": bool, "text": str}
        if not isinstance(value, kinds[self.name]) or (self.name == "integer" and isinstance(value, bool)):
            raise PhraseError(
                f"'{value}' is no {self.name}", {"integer": "write a whole number", "boolean": "write true or false", "text": "write a text"}[self.name]
            )
        return value


def parameter_mistakes(spec: Mapping[str, Any], value: Any, where: Where) -> Iterator[Problem]:
    """What is wrong with a value for a parameter: its type, then its range."""
    kind = ParameterType(str(spec["type"]))
    try:
        number = kind.read(value)
        if "min" in spec and number < kind.read(spec["min"]):
            yield Problem(where, "parameter-range", f"{value} is less than {spec['min']}", f"write at least {spec['min']}")
        if "max" in spec and number > kind.read(spec["max"]):
            yield Problem(where, "parameter-range", f"{value} is more than {spec['max']}", f"write at most {spec['max']}")
    except PhraseError as error:
        yield Problem(where, "parameter-value", error.message, error.hint)


def check_parameter(data: Mapping[str, Any], _: Vocabulary) -> Iterator[Problem]:
    """The default fits the type and the range."""
    yield from parameter_mistakes(data, data["default"], ("default",))


NO_RECORDS = ("on", "by", "nothing", "done", "open", "cases", "responses")
"""What an entry of a test's `happens` and `expect` holds beside records."""


def check_test(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Every record and field a test names exists."""
    parts: list[tuple[Where, Any]] = [(("given",), data.get("given", {}))]
    for name in ("happens", "expect"):
        entries = data.get(name, ())
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            parts.append(((name, index), {key: value for key, value in entry.items() if key not in NO_RECORDS}))
    entities = entities_by_plural(vocabulary)
    for where, records in parts:
        for name, rows in records.items():
            if name not in entities:
                hint = did_you_mean(str(name), entities)
                yield Problem((*where, name), "content-unknown-entity", f"there are no '{name}'", hint, key=True)
                continue
            for index, row in enumerate(rows if isinstance(rows, list) else ()):  # a column is looked at with its row
                yield from _record(entities[name], {key: value for key, value in row.items() if key != "times"}, vocabulary, (*where, name, index))


def _record(entity: Entity, row: Mapping[str, Any], vocabulary: Vocabulary, where: Where) -> Iterator[Problem]:
    for name, value in row.items():
        found = field_called(entity, str(name))
        if found is None:
            wrong = missing_field(entity, name, (*where, name), key=True)
            yield from [wrong] if wrong else []
            continue
        items = value if found.type == "many" and isinstance(value, list) else [value] if found.type == "ref" else []
        for index, item in enumerate(items):
            if isinstance(item, Mapping):
                deeper: Where = (*where, name, index) if found.type == "many" else (*where, name)
                yield from _record(vocabulary.entity(found.target), item, vocabulary, deeper)


ANSWERS = {"text": ("text",), "grade": ("integer",), "integer": ("integer",), "boolean": ("boolean",), "choice": ("text", "choice")}
"""The kind of answer -> the kinds of field it can be written to."""


def check_questionnaire(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """A field that an answer is written to exists and can take it."""
    for name, question in data["questions"].items():
        if "field" in question:
            yield from _answered_field(question, vocabulary, ("questions", name, "field"))


def _answered_field(question: Mapping[str, Any], vocabulary: Vocabulary, where: Where) -> Iterator[Problem]:
    record, dot, name = str(question["field"]).partition(".")
    if not dot:
        yield Problem(where, "content-wrong-field", f"'{record}' does not say whose field it is", "write `entity.field`, e.g. opportunity.lost_reason")
        return
    entity = entity_called(record, vocabulary, where)
    wrong = entity if isinstance(entity, Problem) else missing_field(entity, name, where)
    if wrong or isinstance(entity, Problem):
        yield from [wrong] if wrong else []
        return
    found, kind = entity.fields[name], question["type"]
    if found.kept in ("once", "engine"):
        yield Problem(where, "content-kept-field", f"no answer fills the {name} of {an(entity.name)}", "the engine and the law keep it; name another")
    elif found.type not in ANSWERS[kind]:
        hint = f"name a field that is {' or '.join(an(one) for one in ANSWERS[kind])}"
        yield Problem(where, "content-wrong-field", f"'{name}' is {'many records' if found.type == 'many' else an(found.type)} and takes no {kind}", hint)
    elif found.choices and (unknown := [value for value in question["values"] if value not in found.choices]):
        hint = did_you_mean(str(unknown[0]), found.choices, "one of " + ", ".join(found.choices))
        yield Problem((*where[:-1], "values", unknown[0]), "content-unknown-value", f"'{unknown[0]}' is no {name} of {an(entity.name)}", hint, True)


def check_activity(data: Mapping[str, Any], vocabulary: Vocabulary) -> Iterator[Problem]:
    """The form that is filled in with it exists."""
    form = data.get("form")
    if form is not None and str(form) not in vocabulary.questionnaires:
        hint = did_you_mean(str(form), vocabulary.questionnaires, "declare it in `questionnaires:`")
        yield Problem(("form",), "content-unknown-form", f"there is no questionnaire '{form}'", hint)


CONTENT: dict[str, Check] = {
    "fields": check_field,
    "events": check_event,
    "selections": check_selection,
    "imports": check_import,
    "tags": check_tag,
    "templates": check_template,
    "calendars": check_calendar,
    "parameters": check_parameter,
    "questionnaires": check_questionnaire,
    "activities": check_activity,
    "tests": check_test,
}
