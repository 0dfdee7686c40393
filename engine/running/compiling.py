"""From merged definitions to a setting: every rule compiled, a wrong one left out and reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.definitions.layers import RESERVED_TAG
from engine.definitions.parameters import Variant
from engine.effects import EFFECTS, word_of
from engine.effects.base import Checker
from engine.language.calendars import Calendar
from engine.language.findings import Problem
from engine.language.vocabulary import Field, Vocabulary
from engine.planning.campaigns import rule_of
from engine.planning.levels import in_order
from engine.planning.parts import Kit
from engine.planning.rules import Rule, RuleCompiler
from engine.planning.triggers import TRIGGERS
from engine.planning.workflows.compile import compile_flow
from engine.planning.workflows.digest import course_of
from engine.planning.workflows.graph import Flow
from engine.planning.workflows.sound import unsound
from engine.planning.workflows.step_names import places_of
from engine.running.events import ENGINE_EVENTS, event_kinds
from engine.running.setting import Setting
from engine.store.model import ENTITIES, RESERVED, Own, with_own
from engine.store.store import Store

LAW_RULES: dict[str, Any] = {
    "law.werbesperre": {
        "label": {"de": "Werbesperre", "en": "Advertising block"},
        "for": "objection",
        "purpose": "internal",
        "while": [{"lifted_on": {"missing": True}}],
        "do": {"mark": {"tag": RESERVED_TAG, "value": "{{ channel }}"}},
    }
}
"""What follows from the law: rules like others, but no pack holds them, so nobody can switch them off (tag 160)."""

Sections = Mapping[str, Mapping[str, Mapping[str, Any]]]
Variants = Mapping[str, Sequence[Variant]]


def vocabulary_of(sections: Sections) -> Vocabulary:
    """What the definitions declare, beside the store's entities."""

    def labels(section: str) -> dict[str, str]:
        return {name: str(data.get("label", name)) for name, data in sections.get(section, {}).items()}

    return Vocabulary(
        with_own(own_fields(sections)),
        events={name: str(data["entity"]) for name, data in sections.get("events", {}).items()},
        tags=labels("tags"),
        activities=labels("activities"),
        channels={name: str(data["channel"]) for name, data in sections.get("activities", {}).items() if "channel" in data},
        templates=sections.get("templates", {}),
        roles=labels("roles"),
        lists=labels("lists"),
        workflows={name: str(data.get("for", "")) for name, data in sections.get("workflows", {}).items()},
        questionnaires=labels("questionnaires"),
        tables={"offer_tools": {str(line["brand"]): str(line["tool"]) for line in sections.get("offer_tools", {}).values()}},
        choices={name: tuple(values) for name, values in sections.get("choices", {}).items()},
        reserved=RESERVED,
    )


def own_fields(sections: Sections) -> Own:
    """The dealer's own fields as the store wants them (S4.4)."""
    found = []
    for name, data in sections.get("fields", {}).items():
        de, en = _both_languages(data["label"])
        of = data["for"] if isinstance(data["for"], list) else [data["for"]]
        one = Field(name, data["type"], de, en, choices=tuple(data.get("values", ())), own=True, ground=bool(data.get("ground")))
        found += [(str(entity), one) for entity in of if entity in ENTITIES]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one[0], one[1].name)))


def _both_languages(label: Any) -> tuple[str, str]:
    if not isinstance(label, Mapping):
        return str(label), str(label)
    some = next(iter(label.values()), "")
    return str(label.get("de", some)), str(label.get("en", some))


def compile_rules(sections: Sections, vocabulary: Vocabulary, variants: Variants | None = None) -> tuple[list[Rule], dict[str, list[Problem]]]:
    """The rules that can run, levels in the order of what they read, and the problems of those that cannot.

    A rule with variants is several rules of one id, each for its branches and brands.
    """
    rules: list[Rule] = []
    problems: dict[str, list[Problem]] = {}
    law = LAW_RULES if RESERVED_TAG in vocabulary.tags else {}
    campaigns = sections.get("campaigns", {})
    for name, data in [*law.items(), *sections.get("rules", {}).items(), *campaigns.items()]:
        if data.get("enabled", True) is False:
            continue
        for variant in (variants or {}).get(name) or [Variant(data)]:
            said, own = rule_of(variant.data, vocabulary, sections.get("selections", {})) if name in campaigns else (variant.data, [])
            compiler = RuleCompiler(name, said, vocabulary, EFFECTS, word_of, Checker, list(own))
            rule = compiler.rule()
            compiler.problems += [] if name in LAW_RULES else _reserved(data)
            if rule is None or compiler.problems:
                problems[name] = list(dict.fromkeys([*problems.get(name, []), *compiler.problems]))
            else:
                rules.append(replace(rule, branches=variant.branches, brands=variant.brands, digest=course_of(said), data=said))
    rules = [rule for rule in rules if rule.id not in problems]
    return _levels_first(rules, problems), problems


