"""YAML with positions, built from parser events on a stack of our own (safety.md §1). The only module that imports yaml.

No anchors, aliases, tags, merge keys, directives, second documents; keys are always text; plain values that YAML 1.1
and 1.2 read differently are refused with the quoted spelling. Nothing here recurses, so nothing can crash it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from engine.definitions.document import Document
from engine.language.characters import CONTROL, control_character
from engine.language.findings import Finding, Place, Where

FILE_CAP, NODE_CAP, DEPTH_CAP, SCALAR_CAP, KEY_CAP = 1024 * 1024, 50_000, 32, 64 * 1024, 200
_WORDS = {"yes", "no", "on", "off", "y", "n"}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+\Z")
_ODD = re.compile(
    r"[-+]?(0[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|0b[01]+|[0-9][0-9_]*_[0-9_]*|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+|[0-9]+(:[0-9]{1,2})+|\.inf|\.nan|\.Inf|\.NaN)\Z"
)


@dataclass
class _Frame:
    """A collection being built."""

    value: Any
    path: Where
    key: str | None = None
    key_place: Place | None = None
    seen: dict[str, Place] = field(default_factory=dict)


def read_file(path: Path, shown: str, instead: Mapping[str, str] | None = None) -> tuple[Document | None, list[Finding]]:
    """Read a file; `shown` is its name in findings. `instead` holds texts to read in the place of what stands on the disk."""
    if instead and shown in instead:
        return read_text(instead[shown].encode(), shown)
    try:
        return read_text(path.read_bytes(), shown)
    except OSError as error:
        return None, [Finding(Place(shown), "yaml-unreadable", f"the file cannot be read: {error.strerror}", "check its rights")]


def read_text(data: bytes, file: str, loader: str | None = None) -> tuple[Document | None, list[Finding]]:
    """The document in some bytes, or None with everything that is wrong. `loader` is c, python or None (the quicker)."""
    place = Place(file, 1, 1)
    if len(data) > FILE_CAP:
        return None, [Finding(place, "yaml-too-large", "the file is larger than 1 MiB", "split it")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return None, [Finding(Place(file, line, 1), "yaml-not-utf8", "the file is not UTF-8", "save it as UTF-8")]
    control = CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - (text.rfind("\n", 0, control.start()) + 1) + 1
        if not (control.group() == "\r" and text[control.end() : control.end() + 1] == "\n"):
            message = f"control character U+{ord(control.group()):04X} in the file"
            return None, [Finding(Place(file, line, column), "yaml-control-character", message, "delete it")]
        text = text.replace("\r\n", "\n")
        return read_text(text.encode(), file, loader)
    return _Builder(file, text).build(loader)


@dataclass
class Spans:
    """A file's data however ambiguous it is, and where every key begins and every value ends: (line, column), from 1."""

    document: Document
    ends: dict[Where, tuple[int, int]]
    flow: set[Where]
    """The maps and lists in brackets."""


def read_spans(text: str) -> Spans:
    """Read a text that is known to be YAML, for whoever edits it by its positions. What is wrong in it is not said."""
    builder = _Spanning("", text)
    builder.build(None)
    return Spans(builder.document, builder.ends, builder.flow)


