"""Every campaign has its record in the store, by its full id: messages point to it, and conditions can ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from engine.language.labels import label_in
from engine.planning.rules import Rule
from engine.running.setting import Setting
from engine.store.causes import cause_text
from engine.store.given import as_day


def campaign_rules(setting: Setting) -> Mapping[str, Rule]:
    """The campaigns in force, one variant of each."""
    return {rule.id: rule for rule in setting.rules if rule.period}


def note_campaigns(setting: Setting, now: datetime) -> None:
    """Make the records of new campaigns, and mend those whose name or days were edited. Writes nothing where nothing is new."""
    rules = campaign_rules(setting)
    if not rules:
        return
    store = setting.store
    sql = "SELECT number, id, name, from_on, until_on FROM campaign WHERE number IN ({})"
    known = {row[0]: (row[1], (row[2], as_day(row[3]), as_day(row[4]))) for row in store.rows_in(sql, [], list(rules))}
    wanted = {name: _said(setting, rule, now) for name, rule in rules.items()}
    new = [{"number": name, **_row(said)} for name, said in wanted.items() if name not in known]
    old = [{"id": known[name][0], **_row(said)} for name, said in wanted.items() if name in known and known[name][1] != said]
    if new or old:
        with store.session(write=True), store.context(cause=cause_text("campaigns", "noted")):
            store.insert_many("campaign", new)
            store.update_many("campaign", old)


def _said(setting: Setting, rule: Rule, now: datetime) -> tuple[str, date, date]:
    assert rule.period is not None
    first, last = rule.period.coming(setting.calendar.today(now))
    return label_in(rule.label, setting.language), first, last


def _row(said: tuple[str, date, date]) -> dict[str, Any]:
    return dict(zip(("name", "from_on", "until_on"), said, strict=True))
