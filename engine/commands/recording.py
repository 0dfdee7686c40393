"""Commands that record: record, consent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.commands.asking import find_subject
from engine.commands.common import NUMBER, Frame, emit, frame, named, table
from engine.commands.options import options
from engine.language.findings import RegelwerkError
from engine.language.vocabulary import CHANNELS
from engine.law import ledger
from engine.running.calls import block_contacts
from engine.running.hands import employee
from engine.running.recording import Recorder

CHANNEL = click.Choice(CHANNELS)


@click.command()
@click.argument("kind")
@click.argument("values", nargs=-1)
@click.option("--set", "change", metavar="KEY", help="Change the record with this number or key.")
@click.option("--delete", "gone", metavar="KEY", help="Delete this history entry; who did it and when stays.")
@options
def record(kind: str, values: tuple[str, ...], change: str | None, gone: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Record a KIND with VALUES such as customer=4711 kind=stammkunde; `fields KIND` lists what it has."""
    here = frame(folder, clock, user, as_json)
    if (change and gone) or (gone and values):
        raise RegelwerkError("one record is added, changed or deleted", "give --set with values, or --delete alone", exit_code=2)
    recorder = Recorder(here.setting, here.now)
    with here.store.session(write=True), here.store.context(cause=f"recorded by {user or 'nobody named'}"):
        if gone:
            row, what = recorder.delete(kind, gone), "deleted"
        elif change:
            row, what = recorder.change(kind, change, values), "changed"
        else:
            row, what = recorder.new(kind, values), "recorded"
    ticket = here.store.rows("SELECT t.number FROM conversation c JOIN ticket t ON t.id = c.ticket WHERE c.id = ?", [row]) if kind == "conversation" else []
    number = str(ticket[0][0]) if ticket else None
    emit(here, {"kind": kind, "id": row, "result": what, "ticket": number}, [f"{kind} {row} {what}" + (f", ticket {number}" if number else "")])
    return 0


@click.group()
def consent() -> None:
    """The consent ledger of a customer: what was agreed to, withdrawn, objected to."""


def _blocked(number: int) -> list[str]:
    return [f"{number} planned contacts blocked"] if number else []


def _in_ledger(here: Frame, number: int, what: str) -> tuple[int, Any]:
    _, customer = find_subject(here, f"customer:{number}")
    return customer, here.store.context(cause=f"{what} by {here.user or 'nobody named'}")


@consent.command()
@click.argument("number", type=NUMBER)
@click.argument("channel", type=CHANNEL)
@click.option("--text", required=True, help="The version of the text agreed to.")
@click.option("--source", required=True, help="Where it was said: counter, web form, phone.")
@click.option("--evidence", required=True, help="The proof: a document's number, a log entry.")
@options
def give(number: int, channel: str, text: str, source: str, evidence: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Note consent to advertising over CHANNEL. An e-mail's counts once confirmed."""
    here = frame(folder, clock, user, as_json)
    customer, context = _in_ledger(here, number, "consent taken")
    with here.store.session(write=True), context:
        by = employee(here.store, user) if user else None
        entry = ledger.give(here.store, customer, channel, ledger.Evidence(text, source, evidence, by), here.now)
    more = f"; it counts after `regelwerk consent confirm {entry}`" if channel == "email" else ""
    emit(here, {"entry": entry, "counts": channel != "email"}, [f"consent {entry} noted{more}"])
    return 0


@consent.command()
@click.argument("entry", type=NUMBER)
@options
def confirm(entry: int, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """The second step of double opt-in, for consent ENTRY."""
    here = frame(folder, clock, user, as_json)
    with here.store.session(write=True), here.store.context(cause="double opt-in"):
        ledger.confirm(here.store, entry, here.now)
    emit(here, {"entry": entry}, [f"consent {entry} confirmed"])
    return 0


@consent.command()
@click.argument("number", type=NUMBER)
@click.argument("channel", type=CHANNEL, required=False)
@options
def withdraw(number: int, channel: str | None, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Withdraw consent for CHANNEL, or all; what is queued is cancelled, what is planned blocked."""
    here = frame(folder, clock, user, as_json)
    customer, context = _in_ledger(here, number, "consent withdrawn")
    with here.store.session(write=True), context:
        ended = ledger.withdraw(here.store, customer, channel, here.now)
        blocked = block_contacts(here.setting, [customer], here.now)
    emit(here, {"ended": ended, "blocked": blocked}, [f"{ended} ended", *_blocked(blocked)])
    return 0


@consent.command("object")
@click.argument("number", type=NUMBER)
@click.argument("channel", type=CHANNEL, required=False)
@click.option("--reason", type=click.Choice(["objection", "unsubscribed", "hard_bounce"]), default="objection", help="Why (objection).")
@click.option("--source", default="", help="Where it came in.")
@options
def object_(number: int, channel: str | None, reason: str, source: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Note an objection to advertising over CHANNEL, or all; what is queued is cancelled, what is planned blocked."""
    here = frame(folder, clock, user, as_json)
    customer, context = _in_ledger(here, number, "objection")
    with here.store.session(write=True), context:
        entry = ledger.object_to(here.store, customer, channel, here.site.calendar.today(here.now), reason=reason, source=source)
        blocked = block_contacts(here.setting, [customer], here.now)
    emit(here, {"entry": entry, "blocked": blocked}, [f"objection {entry} noted" if entry else "that objection stands already", *_blocked(blocked)])
    return 0


@consent.command("show")
@click.argument("number", type=NUMBER)
@options
def show_(number: int, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """All consents and objections of a customer."""
    here = frame(folder, clock, user, as_json)
    _, customer = find_subject(here, f"customer:{number}")
    entries, objections = ledger.entries(here.store, customer)
    consents = [(*entry[:6], *(here.at(moment) for moment in entry[6:])) for entry in entries]
    first = ("consent", "channel", "ground", "text", "source", "evidence", "given", "confirmed", "last used", "withdrawn")
    second = ("objection", "channel", "reason", "source", "since", "lifted")
    data = {
        "consents": named(first, consents),
        "objections": named(second, objections),
    }
    lines = (table(first, consents) if consents else ["no consent"]) + (table(second, objections) if objections else ["no objection"])
    emit(here, data, lines)
    return 0
