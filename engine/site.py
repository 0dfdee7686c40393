"""A dealer's site: `regelwerk.yaml`, the packs it lists, its own files, its store, put together."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from engine import schemas
from engine.advice import LookedAt, advise
from engine.definitions.accept import accept, note
from engine.definitions.collect import collect
from engine.definitions.document import Document
from engine.definitions.layers import Definitions
from engine.language.calendars import Calendar, parse_calendar
from engine.language.durations import PhraseError
from engine.language.findings import Finding, InvalidSite, RegelwerkError, Where, errors
from engine.layering import SHIPPED, read_layers
from engine.running.compiling import Compiled, compile_sections, own_fields, soundness, vocabulary_of
from engine.running.people import held_roles
from engine.running.setting import Setting
from engine.store.model import Own
from engine.store.own import OtherType, other_types
from engine.store.store import Store


@dataclass
class Site:
    """A site's folder and settings, its definitions and everything found wrong with them."""

    folder: Path
    settings: Mapping[str, Any]
    definitions: Definitions
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    layers: list[tuple[str, Path, str]] = field(default_factory=list)
    held: frozenset[str] | None = None
    """The roles that employees in the store hold; None where it was not asked, or knows no employees."""

    @property
    def language(self) -> str:
        """The language people of this site read: de or en."""
        return str(self.settings.get("language", "de"))

    @property
    def digest(self) -> str:
        """A digest of all definitions in force."""
        return hashlib.sha256(json.dumps([self.sections, self.definitions.variants], sort_keys=True, default=_said).encode()).hexdigest()[:16]

    @property
    def own(self) -> Own:
        """The dealer's own fields."""
        return own_fields(self.sections)

    def open_store(self, *, create: bool = False, upgrading: bool = False) -> Store:
        """The site's store: a file in its folder, or the DSN in REGELWERK_STORE or `store:`."""
        return Store.open(self.store_target, create=create, own=self.own, upgrading=upgrading)

    @property
    def store_target(self) -> str | Path:
        """Where the store is."""
        target = os.environ.get("REGELWERK_STORE") or str(self.settings.get("store", "regelwerk.db"))
        return target if target.startswith("postgres") else self.folder / target

    @cached_property
    def compiled(self) -> Compiled:
        """The rules in force; what is wrong with a rule is added to the findings."""
        compiled = compile_sections(self.sections, self.definitions.halves, self.definitions.variants)
        for name, found in compiled.problems.items():
            for problem in found:
                note(self.definitions, self.definitions.owner(name), problem)
        return compiled

    def findings(self) -> list[Finding]:
        """Everything found wrong in any layer, sorted by place."""
        _ = self.compiled
        return sorted(self.definitions.findings)

    def check(self) -> list[Finding]:
        """All findings, those about workflows as wholes and all advice among them, sorted by place."""
        for name, problems in soundness(self.compiled.flows).items():
            for problem in problems:
                note(self.definitions, self.definitions.owner(name), problem)
        looked_at = LookedAt(self.definitions, self.compiled, frozenset(SHIPPED), self.held)
        for definition, problem in advise(looked_at):
            note(self.definitions, definition, problem)
        self.definitions.findings[:] = list(dict.fromkeys(self.definitions.findings))
        return self.findings()

    def not_in_force(self, name: str) -> tuple[str, list[str]]:
        """Why a rule or workflow that somebody wrote does not run: `switched_off` or `left_out`, and the reasons; "" for one nobody wrote."""
        definition = self.definitions.acting(name)
        if definition is None:
            return "", []
        if self.sections[definition.section].get(name, {}).get("enabled") is False:
            return "switched_off", [f"`enabled: false` stands at {definition.place(('enabled',))}"]
        lines = {(place.file, place.line) for marks in definition.places.values() for place in marks}
        ours = [str(finding) for finding in error_findings(self) if (finding.place.file, finding.place.line) in lines]
        return "left_out", ours or ["`regelwerk check` says why"]

    def setting(self, store: Store, user: str = "") -> Setting:
        """The site's compiled rules over a store."""
        declared = None
        if not error_findings(self):  # a rule in a file that cannot be read is not gone
            declared = frozenset(name for rule in self.compiled.rules for name in (rule.id, rule.formerly) if name)
            declared |= set(self.sections["workflows"])  # a case outlives its definition: it keeps its version
        return self.compiled.over(
            store,
            self.calendar,
            calendars=self.calendars,
            language=self.language,
            digest=self.digest,
            user=user,
            declared=declared,
            left_open=str(self.settings.get("left_open", "keep")),
        )


