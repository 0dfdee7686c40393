"""The dealer's world as data: every entity and field once, with its type and its words. One file per part of the domain."""

from engine.store.model.all import ENTITIES
from engine.store.model.own import RESERVED, Own, with_own

__all__ = ["ENTITIES", "RESERVED", "Own", "with_own"]
