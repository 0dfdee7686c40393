"""From a workflow's YAML data to its graph, every problem at its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.language.durations import Duration, PhraseError
from engine.language.findings import Problem, Where
from engine.language.nearest import an, did_you_mean
from engine.language.phrases import FromNow, Offset, Phrase, parse_phrase
from engine.language.vocabulary import UnknownName
from engine.planning.parts import Kit, Reader, event_about
from engine.planning.rules import Each, Rule, RuleCompiler
from engine.planning.triggers import TRIGGERS
from engine.planning.workflows.digest import course_of
from engine.planning.workflows.graph import KINDS, Branch, Choice, Deadline, Escalation, Flow, PerRecord, Step, Wait, Watch, Way

ACTIVITY_KEYS = ("activity", "to", "due", "closed_day", "assign", "note", "tool", "if_open")
DUE = "due_at"
"""What times around an activity count from; the runner gives it."""
Match = tuple[str, str] | None


@dataclass(frozen=True)
class Spot:
    """A step's data, where it stands, the branch it lies in, and what `each` calls the record it is for."""

    data: Mapping[str, Any]
    where: Where
    block: str
    match: Match = None


def compile_flow(name: str, data: Mapping[str, Any], kit: Kit) -> tuple[Flow | None, list[Problem]]:
    """The workflow, or None with its problems."""
    compiler = FlowCompiler(name, data, Reader(kit, str(data.get("for", ""))))
    flow = compiler.flow()
    problems = list(dict.fromkeys(compiler.reader.problems))
    return (None if problems else flow), problems


def places_of(data: Mapping[str, Any]) -> dict[str, Where]:
    """Where each step of a workflow is written, by its full name."""
    found: dict[str, Where] = {}

    def walk(name: str, spec: Mapping[str, Any], where: Where) -> None:
        found[name] = where
        for word in ("branches", "each", "steps"):
            for inner, one in (spec.get(word) or {}).items():
                walk(f"{name}.{inner}", one, (*where, word, inner))

    for step, spec in data["steps"].items():
        walk(str(step), spec, ("steps", step))
    return found


