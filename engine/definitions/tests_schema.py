"""The shape of a test."""

from __future__ import annotations

from engine.definitions.schema_parts import LABEL, Schema, mapping, text, texts

COLUMN = r"^\$[a-z][a-z0-9_]*$"
"""What stands for a list that each row of a test brings."""
TIMES: Schema = {
    "type": ["integer", "string"],
    "title": "number of records",
    "pattern": COLUMN,
    "minimum": 1,
    "maximum": 10_000,
    "description": "So many records of this kind; each gets a number of its own.",
    "examples": [200],
}
RECORDS: Schema = {
    "type": ["array", "string"],
    "items": {"type": "object", "properties": {"times": TIMES}},
    "pattern": COLUMN,
    "description": "Records, or a `$column` that holds them.",
    "examples": [[{"number": 1}]],
}


def tests_schema() -> Schema:
    """What is tested, the store before, what happens, and what is expected."""
    return mapping(
        {
            "label": LABEL,
            "of": texts("The rules under test; what they do beyond `expect` fails the test.", ["standard.remotorisation"]),
            "given": {
                "type": "object",
                "additionalProperties": RECORDS,
                "description": "Records before the first day, by plural name.",
                "examples": [{"customers": [{"number": 1, "name": "Maier"}]}],
            },
            "from": text("The first day; a week before the first other day unless said.", "2026-03-01"),
            "happens": {
                "type": ["array", "string"],
                "pattern": COLUMN,
                "items": _happening_schema(),
                "description": "What comes or changes on a day.",
                "examples": [[{"on": "2026-03-04", "customers": [{"number": 2}]}]],
            },
            "rows": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"type": "object"},
                "description": "A table: one run per row; `$column`.",
                "examples": [{"car": {"kind": "car"}, "motorcycle": {"kind": "motorcycle"}}],
            },
            "expect": {
                "type": ["array", "string"],
                "pattern": COLUMN,
                "minItems": 1,
                "items": _expected_schema(),
                "description": "All that the rules have made by a day.",
                "examples": [[{"by": "2026-03-04", "nothing": True}]],
            },
        },
        "of",
        "expect",
    )


def _happening_schema() -> Schema:
    done = {
        "type": "array",
        "items": _done_schema(),
        "description": "Work that people complete.",
        "examples": [[{"kind": "phone_call", "outcome": "reached", "customer": 1}]],
    }
    return {
        "type": "object",
        "required": ["on"],
        "properties": {"on": text("The day, or a moment: `2026-03-04T15:30`.", "2026-03-04"), "done": done},
        "additionalProperties": RECORDS,
    }


def _done_schema() -> Schema:
    return mapping(
        {
            "kind": text("The kind of activity.", "phone_call"),
            "outcome": text("How it ended.", "reached"),
            "customer": {"type": ["string", "integer"], "description": "Of this customer, by number.", "examples": [1]},
            "vehicle": text("Of this vehicle, by its VIN.", "WVWZZZ1JZXW000001"),
            "opportunity": text("Of this opportunity.", "O-17"),
            "ticket": text("Of this ticket.", "T-2026-0001"),
            "appointment": text("The appointment agreed: `2026-03-04T15:30`.", "2026-03-04T15:30"),
            "answers": {"type": "object", "description": "The form's answers.", "examples": [{"grade": 2}]},
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
            "by": text("The day, included, or a moment.", "2026-03-04"),
            "nothing": {"enum": [True], "description": "Nothing at all has been made."},
            "open": {**kinds, "examples": [["phone_call"]], "description": "The kinds of work that are open, or a `$column` that holds them."},
            "cases": {
                "type": "array",
                "items": _case_schema(),
                "maxItems": 100,
                "description": "Every case, in the order they began.",
                "examples": [[{"workflow": "pipelines.sales", "status": "done", "result": "lost"}]],
            },
            "responses": {
                "type": ["object", "string"],
                "description": "Of a campaign under test: how many responded, by the response's name; one that is not named is 0.",
                "examples": [{"came": 1}],
            },
        },
        "additionalProperties": RECORDS,
    }


def _case_schema() -> Schema:
    return mapping(
        {
            "workflow": text("Its workflow.", "pipelines.sales"),
            "status": text("running, parked, done, stopped or cancelled.", "running"),
            "result": text("Its result.", "lost"),
            "steps": {
                "type": ["array", "string"],
                "items": {"type": "string"},
                "description": "Its open steps, or a `$column` that holds them.",
                "examples": [["first_call"]],
            },
        }
    )
