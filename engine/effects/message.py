"""`message:` queues a mail, an SMS or a letter in the outbox, if the law allows it (S0.26, S0.27, S3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.effects.base import Batch, Checker, Irreversible, Result, Work, local_text
from engine.effects.shared import customer_of, customer_path
from engine.language.nearest import did_you_mean
from engine.language.templates import TemplateError, parse_template
from engine.language.vocabulary import CHANNELS


@dataclass(frozen=True)
class MessagePlan:
    """A message effect, compiled."""

    template: str
    to: str
    channels: tuple[str, ...]


class MessageEffect(Irreversible):
    """Writes a message into the outbox; one that the law forbids is recorded as blocked, with the reason."""

    word = "message"
    doc = "Queues a message to the customer over the first channel that the law and the address allow."
    example = "write: {message: winter_tyres, channel: [email, letter]}"
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["message"],
        "properties": {
            "message": {"type": "string", "description": "The template's id; `templates:` declares it."},
            "to": {"type": "string", "description": "The path to the customer, if it is not the subject's own."},
            "channel": {
                "type": "array",
                "items": {"enum": list(CHANNELS)},
                "minItems": 1,
                "maxItems": 5,
                "description": "Channels in order of preference.",
            },
            "attach": {"type": "string", "description": "Which documents to attach: `open_offers`."},
        },
    }

    def check(self, spec: dict[str, Any], checker: Checker) -> MessagePlan:
        """Check the template and the way to the customer."""
        name = str(spec["message"])
        if name not in checker.vocabulary.templates:
            hint = did_you_mean(name, checker.vocabulary.templates)
            checker.below("message").wrong("effect-unknown-template", f"there is no template '{name}'", hint)
        return MessagePlan(name, customer_path(spec.get("to"), checker), tuple(spec.get("channel", ("email",))))

    def text(self, plan: MessagePlan) -> str:
        """What is planned, in one line."""
        return f"message {plan.template}"

    def apply(self, plan: MessagePlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Ask the gate for each, then insert queued and blocked rows alike."""
        customers = [customer_of(plan.to, work, batch) for work in works]
        known = sorted({customer for customer in customers if customer is not None})
        batch.gate.foresee(known)
        batch.values.foresee("customer", known, ["language"])
        rows = [_row(plan, work, customer, batch) if customer is not None else None for work, customer in zip(works, customers, strict=True)]
        good = [row for row in rows if row is not None]
        ids = iter(batch.store.insert_many("message", good))
        results = []
        for row in rows:
            if row is None:
                results.append(Result("failed", "no customer to write to"))
                continue
            blocked = row["blocked_because"] or ""
            results.append(Result("blocked" if blocked else "done", blocked, "message", next(ids)))
        return results


def _row(plan: MessagePlan, work: Work, customer: int, batch: Batch) -> dict[str, Any]:
    fact = batch.fact(work, customer)
    channel, address, refused = batch.gate.message(customer, batch.purpose, fact, plan.channels)
    template = batch.sections["templates"].get(plan.template, {})
    language = batch.values.get("customer", customer, "language") or batch.language
    subject, body = ("", "") if refused else rendered(template, language, work, batch)
    return {
        "customer": customer,
        "channel": channel or plan.channels[0],
        "purpose": "advertising" if batch.purpose == "service" and not fact else batch.purpose,  # P13: an objection cancels it
        "template": plan.template,
        "status": "blocked" if refused else "queued",
        "address": address or None,
        "subject": subject or None,
        "body": body or None,
        "language": language,
        "subject_entity": work.entity,
        "subject_id": work.subject,
        "queued_at": batch.now,
        "blocked_because": refused or None,
        "definition": work.definition,
    }


def rendered(template: Mapping[str, Any], language: str, work: Work, batch: Batch) -> tuple[str, str]:
    """Subject and body in the customer's language, falling back to German."""

    def text(part: str) -> str:
        source = local_text(template.get(part), language)
        return parse_template(source).render(lambda path: batch.get(work, path), language) if source else ""

    try:
        return text("subject"), text("body")
    except TemplateError:
        return "", ""
