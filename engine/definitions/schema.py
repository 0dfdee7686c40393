"""The shape of every kind of definition, as JSON Schema: one entry a section, dispatched on the section's key.

Editors get these schemas as they are (`schemas/`); the engine checks with the same ones. What only the engine
knows (its effects, triggers, entities) is passed in, so that this folder knows no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.language.calendars import WEEKDAYS
from engine.language.vocabulary import CHANNELS

Schema = dict[str, Any]
ID = "^[a-z][a-z0-9_]*$"


def text(description: str = "") -> Schema:
    """A text."""
    return {"type": "string", "minLength": 1, **({"description": description} if description else {})}


def mapping(properties: Schema, *required: str, description: str = "", **more: Any) -> Schema:
    """A map with known keys alone."""
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        "properties": properties,
        **({"description": description} if description else {}),
        **more,
    }


def texts(description: str) -> Schema:
    """A list of texts."""
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100, "description": description}


def one_of(*values: Any, description: str = "") -> Schema:
    """One of some plain values."""
    return {"enum": list(values), **({"description": description} if description else {})}


LABEL: Schema = {
    "type": ["string", "object"],
    "minLength": 1,
    "properties": {"de": {"type": "string"}, "en": {"type": "string"}, "fr": {"type": "string"}, "it": {"type": "string"}},
    "additionalProperties": False,
    "description": "What people read: one text, or one per language.",
}
CONDITION: Schema = {"type": ["array", "object"], "description": "A condition: `field: value`, a list of them, any, none_of, not."}
AMOUNT: Schema = {"type": ["string", "integer"]}


def rule_schema(effects: Mapping[str, Schema]) -> Schema:
    """A rule; each effect is dispatched on its own word."""
    effect = {
        "type": "object",
        "minProperties": 1,
        "allOf": [{"if": _spells(word, effects), "then": schema} for word, schema in effects.items()],
    }
    properties: Schema = {
        "label": LABEL,
        "for": text("The kind of record it is about: `customer`, `delivery`..."),
        "purpose": one_of("advertising", "service", "safety", "internal", description="Why the customer is contacted: the law depends on it."),
        "ground": text("For `service`: the recorded fact that makes it one, e.g. `offer.opportunity.requested_contact`; without it, it is advertising."),
        "on": text("The event that starts it."),
        "date": {
            "type": ["string", "object"],
            "minLength": 1,
            "minProperties": 1,
            "additionalProperties": {"type": "string"},
            "description": "A day counted from a field, or several with names.",
        },
        "when": {**CONDITION, "description": "Acts when this becomes true."},
        "while": {**CONDITION, "description": "Keeps its effects exactly as long as this holds."},
        "every": text('A cron text in quotes or a phrase: `"0 6 * * 1"`, `day at 08:00`, `year on 09-25`.'),
        "where": {**CONDITION, "description": "Only for records for which this holds."},
        "again": {
            "type": ["string", "object"],
            "if": {"type": "string"},
            "then": {"enum": ["always", "never"]},
            "additionalProperties": False,
            "properties": {
                "not_before": text("At least this long after the last time: `3 months`."),
                "at_most": {"type": "integer", "minimum": 1, "description": "At most so often."},
                "per": one_of("day", "week", "month", "year", description="...in each of these; without it, ever."),
            },
            "description": "How often for the same record: always, never, or counted.",
        },
        "at_start": one_of("hold", "act", "ignore", description="What a new `when` does with those already true."),
        "catch_up": text("How late is still in time: `60 days`, none, all, latest."),
        "limit": text("How much one run may do before it is held: `200 per run`, `5 % per run`."),
        "each": mapping(
            {
                "wishes_matching": text("The way to the vehicle; `self` for the record itself."),
                "score": {"type": "integer", "minimum": 0, "maximum": 100, "description": "The least score."},
                "as": {"type": "string", "pattern": ID, "description": "The name of the match in effects."},
            },
            "wishes_matching",
            description="Run the effects once per wish that fits.",
        ),
        "do": {"type": "object", "minProperties": 1, "additionalProperties": effect, "description": "Named effects."},
        "enabled": {"type": "boolean", "description": "false switches it off."},
        "formerly": text("Its id before it was renamed."),
    }
    return mapping(properties, "label", "for", "purpose", "do")


def _spells(word: str, effects: Mapping[str, Schema]) -> Schema:
    """An effect has the word of one kind. (An activity says who does it with the word `assign`.)"""
    others = [other for other in effects if other != word and other not in effects[word]["properties"]]
    return {"required": [word], "not": {"anyOf": [{"required": [other]} for other in others]}}


def section_schemas(effects: Mapping[str, Schema], rights: Iterable[str] = ()) -> dict[str, Schema]:
    """Section -> the schema of one definition in it."""
    return {
        "fields": _field_schema(),
        "rules": rule_schema(effects),
        "tags": mapping(
            {
                "number": {"type": "integer", "minimum": 100, "maximum": 9999, "description": "100 to 199 are the built-in ones; yours begin at 200."},
                "label": LABEL,
                "lifetime": text("How long a posting counts: `24 months`, `until next 09-30`, unlimited."),
                "several": {"type": "boolean", "description": "A customer may have more than one open posting."},
                "grades": {"type": "boolean", "description": "A posting carries a school grade."},
            },
            "label",
            "number",
        ),
        "activities": mapping(
            {
                "label": LABEL,
                "outcomes": texts("How it can end."),
                "form": text("The form to fill in."),
                "channel": one_of(*CHANNELS, description="How it reaches the customer, if it does: the law is asked before it is planned."),
            },
            "label",
            "outcomes",
        ),
        "roles": mapping({"label": LABEL, "may": {**texts("What those who hold it may do."), "items": {"enum": sorted(rights)}, "uniqueItems": True}}, "label"),
        "choices": {"type": "object", "minProperties": 1, "additionalProperties": LABEL},
        "lists": mapping({"label": LABEL}, "label"),
        "templates": mapping({"label": LABEL, "subject": LABEL, "body": LABEL}, "label", "body"),
        "events": mapping(
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
        ),
        "parameters": mapping(
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
        ),
        "calendars": calendar_schema(),
        "selections": mapping({"label": LABEL, "for": text("The kind of record it selects."), "where": CONDITION}, "label", "where"),
        "imports": _import_schema(),
        "tests": _test_schema(),
    }


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
            "label": LABEL,
        },
        "for",
        "type",
        "label",
        description="A field of your own, used like a built-in one.",
        allOf=[of_choice],
    )


def calendar_schema() -> Schema:
    """Opening days and hours, region and own closed days."""
    hours = {"type": ["string", "array", "null"], "items": {"type": "string"}, "description": '"08:00-18:00", a list of them, or closed.'}
    return mapping(
        {
            "zone": text("Time zone: `Europe/Berlin`."),
            "region": text("Country and state for public holidays: `DE-BY`, `AT-9`, `CH-ZH`."),
            "catholic": {"type": "boolean", "description": "Whether the Catholic holidays of the region are kept."},
            "open": mapping(dict.fromkeys(WEEKDAYS, hours), description="Opening hours per weekday; a day that is not named is closed."),
            "closed": {"type": "array", "items": {"type": "string"}, "maxItems": 400, "description": "Own closed days: `2026-12-24 to 2027-01-01`."},
            "day_starts": text('When a day\'s work begins: `"06:00"`.'),
            "closed_day": one_of("next", "previous", "stay", description="Where a due date on a closed day moves."),
        }
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
    records = {"type": "array", "items": {"type": "object"}}
    return mapping(
        {
            "label": LABEL,
            "of": texts("The rules under test; what they do beyond `expect` fails the test."),
            "given": {"type": "object", "additionalProperties": records, "description": "Records before the first day, by plural name."},
            "from": text("The first day; a week before the first other day unless said."),
            "happens": {
                "type": "array",
                "items": {"type": "object", "required": ["on"], "properties": {"on": text("The day.")}, "additionalProperties": records},
                "description": "What comes or changes on a day.",
            },
            "rows": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "object"}, "description": "A table: one run per row; `$column`."},
            "expect": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["by"],
                    "properties": {"by": text("The day, included."), "nothing": {"enum": [True]}},
                    "additionalProperties": records,
                },
                "description": "All that the rules have made by a day.",
            },
        },
        "of",
        "expect",
    )


def site_schema() -> Schema:
    """`regelwerk.yaml`."""
    return mapping(
        {
            "pack": {"type": "string", "pattern": ID, "description": "The first part of your own ids."},
            "language": one_of("de", "en", description="What people of this site read."),
            "store": text("The store's file, or a PostgreSQL address."),
            "packs": texts("The packs, each may change the ones before it."),
            "parameters": {
                "type": "object",
                "additionalProperties": {
                    "type": ["string", "integer", "boolean", "object"],
                    "additionalProperties": False,
                    "properties": {
                        "default": {"type": ["string", "integer", "boolean"], "description": "The value for all others."},
                        "branch": {"type": "object", "minProperties": 1, "description": "Code of the branch: value. It outranks a brand's."},
                        "brand": {"type": "object", "minProperties": 1, "description": "Brand: value."},
                    },
                },
                "description": "`pack.name: value`, or a map with what differs per branch and brand.",
            },
            "calendar": calendar_schema(),
            "branches": {"type": "object", "additionalProperties": {**calendar_schema(), "type": ["object", "null"]}, "description": "Code: calendar."},
        }
    )


def pack_schema() -> Schema:
    """`pack.yaml`."""
    return mapping(
        {
            "pack": {"type": "string", "pattern": ID, "description": "The first part of its ids."},
            "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$", "description": "Three numbers: `1.4.0`."},
            "label": LABEL,
            "description": text(),
        },
        "pack",
        "version",
        "label",
    )


def file_schema(sections: Mapping[str, Schema]) -> Schema:
    """A whole file of definitions, for editors."""
    properties = {name: {"type": "object", "additionalProperties": schema} for name, schema in sections.items()}
    properties["change"] = {"type": "object", "additionalProperties": {"type": "object"}, "description": "`pack.id`: the keys that differ."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **mapping(properties)}
