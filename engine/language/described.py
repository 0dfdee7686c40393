"""A word of the language with what it means and an example: the one place of words that no schema holds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Described:
    """`example` is YAML: a test of a condition about `about`, or a phrase. `types` are the types of field an operator may ask."""

    doc: str
    example: str
    about: str = "customer"
    types: tuple[str, ...] = ()
