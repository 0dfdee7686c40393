"""Steps that part ways: `decide` takes one, `branches` and `each` take several at once and join them again."""

from __future__ import annotations

from typing import Any

from engine.language.findings import Where
from engine.planning.parts import Reader
from engine.planning.workflows.deeds import Deeds
from engine.planning.workflows.graph import Branch, Choice, PerRecord
from engine.planning.workflows.step_names import Spot


def compile_decide(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    """What a `decide:` adds to its step."""
    reader, where, choices = deeds.reader, (*spot.where, "decide"), []
    for name, spec in spot.data["decide"].items():
        node = reader.condition(spec.get("where"), (*where, name, "where"))
        if name != "else" and "where" not in spec:
            reader.wrong((*where, name), "flow-branch-where", f"'{name}' does not say when", "add `where:`, or call it `else`")
        choices.append(Choice(str(name), node if name != "else" else None, deeds.names.resolve(spec.get("next"), spot, (*where, name, "next"))))
    if "else" not in spot.data["decide"]:
        reader.wrong(where, "flow-no-else", "it does not say what happens when no branch fits", "add `else: {next: ...}`")
    return {"choices": tuple(sorted(choices, key=lambda choice: choice.condition is None))}


def compile_branches(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    """What `branches:` add to their step."""
    found = []
    for name, spec in spot.data["branches"].items():
        node = deeds.reader.condition(spec.get("where"), (*spot.where, "branches", name, "where"))
        found.append(Branch(f"{spot.name}.{name}", node))
    return {"branches": tuple(found), **_joined(deeds.reader, spot, len(found))}


def compile_each(deeds: Deeds, spot: Spot) -> dict[str, Any]:
    """What an `each:` adds to its step."""
    name, spec = next(iter(spot.data["each"].items()))
    full = f"{spot.name}.{name}"
    match = deeds.names.spots[full].match
    entity = match[1] if match else ""
    node = deeds.reader.about(entity).condition(spec.get("where"), (*spot.where, "each", name, "where")) if entity else None
    each = PerRecord(full, str(spec.get("of", "")), str(name), entity, node, spec.get("later", "join") == "join")
    return {"each": each, **_joined(deeds.reader, spot, None)}


def _joined(reader: Reader, spot: Spot, most: int | None) -> dict[str, Any]:
    text = str(spot.data.get("join", "all"))
    need = {"all": None, "first": 1}[text] if text in ("all", "first") else _counted(reader, text, (*spot.where, "join"), most)
    return {"need": need, "rest": str(spot.data.get("rest", "cancel"))}


def _counted(reader: Reader, text: str, where: Where, most: int | None) -> int | None:
    """`2 of 3`, or `2 of all`."""
    number, _, total = text.partition(" of ")
    if not number.isdigit() or not (total == "all" or total.isdigit()) or not int(number):
        reader.wrong(where, "flow-bad-join", f"'{text}' is no join", "write all, first, or e.g. `2 of 3`")
        return None
    need = int(number)
    if most is not None and (need > most or (total.isdigit() and int(total) != most)):
        reader.wrong(where, "flow-bad-join", f"'{text}', but there are {most} branches", f"write e.g. `{min(need, most)} of {most}`")
    return need
