"""Which map an import goes by: one of the site's `imports:`, or one in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine import schemas
from engine.definitions.content import CONTENT
from engine.definitions.document import Document
from engine.definitions.reader import read_file
from engine.language.findings import Finding, InvalidSite, RegelwerkError
from engine.language.nearest import an, did_you_mean
from engine.site import Site


def import_map(site: Site, kind: str, wanted: str = "") -> Mapping[str, Any]:
    """The map for a kind of file. `wanted` names another one: an id of `imports:`, or a YAML file that holds one. Raises RegelwerkError."""
    known: Mapping[str, Mapping[str, Any]] = site.sections["imports"]
    if not wanted:
        if kind in known:
            return known[kind]
        raise RegelwerkError(f"there is no import map '{kind}'", did_you_mean(kind, known, "declare it in `imports:`"), exit_code=2, code="not-found")
    about = str(known[kind]["entity"]) if kind in known else kind
    if wanted in known:
        return _fitting(about, wanted, known[wanted])
    if not Path(wanted).is_file():
        hint = did_you_mean(wanted, known, "name an id of `imports:`, or a YAML file")
        raise RegelwerkError(f"there is no import map '{wanted}'", hint, exit_code=2, code="not-found")
    maps = _read(site, Path(wanted))
    if kind in maps:
        return maps[kind]
    if len(maps) != 1:
        raise RegelwerkError(f"{wanted} holds no map '{kind}'", "one of " + ", ".join(maps), exit_code=2, code="not-found")
    ((name, spec),) = maps.items()
    return _fitting(about, name, spec)


def _fitting(kind: str, name: str, spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """The map, if it is for that kind of file or record."""
    if kind not in (name, spec["entity"]):
        raise RegelwerkError(f"the map '{name}' is for {an(str(spec['entity']))}, not {an(kind)}", f"write `--as {spec['entity']}`", exit_code=2)
    return spec


def _read(site: Site, path: Path) -> Mapping[str, Mapping[str, Any]]:
    """The maps of a file, checked like a site's own. Raises InvalidSite with every finding."""
    document, findings = read_file(path, str(path))
    if document is None:
        raise InvalidSite(findings)
    maps = document.data.get("imports")
    if not isinstance(maps, Mapping) or not maps:
        raise InvalidSite([Finding(document.place(("imports",)), "import-no-map", "the file holds no import map", "begin with `imports:` and a name below it")])
    wrong = [finding for name, spec in maps.items() for finding in _mistakes(site, document, str(name), spec)]
    if wrong:
        raise InvalidSite(wrong)
    return maps


def _mistakes(site: Site, document: Document, name: str, spec: Any) -> list[Finding]:
    found = schemas.SECTIONS["imports"].mistakes(spec, ("imports", name)) or list(CONTENT["imports"](spec, site.compiled.vocabulary))
    return [Finding(document.place(("imports", name, *one.where), key=one.key), one.code, one.message, one.hint) for one in found]
