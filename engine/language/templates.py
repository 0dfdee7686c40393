"""Texts with blanks: Jinja2 behind an allow-list of syntax (safety.md §3). The only module that imports jinja2.

The sandbox alone is no protection: compiling folds constants (`9**9**9` hangs) and methods run. So a template is
parsed, every node is checked against a short list, and only then compiled. Values are plain texts, numbers, days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.language.findings import Refused

SOURCE_CAP = 16 * 1024
OUTPUT_CAP = 256 * 1024
MONTHS_EN = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

ALLOWED = (
    nodes.Template, nodes.TemplateData, nodes.Output, nodes.Name, nodes.Getattr, nodes.Filter, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat, nodes.Const,
)  # fmt: skip


class TemplateError(Refused):
    """A template that may not run. `line` counts from 1."""

    def __init__(self, message: str, hint: str = "", line: int = 0) -> None:
        super().__init__(message, hint)
        self.line = line


def _day(value: Any, language: str) -> str:
    if not isinstance(value, date):
        return ""
    if language == "en":
        return f"{value.day} {MONTHS_EN[value.month - 1]} {value.year}"
    return f"{value.day:02}.{value.month:02}.{value.year}"


def _time(value: Any) -> str:
    return f"{value:%H:%M}" if isinstance(value, datetime) else ""


def _money(value: Any, language: str) -> str:
    if not isinstance(value, int):
        return ""
    whole = f"{abs(value) // 100:,}"
    cents = f"{abs(value) % 100:02}"
    text = f"{whole}.{cents} EUR" if language == "en" else f"{whole.replace(',', '.')},{cents} EUR"
    return f"-{text}" if value < 0 else text


def _plain(value: Any) -> str:
    return "" if value is None or isinstance(value, Undefined) else str(value)


FILTERS: dict[str, Callable[..., Any]] = {
    "date": _day,
    "time": _time,
    "money": _money,
    "upper": lambda value: _plain(value).upper(),
    "lower": lambda value: _plain(value).lower(),
    "title": lambda value: _plain(value).title(),
    "default": lambda value, other="": value if _plain(value) else other,
}
LOCAL = ("date", "money")
"""Filters whose result depends on the language."""


@dataclass(frozen=True)
class Template:
    """A checked text. `variables` are the dotted paths it reads."""

    source: str
    variables: frozenset[str]

    def render(self, get: Callable[[str], Any], language: str = "de") -> str:
        """The text with every blank filled from `get(path)`; missing values leave nothing. Cut at 256 KiB."""
        compiled = _compiled(self.source, language)
        values = _nested((path, get(path)) for path in sorted(self.variables))
        text: list[str] = []
        size = 0
        for piece in compiled.generate(**values):
            text.append(piece[: OUTPUT_CAP - size])
            size += len(piece)
            if size >= OUTPUT_CAP:
                break
        return "".join(text)


def _nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for path, value in pairs:
        here = result
        *steps, last = path.split(".")
        for step in steps:
            inner = here.get(step)
            here[step] = here = inner if isinstance(inner, dict) else {}  # a record that is named itself gives way to its fields
        if not isinstance(here.get(last), dict):
            here[last] = value
    return result


def _environment(language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(autoescape=False, finalize=_plain, keep_trailing_newline=True)
    environment.globals.clear()
    environment.tests.clear()
    environment.filters = {name: (lambda value, f=f: f(value, language)) if name in LOCAL else f for name, f in FILTERS.items()}
    return environment


@lru_cache(maxsize=1024)
def _compiled(source: str, language: str) -> Any:
    return _environment(language).from_string(source)


@lru_cache(maxsize=1024)
def parse_template(source: str) -> Template:
    """Check a text. Raises TemplateError where it uses more than names, filters, `if` and comparisons."""
    if len(source.encode()) > SOURCE_CAP:
        raise TemplateError("the text is longer than 16 KiB", "split it")
    try:
        tree = _environment("de").parse(source)
    except TemplateSyntaxError as error:
        raise TemplateError(f"not a template: {error.message}", "write blanks as {{ name }}", error.lineno or 0) from None
    except RecursionError:
        raise TemplateError("the text is nested too deeply", "make it simpler") from None
    variables: set[str] = set()
    _walk(tree, variables, 0)
    return Template(source, frozenset(variables))


def _walk(node: nodes.Node, variables: set[str], depth: int) -> None:
    if depth > 40:
        raise TemplateError("the text is nested too deeply", "make it simpler", node.lineno)
    if not isinstance(node, ALLOWED):
        raise TemplateError(f"`{type(node).__name__.lower()}` is not allowed in a text", "use names, filters, if and comparisons", node.lineno)
    if isinstance(node, nodes.Filter):
        _check_filter(node)
    path = _path(node)
    if path is None and isinstance(node, nodes.Getattr):
        raise TemplateError("only a record's fields can be named", "write {{ field }} or {{ record.field }}", node.lineno)
    if path is not None:
        variables.add(path)
        return
    for child in node.iter_child_nodes():
        _walk(child, variables, depth + 1)


def _check_filter(node: nodes.Filter) -> None:
    if node.name not in FILTERS:
        raise TemplateError(f"there is no filter '{node.name}'", "one of " + ", ".join(FILTERS), node.lineno)
    if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(arg, nodes.Const) for arg in node.args):
        raise TemplateError(f"'{node.name}' takes only plain values", "write e.g. {{ name|default('?') }}", node.lineno)


def _path(node: nodes.Node) -> str | None:
    steps: list[str] = []
    here = node
    while isinstance(here, nodes.Getattr):
        steps.append(here.attr)
        here = here.node
    if not isinstance(here, nodes.Name):
        return None
    steps.append(here.name)
    if any(step.startswith("_") for step in steps):
        raise TemplateError("names may not begin with '_'", "write {{ field }} or {{ record.field }}", node.lineno)
    return ".".join(reversed(steps))
