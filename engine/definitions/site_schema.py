"""The shapes of `regelwerk.yaml` and `pack.yaml`."""

from __future__ import annotations

from engine.definitions.schema_parts import ID, LABEL, Schema, mapping, one_of, text, texts
from engine.language.calendars import WEEKDAYS


def calendar_schema() -> Schema:
    """Opening days and hours, region and own closed days."""
    hours = {
        "type": ["string", "array", "null"],
        "items": {"type": "string"},
        "description": '"08:00-18:00", a list of them, or closed.',
        "examples": ["08:00-18:00", ["08:00-12:00", "14:00-18:00"]],
    }
    return mapping(
        {
            "zone": text("Time zone: `Europe/Berlin`.", "Europe/Vienna"),
            "region": text("Country and state for public holidays: `DE-BY`, `AT-9`, `CH-ZH`.", "AT-9"),
            "catholic": {"type": "boolean", "description": "Whether the Catholic holidays of the region are kept."},
            "open": mapping(dict.fromkeys(WEEKDAYS, hours), description="Opening hours per weekday; a day that is not named is closed."),
            "closed": {
                "type": "array",
                "items": {"type": "string"},
                "maxItems": 400,
                "examples": [["2026-12-24 to 2027-01-01", "2027-05-28"]],
                "description": "Own closed days: `2026-12-24 to 2027-01-01`.",
            },
            "day_starts": text('When a day\'s work begins: `"06:00"`.', "06:00"),
            "closed_day": one_of("next", "previous", "stay", description="Where a due date on a closed day moves."),
        }
    )


def site_schema() -> Schema:
    """`regelwerk.yaml`."""
    return mapping(
        {
            "pack": {"type": "string", "pattern": ID, "examples": ["autohaus"], "description": "The first part of your own ids."},
            "language": one_of("de", "en", description="What people of this site read."),
            "store": text("The store's file, or a PostgreSQL address.", "regelwerk.db"),
            "packs": texts("The packs, each may change the ones before it.", ["standard", "pipelines"]),
            "parameters": {
                "type": "object",
                "additionalProperties": {
                    "type": ["string", "integer", "boolean", "object"],
                    "additionalProperties": False,
                    "properties": {
                        "default": {"type": ["string", "integer", "boolean"], "description": "The value for all others.", "examples": ["30 months"]},
                        "branch": {
                            "type": "object",
                            "minProperties": 1,
                            "examples": [{"KOE": "30 months"}],
                            "description": "Code of the branch: value. It outranks a brand's.",
                        },
                        "brand": {"type": "object", "minProperties": 1, "examples": [{"Honda": "24 months"}], "description": "Brand: value."},
                    },
                },
                "description": "`pack.name: value`, or a map with what differs per branch and brand.",
                "examples": [{"standard.remotorisation_after": {"default": "30 months", "brand": {"Honda": "24 months"}}}],
            },
            "left_open": one_of("keep", "close", description="What becomes of open work whose rule is gone or switched off."),
            "calendar": {**calendar_schema(), "description": "The calendar of branches that have none of their own."},
            "branches": {
                "type": "object",
                "additionalProperties": {**calendar_schema(), "type": ["object", "null"]},
                "description": "Code: what differs from the calendar above.",
                "examples": [{"KOE": {}, "WIE": {"zone": "Europe/Vienna", "region": "AT-9"}}],
            },
        }
    )


def pack_schema() -> Schema:
    """`pack.yaml`."""
    return mapping(
        {
            "pack": {"type": "string", "pattern": ID, "examples": ["autohaus"], "description": "The first part of its ids."},
            "version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$", "examples": ["1.4.0"], "description": "Three numbers: `1.4.0`."},
            "label": LABEL,
            "description": text("What the pack is for.", "What our house does differently."),
        },
        "pack",
        "version",
        "label",
    )