def _reserved(data: Mapping[str, Any]) -> list[Problem]:
    """Effects that would post or take back what follows from the consent ledger alone (P25)."""
    return [
        Problem(("do", name, word), "effect-reserved-tag", f"'{RESERVED_TAG}' follows from the consent ledger alone", "record an objection instead")
        for name, effect in (data.get("do") or {}).items()
        for word in ("tag", "untag")
        if isinstance(effect, Mapping) and effect.get(word) == RESERVED_TAG
    ]


def _levels_first(rules: list[Rule], problems: dict[str, list[Problem]]) -> list[Rule]:
    """Levels in the order of what they read; those in a cycle are left out with the cycle's name."""
    levels = {rule.id: rule for rule in rules if rule.trigger == "while"}  # variants read and write the same
    writes = {name: frozenset().union(*(EFFECTS[word].writes(plan, rule.entity) for word, plan in rule.effects.values())) for name, rule in levels.items()}
    ordered, cycles = in_order(list(levels.values()), writes)
    for cycle in cycles:
        shown = " reads ".join(cycle)
        for name in cycle[:-1]:
            problem = Problem(
                ("while",), "rule-level-cycle", f"`while` rules wait for each other: {shown}", "let one of them read something else, or use `when`"
            )
            problems.setdefault(name, []).append(problem)
    return [rule for level in ordered for rule in rules if rule.id == level.id] + [rule for rule in rules if rule.trigger != "while"]


def kit_of(vocabulary: Vocabulary) -> Kit:
    """What workflows are compiled with."""
    return Kit(vocabulary, EFFECTS, word_of, Checker)


def compile_flows(sections: Sections, vocabulary: Vocabulary, variants: Variants | None = None) -> tuple[list[Flow], dict[str, list[Problem]]]:
    """The workflows that can run, one per variant, and the problems of those that cannot. One that is switched off starts no more cases."""
    flows: list[Flow] = []
    problems: dict[str, list[Problem]] = {}
    for name, data in sections.get("workflows", {}).items():
        for variant in (variants or {}).get(name) or [Variant(data)]:
            flow, found = compile_flow(name, variant.data, kit_of(vocabulary))
            if flow is None:
                problems[name] = list(dict.fromkeys([*problems.get(name, []), *found]))
            else:
                start = (
                    replace(flow.start, branches=variant.branches, brands=variant.brands, digest=flow.digest)
                    if flow.start and data.get("enabled", True)
                    else None
                )
                flows.append(replace(flow, data=variant.data, start=start, branches=variant.branches, brands=variant.brands))
    return [flow for flow in flows if flow.id not in problems], problems


def soundness(flows: Sequence[Flow]) -> dict[str, list[Problem]]:
    """What is wrong with workflows as wholes, by id. It tries all their states, so it is asked for by `check` and once for a new version."""
    found: dict[str, list[Problem]] = {}
    for flow in flows:
        problems = unsound(flow, places_of(flow.data))
        if problems:
            found[flow.id] = list(dict.fromkeys([*found.get(flow.id, []), *problems]))
    return found


@dataclass(frozen=True)
class Compiled:
    """Definitions ready to run: they know no store, so several may share them."""

    sections: Sections
    vocabulary: Vocabulary
    rules: list[Rule]
    """With those that start workflows."""
    flows: list[Flow]
    problems: dict[str, list[Problem]]
    """Of the definitions left out."""
    unheard: frozenset[str] = frozenset()
    """The events that a definition left out listens to, and no other."""

    def over(self, store: Store, calendar: Calendar | None = None, **options: Any) -> Setting:
        """The definitions over a store."""
        events = [*event_kinds(self.sections.get("events", {})), *ENGINE_EVENTS]
        return Setting(
            store,
            self.vocabulary,
            self.rules,
            events,
            self.sections,
            calendar or Calendar(),
            unheard=self.unheard,
            flows=self.flows,
            kit=kit_of(self.vocabulary),
            **options,
        )


def compile_sections(sections: Sections, halves: Mapping[str, Any] | None = None, variants: Variants | None = None) -> Compiled:
    """Compile all rules; a wrong one is left out with its problems. `halves` are looked at for problems alone."""
    vocabulary = vocabulary_of(sections)
    rules, problems = compile_rules(sections, vocabulary, variants)
    _, more = compile_rules({"rules": {name: half for name, half in (halves or {}).items() if _can_be_read(half)}}, vocabulary)
    flows, wrong = compile_flows(sections, vocabulary, variants)
    rules += [flow.start for flow in flows if flow.start]
    heard = {rule.event for rule in rules}
    broken = [*(halves or {}).values(), *(sections.get("rules", {}).get(name, {}) for name in problems)]
    broken += [sections.get("workflows", {}).get(name, {}).get("start", {}) for name in wrong]
    unheard = frozenset(str(data["on"]) for data in broken if isinstance(data, Mapping) and "on" in data) - heard
    return Compiled(sections, vocabulary, rules, flows, problems | more | wrong, unheard)


def _can_be_read(half: Mapping[str, Any]) -> bool:
    """Whether enough of a rule is left to look for more mistakes without guessing at what it meant."""
    return "for" in half and sum(word in half for word in TRIGGERS) == 1
