"""A dealer's site: `regelwerk.yaml`, the packs it lists, its own files, its store, put together."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.definitions.layers import Definitions, collect
from engine.definitions.parameters import resolved, values_of
from engine.definitions.reader import read_file
from engine.language.calendars import Calendar, parse_calendar
from engine.language.durations import PhraseError
from engine.language.findings import Finding, RegelwerkError, errors
from engine.language.nearest import did_you_mean
from engine.planning.rules import TRIGGERS
from engine.running.compiling import make_setting
from engine.running.setting import Setting
from engine.shipped import shipped_folder
from engine.store.store import Store

KEYS = {"pack", "language", "store", "packs", "parameters", "calendar", "branches"}
SHIPPED = {"standard": "rules"}
RULE_KEYS = {
    "label", "for", "purpose", "ground", *TRIGGERS, "where", "again", "at_start", "catch_up", "limit", "each", "do", "enabled", "formerly",
}  # fmt: skip


@dataclass
class Site:
    """A site's folder and settings, its definitions and everything found wrong with them."""

    folder: Path
    settings: Mapping[str, Any]
    definitions: Definitions
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    calendars: dict[str, Calendar] = field(default_factory=dict)

    @property
    def language(self) -> str:
        """The language people of this site read: de or en."""
        return str(self.settings.get("language", "de"))

    @property
    def digest(self) -> str:
        """A digest of all definitions in force."""
        return hashlib.sha256(json.dumps(self.sections, sort_keys=True, default=str).encode()).hexdigest()[:16]

    def open_store(self, *, create: bool = False) -> Store:
        """The site's store: a file in its folder, or the DSN in REGELWERK_STORE or `store:`."""
        target = os.environ.get("REGELWERK_STORE") or str(self.settings.get("store", "regelwerk.db"))
        return Store.open(target if target.startswith("postgres") else self.folder / target, create=create)

    def setting(self, store: Store, user: str = "") -> Setting:
        """The site's compiled rules over a store; what is wrong with a rule is added to the findings."""
        setting, problems = make_setting(store, self.sections, self.calendar, calendars=self.calendars, language=self.language, digest=self.digest, user=user)
        for name, found in problems.items():
            definition = self.definitions.sections["rules"][name]
            for problem in found:
                self.definitions.findings.append(Finding(definition.place(problem.where), problem.code, problem.message, problem.hint))
        return setting


def load_site(folder: Path) -> Site:
    """Read a site. Raises RegelwerkError (exit 3) where `regelwerk.yaml` itself is wrong."""
    path = folder / "regelwerk.yaml"
    if not path.is_file():
        raise RegelwerkError(f"there is no regelwerk.yaml in {folder}", "`regelwerk init DIR` makes a site", exit_code=3)
    document, findings = read_file(path, "regelwerk.yaml")
    if document is None:
        raise RegelwerkError("\n".join(str(finding) for finding in findings), exit_code=3)
    data = document.data
    for key in data:
        if key not in KEYS:
            raise RegelwerkError(f"{document.place((key,), key=True)}: there is no setting '{key}'", did_you_mean(key, KEYS), exit_code=3)
    site = Site(folder, data, collect(_layers(folder, data)))
    _calendars(site)
    _resolve(site)
    return site


def _layers(folder: Path, data: Mapping[str, Any]) -> list[tuple[str, Path, str]]:
    layers = []
    for pack in data.get("packs", ["standard"]):
        if pack in SHIPPED:
            layers.append((str(pack), shipped_folder(SHIPPED[pack]), str(pack)))
        elif (folder / str(pack) / "pack.yaml").is_file():
            document, _ = read_file(folder / str(pack) / "pack.yaml", f"{pack}/pack.yaml")
            layers.append((str(document.data.get("pack", pack)) if document else str(pack), folder / str(pack), str(pack)))
        else:
            raise RegelwerkError(f"regelwerk.yaml: there is no pack '{pack}'", did_you_mean(str(pack), SHIPPED, "name a folder with a pack.yaml"), exit_code=3)
    own = str(data.get("pack", "site"))
    return layers + [(own, folder / name, name) for name in ("rules",) if (folder / name).is_dir()]


def _calendars(site: Site) -> None:
    try:
        site.calendar = parse_calendar(site.settings.get("calendar") or {})
        for code, spec in (site.settings.get("branches") or {}).items():
            site.calendars[str(code)] = parse_calendar(spec or {}, site.calendar)
    except PhraseError as error:
        raise RegelwerkError(f"regelwerk.yaml: {error.message}", error.hint, exit_code=3) from None


def _resolve(site: Site) -> None:
    found = site.definitions
    values = values_of(found, site.settings.get("parameters") or {})
    for section, entries in found.sections.items():
        site.sections[section] = {}
        for name, definition in entries.items():
            before = len(found.findings)
            if section == "rules":
                _shape(found, definition)
            data = resolved(found, definition, values)
            if len(found.findings) == before:
                site.sections[section][name] = data


def _shape(found: Definitions, definition: Any) -> None:
    data = definition.data
    for key in data:
        if key not in RULE_KEYS:
            found.wrong(definition.places.get((key,), (definition.place(()),))[0], "rule-unknown-key", f"a rule has no '{key}'", did_you_mean(key, RULE_KEYS))
    triggers = [key for key in TRIGGERS if key in data]
    if len(triggers) != 1:
        what = "no trigger" if not triggers else "more than one trigger: " + ", ".join(triggers)
        found.wrong(
            definition.place((triggers[1],) if triggers[1:] else ()),
            "rule-one-trigger",
            f"'{definition.id}' has {what}",
            "write exactly one of " + ", ".join(TRIGGERS),
        )
    for key in ("label", "for", "purpose", "do"):
        if key not in data:
            found.wrong(definition.place(()), "rule-missing-key", f"'{definition.id}' has no `{key}`", f"add `{key}:`")
    if data.get("purpose") not in (None, "advertising", "service", "safety", "internal"):
        found.wrong(
            definition.place(("purpose",)), "rule-unknown-purpose", f"there is no purpose '{data['purpose']}'", "one of advertising, service, safety, internal"
        )
    if "do" in data and (not isinstance(data["do"], Mapping) or not all(isinstance(spec, Mapping) for spec in data["do"].values())):
        found.wrong(definition.place(("do",)), "rule-do-no-map", "`do` must hold named effects", "write `name: {tag: ...}` below it")


def error_findings(site: Site) -> list[Finding]:
    """The site's errors, sorted by place."""
    return sorted(errors(site.definitions.findings))
