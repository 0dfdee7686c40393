"""`show`: a definition as all layers together say it, and what each layer says of it. Nothing is compiled, so it is quick."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from engine.commands.options import options
from engine.definitions.accept import parameter_values
from engine.definitions.layers import SECTIONS, Definition, Definitions, Part, Said, leaves
from engine.definitions.parameters import Given, given, in_short, used_by
from engine.definitions.schema import parameter_schema
from engine.definitions.shape import Shape
from engine.language.findings import Place, RegelwerkError, Where
from engine.language.nearest import did_you_mean
from engine.layering import read_layers

MEANT = 3
"""So many names are offered where there is none of that name."""
WIDTH = 72
"""The column at which places begin."""


@click.command()
@click.argument("definition")
@click.option("--layers", is_flag=True, help="What each layer says of it, in order, and every value of its parameters.")
@options
def show(definition: str, layers: bool, folder: Path, clock: str | None, user: str, as_json: bool) -> int:  # noqa: ARG001 - all commands take the same options
    """Print DEFINITION as all layers together say it, with file and line behind every value; `check` says whether it can run.

    A rule or workflow goes by its id, anything else by its section and id: `templates.winter_tyres`, `tags.stammkunde`.
    """
    files = read_layers(folder)
    found = _found(files.definitions, definition)
    values = parameter_values(files.definitions, files.settings, Shape(parameter_schema()), {"parameters": {}})
    used = used_by(found, values)
    if found.section == "parameters" and found.id in values.plain:
        used = [found.id]
    said = {name: given(files.definitions, name, files.settings) for name in used}
    if as_json:
        places = {".".join(map(str, path)): str(marks[1]) for path, marks in found.places.items()}
        shown = {"version": 1, "id": found.id, "section": found.section, "definition": found.data, "places": places}
        shown["parameters"] = {name: in_short(name, values) for name in used}
        if layers:
            shown["layers"] = [_part_as_json(part, number) for number, part in enumerate(_parts(found))]
            shown["values"] = {name: [{"for": one.whom, "value": one.value, "place": str(one.place)} for one in said[name]] for name in used}
        click.echo(json.dumps(shown, ensure_ascii=False, default=str))
        return 0
    click.echo(f"{found.id}:")
    for line in _layer_lines(found) if layers else _lines(found.data, (), found, 1):
        click.echo(line)
    for line in _values_lines(said) if layers else _short_lines(said, {name: in_short(name, values) for name in used}):
        click.echo(line)
    return 0


def _found(definitions: Definitions, name: str) -> Definition:
    section, _, rest = name.partition(".")
    found = definitions.get(section, rest) if section in SECTIONS else definitions.acting(name)
    if found is None and section in SECTIONS:  # the pack may be named for those that are the same for all packs, too
        pack, _, plain = rest.partition(".")
        found = definitions.get(section, plain)
        found = found if found and found.pack == pack else None
    if found is None:
        known = definitions.acting_names()
        if section in SECTIONS:
            known = [f"{section}.{one}" for one in definitions.sections[section]]
        elsewhere = [f"{one}.{name}" for one in SECTIONS if name in definitions.sections[one]]
        short = [one for one in known if one.endswith(f".{name}")] if section not in SECTIONS else []
        meant = " or ".join(f"'{one}'" for one in [*short, *elsewhere][:MEANT])
        hint = f"did you mean {meant}?" if meant else did_you_mean(name, known, "name a rule or workflow by `pack.id`, or `section.id`")
        raise RegelwerkError(f"there is no '{name}'", hint, exit_code=2, code="not-found")
    return found


def _parts(found: Definition) -> list[Part]:
    """What each layer says; of one that nothing changes, the one that brings it."""
    return found.parts or [Part(found.pack, found.place(()), [Said(path, value, found.place(path)) for path, value in leaves(found.data)])]


def _part_as_json(part: Part, number: int) -> dict[str, Any]:
    said = [
        {
            "path": ".".join(map(str, one.path)),
            "does": _deed(one, number == 0),
            "value": one.value,
            "place": str(one.place),
            **({"was": one.was, "was_at": str(one.was_at)} if one.was_at else {}),
        }
        for one in part.said
    ]
    return {"pack": part.pack, "file": part.place.file, "line": part.place.line, "does": "changes" if number else "defines", "says": said}


def _deed(one: Said, first: bool) -> str:
    return "removes" if one.removes else "restates" if one.restates else "overrides" if one.was_at else "sets" if first else "adds"


def _layer_lines(found: Definition) -> list[str]:
    lines = []
    for number, part in enumerate(_parts(found)):
        lines.append(f"  {number + 1} {part.pack} {'changes' if number else 'defines'} it in {_at(part.place)}")
        for one in part.said:
            name = ".".join(map(str, one.path))
            value = "" if one.removes else f": {_flat(one.value)}"
            was = f", was {_flat(one.was)} ({_at(one.was_at)})" if one.was_at else ""
            deed = _deed(one, number == 0)
            lines.append(f"    {deed if number else ''} {name}{value}".replace("     ", "    ", 1).ljust(WIDTH) + f"  # {_at(one.place)}{was}")
    return lines


def _flat(value: Any) -> str:
    """A value in one line, as YAML writes it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flat(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else " ".join(str(value).split("\n"))


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _short_lines(said: Mapping[str, list[Given]], short: Mapping[str, str]) -> list[str]:
    lines = [f"  ${name.partition('.')[2]} = {short[name]}".ljust(WIDTH) + f"  # {_at(said[name][-1].place)}" for name in said]
    return ["with:", *lines] if lines else []


def _values_lines(said: Mapping[str, list[Given]]) -> list[str]:
    lines = []
    for name, values in said.items():
        lines.append(f"  ${name.partition('.')[2]}")
        lines += [f"    {one.whom}: {_flat(one.value)}".ljust(WIDTH) + f"  # {_at(one.place)}" for one in values]
    return ["with:", *lines] if lines else []


def _lines(value: Any, path: Where, found: Definition, depth: int) -> list[str]:
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    lines = []
    for key, inner in pairs:
        head = f"{'  ' * depth}{f'{key}:' if isinstance(value, dict) else '-'}"
        if isinstance(inner, dict | list) and inner:
            lines += [head, *_lines(inner, (*path, key), found, depth + 1)]
        else:
            place = found.place((*path, key))
            lines.append(f"{head} {inner}".ljust(WIDTH) + f"  # {place.file}:{place.line}")
    return lines
