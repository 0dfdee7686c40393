"""What the law asks, as data: purpose x channel x country x kind of person. Sources: domain.md §2.

Every row names its paragraph. A pack can make the law stricter, never looser (design.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What advertising over a channel needs in a country, for consumers and for businesses."""

    consumer: str
    business: str
    source: str


ADVERTISING: dict[tuple[str, str], Row] = {
    ("DE", "email"): Row("soft_opt_in", "soft_opt_in", "§ 7 (2) Nr. 2, (3) UWG"),
    ("DE", "sms"): Row("soft_opt_in", "soft_opt_in", "§ 7 (2) Nr. 2, (3) UWG"),
    ("DE", "messenger"): Row("explicit", "explicit", "§ 7 (2) Nr. 2 UWG"),
    ("DE", "phone"): Row("explicit", "presumed", "§ 7 (2) Nr. 1 UWG"),
    ("DE", "letter"): Row("none", "none", "Art. 6 (1) f, 21 GDPR"),
    ("AT", "email"): Row("soft_opt_in", "soft_opt_in", "§ 174 TKG 2021"),
    ("AT", "sms"): Row("soft_opt_in", "soft_opt_in", "§ 174 TKG 2021"),
    ("AT", "messenger"): Row("explicit", "explicit", "§ 174 TKG 2021"),
    ("AT", "phone"): Row("explicit", "explicit", "§ 174 TKG 2021"),
    ("AT", "letter"): Row("none", "none", "Art. 6 (1) f, 21 GDPR"),
    ("CH", "email"): Row("soft_opt_in", "soft_opt_in", "Art. 3 (1) o UWG"),
    ("CH", "sms"): Row("soft_opt_in", "soft_opt_in", "Art. 3 (1) o UWG"),
    ("CH", "messenger"): Row("explicit", "explicit", "Art. 3 (1) o UWG"),
    ("CH", "phone"): Row("explicit", "presumed", "Art. 3 (1) u UWG"),
    ("CH", "letter"): Row("none", "none", "Art. 30 (2) DSG"),
}
UNKNOWN_COUNTRY = Row("explicit", "explicit", "no rule known for this country: the strictest holds")
RENEW_AFTER_MONTHS = 24
"""Consent unused for so long is treated as to be renewed (P22; AG München 161 C 12736/22)."""
