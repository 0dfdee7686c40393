"""From a workflow's YAML data to its graph, every problem at its place.

Each kind of step is compiled in a file of its own (compile_activity.py, compile_wait.py, compile_branches.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean
from engine.language.vocabulary import UnknownName
from engine.planning.parts import Kit, Reader, event_about
from engine.planning.rules import Rule, RuleCompiler
from engine.planning.workflows.compile_activity import compile_activity
from engine.planning.workflows.compile_branches import compile_branches, compile_decide, compile_each
from engine.planning.workflows.compile_wait import compile_wait
from engine.planning.workflows.deeds import Deeds
from engine.planning.workflows.digest import course_of
from engine.planning.workflows.graph import KINDS, Flow, Step, Watch
from engine.planning.workflows.step_names import Spot, StepNames


def compile_flow(name: str, data: Mapping[str, Any], kit: Kit) -> tuple[Flow | None, list[Problem]]:
    """The workflow, or None with its problems."""
    reader = Reader(kit, str(data.get("for", "")))
    flow = _flow(name, data, reader)
    problems = list(dict.fromkeys(reader.problems))
    return (None if problems else flow), problems


def _flow(name: str, data: Mapping[str, Any], reader: Reader) -> Flow | None:
    try:
        reader.kit.vocabulary.record(reader.entity)
    except UnknownName as error:
        reader.wrong(("for",), "rule-unknown-entity", error.message, error.hint)
        return None
    start = _start(name, data, reader)
    names = StepNames(data["steps"], reader)
    ground, ground_about = (start.ground, start.ground_about) if start else ("", "")
    deeds = Deeds(name, data.get("label") or {}, str(data.get("purpose", "internal")), ground, ground_about, reader, names)
    steps = {spot.name: _step(deeds, spot) for spot in names.spots.values()}
    first = str(data.get("first") or next(iter(data["steps"])))
    if first not in data["steps"]:
        reader.wrong(("first",), "flow-unknown-step", f"there is no step '{first}'", did_you_mean(first, data["steps"]))
    return Flow(
        id=name,
        label=deeds.label,
        entity=reader.entity,
        purpose=deeds.purpose,
        ground=ground,
        ground_about=ground_about,
        first=first,
        steps=steps,
        stop_when=reader.condition(data.get("stop_when"), ("stop_when",)),
        on=tuple(_watch(reader, names, str(watch), spec) for watch, spec in (data.get("on") or {}).items()),
        start=start if data.get("start") else None,
        digest=course_of(data),
    )


def _start(name: str, data: Mapping[str, Any], reader: Reader) -> Rule | None:
    """`start:` is a rule whose one effect is the start; its purpose and ground are the workflow's.

    Without a `start:` a rule all the same, only to have the purpose and the ground looked at.
    """
    kit, spec = reader.kit, data.get("start") or {}
    own = {key: data[key] for key in ("label", "for", "purpose", "ground") if key in data}
    trigger = spec or {"every": "day at 00:00"}
    compiler = RuleCompiler(name, {**own, **trigger, "do": {"start": {"workflow": name}}}, kit.vocabulary, kit.effects, kit.word_of, kit.checker)
    rule = compiler.rule()
    for problem in compiler.problems:
        if problem.code == "rule-effect-not-reversible":
            continue  # said below, of the start
        head = problem.where[:1]
        mine = head and head[0] in spec
        reader.problems.append(Problem(("start", *problem.where) if mine else problem.where, problem.code, problem.message, problem.hint))
    if "while" in spec:
        reader.wrong(("start", "while"), "flow-start-while", "a case cannot be taken back", "use `when`")
    return rule


# -- steps ----------------------------------------------------------------------------------------------------------


def _step(deeds: Deeds, spot: Spot) -> Step:
    data, where, reader = spot.data, spot.where, deeds.reader
    kinds = [kind for kind in KINDS if kind in data]
    if "do" in kinds and "end" in kinds:
        kinds.remove("do")
    if len(kinds) != 1:
        what = "no kind of step" if not kinds else "more than one kind of step: " + ", ".join(kinds)
        reader.wrong(where, "flow-one-kind", f"'{spot.name}' is {what}", "write exactly one of " + ", ".join(KINDS))
        return Step(spot.name, kinds[0] if kinds else "end", spot.block)
    kind = kinds[0]
    step = Step(
        name=spot.name,
        kind=kind,
        block=spot.block,
        next=deeds.names.resolve(data.get("next"), spot, (*where, "next")),
        otherwise=_otherwise(deeds, spot),
        only_while=reader.condition(data.get("only_while"), (*where, "only_while")),
        at_most=data.get("at_most"),
        slot=_slot(reader, data, where),
        label=data.get("label") or {},
        **COMPILED[kind](deeds, spot),
    )
    if "else" in data and step.only_while is None and step.at_most is None and not (kind == "workflow" and step.outcomes):
        reader.wrong((*where, "else"), "flow-else-unused", "nothing leads to `else` here", "give it `only_while` or `at_most`, or delete it", key=True)
    return step


def _otherwise(deeds: Deeds, spot: Spot) -> str:
    spec = spot.data.get("else")
    return deeds.names.resolve(spec.get("next"), spot, (*spot.where, "else", "next")) if isinstance(spec, Mapping) else ""


def _slot(reader: Reader, data: Mapping[str, Any], where: Where) -> str:
    path = str(data.get("slot", ""))
    if path:
        checker = reader.kit.checker(vocabulary=reader.kit.vocabulary, entity=reader.entity, where=(*where, "slot"))
        found = checker.path(path)
        if found and found.type != "ref":
            checker.wrong("effect-wrong-record", f"'{path}' is {an(found.type)}, not a record", "name the way to one record")
        reader.problems += checker.problems
    return path


def _workflow(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    spec = {key: spot.data[key] for key in ("workflow", "subject") if key in spot.data}
    plan, paths = deeds.reader.effect("workflow", spec, spot.where, match=spot.match)
    return {
        "act": deeds.rule({"start": ("workflow", plan)}, paths, spot.match),
        "workflow": str(spot.data["workflow"]),
        "detached": bool(spot.data.get("detached", False)),
        "outcomes": deeds.outcomes(spot),
    }


def _do(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    return {"act": deeds.do(spot.data["do"], (*spot.where, "do"), spot.match)}


def _end(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    return {"act": deeds.do(spot.data.get("do"), (*spot.where, "do"), spot.match), "result": str(spot.data["end"])}


COMPILED: dict[str, Callable[[Deeds, Spot], dict[str, Any]]] = {
    "activity": compile_activity,
    "wait": compile_wait,
    "decide": compile_decide,
    "branches": compile_branches,
    "each": compile_each,
    "workflow": _workflow,
    "do": _do,
    "end": _end,
}
"""A kind of step -> what compiles the keys of its own."""


# -- watches --------------------------------------------------------------------------------------------------------


def _watch(reader: Reader, names: StepNames, name: str, spec: Mapping[str, Any]) -> Watch:
    where: Where = ("on", name)
    found = event_about(reader, str(spec.get("event", "")), spec.get("about"), (*where, "event"))
    entity, about = found or (reader.entity, "")
    if not any(key in spec for key in ("next", "cancel", "complete")):
        reader.wrong(where, "flow-watch-nothing", f"'{name}' does nothing", "add next, cancel or complete")
    return Watch(
        name=name,
        event=str(spec.get("event", "")),
        about=about,
        entity=entity,
        condition=reader.about(entity).condition(spec.get("where"), (*where, "where")),
        only_while=reader.condition(spec.get("only_while"), (*where, "only_while")),
        next=names.resolve(spec.get("next"), Spot("", {}, where, ""), (*where, "next")),
        cancel=_named(names, spec, where, "cancel"),
        complete=_named(names, spec, where, "complete"),
    )


def _named(names: StepNames, spec: Mapping[str, Any], where: Where, word: str) -> tuple[str, ...]:
    written = spec.get(word)
    several = [] if written is None else written if isinstance(written, list) else [written]
    return tuple(names.exact(one, (*where, word, n)) for n, one in enumerate(several))
