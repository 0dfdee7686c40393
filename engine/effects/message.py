"""`message:` queues a mail, an SMS or a letter in the outbox, if the law allows it (S0.26, S0.27, S3.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.effects.base import Batch, Checker, Result, Work
from engine.effects.effect import Irreversible
from engine.effects.shared import check_template, customer_of, customer_path, path_to
from engine.language.nearest import an, did_you_mean
from engine.language.templates import Template
from engine.language.vocabulary import CHANNELS

Texts = Mapping[str, Template]
"""Language -> text; "" where it is the same in all."""


@dataclass(frozen=True)
class MessagePlan:
    """A message effect, compiled."""

    template: str
    to: str
    channels: tuple[str, ...]
    subject: Texts
    body: Texts
    attach: str = ""


ATTACHMENTS = ("open_offers",)
"""What can be attached; `open_offers`: every offer of the case that is drafted or sent, with its newest document."""


class MessageEffect(Irreversible):
    """Writes a message into the outbox; one that the law forbids is recorded as blocked, with the reason."""

    word = "message"
    makes = "message"
    doc = "Queues a message to the customer over the first channel that the law and the address allow."
    example = "write: {message: winter_tyres, channel: [email, letter]}"
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": ["message"],
        "properties": {
            "message": {"type": "string", "examples": ["winter_tyres"], "description": "The template's id; `templates:` declares it."},
            "to": {"type": "string", "examples": ["customer"], "description": "The path to the customer, if it is not the subject's own."},
            "channel": {
                "type": "array",
                "items": {"enum": list(CHANNELS)},
                "minItems": 1,
                "maxItems": 5,
                "description": "Channels in order of preference.",
                "examples": [["email", "letter"]],
            },
            "attach": {"enum": list(ATTACHMENTS), "description": "What to attach: `open_offers`, every offer that is drafted or sent."},
        },
    }

    def check(self, spec: dict[str, Any], checker: Checker) -> MessagePlan:
        """Check the template and the way to the customer."""
        name = str(spec["message"])
        if name not in checker.vocabulary.templates:
            hint = did_you_mean(name, checker.vocabulary.templates)
            checker.below("message").wrong("effect-unknown-template", f"there is no template '{name}'", hint)
        to = customer_path(spec.get("to"), checker)
        subject, body = (_texts(name, part, checker.below("message")) for part in ("subject", "body"))
        if "attach" in spec:
            path_to(checker, "opportunity")
        return MessagePlan(name, to, tuple(spec.get("channel", ("email",))), subject, body, str(spec.get("attach", "")))

    def apply(self, plan: MessagePlan, works: Sequence[Work], batch: Batch) -> list[Result]:
        """Ask the gate for each, then insert queued and blocked rows alike."""
        customers = [customer_of(plan.to, work, batch) for work in works]
        known = sorted({customer for customer in customers if customer is not None})
        batch.gate.foresee(known)
        batch.values.foresee("customer", known, ["language"])
        rows = [_row(plan, work, customer, batch) if customer is not None else None for work, customer in zip(works, customers, strict=True)]
        good = [row for row in rows if row is not None]
        numbers = batch.store.insert_many("message", good)
        if plan.attach:
            _attach(works, rows, numbers, batch)
        ids = iter(numbers)
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
    language = batch.values.get("customer", customer, "language") or batch.language
    subject, body = ("", "") if refused else (_filled(texts, language, work, batch) for texts in (plan.subject, plan.body))
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
        "campaign": batch.campaign,
        "definition": work.definition,
    }


def _attach(works: Sequence[Work], rows: Sequence[Mapping[str, Any] | None], numbers: Sequence[int], batch: Batch) -> None:
    """The open offers of each message's opportunity, else of its customer, each with its newest document (S1.30)."""
    written = [(work, row) for work, row in zip(works, rows, strict=True) if row is not None]
    wanted = [
        (number, *(("opportunity", case) if (case := _opportunity(work, batch)) is not None else ("customer", row["customer"])))
        for (work, row), number in zip(written, numbers, strict=True)
        if row["status"] == "queued"
    ]
    offers = {kind: _open_offers(kind, sorted({owner for _, one, owner in wanted if one == kind}), batch) for kind in ("opportunity", "customer")}
    pairs = [(number, offer) for number, kind, owner in wanted for offer in offers[kind].get(owner, [])]
    newest = dict(batch.store.rows_in("SELECT offer, MAX(id) FROM document WHERE offer IN ({}) GROUP BY offer", [], sorted({offer for _, offer in pairs})))
    batch.store.insert_many("message_attachment", [{"message": number, "offer": offer, "document": newest.get(offer)} for number, offer in pairs])


def _opportunity(work: Work, batch: Batch) -> int | None:
    if work.entity == "opportunity":
        return work.subject
    return batch.get(work, "opportunity") if "opportunity" in batch.entity(work).fields else None


def _open_offers(kind: str, owners: Sequence[int], batch: Batch) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    sql = f"SELECT {kind}, id FROM offer WHERE status IN ('draft', 'sent') AND {kind} IN ({{}}) ORDER BY id"
    for owner, offer in batch.store.rows_in(sql, [], owners):
        found.setdefault(owner, []).append(offer)
    return found


def _texts(name: str, part: str, checker: Checker) -> Texts:
    """One part of a template in every language, its blanks looked for in this rule's subject."""
    source = checker.vocabulary.templates.get(name, {}).get(part) or {}
    texts = {}
    for language, text in source.items() if isinstance(source, Mapping) else [("", source)]:
        inner = replace(checker, problems=[])
        template = check_template(text, inner)
        for problem in inner.problems:
            checker.wrong("effect-template-does-not-fit", f"'{name}' cannot be filled in for {an(checker.entity)}: {problem.message}", problem.hint)
        if template:
            texts[str(language)] = template
    return texts


def _filled(texts: Texts, language: str, work: Work, batch: Batch) -> str:
    """The text in the customer's language, else in German, else in the one there is."""
    template = texts.get(language) or texts.get("de") or next(iter(texts.values()), None)
    return template.render(lambda path: batch.told(work, path), language) if template else ""
