"""Commands for campaigns: campaign list, show, addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.commands.common import Frame, csv_cell, emit, frame, table
from engine.commands.in_force import in_full, refused
from engine.commands.options import options
from engine.commands.results import measure, shown_as_json, side_by_side, with_campaign
from engine.language.findings import RegelwerkError
from engine.language.labels import label_in
from engine.language.vocabulary import CHANNELS
from engine.planning.rules import Rule
from engine.planning.values import load
from engine.running import rights
from engine.running.addresses import Addresses, addresses, give_out
from engine.running.campaigns import campaign_rules
from engine.running.results.campaigns import Reached
from engine.running.results.versions import versions
from engine.running.tick import paused

LETTER = ("number", "salutation", "title", "first_name", "name", "name_addition", "street", "postal_code", "city", "country")
OTHERS = ("number", "salutation", "title", "first_name", "name", "language")


@click.group()
def campaign() -> None:
    """Campaigns: who was addressed, who responded, whose address may be given out."""


@campaign.command("list")
@options
def list_(folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """All campaigns: their days, and how many customers were addressed, kept out by the law, and responded."""
    here = frame(folder, clock, user, as_json)
    head = ("campaign", "label", "from", "until", "state", "addressed", "blocked", "responded")
    rows = []
    stored = {row[0]: row[1:] for row in here.store.rows("SELECT number, name, from_on, until_on FROM campaign ORDER BY number", [])}
    for name in sorted({*here.site.definitions.sections["campaigns"], *stored}):
        rule = campaign_rules(here.setting).get(name)
        label, first, last = stored.get(name, (None, None, None))
        if rule and rule.period:
            first, last = rule.period.coming(here.site.calendar.today(here.now))
            label = label_in(rule.label, here.site.language)
        total = _total(here, name)
        rows.append((name, label or "", first, last, _state(here, name, rule), total.addressed, total.blocked, total.responded))
    emit(here, {"campaigns": [dict(zip(head, row, strict=True)) for row in rows]}, table(head, rows) if rows else ["there are no campaigns"])
    return 0


def _state(here: Frame, name: str, rule: Rule | None) -> str:
    """planned, running, over, paused; or why it does not run."""
    if rule is None or rule.period is None:
        return here.site.not_in_force(name)[0].replace("_", " ") or "no rule of ours"
    stopped = paused(here.setting)
    if "" in stopped or name in stopped:
        return "paused"
    today = here.site.calendar.today(here.now)
    first, last = rule.period.coming(today)
    return "running" if first <= today <= last else "planned" if today < first else "over"


def _total(here: Frame, name: str) -> Reached:
    whole = Reached()
    if name in campaign_rules(here.setting):
        for one in with_campaign(here, measure(here, name, None, None), []).values():
            whole.addressed, whole.blocked, whole.responded = whole.addressed + one.addressed, whole.blocked + one.blocked, whole.responded + one.responded
    return whole


@campaign.command("show")
@click.argument("name")
@click.option("--since", help="Only who was addressed on this day or later.")
@click.option("--until", help="Only who was addressed until this day, included.")
@options
def show_(name: str, since: str | None, until: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Campaign NAME: who was addressed and how, who was not and why, who responded, what was sold since; its versions side by side."""
    here = frame(folder, clock, user, as_json)
    rule = _campaign(here, name)
    assert rule.period is not None
    measured = measure(here, rule.id, since, until)
    found = versions(measured)
    reached = with_campaign(here, measured, found)
    first, last = rule.period.coming(here.site.calendar.today(here.now))
    state = _state(here, rule.id, rule)
    lines = [f"{rule.id}: {label_in(rule.label, here.site.language)}", f"{state}, from {first} until {last}", *side_by_side(here, found, reached)]
    emit(here, {"campaign": rule.id, "from": first, "until": last, "state": state, "versions": shown_as_json(here, found, reached)}, lines)
    return 0


@campaign.command("addresses")
@click.argument("name")
@click.option("--channel", type=click.Choice(CHANNELS), default="letter", help="How the customers will be reached (letter).")
@click.option("--csv", "as_csv", is_flag=True, help="Give the addresses out as CSV with `;`; every one is recorded with its customer.")
@options
def addresses_(name: str, channel: str, as_csv: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Whose address may be given to a mailing house for campaign NAME. Counts; --csv gives them out, each customer once."""
    here = frame(folder, clock, user, as_json)
    rule = _campaign(here, name)
    if not as_csv:
        found = addresses(here.setting, rule.id, channel, here.now)
        lines = [f"{len(found.allowed)} addresses may be given out; add --csv to do it", *_blocked(found)]
        emit(here, {"campaign": rule.id, "channel": channel, "allowed": len(found.allowed), "blocked": dict(found.blocked), "given": 0}, lines)
        return 0
    if _state(here, rule.id, rule) in ("over", "paused"):
        raise RegelwerkError(f"{rule.id} is {_state(here, rule.id, rule)}", "addresses are given out before and in its days alone", code="campaign-not-running")
    rights.require(here.store, user, here.site.sections["roles"], "give_out_addresses")
    with here.store.lease(), here.store.session(write=True):
        found = give_out(here.setting, rule.id, channel, here.now)
        rows = _rows(here, found, channel)
    if as_json:
        emit(here, {"campaign": rule.id, "channel": channel, "given": len(rows), "blocked": dict(found.blocked), "addresses": rows}, [])
        return 0
    click.echo(";".join(_columns(channel)))
    for row in rows:
        click.echo(";".join(csv_cell(value) for value in row.values()))
    click.echo(f"{len(rows)} addresses given out and recorded", err=True)
    return 0


def _columns(channel: str) -> tuple[str, ...]:
    return LETTER if channel == "letter" else (*OTHERS, "address")


def _rows(here: Frame, found: Addresses, channel: str) -> list[dict[str, Any]]:
    names = [name for name in _columns(channel) if name != "address"]
    values = load(here.store, "customer", list(found.allowed), names)
    return [
        {**{name: values[row][name] for name in names}, **({} if channel == "letter" else {"address": address})}
        for row, address in sorted(found.allowed.items())
    ]


def _blocked(found: Addresses) -> list[str]:
    return table(("kept out, because", "customers"), found.blocked.most_common()) if found.blocked else []


def _campaign(here: Frame, name: str) -> Rule:
    """A campaign in force; the pack's name may be left out. Raises RegelwerkError."""
    known = campaign_rules(here.setting)
    full = in_full(here.site, name, sections=("campaigns",))
    if full in known:
        return known[full]
    raise refused(here.site, name, "campaign", known, "`regelwerk campaign list` lists them", ("campaigns",))
