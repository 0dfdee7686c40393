"""The shape of a file of assumptions: what a simulation takes for granted about people."""

from __future__ import annotations

from typing import Any

from engine.definitions.schema_parts import Schema, mapping

SPAN = r"^(0|[1-9][0-9]{0,2})( to (0|[1-9][0-9]{0,2}))? (business )?days?$"
"""`0 to 2 business days`, `1 day`."""


def assumptions_schema() -> Schema:
    """`seed:`, `otherwise:` and a map of kinds of activity."""
    share: Schema = {"type": "integer", "minimum": 0, "maximum": 100}
    spans: Schema = {"type": "string", "pattern": SPAN, "title": "number of days up to 999"}
    answer: Schema = {"type": ["string", "integer", "boolean"]}
    about: dict[str, Any] = {
        "outcomes": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {**share, "maximum": 1_000_000},
            "description": "Outcome: share. Shares of any sum, `{reached: 60, not_reached: 40}`.",
            "examples": [{"reached": 60, "not_reached": 40}],
        },
        "after": {**spans, "examples": ["0 to 2 business days"], "description": "How long after its due day it is done: `0 to 2 business days`."},
        "never": {**share, "examples": [5], "description": "Of a hundred, how many are never done: `5`."},
        "appointment": {
            **spans,
            "examples": ["1 to 5 business days"],
            "description": "Where the next step asks for an appointment, how many days after it is agreed: `1 to 5 business days`.",
        },
        "answers": {
            "type": "object",
            "additionalProperties": {"type": ["string", "integer", "boolean", "array"], "items": answer, "minItems": 1},
            "description": "Question of its form: the answer, or a list of which one is drawn: `{grade: [1, 2, 2, 3]}`.",
            "examples": [{"grade": [1, 2, 2, 3]}],
        },
    }
    general = {name: about[name] for name in ("after", "never", "appointment")}
    return mapping(
        {
            "seed": {
                "type": "integer",
                "minimum": 0,
                "maximum": 2**31,
                "examples": [7],
                "description": "The same seed gives the same simulation (1); `--seed` outranks it.",
            },
            "otherwise": mapping(general, description="What holds for kinds that say nothing: `{after: 0 to 2 business days, never: 10}`."),
            "activities": {
                "type": "object",
                "additionalProperties": mapping(about),
                "description": "Kind of activity: `phone_call: {outcomes: {reached: 60, not_reached: 40}, after: 1 day}`.",
                "examples": [{"phone_call": {"outcomes": {"reached": 60, "not_reached": 40}, "after": "1 day"}}],
            },
        },
        description="What a simulation takes for granted: `regelwerk simulate --assume FILE`.",
    )
