"""The shape of a workflow: its start, what stops it, and its steps, each dispatched on its kind's word."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definitions.rule_schema import effect_map, trigger_properties
from engine.definitions.schema_parts import CONDITION, ID, LABEL, Schema, mapping, one_of, text, texts

STEP = {"$ref": "#/$defs/step"}
WAY = {"$ref": "#/$defs/way"}
DO = {"$ref": "#/$defs/do"}


def workflow_schema(effects: Mapping[str, Schema]) -> Schema:
    """A workflow; steps nest, so they stand in `$defs`."""
    properties: Schema = {
        "label": LABEL,
        "for": text("The kind of record a case is about: `opportunity`, `delivery`..."),
        "purpose": one_of("advertising", "service", "safety", "internal", description="Why the customer is contacted: the law depends on it."),
        "ground": text("For `service`: the recorded fact that makes it one."),
        "start": mapping(trigger_properties(), description="What starts a case: a trigger as in rules. Without it only others start it."),
        "first": text("The first step; the first one written unless said."),
        "stop_when": {**CONDITION, "description": "Ends the case; asked again at the moment of acting."},
        "on": {"type": "object", "additionalProperties": _watch(), "description": "Events that jump, cancel steps or complete blocks."},
        "steps": {"type": "object", "minProperties": 1, "maxProperties": 200, "additionalProperties": STEP, "description": "Named steps."},
        "enabled": {"type": "boolean", "description": "false: no new cases; running ones go on."},
        "formerly": text("Its id before it was renamed."),
    }
    schema = mapping(properties, "label", "for", "purpose", "steps")
    return {**schema, "$defs": {"do": effect_map(effects), "step": _step(DO), "way": _way(DO)}}


def _watch() -> Schema:
    return mapping(
        {
            "event": text("The event."),
            "about": text("The way from the event's record to the case's subject, if there are several."),
            "where": {**CONDITION, "description": "Only if this holds for the event's record."},
            "only_while": {**CONDITION, "description": "Refused, with a record of it, where this does not hold for the subject."},
            "next": text("Close everything open and go on at this step."),
            "cancel": _names("Steps to cancel, with what lies inside them; their branch is over."),
            "complete": _names("Blocks to take as complete: what is still open in them is cancelled."),
        },
        "event",
    )


def _names(description: str) -> Schema:
    return {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1, "maxItems": 50, "description": description}


def _way(do: Schema) -> Schema:
    return mapping(
        {
            "next": text("The step it leads to; without it, the branch or the case is over there."),
            "do": do,
            "tries": texts("Do the step again after each of these: [4 hours, 1 day]."),
            "else": mapping({"next": text("Where it goes after the last try.")}),
            "label": LABEL,
        }
    )


def _wait() -> Schema:
    one: Schema = {
        "for": text("So long: `5 days`."),
        "until": text("Until then: `3 business days before lease_end_on`."),
        "event": text("Until this happens."),
        "about": text("The way from the event's record to the case's subject, if there are several."),
        "where": {**CONDITION, "description": "Only if this holds for the event's record."},
        "early": text("What becomes of an event that comes before anybody waits: `keep 30 days` (the default), drop, refuse."),
        "next": text("The step it leads to."),
        "do": {"type": "object"},
    }
    named = mapping(one)
    return {
        "type": "object",
        "minProperties": 1,
        "if": {"anyOf": [{"required": [key], "properties": {key: {"type": "string"}}} for key in ("for", "until", "event")]},
        "then": mapping({key: value for key, value in one.items() if key not in ("next", "do")}),
        "else": {"additionalProperties": named},
        "description": "One thing, or several with names: the first that comes leads on.",
    }


def _escalation() -> Schema:
    share = "or a share of the time from its opening to then"
    one = {
        "after": text(f"So long after it was due, {share}: `80 %`."),
        "before": text(f"So long before it is due, {share}: `20 %`."),
        "to": text("A role, a person field, or `manager`."),
    }
    return {
        "type": "object",
        "minProperties": 1,
        "if": {"required": ["to"], "properties": {"to": {"type": "string"}}},
        "then": mapping(one),
        "else": {"additionalProperties": mapping(one, "to")},
        "description": "Who gets the work when it is not done: one, or several with names.",
    }


def _step(do: Schema) -> Schema:
    """The first word of a kind that a step is written with decides which keys it may have."""
    kinds, common = _kinds(do), _common()
    chosen: list[Schema] = []
    for number, (kind, keys) in enumerate(kinds.items()):
        before = [{"required": [other]} for other in list(kinds)[:number]]
        this: Schema = {"required": [kind], **({"not": {"anyOf": before}} if before else {})}
        chosen.append({"if": this, "then": mapping({**common, **keys})})
    return {"type": "object", "minProperties": 1, "allOf": chosen}


def _common() -> Schema:
    """The keys of every kind of step, and of the branch that begins with it."""
    return {
        "label": LABEL,
        "next": text("The step that follows."),
        "else": mapping({"next": text("Where it goes when the step may not be done.")}),
        "only_while": {**CONDITION, "description": "A milestone: false cancels the step."},
        "at_most": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "How often it may be run in one case."},
        "slot": text("The way to a record that only one case may hold at a time."),
        "where": {**CONDITION, "description": "In `branches` and `each`: only where this holds."},
        "steps": {"type": "object", "minProperties": 1, "additionalProperties": STEP, "description": "Further steps of this branch."},
        "of": text("In `each`: the way to the records."),
        "later": one_of("join", "ignore", description="In `each`: what becomes of records that come later."),
    }


def _kinds(do: Schema) -> dict[str, Schema]:
    """A kind of step -> the keys of its own."""
    joined = {"join": text("all, first, or `2 of 3`."), "rest": one_of("cancel", "keep", description="What becomes of branches still open after the join.")}
    return {
        "activity": _activity(do),
        "wait": {"wait": _wait()},
        "decide": {"decide": _decide()},
        "branches": {"branches": {"type": "object", "minProperties": 1, "maxProperties": 50, "additionalProperties": STEP}, **joined},
        "each": {"each": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": ID}, "additionalProperties": STEP}, **joined},
        "workflow": {
            "workflow": text("The workflow's id."),
            "subject": text("The way to its subject, if it is not this one."),
            "detached": {"type": "boolean", "description": "true: do not wait for it."},
            "outcomes": _outcomes("Its results, each leading on."),
        },
        "end": {"end": text("The case's result."), "do": do},
        "do": {"do": do},
    }


def _activity(do: Schema) -> Schema:
    return {
        "activity": text("The kind of activity; `activities:` declares it."),
        "to": text("The way to the customer it is about."),
        "due": text("When it is due."),
        "closed_day": one_of("next", "previous", "stay", description="Where a due date on a closed day moves."),
        "assign": texts("Person fields or roles; the first that is filled and present gets the work."),
        "note": text("A template: what the person should know."),
        "tool": {"type": ["string", "object"], "description": "The program the work is done with."},
        "if_open": one_of("keep", "add", "replace", description="What to do when such an activity is already open (add)."),
        "form": text("The questionnaire that is filled in with it."),
        "appointment": one_of("ask", "due", description="ask: whoever completes the step before names it; due: it is when the work is due."),
        "remind": {"type": ["string", "array"], "items": {"type": "string"}, "maxItems": 10, "description": "`on the day`, `1 day before`."},
        "deadline": mapping(
            {
                "after": text("So long after it was due, or a share of the time from its opening to then: `150 %`."),
                "next": text("The step it leads to."),
                "do": do,
            },
            "after",
        ),
        "escalate": _escalation(),
        "outcomes": _outcomes("How it can end, each leading on."),
    }


def _decide() -> Schema:
    branch = mapping({"where": CONDITION, "next": text("The step it leads to."), "label": LABEL})
    return {"type": "object", "minProperties": 1, "additionalProperties": branch, "description": "Named branches in order, and `else`."}


def _outcomes(description: str) -> Schema:
    return {"type": "object", "minProperties": 1, "additionalProperties": WAY, "description": description}
