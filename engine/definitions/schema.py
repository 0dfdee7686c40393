"""The shape of every kind of definition, as JSON Schema: one entry a section, dispatched on the section's key.

Editors get these schemas as they are (`schemas/`); the engine checks with the same ones. What only the engine
knows (its effects, triggers, entities) is passed in, so that this folder knows no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.definitions.campaign_schema import campaign_schema
from engine.definitions.rule_schema import rule_schema
from engine.definitions.schema_parts import AMOUNT, CONDITION, ID, LABEL, Schema, mapping, one_of, text, texts
from engine.definitions.site_schema import calendar_schema
from engine.definitions.workflow_schema import workflow_schema
from engine.language.vocabulary import CHANNELS

COLUMN = r"^\$[a-z][a-z0-9_]*$"
"""What stands for a list that each row of a test brings."""
RECORDS: Schema = {
    "type": ["array", "string"],
    "items": {"type": "object"},
    "pattern": COLUMN,
    "description": "Records, or a `$column` that holds them.",
}


def section_schemas(effects: Mapping[str, Schema], rights: Iterable[str] = ()) -> dict[str, Schema]:
    """Section -> the schema of one definition in it."""
    return {
        "fields": _field_schema(),
        "rules": rule_schema(effects),
        "workflows": workflow_schema(effects),
        "campaigns": campaign_schema(effects),
        "questionnaires": _questionnaire_schema(),
        "offer_tools": mapping({"label": LABEL, "brand": text("The brand."), "tool": text("The program its offers are made with.")}, "brand", "tool"),
        "tags": _tag_schema(),
        "activities": _activity_schema(),
        "roles": mapping({"label": LABEL, "may": {**texts("What those who hold it may do."), "items": {"enum": sorted(rights)}, "uniqueItems": True}}, "label"),
        "choices": {"type": "object", "minProperties": 1, "additionalProperties": LABEL},
        "lists": mapping({"label": LABEL}, "label"),
        "templates": mapping({"label": LABEL, "subject": LABEL, "body": LABEL}, "label", "body"),
        "events": _event_schema(),
        "parameters": parameter_schema(),
        "calendars": calendar_schema(),
        "selections": mapping({"label": LABEL, "for": text("The kind of record it selects."), "where": CONDITION}, "label", "where"),
        "imports": _import_schema(),
        "tests": _test_schema(),
    }


def _tag_schema() -> Schema:
    return mapping(
        {
            "number": {"type": "integer", "minimum": 100, "maximum": 9999, "description": "100 to 199 are the built-in ones; yours begin at 200."},
            "label": LABEL,
            "lifetime": text("How long a posting counts: `24 months`, `until next 09-30`, unlimited."),
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
            "outcomes": texts("How it can end."),
            "form": text("The form to fill in."),
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
            "values": {"type": "object", "minProperties": 1, "additionalProperties": LABEL, "description": "Of a choice: what can be answered."},
            "required": {"type": "boolean", "description": "Without it the work cannot be completed."},
            "field": text("`entity.field` the answer is written to as well: `opportunity.asked_for`."),
        },
        "label",
        "type",
        allOf=[{"if": {"required": ["type"], "properties": {"type": {"const": "choice"}}}, "then": {"required": ["values"]}}],
    )
    return mapping(
        {"label": LABEL, "questions": {"type": "object", "minProperties": 1, "maxProperties": 100, "additionalProperties": question}}, "label", "questions"
    )


def _event_schema() -> Schema:
    return mapping(
        {
            "entity": text("The kind of record it is about."),
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
                    "properties": {"becomes": {"type": ["string", "integer", "boolean"]}},
                    "additionalProperties": False,
                },
                "description": "`created`, or a field with changes, becomes present, or {becomes: value}.",
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
            "default": {"type": ["string", "integer", "boolean"]},
            "min": AMOUNT,
            "max": AMOUNT,
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
            },
            "type": one_of("text", "choice", "integer", "money", "boolean", "date", "datetime", description="What it holds."),
            "values": {**values, "description": "Of a choice: what it can be."},
            "ground": {"type": "boolean", "description": "It records a request, an order or a contract: rules may name it as the ground of a service."},
            "label": LABEL,
        },
        "for",
        "type",
        "label",
        description="A field of your own, used like a built-in one.",
        allOf=[of_choice],
    )


def _import_schema() -> Schema:
    column = {
        "type": ["string", "object"],
        "required": ["field"],
        "additionalProperties": False,
        "properties": {
            "field": text("The field it fills."),
            "by": text("Which field of the other record the cell names, if not its key."),
            "values": {"type": "object", "minProperties": 1, "description": "The file's words and ours."},
        },
        "description": "A field, `ignore`, or a map.",
    }
    return mapping(
        {
            "entity": text("What a line is."),
            "key": {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1, "description": "The fields a line is known by."},
            "mode": one_of("delta", "full", description="full: what the file no longer holds is marked as vanished."),
            "file": mapping(
                {
                    "encoding": one_of("auto", "utf-8", "windows-1252"),
                    "delimiter": {"type": "string", "minLength": 1, "maxLength": 1},
                    "decimal": one_of(",", "."),
                    "dates": one_of("dd.mm.yyyy", "yyyy-mm-dd"),
                }
            ),
            "constants": {"type": "object", "description": "Fields that are the same in every line."},
            "other_columns": one_of("ignore", description="Say nothing of columns the map does not name."),
            "columns": {"type": "object", "minProperties": 1, "additionalProperties": column, "description": "Heading: field."},
            "label": LABEL,
        },
        "entity",
        "columns",
    )


def _test_schema() -> Schema:
    return mapping(
        {
            "label": LABEL,
            "of": texts("The rules under test; what they do beyond `expect` fails the test."),
            "given": {"type": "object", "additionalProperties": RECORDS, "description": "Records before the first day, by plural name."},
            "from": text("The first day; a week before the first other day unless said."),
            "happens": {"type": ["array", "string"], "pattern": COLUMN, "items": _happening_schema(), "description": "What comes or changes on a day."},
            "rows": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "object"}, "description": "A table: one run per row; `$column`."},
            "expect": {
                "type": ["array", "string"],
                "pattern": COLUMN,
                "minItems": 1,
                "items": _expected_schema(),
                "description": "All that the rules have made by a day.",
            },
        },
        "of",
        "expect",
    )


def _happening_schema() -> Schema:
    done = {"type": "array", "items": _done_schema(), "description": "Work that people complete."}
    return {
        "type": "object",
        "required": ["on"],
        "properties": {"on": text("The day, or a moment: `2026-03-04T15:30`."), "done": done},
        "additionalProperties": RECORDS,
    }


def _done_schema() -> Schema:
    return mapping(
        {
            "kind": text("The kind of activity."),
            "outcome": text("How it ended."),
            "customer": {"type": ["string", "integer"]},
            "vehicle": text("Of this vehicle, by its VIN."),
            "opportunity": text("Of this opportunity."),
            "ticket": text("Of this ticket."),
            "appointment": text("The appointment agreed: `2026-03-04T15:30`."),
            "answers": {"type": "object", "description": "The form's answers."},
        },
        "kind",
        "outcome",
    )


def _expected_schema() -> Schema:
    kinds = {"type": ["array", "string"], "items": {"type": "string"}, "maxItems": 100}
    return {
        "type": "object",
        "required": ["by"],
        "properties": {
            "by": text("The day, included, or a moment."),
            "nothing": {"enum": [True]},
            "open": {**kinds, "description": "The kinds of work that are open, or a `$column` that holds them."},
            "cases": {"type": "array", "items": _case_schema(), "maxItems": 100, "description": "Every case, in the order they began."},
        },
        "additionalProperties": RECORDS,
    }


def _case_schema() -> Schema:
    return mapping(
        {
            "workflow": text("Its workflow."),
            "status": text("running, parked, done, stopped or cancelled."),
            "result": {"type": "string", "description": "Its result."},
            "steps": {"type": ["array", "string"], "items": {"type": "string"}, "description": "Its open steps, or a `$column` that holds them."},
        }
    )


def file_schema(sections: Mapping[str, Schema]) -> Schema:
    """A whole file of definitions, for editors; what a section keeps in `$defs` moves to the top, where references look for it."""
    shared = {name: one for schema in sections.values() for name, one in schema.get("$defs", {}).items()}
    properties = {
        name: {"type": "object", "additionalProperties": {key: value for key, value in schema.items() if key != "$defs"}} for name, schema in sections.items()
    }
    properties["change"] = {"type": "object", "additionalProperties": {"type": "object"}, "description": "`pack.id`: the keys that differ."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": shared, **mapping(properties)}
