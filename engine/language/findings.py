"""What is wrong with something a person wrote, and where: the one error type of every check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Severity = Literal["error", "warning"]
Where = tuple[str | int, ...]
"""The way to a value inside one definition: keys and list indexes."""


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file. Line and column count from 1; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, order=True)
class Finding:
    """One finding: `place: what is wrong; what to do`. `code` is stable and documented."""

    place: Place
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.place}: {self.severity} {self.code}: {self.message}{hint}"

    def at(self, place: Place) -> Finding:
        """The same finding at another place."""
        return replace(self, place=place)

    def as_json(self) -> dict[str, str | int]:
        """The finding as the `--json` output shows it (design.md, command line)."""
        place = self.place
        return {
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass(frozen=True)
class Problem:
    """What is wrong inside one definition, before its place in a file is known. `key`: the key is meant, not its value.

    `missing` is the key that is not there.
    """

    where: Where
    code: str
    message: str
    hint: str = ""
    key: bool = False
    severity: Severity = "error"
    missing: str = ""


class Refused(Exception):
    """Something of a person's that cannot be used: what is wrong and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}; {hint}" if hint else message)
        self.message = message
        self.hint = hint


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Only the findings that are errors."""
    return [finding for finding in findings if finding.severity == "error"]


CODES = {1: "failed", 2: "usage", 3: "invalid-site", 70: "bug", 75: "busy"}
"""Exit code -> the code of an error that has none of its own."""


class RegelwerkError(Refused):
    """An expected failure: shown as its message, never as a traceback.

    `exit_code` follows design.md's table: 1 an action failed, 2 usage, 3 invalid definitions, 75 store busy. `code` is
    stable, for programs; `findings` are what is wrong in something a person wrote, each with its place.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "", *, exit_code: int | None = None, code: str = "", findings: Iterable[Finding] = ()) -> None:
        super().__init__(message, hint)
        if exit_code is not None:
            self.exit_code = exit_code
        self.code = code or CODES.get(self.exit_code, "failed")
        self.findings = sorted(findings)

    def as_json(self) -> list[dict[str, str | int | None]]:
        """Every error as the `--json` output shows it: the findings, or the one error without a place."""
        if self.findings:
            return [dict(finding.as_json()) for finding in self.findings]
        return [{"file": None, "line": None, "column": None, "code": self.code, "message": self.message, "hint": self.hint}]


class InvalidSite(RegelwerkError):
    """A site that cannot be opened at all, with every finding."""

    exit_code = 3

    def __init__(self, findings: Iterable[Finding]) -> None:
        found = sorted(findings)
        super().__init__("\n".join(str(finding) for finding in found), findings=found)
