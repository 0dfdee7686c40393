"""The shape of a workflow: its start, what stops it, and its steps, each dispatched on its kind's word."""

from __future__ import annotations

from collections.abc import Mapping

from engine.definitions.rule_schema import effect_map, trigger_properties
from engine.definitions.schema_parts import CASE_CONDITION, ID, LABEL, Schema, mapping, one_of, text, texts

STEP = {"$ref": "#/$defs/step"}
WAY = {"$ref": "#/$defs/way"}
DO = {"$ref": "#/$defs/do"}


def workflow_schema(effects: Mapping[str, Schema]) -> Schema:
    """A workflow; steps nest, so they stand in `$defs`."""
    properties: Schema = {
        "label": LABEL,
        "for": text("The kind of record a case is about: `opportunity`, `delivery`...", "opportunity"),
        "purpose": one_of("advertising", "service", "safety", "internal", description="Why the customer is contacted: the law depends on it."),
        "ground": text("For `service`: the recorded fact that makes it one.", "opportunity.requested_contact"),
        "start": mapping(
            trigger_properties(),
            description="What starts a case: a trigger as in rules. Without it only others start it.",
            examples=[{"on": "opportunity.recorded"}],
        ),
        "first": text("The first step; the first one written unless said.", "call"),
        "stop_when": {**CASE_CONDITION, "examples": [[{"customer.deceased": True}]], "description": "Ends the case; asked again at the moment of acting."},
        "on": {
            "type": "object",
            "additionalProperties": _watch(),
            "examples": [{"reported": {"event": "opportunity.lost", "next": "lost"}}],
            "description": "Events that jump, cancel steps or complete blocks.",
        },
        "steps": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 200,
            "additionalProperties": STEP,
            "description": "Named steps: docs/language/steps.md.",
            "examples": [{"call": {"activity": "phone_call", "outcomes": {"reached": {"next": "over"}}}, "over": {"end": "done"}}],
        },
        "enabled": {"type": "boolean", "examples": [False], "description": "false: no new cases; running ones go on."},
        "formerly": text("Its id before it was renamed.", "sale"),
    }
    schema = mapping(properties, "label", "for", "purpose", "steps")
    return {**schema, "$defs": {"do": effect_map(effects), "step": _step(DO), "way": _way(DO)}}


def _watch() -> Schema:
    return mapping(
        {
            "event": text("The event.", "opportunity.lost"),
            "about": text("The way from the event's record to the case's subject, if there are several.", "opportunity"),
            "where": {**CASE_CONDITION, "description": "Only if this holds for the event's record."},
            "only_while": {
                **CASE_CONDITION,
                "examples": [[{"customer.deceased": False}]],
                "description": "Refused, with a record of it, where this does not hold for the subject.",
            },
            "next": text("Close everything open and go on at this step.", "lost"),
            "cancel": _names("Steps to cancel, with what lies inside them; their branch is over.", "call"),
            "complete": _names("Blocks to take as complete: what is still open in them is cancelled.", "several"),
        },
        "event",
    )


def _names(description: str, example: str) -> Schema:
    return {"type": ["array", "string"], "items": {"type": "string"}, "minItems": 1, "maxItems": 50, "description": description, "examples": [[example]]}


def _way(do: Schema) -> Schema:
    return mapping(
        {
            "next": text("The step it leads to; without it, the branch or the case is over there.", "lost"),
            "do": do,
            "tries": texts("Do the step again after each of these: [4 hours, 1 day].", ["4 hours", "1 day"]),
            "else": mapping({"next": text("Where it goes after the last try.", "lost")}, description="What follows the last try."),
            "label": LABEL,
        }
    )


def _wait() -> Schema:
    one: Schema = {
        "for": text("So long: `5 days`.", "5 days"),
        "until": text("Until then: `3 business days before lease_end_on`.", "next monday at 09:00"),
        "event": text("Until this happens.", "opportunity.lost"),
        "about": text("The way from the event's record to the case's subject, if there are several.", "opportunity"),
        "where": {**CASE_CONDITION, "description": "Only if this holds for the event's record."},
        "early": text("What becomes of an event that comes before anybody waits: `keep 30 days` (the default), drop, refuse.", "keep 30 days"),
        "next": text("The step it leads to.", "lost"),
        "do": {"type": "object", "description": "Effects at once when this comes.", "examples": [{"mark": {"tag": "kaufinteresse_kfz"}}]},
    }
    named = mapping(one)
    return {
        "type": "object",
        "minProperties": 1,
        "if": {"anyOf": [{"required": [key], "properties": {key: {"type": "string"}}} for key in ("for", "until", "event")]},
        "then": mapping({key: value for key, value in one.items() if key not in ("next", "do")}),
        "else": {"additionalProperties": named},
        "description": "One thing, or several with names: the first that comes leads on.",
        "examples": [{"for": "5 days"}, {"reported": {"event": "opportunity.lost", "next": "lost"}, "late": {"for": "10 days", "next": "lost"}}],
    }


