"""The shape of a rule."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definitions.schema_parts import CONDITION, ID, LABEL, Schema, mapping, one_of, text


def effect_map(effects: Mapping[str, Schema]) -> Schema:
    """Named effects, each dispatched on its own word."""
    effect = {
        "type": "object",
        "minProperties": 1,
        "allOf": [{"if": _spells(word, effects), "then": schema} for word, schema in effects.items()],
    }
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": effect,
        "description": "Named effects.",
        "examples": [{"mark": {"tag": "stammkunde"}}],
    }


def trigger_properties() -> Schema:
    """What a trigger and its guards are written with."""
    return {
        "on": text("The event that starts it.", "visit.closed"),
        "date": {
            "type": ["string", "object"],
            "minLength": 1,
            "minProperties": 1,
            "additionalProperties": {"type": "string"},
            "description": "A day counted from a field, or several with names.",
            "examples": ["every year on birthday", {"first": "30 months after customer_since_on", "second": "60 months after customer_since_on"}],
        },
        "when": {**CONDITION, "examples": [[{"tagged": "stammkunde"}]], "description": "Acts when this becomes true."},
        "while": {**CONDITION, "examples": [[{"tagged": "stammkunde"}]], "description": "Keeps its effects exactly as long as this holds."},
        "every": text('A cron text in quotes or a phrase: `"0 6 * * 1"`, `day at 08:00`, `year on 09-25`.', "day at 08:00"),
        "where": {**CONDITION, "examples": [[{"kind": "person"}]], "description": "Only for records for which this holds."},
        "again": {
            "type": ["string", "object"],
            "if": {"type": "string"},
            "then": {"enum": ["always", "never"]},
            "additionalProperties": False,
            "properties": {
                "not_before": text("At least this long after the last time: `3 months`.", "3 months"),
                "at_most": {"type": "integer", "minimum": 1, "examples": [2], "description": "At most so often."},
                "per": one_of("day", "week", "month", "year", description="...in each of these; without it, ever."),
            },
            "description": "How often for the same record: always, never, or counted.",
            "examples": ["never", {"not_before": "3 months", "at_most": 3, "per": "year"}],
        },
        "at_start": one_of("hold", "act", "ignore", description="What a new `when` does with those already true."),
        "catch_up": text("How late is still in time: `60 days`, none, all, latest.", "60 days"),
        "limit": text("How much one run may do before it is held: `200 per run`, `5 % per run`.", "200 per run"),
    }


def rule_schema(effects: Mapping[str, Schema]) -> Schema:
    """A rule: one trigger, what guards it, and named effects."""
    properties: Schema = {
        "label": LABEL,
        "for": text("The kind of record it is about: `customer`, `delivery`...", "customer"),
        "purpose": one_of("advertising", "service", "safety", "internal", description="Why the customer is contacted: the law depends on it."),
        "ground": text(
            "For `service`: the recorded fact that makes it one, e.g. `offer.opportunity.requested_contact`; without it, it is advertising.",
            "offer.opportunity.requested_contact",
        ),
        **trigger_properties(),
        "each": mapping(
            {
                "wishes_matching": text("The way to the vehicle; `self` for the record itself.", "vehicle"),
                "score": {"type": "integer", "minimum": 0, "maximum": 100, "examples": [60], "description": "The least score."},
                "as": {"type": "string", "pattern": ID, "examples": ["wish"], "description": "The name of the match in effects."},
            },
            "wishes_matching",
            description="Run the effects once per wish that fits.",
        ),
        "do": effect_map(effects),
        "enabled": {"type": "boolean", "examples": [False], "description": "false switches it off."},
        "formerly": text("Its id before it was renamed.", "new_customer_call"),
    }
    return mapping(properties, "label", "for", "purpose", "do")


def _spells(word: str, effects: Mapping[str, Schema]) -> Schema:
    """An effect has the word of one kind. (An activity says who does it with the word `assign`.)"""
    others = [other for other in effects if other != word and other not in effects[word]["properties"]]
    return {"required": [word], "not": {"anyOf": [{"required": [other]} for other in others]}}
