"""What frees a contact that the law holds back: for each of the gate's reasons what can be done, or that nothing can."""

from __future__ import annotations

from engine.law.gate import DECEASED, INTERNAL, MOVED, NO_ADDRESS, OBJECTED, SUSPENDED, Verdict

WAYS: tuple[tuple[Verdict, str], ...] = (
    (DECEASED, "nothing frees it"),
    (OBJECTED, "only a new consent ends it: `regelwerk consent give`"),
    (SUSPENDED, "a planned call or visit is free again once that has ended, a message is not sent after all"),
    (MOVED, "record the new address: it counts from the next time on"),
    (NO_ADDRESS, "record the address: it counts from the next time on"),
    (INTERNAL, "give the rule a purpose that may reach customers: advertising, service with its ground, or safety"),
)
CONSENT = ("keine Einwilligung", "keine mutmaßliche Einwilligung")
NEW_CONSENT = "record a consent: `regelwerk consent give`; the next run then frees a planned call or visit, a message is not sent after all"


def way_out(reason: str) -> str:
    """What to do about a refusal of the gate, "" where the reason is none of the gate's. Of several channels the first that tells."""
    for verdict, way in WAYS:
        if verdict.de in reason or verdict.en in reason:
            return way
    return NEW_CONSENT if any(text in reason for text in CONSENT) or (" consent" in reason and "no " in reason) else ""


def is_suspended(reason: str) -> bool:
    """Whether advertising to the customer is suspended: the dealer's own rules hold it back, stricter than the law."""
    return SUSPENDED.de in reason or SUSPENDED.en in reason
