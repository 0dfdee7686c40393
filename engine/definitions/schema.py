"""The shape of every kind of definition, as JSON Schema: one entry a section, dispatched on the section's key.

Editors get these schemas as they are (`schemas/`); the engine checks with the same ones. What only the engine
knows (its effects, triggers, entities) is passed in, so that this folder knows no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.definitions.campaign_schema import campaign_schema
from engine.definitions.import_schema import import_schema
from engine.definitions.rule_schema import rule_schema
from engine.definitions.schema_parts import CONDITION, ID, LABEL, Schema, mapping, one_of, text, texts
from engine.definitions.site_schema import calendar_schema
from engine.definitions.tests_schema import tests_schema
from engine.definitions.workflow_schema import workflow_schema
from engine.language.vocabulary import CHANNELS

ABOUT = {
    "fields": "Fields of your own, used like built-in ones: in conditions, imports, filters and by hand.",
    "rules": "A rule does something for records of one kind: one trigger (`on`, `date`, `when`, `while` or `every`), what guards it, and named effects.",
    "workflows": "A workflow leads a record through steps, with work, waits, branches and decisions.",
    "campaigns": "A campaign writes to, or plans work for, every customer it is for: once, on one of its days.",
    "questionnaires": "A form that is filled in when work is completed.",
    "offer_tools": "The program that a brand's offers are made with; `tool: {field: brand, of: offer_tools}` looks it up.",
    "tags": "A kind of tag: what can be posted on a customer, and how long it counts.",
    "activities": "A kind of work for people, and how it can end.",
    "roles": "A role that employees hold; work is assigned to roles, and some things only certain roles may do.",
    "choices": "More words for a pull-down: `history_actions`, `history_infos`, `lost_reasons`. Each key is a word, its value what people read.",
    "lists": "A list of records that people look at.",
    "templates": "The texts of a message, per language, with `{{ paths }}` from the record it is about.",
    "events": "Something that happens to a record: it is created, or one of its fields changes. The id is `entity.what`.",
    "parameters": "A value that a pack leaves to the site, named `$name` in the pack's definitions.",
    "calendars": "When a branch is open, in which time zone, with which holidays.",
    "selections": "A filter with a name: `regelwerk select ID`.",
    "imports": "What the columns of a file of another system mean.",
    "tests": "What definitions are to do, tried on a small store with a moving clock: docs/testing.md.",
}
"""Section -> what one of its definitions is."""


def section_schemas(effects: Mapping[str, Schema], rights: Iterable[str] = ()) -> dict[str, Schema]:
    """Section -> the schema of one definition in it."""
    found = {
        "fields": _field_schema(),
        "rules": rule_schema(effects),
        "workflows": workflow_schema(effects),
        "campaigns": campaign_schema(effects),
        "questionnaires": _questionnaire_schema(),
        "offer_tools": mapping(
            {"label": LABEL, "brand": text("The brand.", "Volvo"), "tool": text("The program its offers are made with.", "VSMA")}, "brand", "tool"
        ),
        "tags": _tag_schema(),
        "activities": _activity_schema(),
        "roles": mapping(
            {"label": LABEL, "may": {**texts("What those who hold it may do.", sorted(rights)[:1]), "items": {"enum": sorted(rights)}, "uniqueItems": True}},
            "label",
        ),
        "choices": {"type": "object", "minProperties": 1, "additionalProperties": LABEL},
        "lists": mapping({"label": LABEL}, "label"),
        "templates": mapping(
            {
                "label": LABEL,
                "subject": {**LABEL, "description": "The subject of a mail.", "examples": [{"de": "Termin für {{ customer.name }}"}]},
                "body": {
                    **LABEL,
                    "description": "The text, with `{{ paths }}` from the record it is about.",
                    "examples": [{"de": "Guten Tag {{ customer.name }}!"}],
                },
            },
            "label",
            "body",
        ),
        "events": _event_schema(),
        "parameters": parameter_schema(),
        "calendars": calendar_schema(),
        "selections": mapping(
            {
                "label": LABEL,
                "for": text("The kind of record it selects; customers unless said.", "customer"),
                "where": {**CONDITION, "description": "The records for which this holds."},
            },
            "label",
            "where",
        ),
        "imports": import_schema(),
        "tests": tests_schema(),
    }
    return {name: {**schema, "description": ABOUT[name]} for name, schema in found.items()}


def _tag_schema() -> Schema:
    return mapping(
        {
            "number": {
                "type": "integer",
                "minimum": 100,
                "maximum": 9999,
                "examples": [200],
                "description": "100 to 199 are the built-in ones; yours begin at 200.",
            },
            "label": LABEL,
            "lifetime": text("How long a posting counts: `24 months`, `until next 09-30`, unlimited.", "24 months"),
            "several": {"type": "boolean", "description": "A customer may have more than one open posting."},
            "grades": {"type": "boolean", "description": "A posting carries a school grade."},
        },
        "label",
        "number",
    )


def _activity_schema() -> Schema:
    return mapping(
        {
            "label": LABEL,
            "outcomes": texts("How it can end.", ["reached", "not_reached"]),
            "form": text("The form to fill in.", "satisfaction"),
            "channel": one_of(*CHANNELS, description="How it reaches the customer, if it does: the law is asked before it is planned."),
        },
        "label",
        "outcomes",
    )


def _questionnaire_schema() -> Schema:
    question = mapping(
        {
            "label": LABEL,
            "type": one_of("text", "grade", "integer", "boolean", "choice", description="What is answered."),
            "values": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": LABEL,
                "description": "Of a choice: what can be answered.",
                "examples": [{"cash": {"de": "Barkauf"}, "leasing": {"de": "Leasing"}}],
            },
            "required": {"type": "boolean", "description": "Without it the work cannot be completed."},
            "field": text("`entity.field` the answer is written to as well: `opportunity.asked_for`.", "opportunity.asked_for"),
        },
        "label",
        "type",
        allOf=[{"if": {"required": ["type"], "properties": {"type": {"const": "choice"}}}, "then": {"required": ["values"]}}],
    )
    return mapping(
        {
            "label": LABEL,
            "questions": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 100,
                "additionalProperties": question,
                "description": "Named questions, in order.",
                "examples": [{"satisfied": {"label": "Zufrieden?", "type": "boolean"}}],
            },
        },
        "label",
        "questions",
    )


def _event_schema() -> Schema:
    return mapping(
        {
            "entity": text("The kind of record it is about.", "visit"),
            "when": {
                "type": ["string", "object"],
                "if": {"type": "string"},
                "then": {"enum": ["created"]},
                "maxProperties": 1,
                "minProperties": 1,
                "additionalProperties": {
                    "type": ["string", "object"],
                    "if": {"type": "string"},
                    "then": {"enum": ["changes", "becomes present"]},
                    "required": ["becomes"],
                    "properties": {"becomes": {"type": ["string", "integer", "boolean"], "description": "The value it takes.", "examples": ["workshop"]}},
                    "additionalProperties": False,
                },
                "description": "`created`, or a field with changes, becomes present, or {becomes: value}.",
                "examples": ["created", {"closed_on": "becomes present"}, {"kind": {"becomes": "workshop"}}],
            },
            "label": LABEL,
        },
        "entity",
        "when",
    )


def parameter_schema() -> Schema:
    """A parameter: its type, its default and its range."""
    return mapping(
        {
            "type": one_of("text", "integer", "money", "duration", "boolean", description="What its value is."),
            "default": {"type": ["string", "integer", "boolean"], "description": "Its value where the site says nothing.", "examples": ["30 months"]},
            "min": {"type": ["string", "integer"], "description": "The least value.", "examples": ["1 month"]},
            "max": {"type": ["string", "integer"], "description": "The greatest value.", "examples": ["10 years"]},
            "label": LABEL,
        },
        "type",
        "default",
        "label",
    )


def _field_schema() -> Schema:
    values = {"type": "array", "items": {"type": "string", "pattern": ID}, "minItems": 1, "maxItems": 200, "uniqueItems": True}
    of_choice = {"if": {"required": ["type"], "properties": {"type": {"const": "choice"}}}, "then": {"required": ["values"]}}
    return mapping(
        {
            "for": {
                "type": ["string", "array"],
                "items": {"type": "string"},
                "minItems": 1,
                "uniqueItems": True,
                "description": "The kind of record that has it, or several.",
                "examples": ["customer", ["customer", "vehicle"]],
            },
            "type": one_of("text", "choice", "integer", "money", "boolean", "date", "datetime", description="What it holds."),
            "values": {**values, "description": "Of a choice: what it can be.", "examples": [["marina", "river"]]},
            "ground": {"type": "boolean", "description": "It records a request, an order or a contract: rules may name it as the ground of a service."},
            "label": LABEL,
        },
        "for",
        "type",
        "label",
        allOf=[of_choice],
    )


def file_schema(sections: Mapping[str, Schema]) -> Schema:
    """A whole file of definitions, for editors; what a section keeps in `$defs` moves to the top, where references look for it."""
    shared = {name: one for schema in sections.values() for name, one in schema.get("$defs", {}).items()}
    properties = {
        name: {"type": "object", "additionalProperties": {key: value for key, value in schema.items() if key != "$defs"}} for name, schema in sections.items()
    }
    properties["change"] = change_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": shared, **mapping(properties)}


def change_schema() -> Schema:
    """`change:`, whose keys are those of what it changes."""
    return {
        "type": "object",
        "additionalProperties": {"type": "object"},
        "description": "`pack.id`: the keys that differ. Maps merge key by key, lists and plain values are replaced, `remove:` takes keys away.",
        "examples": [{"standard.remotorisation": {"date": "30 months after delivered_on"}}],
    }
