"""`why` of a rule and a subject, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.commands.common import Frame, table
from engine.planning.explain import Explained, outline, shown_as_kept
from engine.running.answers import Answer, Decided
from engine.running.near_misses import WORDS, Example, MissedThen, kept
from engine.running.recorded import said_in
from engine.running.results.versions import differences
from engine.running.ways_out import next_step

TRIGGERS = {"on": "on the event", "date": "on a date:", "when": "when its condition becomes true", "while": "as long as its condition holds", "every": "every"}
HEAD = ("when", "occurrence", "effect", "verdict", "reason")
SHOWN = 20
"""How many decisions people are shown; `--json` gives all."""
FOUND = 5
"""Of how many of them also what was found then."""


def rule_lines(here: Frame, answer: Answer) -> list[str]:
    """Everything about a rule and a subject, for people."""
    rule = answer.rule
    spec = answer.spec or (rule.event if rule.trigger == "on" else "")
    catch_up = f"; catch_up {rule.catch_up.within or rule.catch_up.mode}" if rule.catch_up.mode != "tick" else ""
    lines = [f"acts {TRIGGERS[rule.trigger]} {spec}".rstrip(" :") + catch_up]
    lines += table(
        ("date", "counted from", "on", "state", "done as"),
        [(f"{entry.name}: {entry.phrase}", entry.anchor or "missing", entry.day, entry.state, entry.occurrence) for entry in answer.entries],
    )[0 if answer.entries else 1 :]
    lines += [f"event {one.number} of {here.at(one.happened_at)}: {_taken(one.taken, one.verdict)}" for one in answer.events]
    if answer.tree is not None:
        failing = answer.failing
        lines += outline(answer.tree)
        lines.append("the condition holds now" if failing is None else f"it does not hold now: {failing.line}")
    else:
        lines.append("it has no condition beyond its trigger")
    lines += _decided_lines(here, answer)
    lines += [f"near miss: {one}" for one in _missed(here, answer)]
    for one in answer.would:
        lines.append(f"a run now: {one.effect} ({one.occurrence}) {one.verdict}{f': {one.reason}' if one.reason else ''}")
        lines += _way(here, answer, one)
    lines += [f"a run now does nothing: {reason.says}" for reason in answer.reasons]
    return [*lines, _next(here, answer)]


def _decided_lines(here: Frame, answer: Answer) -> list[str]:
    """What was decided, and for the newest occurrences what was found then and under which version."""
    if not answer.decided:
        return ["nothing has been decided for it yet"]
    shown = answer.decided[-SHOWN:]
    lines = table(HEAD, [(here.at(one.decided_at), one.occurrence, one.effect, one.verdict, one.reason) for one in shown])
    lines += [f"{len(answer.decided) - SHOWN} older decisions; `--json` shows all"] if len(answer.decided) > SHOWN else []
    for one in [one for one in shown if one.found][-FOUND:]:
        lines.append(f"found then ({one.occurrence}, {one.verdict}): {_told(answer, one.found)}")
    for one in _last_of_each_version(shown):
        lines += [f"decided as the rule was then; since then: {change}" for change in _since_then(here, answer, one)]
    last = {(one.occurrence, one.effect): one for one in shown}  # what was held may be done since
    standing = [one for one in last.values() if one.verdict in ("held", "blocked", "failed", "stopped")][-1:]
    return lines + [line for one in standing for line in _way(here, answer, one)]


def _told(answer: Answer, found: Mapping[str, Any]) -> str:
    """What the condition's fields held then."""
    rule, scene = answer.rule, answer.scene
    return ", ".join(f"{path} = {shown_as_kept(scene.store, rule.entity, path, value, scene.context)}" for path, value in found.items())


def _last_of_each_version(decided: Sequence[Decided]) -> list[Decided]:
    return list({one.version: one for one in decided if one.version is not None}.values())


def _since_then(here: Frame, answer: Answer, one: Decided) -> list[str]:
    """What the rule says otherwise than the version under which it was decided."""
    if one.version is None:
        return []
    said, digest = said_in(here.store, one.version)
    return [] if digest == answer.rule.digest or not said else list(differences(said, answer.rule.data))


def _way(here: Frame, answer: Answer, one: Decided) -> list[str]:
    way = next_step(here.setting, answer.rule.id, one.verdict, one.reason, (answer.rule.entity, answer.row))
    return [f"  {way}"] if way else []


def _missed(here: Frame, answer: Answer) -> list[str]:
    """The near misses of the last ticks that name the subject."""
    return [
        f"run of {here.at(one.at)}: {example.what} came, but {WORDS[one.reason]}{f': {_told(answer, example.found)}' if example.found else ''}"
        for one, example in _own_misses(here, answer)
    ]


def _own_misses(here: Frame, answer: Answer) -> list[tuple[MissedThen, Example]]:
    return [(one, example) for one in kept(here.store, answer.rule.id) for example in one.examples if example.row == answer.row]


def _taken(taken: bool, verdict: str) -> str:
    return "waits for the next run" if not taken else verdict or "taken, nothing decided: the condition, `again` or `catch_up` let it pass"


def _next(here: Frame, answer: Answer) -> str:
    if answer.next_at is not None:
        return f"next time: {here.at(answer.next_at)}"
    if answer.comes_at is not None:
        return f"next time: not by time alone; it comes on {here.at(answer.comes_at)}, but {answer.comes_to}"
    if answer.rule.trigger == "on":
        return f"next time: at the next `{answer.rule.event}`"
    return "next time: not by time alone; when its records change" if not answer.would else "next time: the next run"


def rule_data(here: Frame, answer: Answer) -> dict[str, Any]:
    """The same as JSON."""
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
            {
                "when": here.at(one.decided_at),
                **_decision(here, answer, one),
                "found": dict(one.found),
                "run": one.run,
                "version": one.version,
                "made": one.made or None,
                "since_then": _since_then(here, answer, one),
            }
            for one in answer.decided
        ],
        "near_misses": [
            {"when": here.at(one.at), "run": one.run, "what": example.what, "code": one.reason, "reason": WORDS[one.reason], "found": dict(example.found)}
            for one, example in _own_misses(here, answer)
        ],
        "now": [_decision(here, answer, one) for one in answer.would],
        "why_not": [{"code": reason.code, "reason": reason.says} for reason in answer.reasons],
        "next": here.at(answer.next_at),
        "comes": {"at": here.at(answer.comes_at), "but": answer.comes_to} if answer.comes_at else None,
    }


def _decision(here: Frame, answer: Answer, one: Decided) -> dict[str, Any]:
    way = next_step(here.setting, answer.rule.id, one.verdict, one.reason, (answer.rule.entity, answer.row))
    return {"occurrence": one.occurrence, "effect": one.effect, "verdict": one.verdict, "reason": one.reason or None, **({"to_do": way} if way else {})}


def _tree(tree: Explained) -> dict[str, Any]:
    return {
        "says": tree.says,
        "wanted": tree.wanted or None,
        "found": tree.found or None,
        "holds": tree.holds,
        "all": [_tree(child) for child in tree.children],
    }