def _escalation() -> Schema:
    share = "or a share of the time from its opening to then"
    one = {
        "after": text(f"So long after it was due, {share}: `80 %`.", "2 business days"),
        "before": text(f"So long before it is due, {share}: `20 %`.", "20 %"),
        "to": text("A role, a person field, or `manager`.", "sales_manager"),
    }
    return {
        "type": "object",
        "minProperties": 1,
        "if": {"required": ["to"], "properties": {"to": {"type": "string"}}},
        "then": mapping(one),
        "else": {"additionalProperties": mapping(one, "to")},
        "description": "Who gets the work when it is not done: one, or several with names.",
        "examples": [{"after": "2 business days", "to": "sales_manager"}],
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
        "next": text("The step that follows.", "lost"),
        "else": mapping({"next": text("Where it goes when the step may not be done.", "lost")}, description="What follows where the step may not be done."),
        "only_while": {**CASE_CONDITION, "examples": [[{"customer.deceased": False}]], "description": "A milestone: false cancels the step."},
        "at_most": {"type": "integer", "minimum": 1, "maximum": 1000, "examples": [3], "description": "How often it may be run in one case."},
        "slot": text("The way to a record that only one case may hold at a time.", "vehicle"),
        "where": {**CASE_CONDITION, "description": "In `branches` and `each`: only where this holds."},
        "steps": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": STEP,
            "description": "Further steps of this branch.",
            "examples": [{"then": {"activity": "phone_call", "outcomes": {"reached": {}}}}],
        },
        "of": text("In `each`: the way to the records.", "offers"),
        "later": one_of("join", "ignore", description="In `each`: what becomes of records that come later."),
    }


def _kinds(do: Schema) -> dict[str, Schema]:
    """A kind of step -> the keys of its own."""
    joined = {
        "join": text("When it goes on: all, first, or `2 of 3`.", "first"),
        "rest": one_of("cancel", "keep", description="What becomes of branches still open after the join."),
    }
    return {
        "activity": _activity(do),
        "wait": {"wait": _wait()},
        "decide": {"decide": _decide()},
        "branches": {"branches": {"type": "object", "minProperties": 1, "maxProperties": 50, "additionalProperties": STEP, **_branches()}, **joined},
        "each": {"each": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": ID}, "additionalProperties": STEP, **_each()}, **joined},
        "workflow": {
            "workflow": text("The workflow's id.", "pipelines.not_reached"),
            "subject": text("The way to its subject, if it is not this one.", "customer"),
            "detached": {"type": "boolean", "description": "true: do not wait for it."},
            "outcomes": _outcomes("Its results, each leading on."),
        },
        "end": {"end": text("The case's result; it closes whatever is open.", "lost"), "do": do},
        "do": {"do": do},
    }


def _branches() -> Schema:
    return {
        "description": "Named steps opened together, each the first of its branch.",
        "examples": [
            {"by_phone": {"activity": "phone_call", "outcomes": {"reached": {}}}, "by_mail": {"activity": "email_follow_up", "outcomes": {"done": {}}}}
        ],
    }


def _each() -> Schema:
    return {
        "description": "One name and the first step of a branch that is opened for each record `of:` leads to.",
        "examples": [{"opportunity": {"of": "offers", "activity": "phone_call", "outcomes": {"reached": {}}}}],
    }


def _activity(do: Schema) -> Schema:
    return {
        "activity": text("The kind of activity; `activities:` declares it.", "phone_call"),
        "to": text("The way to the customer it is about.", "customer"),
        "due": text("When it is due.", "3 business days"),
        "closed_day": one_of("next", "previous", "stay", description="Where a due date on a closed day moves."),
        "assign": texts("Person fields or roles; the first that is filled and present gets the work.", ["owner", "sales_manager"]),
        "note": text("A template: what the person should know.", "Bitte {{ customer.name }} anrufen"),
        "tool": {"type": ["string", "object"], "examples": ["Eurotax"], "description": "The program the work is done with."},
        "if_open": one_of("keep", "add", "replace", description="What to do when such an activity is already open (add)."),
        "form": text("The questionnaire that is filled in with it.", "offer_talk"),
        "appointment": one_of(
            "ask",
            "due",
            description="ask: whoever completes the step before names it, also where that is in a workflow waited for; due: it is when the work is due.",
        ),
        "remind": {
            "type": ["string", "array"],
            "items": {"type": "string"},
            "maxItems": 10,
            "examples": [["on the day", "1 day before"]],
            "description": "`on the day`, `1 day before`.",
        },
        "deadline": mapping(
            {
                "after": text("So long after it was due, or a share of the time from its opening to then: `150 %`.", "5 business days"),
                "next": text("The step it leads to.", "lost"),
                "do": do,
            },
            "after",
            description="When it is given up, and where that leads.",
        ),
        "escalate": _escalation(),
        "outcomes": _outcomes("How it can end, each leading on."),
    }


def _decide() -> Schema:
    branch = mapping({"where": {**CASE_CONDITION, "description": "Only if this holds."}, "next": text("The step it leads to.", "lost"), "label": LABEL})
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": branch,
        "description": "Named ways in order, and `else`.",
        "examples": [{"alive": {"where": [{"customer.deceased": False}], "next": "several"}, "else": {"next": "won"}}],
    }


def _outcomes(description: str) -> Schema:
    return {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": WAY,
        "description": description,
        "examples": [{"reached": {"next": "won"}, "not_reached": {"tries": ["4 hours", "1 day"], "else": {"next": "lost"}}}],
    }
