"""Commands that ask: why, customer."""

from __future__ import annotations

from pathlib import Path

import click

from engine.commands.case_lines import case_data, case_lines
from engine.commands.common import NUMBER, Frame, emit, frame, table
from engine.commands.in_force import in_full, meant
from engine.commands.options import options
from engine.commands.why_definition import why_definition
from engine.commands.why_record import tag_row, why_record
from engine.commands.why_rule import rule_data, rule_lines
from engine.language.findings import RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.sound import unsound as unsound_of
from engine.planning.workflows.step_names import places_of
from engine.running.asking import ask
from engine.running.cases.standing import cases_of, cases_of_customer
from engine.store.history import history
from engine.store.lookup import row_of


def find_subject(here: Frame, subject: str) -> tuple[str, int]:
    """`customer:4711`, `vehicle:VIN`, `activity:17` as entity and row. Raises RegelwerkError."""
    name, _, key = subject.partition(":")
    entities = {n: e for n, e in here.setting.vocabulary.entities.items() if not e.engine}
    if name not in entities or not key:
        raise RegelwerkError(f"'{subject}' names no record", did_you_mean(name, entities, "write e.g. customer:4711"), exit_code=2)
    row = row_of(here.store, entities[name], key)
    if row is None:
        column = entities[name].key or "id"
        raise RegelwerkError(f"there is no {name} {key}", f'`regelwerk select "[{{{column}: ...}}]" --for {name}` finds them', exit_code=2, code="not-found")
    return name, row


@click.command()
@click.argument("what")
@click.argument("subject", default="")
@options
def why(what: str, subject: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Why it did, or did not, and what led to it.

    \b
    why RULE SUBJECT       why a rule or workflow acts on customer:4711 or does not,
                           at any --now: its trigger, each condition, what was decided
                           and found then, what a run would do, and when next
    why RULE               what was held back and nearly done, by reason;
                           with --now also what a run at that moment would decide
    why activity:17        what led to a record, and how it stands at --now: is it due,
                           would it be made anew; also message:9, offer:O1
    why tag:NAME customer:4711
    """
    here = frame(folder, clock, user, as_json)
    if ":" in what:
        return _why_record(here, what, subject)
    definition = in_full(here.site, what, {rule.id for rule in here.setting.rules})
    flow = next((flow for flow in here.setting.flows if flow.id == definition), None)
    rule = next((one for one in here.setting.rules if one.id == definition), None)
    if flow is None and rule is None:
        return _not_in_force(here, definition, what)
    if not subject:
        return why_definition(here, definition, bool(clock))
    if flow is not None:
        return _why_case(here, flow, subject)
    assert rule is not None
    entity, row = find_subject(here, subject)
    if entity != rule.entity:
        raise RegelwerkError(f"{definition} is for {an(rule.entity)}, not {an(entity)}", f"write {rule.entity}:...", exit_code=2)
    answer = ask(here.setting, definition, entity, row, here.now)
    data = {"definition": definition, "subject": subject, "state": "in_force", **rule_data(here, answer)}
    emit(here, data, [f"{definition} for {subject}", *rule_lines(here, answer)])
    return 0


def _why_record(here: Frame, what: str, subject: str) -> int:
    """The chain behind a record, or behind the newest posting of a tag on a customer."""
    entity, _, key = what.partition(":")
    if entity == "tag" and not key.isdigit():
        if not subject:
            raise RegelwerkError(f"whose tag {key}?", f"write `regelwerk why {what} customer:4711`", exit_code=2)
        owner, customer = find_subject(here, subject)
        if owner != "customer":
            raise RegelwerkError(f"tags are for customers, not for {an(owner)}", "write customer:...", exit_code=2)
        return why_record(here, "tag", tag_row(here, key, customer))
    if subject:
        raise RegelwerkError(f"'{what}' is a record already", f"write `regelwerk why {what}`, or a rule in front of {subject}", exit_code=2)
    return why_record(here, *find_subject(here, what))


def _why_case(here: Frame, flow: Flow, subject: str) -> int:
    """Whether a case runs and where it stands, and what starts one."""
    entity, row = find_subject(here, subject)
    if entity != flow.entity:
        raise RegelwerkError(f"{flow.id} is for {an(flow.entity)}, not {an(entity)}", f"write {flow.entity}:...", exit_code=2)
    cases = [one for one in cases_of(here.setting, entity, [row]) if one.workflow == flow.id]
    starts = next((rule for rule in here.setting.rules if rule.id == flow.id), None)
    unsound = [p for p in unsound_of(flow, places_of(flow.data)) if p.severity == "error"]
    answer = ask(here.setting, flow.id, entity, row, here.now) if starts else None
    lines = [f"{flow.id} for {subject}", *case_lines(here, cases)] if cases else [f"{flow.id} for {subject}", "no case runs, and none has ended"]
    lines += [f"it is not sound and starts no cases: {unsound[0].message}"] if unsound else []
    lines += (
        ["what starts a case:", *rule_lines(here, answer)] if answer else ["no rule starts it: only `regelwerk workflow start`, or another workflow or rule"]
    )
    data = {"definition": flow.id, "subject": subject, "state": "unsound" if unsound else "in_force", "cases": [case_data(here, one) for one in cases]}
    emit(here, {**data, "start": rule_data(here, answer) if answer else None}, lines)
    return 0


def _not_in_force(here: Frame, definition: str, typed: str) -> int:
    """Say that a definition is switched off or left out."""
    state, reasons = here.site.not_in_force(definition)
    if not state:
        raise RegelwerkError(
            f"there is no rule, workflow or campaign '{typed}'", meant(typed, here.site.definitions.acting_names()), exit_code=2, code="not-found"
        )
    emit(here, {"definition": definition, "state": state, "reasons": reasons}, [f"{definition} acts on nobody: it is {state.replace('_', ' ')}", *reasons])
    return 0


@click.command()
@click.argument("number", type=NUMBER)
@options
def customer(number: int, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """A customer's cases and where they stand, and the history: visits, purchases, tags, activities, entries, by date."""
    here = frame(folder, clock, user, as_json)
    _, row = find_subject(here, f"customer:{number}")
    name, city, rows = history(here.store, row)
    head = ("day", "what", "detail")
    cases = sorted(cases_of_customer(here.setting, row, here.now), key=lambda one: not one.runs)
    data = {
        "number": number,
        "name": name,
        "city": city,
        "cases": [case_data(here, one) for one in cases],
        "history": [dict(zip(head, entry, strict=True)) for entry in rows],
    }
    emit(here, data, [f"{number} {name or ''}, {city or ''}", *case_lines(here, cases), *table(head, rows)])
    return 0
