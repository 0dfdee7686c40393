"""The consent ledger, objections, suppressions (domain.md P18 to P26)."""

from __future__ import annotations

from engine.language.vocabulary import CHANNELS
from engine.store.model.build import choice, day, entity, flag, instant, ref, text

CONSENT = entity(
    "consent",
    "Einwilligung",
    "Consent",
    ref("customer", "customer", "consents", "Kunde", "Customer", required=True),
    choice("purpose", "Zweck", "Purpose", "advertising"),
    choice("channel", "Kanal", "Channel", *CHANNELS),
    choice("ground", "Grundlage", "Ground", "explicit", "soft_opt_in", "presumed"),
    text("text_version", "Textfassung", "Text version"),
    text("source", "Quelle", "Source"),
    text("evidence", "Nachweis", "Evidence"),
    ref("taken_by", "employee", "consents_taken", "Aufgenommen von", "Taken by"),
    instant("given_at", "Erteilt", "Given at"),
    instant("confirmed_at", "Bestätigt", "Confirmed at"),
    instant("last_used_at", "Zuletzt genutzt", "Last used at"),
    instant("withdrawn_at", "Widerrufen", "Withdrawn at"),
    flag("from_sale", "Adresse aus einem Verkauf", "Address from a sale"),
    flag("own_similar_goods", "Eigene ähnliche Waren", "Own similar goods"),
    flag("notice_given", "Auf Widerspruchsrecht hingewiesen", "Notice of the right to object given"),
    branch="customer.branch",
    customer="customer",
    happened="given_at",
    ledger=("confirmed_at", "last_used_at", "withdrawn_at"),
)
OBJECTION = entity(
    "objection",
    "Werbewiderspruch",
    "Objection",
    ref("customer", "customer", "objections", "Kunde", "Customer", required=True),
    choice("channel", "Kanal (leer: alle)", "Channel (empty: all)", *CHANNELS),
    choice("reason", "Grund", "Reason", "objection", "unsubscribed", "hard_bounce"),
    day("objected_on", "Widersprochen am", "Objected on"),
    day("lifted_on", "Aufgehoben am", "Lifted on"),
    text("source", "Quelle", "Source"),
    branch="customer.branch",
    customer="customer",
    happened="objected_on",
    ledger=("lifted_on",),
)
SUPPRESSION = entity(
    "suppression",
    "Sperreintrag",
    "Suppression",
    text("digest", "Prüfsumme der Adresse", "Digest of the address", required=True, unique=True),
    choice("channel", "Kanal", "Channel", *CHANNELS),
    day("added_on", "Eingetragen am", "Added on"),
    ledger=(),
)

ENTITIES = (CONSENT, OBJECTION, SUPPRESSION)
