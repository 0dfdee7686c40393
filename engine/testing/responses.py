"""How many of those a campaign addressed responded, against what was expected: the figures that `campaign show` has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.planning.campaigns import campaign_of
from engine.planning.query import QueryContext
from engine.running.results.campaigns import reached
from engine.running.results.periods import Measured
from engine.running.setting import Setting
from engine.testing.expect import Difference


def responses(entry: Mapping[str, Any], setting: Setting, now: datetime) -> Iterator[Difference]:
    """The differences in `responses`: each response of the campaigns under test by its name; one that is not named is 0."""
    if "responses" not in entry:
        return
    have: Counter[str] = Counter()
    said = setting.sections.get("campaigns", {})
    for name in [rule.id for rule in setting.rules if rule.id in said]:
        campaign = campaign_of(name, said[name], setting.vocabulary)
        for version in reached(Measured(setting.store, name), campaign, QueryContext(now, setting.calendar)).values():
            have.update(version.responses)
    wanted = entry["responses"]
    for name in sorted({*wanted, *(+have)}):
        if wanted.get(name, 0) != have[name]:
            yield Difference("responses", -1, f"{name}: wanted {wanted.get(name, 0)}, found {have[name]}")