class FlowCompiler:
    """Compiles one workflow's data."""

    def __init__(self, name: str, data: Mapping[str, Any], reader: Reader) -> None:
        self.id = name
        self.data = data
        self.reader = reader
        self.spots: dict[str, Spot] = {}
        self.purpose = str(data.get("purpose", "internal"))
        self.ground = ""
        self.ground_about = ""

    def flow(self) -> Flow | None:
        """The graph; problems are on the reader."""
        try:
            self.reader.kit.vocabulary.record(self.reader.entity)
        except UnknownName as error:
            self.reader.wrong(("for",), "rule-unknown-entity", error.message, error.hint)
            return None
        start = self._start()
        for step, spec in self.data["steps"].items():
            self._collect(str(step), spec, ("steps", step), "", None)
        steps = {name: self._step(name, spot) for name, spot in self.spots.items()}
        first = str(self.data.get("first") or next(iter(self.data["steps"])))
        if first not in self.data["steps"]:
            self.reader.wrong(("first",), "flow-unknown-step", f"there is no step '{first}'", did_you_mean(first, self.data["steps"]))
        return Flow(
            id=self.id,
            label=self.data.get("label") or {},
            entity=self.reader.entity,
            purpose=self.purpose,
            ground=self.ground,
            ground_about=self.ground_about,
            first=first,
            steps=steps,
            stop_when=self.reader.condition(self.data.get("stop_when"), ("stop_when",)),
            on=tuple(self._watch(str(name), spec) for name, spec in (self.data.get("on") or {}).items()),
            start=start,
            digest=course_of(self.data),
        )

    def _start(self) -> Rule | None:
        """`start:` is a rule whose one effect is the start; its purpose and ground are the workflow's."""
        kit = self.reader.kit
        own = {key: self.data[key] for key in ("label", "for", "purpose", "ground") if key in self.data}
        spec = self.data.get("start") or {}
        data = {**own, **spec, "do": {"start": {"workflow": self.id}}}
        compiler = RuleCompiler(self.id, data, kit.vocabulary, kit.effects, kit.word_of, kit.checker)
        if not spec:
            data["every"] = "day at 00:00"  # only to have the purpose and the ground looked at
        rule = compiler.rule()
        triggers = [word for word in TRIGGERS if word in spec]
        for problem in compiler.problems:
            if problem.code == "rule-effect-not-reversible":
                continue  # said below, of the start
            head = problem.where[:1]
            mine = head and (head[0] in spec or head[0] in triggers)
            self.reader.problems.append(Problem(("start", *problem.where) if mine else problem.where, problem.code, problem.message, problem.hint))
        if "while" in spec:
            self.reader.wrong(("start", "while"), "flow-start-while", "a case cannot be taken back", "use `when`")
        self.ground, self.ground_about = (rule.ground, rule.ground_about) if rule else ("", "")
        return rule if spec else None

    # -- names ------------------------------------------------------------------------------------------------------

    def _collect(self, name: str, data: Mapping[str, Any], where: Where, block: str, match: Match) -> None:
        self.spots[name] = Spot(data, where, block, match)
        for branch, inner in (data.get("branches") or {}).items():
            self._collect_branch(f"{name}.{branch}", inner, (*where, "branches", branch), match)
        each = data.get("each")
        if isinstance(each, Mapping):
            if len(each) != 1:
                self.reader.wrong(
                    (*where, "each"), "flow-each-one", "`each` names one kind of branch", "write `each: {vehicle: {of: vehicles, activity: ...}}`"
                )
            for record, inner in each.items():
                self._collect_branch(f"{name}.{record}", inner, (*where, "each", record), (str(record), self._each_entity(inner, (*where, "each", record))))

    def _collect_branch(self, name: str, data: Mapping[str, Any], where: Where, match: Match) -> None:
        self._collect(name, data, where, name, match)
        for step, inner in (data.get("steps") or {}).items():
            full = f"{name}.{step}"
            if full in self.spots:
                self.reader.wrong((*where, "steps", step), "flow-name-twice", f"'{step}' is a branch of this step already", "take another name", key=True)
            self._collect(full, inner, (*where, "steps", step), name, match)

    def _each_entity(self, data: Mapping[str, Any], where: Where) -> str:
        path = str(data.get("of", ""))
        if not path:
            self.reader.wrong(where, "flow-each-of", "it does not say which records", "add `of:`, a path to many records")
            return ""
        try:
            found = list(self.reader.kit.vocabulary.walk(self.reader.entity, path))[-1]
        except UnknownName as error:
            self.reader.wrong((*where, "of"), "rule-unknown-field", error.message, error.hint)
            return ""
        if found.type != "many":
            self.reader.wrong((*where, "of"), "flow-each-of", f"'{path}' is {an(found.type)}, not many records", "name a path to many records")
        return found.target

    def _resolve(self, target: Any, spot: Spot, where: Where) -> str:
        """A step's full name from what is written in a step: its own branch's steps first, then further out."""
        name = str(target or "")
        if not name:
            return ""
        block = spot.block
        while True:
            if block and f"{block}.{name}" in self.spots and self.spots[f"{block}.{name}"].block == block:
                return f"{block}.{name}"
            if block and block.rpartition(".")[2] == name:
                return block
            if not block:
                break
            block = self.spots[block.rpartition(".")[0]].block
        if name in self.spots and not self.spots[name].block:
            return name
        inside = [full for full in self.spots if full.rpartition(".")[2] == name or full == name]
        if inside:
            hint = f"go on at {inside[0].partition('.')[0]}, or after it"
            self.reader.wrong(where, "flow-into-branch", f"'{name}' lies inside the branch {self.spots[inside[0]].block}", hint)
        else:
            known = [full.rpartition(".")[2] for full in self.spots]
            self.reader.wrong(where, "flow-unknown-step", f"there is no step '{name}'", did_you_mean(name, known, "declare it in `steps:`"))
        return ""

    # -- steps ------------------------------------------------------------------------------------------------------

    def _step(self, name: str, spot: Spot) -> Step:
        data, where = spot.data, spot.where
        kinds = [kind for kind in KINDS if kind in data]
        if "do" in kinds and "end" in kinds:
            kinds.remove("do")
        if len(kinds) != 1:
            what = "no kind of step" if not kinds else "more than one kind of step: " + ", ".join(kinds)
            self.reader.wrong(where, "flow-one-kind", f"'{name}' is {what}", "write exactly one of " + ", ".join(KINDS))
            return Step(name, kinds[0] if kinds else "end", spot.block)
        kind = kinds[0]
        step = Step(
            name=name,
            kind=kind,
            block=spot.block,
            next=self._resolve(data.get("next"), spot, (*where, "next")),
            otherwise=self._otherwise(data, spot),
            only_while=self.reader.condition(data.get("only_while"), (*where, "only_while")),
            at_most=data.get("at_most"),
            slot=self._slot(data, where),
            label=data.get("label") or {},
            **getattr(self, f"_{kind}")(data, spot),
        )
        if "else" in data and step.only_while is None and step.at_most is None and not (kind == "workflow" and step.outcomes):
            self.reader.wrong((*where, "else"), "flow-else-unused", "nothing leads to `else` here", "give it `only_while` or `at_most`, or delete it", key=True)
        return step

    def _otherwise(self, data: Mapping[str, Any], spot: Spot) -> str:
        spec = data.get("else")
        return self._resolve(spec.get("next"), spot, (*spot.where, "else", "next")) if isinstance(spec, Mapping) else ""

    def _slot(self, data: Mapping[str, Any], where: Where) -> str:
        path = str(data.get("slot", ""))
        if path:
            checker = self.reader.kit.checker(vocabulary=self.reader.kit.vocabulary, entity=self.reader.entity, where=(*where, "slot"))
            found = checker.path(path)
            if found and found.type != "ref":
                checker.wrong("effect-wrong-record", f"'{path}' is {an(found.type)}, not a record", "name the way to one record")
            self.reader.problems += checker.problems
        return path

    def _deeds(self, effects: dict[str, tuple[str, Any]], paths: set[str], match: Match) -> Rule:
        return Rule(
            id=self.id,
            label=self.data.get("label") or {},
            entity=self.reader.entity,
            purpose=self.purpose,
            ground=self.ground,
            ground_about=self.ground_about,
            trigger="step",
            each=Each("", 0, match[0], match[1]) if match else None,
            effects=effects,
            paths=frozenset(paths | {path for path in (self.ground, self.ground_about) if path}),
        )

    def _do_of(self, data: Any, where: Where, match: Match) -> Rule | None:
        if not data:
            return None
        self._reaches(data, where)
        return self._deeds(*self.reader.effects(data, where, match=match), match)

    def _reaches(self, data: Mapping[str, Any], where: Where) -> None:
        if self.purpose == "internal" and any("message" in spec for spec in data.values() if isinstance(spec, Mapping)):
            hint = "state its purpose: advertising, service with its ground, or safety"
            self.reader.wrong(where, "rule-internal-reaches-customer", "an internal workflow may not reach the customer", hint)

    def _way(self, data: Any, spot: Spot, where: Where) -> Way:
        spec = data or {}
        tries = tuple(d for n, text in enumerate(spec.get("tries") or ()) if (d := self.reader.duration(text, (*where, "tries", n))))
        if tries and "next" in spec:
            self.reader.wrong((*where, "next"), "flow-tries-next", "with `tries` it goes on after the last one", "write `else: {next: ...}`", key=True)
        if not tries and "else" in spec:
            self.reader.wrong((*where, "else"), "flow-else-unused", "nothing leads to `else` without `tries`", "write `next:`", key=True)
        target, at = (spec.get("else") or {}, (*where, "else", "next")) if tries else (spec, (*where, "next"))
        return Way(self._resolve(target.get("next"), spot, at), self._do_of(spec.get("do"), (*where, "do"), spot.match), tries)

    def _activity(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        where, kind = spot.where, str(data["activity"])
        spec = {"if_open": "add", **{key: data[key] for key in ACTIVITY_KEYS if key in data}}
        plan, paths = self.reader.effect("activity", spec, where, match=spot.match)
        if self.purpose == "internal" and kind in self.reader.kit.vocabulary.channels:
            hint = "state its purpose: advertising, service with its ground, or safety"
            self.reader.wrong(
                ("purpose",), "rule-internal-reaches-customer", f"an internal workflow may not reach the customer ('{spot.where[-1]}' is a {kind})", hint
            )
        deadline = data.get("deadline")
        return {
            "act": self._deeds({"work": ("activity", plan)}, paths, spot.match),
            "due": plan.due if getattr(plan.due, "anchor", "") else None,
            "outcomes": {str(name): self._way(way, spot, (*where, "outcomes", name)) for name, way in (data.get("outcomes") or {}).items()},
            "appointment": str(data.get("appointment", "")),
            "form": self._form(data.get("form"), (*where, "form")),
            "remind": tuple(p for n, text in enumerate(_several(data.get("remind"))) if (p := self._around(text, (*where, "remind")))),
            "escalate": self._escalations(data.get("escalate"), (*where, "escalate")),
            "deadline": self._deadline(deadline, spot) if deadline else None,
        }

    def _form(self, name: Any, where: Where) -> str:
        known = self.reader.kit.vocabulary.questionnaires
        if name is not None and str(name) not in known:
            self.reader.wrong(
                where, "flow-unknown-form", f"there is no questionnaire '{name}'", did_you_mean(str(name), known, "declare it in `questionnaires:`")
            )
        return str(name or "")

    def _around(self, text: Any, where: Where) -> Phrase | None:
        """A time around the activity's due date: `on the day`, `1 day before`, `2 hours after`."""
        words = str(text)
        if words.endswith((" before", " after")):
            words += " the date"
        try:
            phrase = parse_phrase(words)
        except PhraseError as error:
            self.reader.wrong(where, "effect-bad-phrase", error.message, error.hint)
            return None
        if not isinstance(phrase, Offset) or phrase.anchor != "the date":
            self.reader.wrong(
                where, "flow-around-due", f"'{text}' does not count from when it is due", "write e.g. `on the day`, `1 day before`, `2 hours after`"
            )
            return None
        return Offset(DUE, phrase.duration, phrase.sign, at=phrase.at)

    def _offset(self, spec: Mapping[str, Any], where: Where) -> Phrase | None:
        before = "before" in spec
        word = "before" if before else "after"
        duration = self.reader.duration(spec.get(word, "0 days"), (*where, word))
        if duration == Duration():
            return Offset(DUE, Duration(minutes=1), 0)  # the very moment: an amount of days would mean the day's start
        return Offset(DUE, duration, -1 if before else 1) if duration is not None else None

    def _escalations(self, spec: Any, where: Where) -> tuple[Escalation, ...]:
        if not spec:
            return ()
        named = {"": spec} if "to" in spec else spec
        found = []
        for name, one in named.items():
            place = (*where, name) if name else where
            phrase = self._offset(one, place)
            to = str(one.get("to", ""))
            if to != "manager":
                plan_checker = self.reader.kit.checker(vocabulary=self.reader.kit.vocabulary, entity=self.reader.entity, where=(*place, "to"))
                self.reader.kit.effects["assign"].check_people([to], plan_checker)
                self.reader.problems += plan_checker.problems
            if phrase:
                found.append(Escalation(str(name), phrase, to))
        return tuple(found)

    def _deadline(self, spec: Mapping[str, Any], spot: Spot) -> Deadline | None:
        where = (*spot.where, "deadline")
        phrase = self._offset(spec, where)
        way = Way(self._resolve(spec.get("next"), spot, (*where, "next")), self._do_of(spec.get("do"), (*where, "do"), spot.match))
        return Deadline(phrase, way) if phrase else None

    def _wait(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        spec, where = data["wait"], (*spot.where, "wait")
        if any(key in spec for key in ("for", "until", "event")):
            waits = [self._one_wait("over", {**spec, "next": data.get("next")}, spot, where)]
        else:
            waits = [self._one_wait(str(name), {"next": data.get("next"), **one}, spot, (*where, name)) for name, one in spec.items()]
        return {"waits": tuple(wait for wait in waits if wait)}

    def _one_wait(self, name: str, spec: Mapping[str, Any], spot: Spot, where: Where) -> Wait | None:
        way = Way(self._resolve(spec.get("next"), spot, (*where, "next")), self._do_of(spec.get("do"), (*where, "do"), spot.match))
        kinds = [key for key in ("for", "until", "event") if key in spec]
        if len(kinds) != 1:
            what = f"more than one thing is waited for: {', '.join(kinds)}" if kinds else "nothing is waited for"
            self.reader.wrong(where, "flow-one-wait", what, "write one of for, until, event; several waits with names race each other")
            return None
        if "event" in spec:
            found = event_about(self.reader, str(spec["event"]), spec.get("about"), (*where, "event"))
            if not found:
                return None
            entity, about = found
            early, keep = self._early(spec.get("early"), (*where, "early"))
            condition = self.reader.about(entity).condition(spec.get("where"), (*where, "where"))
            return Wait(name, way, None, str(spec["event"]), about, entity, condition, early, keep)
        phrase = self._moment(spec[kinds[0]], (*where, kinds[0]), kinds[0], spot.match)
        return Wait(name, way, phrase) if phrase else None

    def _early(self, spec: Any, where: Where) -> tuple[str, Duration]:
        text = str(spec or "keep 30 days")
        if text in ("drop", "refuse"):
            return text, Duration()
        keep = self.reader.duration(text.removeprefix("keep "), where)
        return "keep", keep or Duration()

    def _moment(self, text: Any, where: Where, kind: str, match: Match) -> Phrase | None:
        if kind == "for":
            duration = self.reader.duration(text, where)
            return FromNow(duration) if duration else None
        checker = self.reader.kit.checker(vocabulary=self.reader.kit.vocabulary, entity=self.reader.entity, where=where, match=match)
        phrase: Phrase | None = checker.phrase(str(text))
        self.reader.problems += checker.problems
        return phrase

    def _decide(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        where, choices = (*spot.where, "decide"), []
        for name, spec in data["decide"].items():
            node = self.reader.condition(spec.get("where"), (*where, name, "where"))
            if name != "else" and "where" not in spec:
                self.reader.wrong((*where, name), "flow-branch-where", f"'{name}' does not say when", "add `where:`, or call it `else`")
            choices.append(Choice(str(name), node if name != "else" else None, self._resolve(spec.get("next"), spot, (*where, name, "next"))))
        if "else" not in data["decide"]:
            self.reader.wrong(where, "flow-no-else", "it does not say what happens when no branch fits", "add `else: {next: ...}`")
        return {"choices": tuple(sorted(choices, key=lambda choice: choice.condition is None))}

    def _branches(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        found = []
        for name, spec in data["branches"].items():
            node = self.reader.condition(spec.get("where"), (*spot.where, "branches", name, "where"))
            found.append(Branch(f"{self._name(spot)}.{name}", node))
        return {"branches": tuple(found), **self._joined(data, spot, len(found))}

    def _name(self, spot: Spot) -> str:
        return next(name for name, one in self.spots.items() if one is spot)

    def _joined(self, data: Mapping[str, Any], spot: Spot, most: int | None) -> dict[str, Any]:
        text = str(data.get("join", "all"))
        need = {"all": None, "first": 1}.get(text, 0)
        if need == 0:
            number, _, total = text.partition(" of ")
            if not number.isdigit() or not (total == "all" or total.isdigit()) or not int(number):
                self.reader.wrong((*spot.where, "join"), "flow-bad-join", f"'{text}' is no join", "write all, first, or e.g. `2 of 3`")
                need = None
            else:
                need = int(number)
                if most is not None and (need > most or (total.isdigit() and int(total) != most)):
                    self.reader.wrong(
                        (*spot.where, "join"), "flow-bad-join", f"'{text}', but there are {most} branches", f"write e.g. `{min(need, most)} of {most}`"
                    )
        return {"need": need, "rest": str(data.get("rest", "cancel"))}

    def _each(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        name, spec = next(iter(data["each"].items()))
        full = f"{self._name(spot)}.{name}"
        match = self.spots[full].match
        entity = match[1] if match else ""
        node = self.reader.about(entity).condition(spec.get("where"), (*spot.where, "each", name, "where")) if entity else None
        each = PerRecord(full, str(spec.get("of", "")), str(name), entity, node, spec.get("later", "join") == "join")
        return {"each": each, **self._joined(data, spot, None)}

    def _workflow(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        spec = {key: data[key] for key in ("workflow", "subject") if key in data}
        plan, paths = self.reader.effect("workflow", spec, spot.where, match=spot.match)
        return {
            "act": self._deeds({"start": ("workflow", plan)}, paths, spot.match),
            "workflow": str(data["workflow"]),
            "detached": bool(data.get("detached", False)),
            "outcomes": {str(name): self._way(way, spot, (*spot.where, "outcomes", name)) for name, way in (data.get("outcomes") or {}).items()},
        }

    def _do(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        return {"act": self._do_of(data["do"], (*spot.where, "do"), spot.match)}

    def _end(self, data: Mapping[str, Any], spot: Spot) -> dict[str, Any]:
        return {"act": self._do_of(data.get("do"), (*spot.where, "do"), spot.match), "result": str(data["end"])}

    def _watch(self, name: str, spec: Mapping[str, Any]) -> Watch:
        where: Where = ("on", name)
        top = Spot({}, where, "")
        found = event_about(self.reader, str(spec.get("event", "")), spec.get("about"), (*where, "event"))
        entity, about = found or (self.reader.entity, "")
        if not any(key in spec for key in ("next", "cancel", "complete")):
            self.reader.wrong(where, "flow-watch-nothing", f"'{name}' does nothing", "add next, cancel or complete")
        return Watch(
            name=name,
            event=str(spec.get("event", "")),
            about=about,
            entity=entity,
            condition=self.reader.about(entity).condition(spec.get("where"), (*where, "where")),
            only_while=self.reader.condition(spec.get("only_while"), (*where, "only_while")),
            next=self._resolve(spec.get("next"), top, (*where, "next")),
            cancel=tuple(self._named(one, (*where, "cancel", n)) for n, one in enumerate(_several(spec.get("cancel")))),
            complete=tuple(self._named(one, (*where, "complete", n)) for n, one in enumerate(_several(spec.get("complete")))),
        )

    def _named(self, name: Any, where: Where) -> str:
        if str(name) not in self.spots:
            self.reader.wrong(where, "flow-unknown-step", f"there is no step '{name}'", did_you_mean(str(name), self.spots))
        return str(name)


def _several(spec: Any) -> list[Any]:
    return [] if spec is None else list(spec) if isinstance(spec, list) else [spec]
