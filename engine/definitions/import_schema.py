"""The shape of a map of another system's file."""

from __future__ import annotations

from engine.definitions.schema_parts import LABEL, Schema, mapping, one_of, text


def import_schema() -> Schema:
    """What a line is, what it is known by, and what each column means."""
    column = {
        "type": ["string", "object"],
        "required": ["field"],
        "additionalProperties": False,
        "properties": {
            "field": text("The field it fills.", "kind"),
            "by": text("Which field of the other record the cell names, if not its key.", "initials"),
            "values": {"type": "object", "minProperties": 1, "description": "The file's words and ours.", "examples": [{"F": "company", "P": "person"}]},
        },
        "description": "A field, `ignore`, or a map.",
        "examples": ["name"],
    }
    return mapping(
        {
            "entity": text("What a line is.", "customer"),
            "key": {
                "type": ["string", "array"],
                "items": {"type": "string"},
                "minItems": 1,
                "examples": [["number"]],
                "description": "The fields a line is known by.",
            },
            "mode": one_of("delta", "full", description="full: what the file no longer holds is marked as vanished."),
            "file": mapping(
                {
                    "encoding": one_of("auto", "utf-8", "windows-1252", description="How its letters are written; found out unless said."),
                    "delimiter": {"type": "string", "minLength": 1, "maxLength": 1, "description": "What stands between cells.", "examples": [";"]},
                    "decimal": one_of(",", ".", description="What stands before the cents."),
                    "dates": one_of("dd.mm.yyyy", "yyyy-mm-dd", description="How days are written."),
                },
                description="How the file is written.",
            ),
            "constants": {"type": "object", "description": "Fields that are the same in every line.", "examples": [{"language": "de"}]},
            "other_columns": one_of("ignore", description="Say nothing of columns the map does not name."),
            "columns": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": column,
                "description": "Heading: field.",
                "examples": [{"Kundennummer": "number", "Name": "name"}],
            },
            "label": LABEL,
        },
        "entity",
        "columns",
    )
