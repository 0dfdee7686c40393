"""`check --fix`: mends what is mechanical in a site's own files. Packs are never touched."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path

from engine.advice.fixing import FIXES, mended
from engine.definitions.layers import Definitions
from engine.language.findings import Finding, InvalidSite
from engine.site import checked_site

MARK = "\ufeff"


ROUNDS = 5
"""What is mended may bring to light what can be mended next: a file that could not be read, a change that was shadowed."""


def mend(folder: Path) -> Iterator[str]:
    """Rewrite the files that can be mended; gives the difference, line by line."""
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for _ in range(ROUNDS):
        findings, definitions = _look(folder, {})
        changed = False
        for name in sorted({finding.place.file for finding in findings if finding.code in FIXES and _is_own(folder, finding.place.file)}):
            raw = (folder / name).read_bytes().decode("utf-8")
            mark, text = MARK if raw.startswith(MARK) else "", raw.removeprefix(MARK)

            def look(new: str, name: str = name) -> Sequence[Finding]:
                return _look(folder, {name: new})[0]

            new = mended(text, [finding for finding in findings if finding.place.file == name], definitions, look)
            if new != text:
                _write(folder / name, mark + new)
                before.setdefault(name, text)
                after[name], changed = new, True
        if not changed:
            break
    for name, text in before.items():
        yield from (line.rstrip("\r\n") for line in unified_diff(text.splitlines(True), after[name].splitlines(True), name, name))


def _is_own(folder: Path, name: str) -> bool:
    """Whether a file is the dealer's own: `regelwerk.yaml`, or below rules/ or workflows/ of the site."""
    path = folder / name
    return (name == "regelwerk.yaml" or Path(name).parts[0] in ("rules", "workflows")) and path.is_file() and not path.is_symlink()


def _look(folder: Path, instead: Mapping[str, str]) -> tuple[Sequence[Finding], Definitions | None]:
    try:
        site = checked_site(folder, instead)
        return site.check(), site.definitions
    except InvalidSite as error:
        return error.findings, None


def _write(path: Path, text: str) -> None:
    """Whole or not at all, with the rights it had."""
    number, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(text.encode("utf-8"))
        os.chmod(made, path.stat().st_mode & 0o7777)
        os.replace(made, path)
    except BaseException:
        os.unlink(made)
        raise