def _said(value: Any) -> Any:
    """What JSON does not know, the same in every process: a set's order is not."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    return vars(value) if is_dataclass(value) else str(value)


def load_site(
    folder: Path,
    *,
    tests: bool = False,
    other_type: Collection[str] = (),
    instead: Mapping[str, str] | None = None,
    packs: Mapping[str, Path] | None = None,
) -> Site:
    """Read a site. Raises InvalidSite (exit 3) with every finding where `regelwerk.yaml` or a pack itself is wrong.

    `other_type` names own fields that the store keeps with another type; they are left out. `instead` holds
    the text of files as they would be: name in findings -> text. `packs` says where else a pack is to be read from:
    another version of it.
    """
    files = read_layers(folder, tests=tests, instead=instead, packs=packs)
    document = files.settings
    site = Site(folder, document.data, files.definitions, layers=files.layers)
    _calendars(site, document)
    site.sections = accept(site.definitions, document, schemas.SECTIONS, vocabulary_of, other_type)
    return site


def open_site(folder: Path) -> tuple[Site, Store]:
    """A site with its store. An own field that the store keeps with another type is left out and reported."""
    site = load_site(folder)
    try:
        return site, site.open_store()
    except OtherType as error:
        site = load_site(folder, other_type=error.names)
        return site, site.open_store()


def checked_site(folder: Path, instead: Mapping[str, str] | None = None) -> Site:
    """A site with its tests, for `check`: looked at beside its store where there is one. Nothing is written; `instead` as in `load_site`."""
    site = load_site(folder, tests=True, instead=instead)
    if isinstance(site.store_target, Path) and not site.store_target.exists():
        return site
    try:
        store = Store.open(site.store_target)
    except RegelwerkError:
        return site  # definitions can be checked without it; whoever opens it hears why it cannot be
    try:
        names = {name for _, name in other_types(store, site.own)} if site.own else set()
        held = held_roles(store)
    finally:
        store.close()
    site = load_site(folder, tests=True, other_type=names, instead=instead) if names else site
    site.held = held
    return site


def as_shipped(site: Site, pack: str) -> Site:
    """The definitions as a pack ships them: the layers up to it, every parameter at its default, no dealer's changes."""
    until = [name for name, _, _ in site.layers].index(pack)
    layers = site.layers[: until + 1]
    shipped = Site(site.folder, {"language": site.language}, collect(layers), layers=layers)
    shipped.sections = accept(shipped.definitions, Document("regelwerk.yaml", ""), schemas.SECTIONS, vocabulary_of)
    return shipped


def _calendars(site: Site, settings: Document) -> None:
    findings: list[Finding] = []

    def parsed(spec: Mapping[str, Any] | None, where: Where, base: Calendar | None = None) -> Calendar:
        try:
            return parse_calendar(spec or {}, base)
        except PhraseError as error:
            findings.append(Finding(settings.place(where), "content-bad-calendar", error.message, error.hint))
            return base or Calendar()

    site.calendar = parsed(site.settings.get("calendar"), ("calendar",))
    for code, spec in (site.settings.get("branches") or {}).items():
        site.calendars[str(code)] = parsed(spec, ("branches", code), site.calendar)
    if findings:
        raise InvalidSite(findings)


def error_findings(site: Site) -> list[Finding]:
    """The site's errors, sorted by place."""
    return errors(site.findings())
