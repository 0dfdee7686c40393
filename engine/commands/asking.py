"""Commands that ask: why, customer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from engine.commands.common import NUMBER, Frame, emit, frame, table
from engine.commands.options import options
from engine.effects.workflow import full_id
from engine.language.findings import RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.planning.explain import Explained, outline
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.sound import unsound as unsound_of
from engine.planning.workflows.step_names import places_of
from engine.running.answers import Answer
from engine.running.asking import ask
from engine.running.cases.standing import CaseOf, cases_of, cases_of_customer
from engine.store.history import history
from engine.store.lookup import row_of

TRIGGERS = {"on": "on the event", "date": "on a date:", "when": "when its condition becomes true", "while": "as long as its condition holds", "every": "every"}
HEAD = ("when", "occurrence", "effect", "verdict", "reason")


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
@click.argument("definition")
@click.argument("subject")
@options
def why(definition: str, subject: str, folder: Path, clock: str | None, user: str, as_json: bool) -> int:
    """Why DEFINITION acts on SUBJECT or does not: its trigger, each condition, what was decided, what a run now would do, and when next."""
    here = frame(folder, clock, user, as_json)
    flow = _flow(here, definition)
    if flow is not None:
        return _why_case(here, flow, subject)
    rule = next((one for one in here.setting.rules if one.id == definition), None)
    if rule is None:
        return _not_in_force(here, definition)
    entity, row = find_subject(here, subject)
    if entity != rule.entity:
        raise RegelwerkError(f"{definition} is for {an(rule.entity)}, not {an(entity)}", f"write {rule.entity}:...", exit_code=2)
    answer = ask(here.setting, definition, entity, row, here.now)
    emit(
        here, {"definition": definition, "subject": subject, "state": "in_force", **_data(here, answer)}, [f"{definition} for {subject}", *_lines(here, answer)]
    )
    return 0


def _flow(here: Frame, definition: str) -> Flow | None:
    name = full_id(definition, {flow.id: flow.entity for flow in here.setting.flows})
    return next((flow for flow in here.setting.flows if flow.id == name), None)


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
    lines += ["what starts a case:", *_lines(here, answer)] if answer else ["no rule starts it: only `regelwerk workflow start`, or another workflow or rule"]
    data = {"definition": flow.id, "subject": subject, "state": "unsound" if unsound else "in_force", "cases": [case_data(here, one) for one in cases]}
    emit(here, {**data, "start": _data(here, answer) if answer else None}, lines)
    return 0


def case_lines(here: Frame, cases: Sequence[CaseOf]) -> list[str]:
    """Running cases with their steps, ended ones with how."""
    lines = []
    for one in cases:
        head = f"case {one.case} of {one.workflow} for {one.subject}"
        if not one.runs:
            lines.append(f"{head} ended on {here.at(one.ended_at)}: {one.result or one.status}")
            continue
        lines.append(f"{head} {'is set aside' if one.status == 'parked' else 'runs'} since {here.at(one.started_at)}")
        for step in one.steps:
            due = f", due {here.at(step.due_at)}" if step.due_at else ""
            work = f" (activity {step.activity}{due})" if step.activity else ""
            lines.append(f"  at {step.step}{work}{f': {step.next}' if step.next else ''}")
            lines += [f"    {here.at(when)} {what}" for when, what in step.timers]
    return lines


def case_data(here: Frame, one: CaseOf) -> dict[str, Any]:
    """A case as JSON."""
    return {
        "case": one.case,
        "workflow": one.workflow,
        "subject": one.subject,
        "status": one.status,
        "result": one.result or None,
        "started_at": here.at(one.started_at),
        "ended_at": here.at(one.ended_at),
        "steps": [
            {
                "step": step.step,
                "activity": step.activity,
                "due_at": here.at(step.due_at),
                "next": list(step.ways),
                "timers": [{"at": here.at(when), "what": what} for when, what in step.timers],
            }
            for step in one.steps
        ],
    }


def _not_in_force(here: Frame, definition: str) -> int:
    """Say that a definition is switched off or left out."""
    state, reasons = here.site.not_in_force(definition)
    if not state:
        raise RegelwerkError(
            f"there is no rule, workflow or campaign '{definition}'",
            did_you_mean(definition, here.site.definitions.acting_names()),
            exit_code=2,
            code="not-found",
        )
    emit(here, {"definition": definition, "state": state, "reasons": reasons}, [f"{definition} acts on nobody: it is {state.replace('_', ' ')}", *reasons])
    return 0


def _lines(here: Frame, answer: Answer) -> list[str]:
    rule = answer.rule
    spec = answer.spec or (rule.event if rule.trigger == "on" else "")
    catch_up = f"; catch_up {rule.catch_up.within or rule.catch_up.mode}" if rule.catch_up.mode != "tick" else ""
    lines = [f"acts {TRIGGERS[rule.trigger]} {spec}".rstrip() + catch_up]
    lines += table(
        ("date", "counted from", "on", "state", "done as"),
        [(f"{entry.name}: {entry.phrase}", entry.anchor or "missing", entry.day, entry.state, entry.occurrence) for entry in answer.entries],
    )[0 if answer.entries else 1 :]
    lines += [f"event {one.number} of {here.at(one.happened_at)}: {_taken(one.taken, one.verdict)}" for one in answer.events]
    if answer.tree is not None:
        failing = answer.failing
        lines += outline(answer.tree)
        lines.append("the condition holds now" if failing is None else f"it does not hold now: {failing.says} {failing.wanted}, found {failing.found}")
    else:
        lines.append("it has no condition beyond its trigger")
    rows = [(here.at(one.decided_at), one.occurrence, one.effect, one.verdict, one.reason) for one in answer.decided]
    lines += table(HEAD, rows) if rows else ["nothing has been decided for it yet"]
    lines += [f"a run now: {one.effect} ({one.occurrence}) {one.verdict}{f': {one.reason}' if one.reason else ''}" for one in answer.would]
    lines += [f"a run now does nothing: {reason.says}" for reason in answer.reasons]
    return [*lines, _next(here, answer)]


def _taken(taken: bool, verdict: str) -> str:
    return "waits for the next run" if not taken else verdict or "taken, nothing decided: the condition, `again` or `catch_up` let it pass"


def _next(here: Frame, answer: Answer) -> str:
    if answer.next_at is not None:
        return f"next time: {here.at(answer.next_at)}"
    if answer.rule.trigger == "on":
        return f"next time: at the next `{answer.rule.event}`"
    return "next time: not by time alone; when its records change" if not answer.would else "next time: the next run"


def _data(here: Frame, answer: Answer) -> dict[str, Any]:
    rule = answer.rule
    return {
        "trigger": rule.trigger,
        "spec": answer.spec or None,
        "holds": answer.failing is None,
        "failing": answer.failing.says if answer.failing else None,
        "conditions": _tree(answer.tree) if answer.tree else None,
        "dates": [
            {"name": e.name, "phrase": e.phrase, "anchor": e.anchor, "day": e.day, "state": e.state, "occurrence": e.occurrence or None, "next": e.next}
            for e in answer.entries
        ],
        "events": [{"event": one.number, "happened_at": here.at(one.happened_at), "taken": one.taken, "verdict": one.verdict or None} for one in answer.events],
        "standing": {"stands": answer.standing.stands, "since": here.at(answer.standing.since), "episode": answer.standing.episode}
        if answer.standing
        else None,
        "decisions": [
            {"when": here.at(one.decided_at), "occurrence": one.occurrence, "effect": one.effect, "verdict": one.verdict, "reason": one.reason or None}
            for one in answer.decided
        ],
        "now": [{"occurrence": one.occurrence, "effect": one.effect, "verdict": one.verdict, "reason": one.reason or None} for one in answer.would],
        "why_not": [{"code": reason.code, "reason": reason.says} for reason in answer.reasons],
        "next": here.at(answer.next_at),
    }


def _tree(tree: Explained) -> dict[str, Any]:
    return {
        "says": tree.says,
        "wanted": tree.wanted or None,
        "found": tree.found or None,
        "holds": tree.holds,
        "all": [_tree(child) for child in tree.children],
    }


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
