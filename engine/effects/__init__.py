"""One place per kind of effect: schema, check, apply. `EFFECTS` finds one by its word."""

from __future__ import annotations

from engine.effects.activity import ActivityEffect
from engine.effects.assign import AssignEffect
from engine.effects.effect import Effect
from engine.effects.event import EventEffect
from engine.effects.history import HistoryEffect
from engine.effects.listing import ListEffect
from engine.effects.message import MessageEffect
from engine.effects.set_field import SetEffect
from engine.effects.tag import TagEffect, UntagEffect
from engine.effects.workflow import WorkflowEffect

EFFECTS: dict[str, Effect] = {
    effect.word: effect
    for effect in (
        ActivityEffect(),
        TagEffect(),
        UntagEffect(),
        HistoryEffect(),
        MessageEffect(),
        EventEffect(),
        AssignEffect(),
        SetEffect(),
        ListEffect(),
        WorkflowEffect(),
    )
}


def word_of(spec: dict[str, object]) -> str:
    """The kind of effect a map spells: the one key of it that is an effect's word, or ""."""
    found = [key for key in EFFECTS if key in spec]
    if "assign" in found and "activity" in found:  # an activity says who does it with the same word
        found.remove("assign")
    return found[0] if len(found) == 1 else ""