class _Builder:
    """Turns parser events into data, positions and findings."""

    def __init__(self, file: str, text: str) -> None:
        self.document = Document(file, text)
        self.findings: list[Finding] = []
        self.stack: list[_Frame] = []
        self.nodes = 0
        self.documents = 0

    def build(self, loader: str | None) -> tuple[Document | None, list[Finding]]:
        """Run through the events once; stop at a syntax error or a cap."""
        fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        chosen = {"c": fast, "python": yaml.SafeLoader, None: fast}[loader]
        try:
            for event in yaml.parse(self.document.text, Loader=chosen):
                if not self.take(event):
                    break
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(self.document.file, mark.line + 1, mark.column + 1) if mark else Place(self.document.file, 1, 1)
            self.findings.append(Finding(place, "yaml-syntax", "this is not YAML", "check indentation, colons, quotes and brackets here"))
        except (yaml.YAMLError, ValueError, RecursionError):
            self.findings.append(Finding(Place(self.document.file, 1, 1), "yaml-syntax", "this is not YAML", "check the file"))
        return (None, sorted(self.findings)) if self.findings else (self.document, [])

    def wrong(self, event: Any, code: str, message: str, hint: str) -> None:
        """Note a finding at an event."""
        self.findings.append(Finding(self.place(event), f"yaml-{code}", message, hint))

    def place(self, event: Any) -> Place:
        """Where an event begins, counted from 1."""
        return Place(self.document.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def take(self, event: Any) -> bool:
        """One event; False ends the reading."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._start(event)
        if isinstance(event, yaml.AliasEvent):
            self.wrong(event, "alias", f"`*{event.anchor}` repeats something", "write it out")
            return self._add(event, None) is not None
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.stack.pop()
            return True
        if not isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.StreamEndEvent) and self.documents == 0:
                self.findings.append(Finding(Place(self.document.file, 1, 1), "yaml-empty", "the file is empty", "delete it or write a section"))
            return True
        self._refuse_marks(event)
        return self._node(event)

    def _start(self, event: Any) -> bool:
        self.documents += 1
        if event.version or event.tags:
            self.wrong(event, "directive", "directives (`%...`) mean nothing here", "delete the line")
        if self.documents > 1:
            self.wrong(event, "second-document", "a file holds one document", "delete the `---` or make a second file")
            return False
        return True

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor:
            self.wrong(event, "anchor", f"`&{event.anchor}` marks something to be repeated", "write it out where it is needed")
        if event.tag and event.tag != "!":
            self.wrong(event, "tag", f"`{event.tag}` names a type", "delete it")

    def _node(self, event: Any) -> bool:
        self.nodes += 1
        if self.nodes > NODE_CAP or len(self.stack) >= DEPTH_CAP:
            what = ("too-many", "more than 50,000 values") if self.nodes > NODE_CAP else ("too-deep", f"nested more than {DEPTH_CAP} deep")
            self.wrong(event, what[0], f"the file is {what[1]}" if what[0] == "too-deep" else f"the file has {what[1]}", "split it")
            return False
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        if not self.stack and isinstance(value, list):
            self.wrong(event, "no-map", "the file must hold sections", "begin with e.g. `rules:`")
            return False
        path = self._add(event, value)
        if path is None:
            return False
        self.stack.append(_Frame(value, path))
        return True

    def _scalar(self, event: Any) -> bool:
        if not self.stack:
            empty = event.value == ""
            self.wrong(event, "empty" if empty else "no-map", "the file is empty" if empty else "the file must hold sections", "begin with e.g. `rules:`")
            return False
        if control := control_character(event.value):  # an escape in quotes: "\0"
            self.wrong(event, "control-character", f"control character {control} in a text", "delete it")
        frame = self.stack[-1]
        if isinstance(frame.value, dict) and frame.key is None:
            self._key(event, frame)
            return True
        if len(event.value) > SCALAR_CAP:
            self.wrong(event, "too-long", "the text is longer than 64 KiB", "shorten it")
        return self._add(event, self._value(event)) is not None

    def _key(self, event: Any, frame: _Frame) -> None:
        key, place = event.value, self.place(event)
        if key == "<<" and event.implicit[0]:
            self.wrong(event, "merge-key", "`<<` merges something in", "write it out")
        if key in frame.seen:
            self.wrong(event, "duplicate-key", f"'{key}' stands here twice, first in line {frame.seen[key].line}", "keep one of them")
        if len(key) > KEY_CAP:
            self.wrong(event, "long-key", "the key is longer than 200 characters", "shorten it")
        frame.seen.setdefault(key, place)
        frame.key, frame.key_place = key, place

    def _add(self, event: Any, value: Any) -> Any:
        if not self.stack:
            self.document.data = value
            return ()
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            path: Where = (*frame.path, len(frame.value))
            frame.value.append(value)
            self.document.positions[path] = (self.place(event), self.place(event))
            return path
        if frame.key is None:
            self.wrong(event, "complex-key", "a key must be a plain text", "write the key as one word")
            return None
        path = (*frame.path, frame.key)
        frame.value[frame.key] = value
        self.document.positions[path] = (frame.key_place or self.place(event), self.place(event))
        frame.key = None
        return path

    def _value(self, event: Any) -> Any:
        text = event.value
        if not event.implicit[0]:  # quoted or block text; the two parsers disagree on `style` (safety.md §1)
            return text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if text.lower() in _WORDS or text.lower() in ("true", "false", "null") or _ODD.match(text):
            shown = text if len(text) <= 40 else f"{text[:37]}..."
            self.wrong(
                event, "ambiguous", f"`{shown}` is read differently by different programs", f'write "{shown}" for the text, or true, false or a plain number'
            )
            return text
        if _INT.match(text):
            if len(text) > 18:
                self.wrong(event, "huge-number", "the number has more than 18 digits", f'write "{text[:8]}..." in quotes for a text')
                return text
            return int(text)
        return Decimal(text) if _DECIMAL.match(text) and len(text) < 40 else text


class _Spanning(_Builder):
    """Notes where values end, too. A block's end is its last value's: the parser's own is where the next thing begins."""

    def __init__(self, file: str, text: str) -> None:
        super().__init__(file, text)
        self.ends: dict[Where, tuple[int, int]] = {}
        self.flow: set[Where] = set()

    def take(self, event: Any) -> bool:
        """One event, and where it ends."""
        path = self.stack[-1].path if self.stack else ()
        going = super().take(event)
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            if path in self.flow:
                self._ends(path, event)
        elif isinstance(event, yaml.CollectionStartEvent) and self.stack:
            self.flow |= {self.stack[-1].path} if event.flow_style else set()
            self._ends(self.stack[-1].path, event)
        elif isinstance(event, yaml.ScalarEvent) and self.stack and (event.value != "" or not event.implicit[0]):
            frame = self.stack[-1]
            inner = frame.key if isinstance(frame.value, dict) and frame.key is not None else None
            self._ends(self.last if inner is None else frame.path, event)
        return going

    def _add(self, event: Any, value: Any) -> Any:
        path = super()._add(event, value)
        self.last: Where = path or ()
        return path

    def _ends(self, path: Where, event: Any) -> None:
        """A value ends here, and so far whatever it lies in."""
        end = (event.end_mark.line + 1, event.end_mark.column + 1)
        for length in range(len(path) + 1):
            self.ends[path[:length]] = max(self.ends.get(path[:length], end), end)
