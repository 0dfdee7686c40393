"""The shape of a campaign: when, whom, what, and what counts as a response."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definitions.rule_schema import effect_map
from engine.definitions.schema_parts import CONDITION, ID, LABEL, Schema, mapping, one_of, text


def campaign_schema(effects: Mapping[str, Schema]) -> Schema:
    """A campaign: every customer for whom it is, once, from its first day until its last."""
    response = mapping(
        {
            "some": text("The records of the customer that count: `visits`, `contracts`, `opportunities`.", "visits"),
            "where": {**CONDITION, "examples": [[{"kind": "workshop"}]], "description": "Only those for which this holds: `[{kind: workshop}]`."},
            "within": text("At most so long after the customer was addressed, in days or weeks: `6 weeks`.", "6 weeks"),
            "label": LABEL,
        },
        "some",
    )
    properties: Schema = {
        "label": LABEL,
        "purpose": one_of("advertising", "service", "safety", "internal", description="Why the customer is contacted: the law depends on it."),
        "ground": text("For `service`: the recorded fact that makes it one.", "customer.check_ordered"),
        "from": text("The first day: `2027-03-01`, or `03-01` for every year.", "2027-03-01"),
        "until": text("The last day, included: `2027-04-15`, or `04-15` for every year.", "2027-04-15"),
        "selection": {"type": "string", "pattern": ID, "examples": ["large_companies"], "description": "Whom, by a saved selection of customers."},
        "where": {**CONDITION, "examples": [[{"kind": "person"}]], "description": "Whom: customers for whom this holds; with `selection`, both must hold."},
        "spread": text("How many a day; who is left comes on the next day: `200 per day`.", "200 per day"),
        "limit": text("How much one run may do before all of it is held: `2000 per run`.", "2000 per run"),
        "do": effect_map(effects),
        "response": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 20,
            "propertyNames": {"pattern": ID},
            "additionalProperties": response,
            "description": "What counts as a response: records of the customer since he was addressed.",
            "examples": [{"came": {"some": "visits", "within": "6 weeks"}}],
        },
        "enabled": {"type": "boolean", "examples": [False], "description": "false switches it off."},
        "formerly": text("Its id before it was renamed.", "spring_mailing"),
    }
    return mapping(properties, "label", "purpose", "from", "until", "do")
