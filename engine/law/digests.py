"""Digests of addresses: what a suppression keeps of somebody who was erased (P26). No address can be read from one."""

from __future__ import annotations

import hashlib
import re

PREFIXES = {"DE": "+49", "AT": "+43", "CH": "+41"}
PHONES = ("phone", "sms", "messenger")


def digest(channel: str, address: str, country: str = "DE") -> str:
    """The digest of an address, the same however it is written. Phone, SMS and messenger share a number's."""
    kind = "phone" if channel in PHONES else channel
    plain = _number(address, country) if kind == "phone" else re.sub(r"[\s,.]+", " ", address).strip().casefold()
    return hashlib.sha256(f"{kind}:{plain}".encode()).hexdigest()


def _number(address: str, country: str) -> str:
    number = re.sub(r"[^0-9+]", "", address.replace("(0)", ""))
    if number.startswith("00"):
        return "+" + number[2:]
    return PREFIXES.get(country, "+") + number[1:] if number.startswith("0") else number
