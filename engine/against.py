"""Another set of a site's definitions, to compare with: as a git revision has them, of another folder, of an earlier run, or with another version of a pack."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from engine import schemas
from engine.definitions.differences import Difference, Value, differences, leaves, renamed
from engine.definitions.document import Document
from engine.definitions.layers import ACTING
from engine.definitions.reader import read_file
from engine.earlier import PREFIX, as_of_run, number_of
from engine.language.findings import InvalidSite, RegelwerkError
from engine.running.ahead.closure import closure, words_of
from engine.running.ahead.compare import Change, compare
from engine.running.ahead.outcome import Name, Thing, marks, things
from engine.running.ahead.walk import walk
from engine.running.cases.migrate import Migration, plan_migration
from engine.running.setting import Setting
from engine.site import Site, load_site
from engine.store.own import without_column
from engine.store.store import Store

EVERYWHERE = ("calendar", "branches", "language", "left_open")
"""Settings that may matter to every definition."""
SHOWN = ("parameters", *EVERYWHERE, "packs", "pack")
GIT_TIMEOUT = 60


@dataclass
class Effects:
    """What an edit does: what differs, what comes otherwise, what becomes of running cases."""

    before: str
    after: str
    differences: list[Difference]
    walked: int = 0
    acting: int = 0
    changes: list[Change] | None = None
    cases: list[Migration] | None = None


@dataclass
class Sides:
    """The two sets of definitions, and what to call them."""

    before: Site
    after: Site
    before_name: str
    after_name: str


@contextmanager
def sides(site: Site, store: Store, against: str) -> Iterator[Sides]:
    """This site's definitions and the other ones. A folder with a site, a revision or a run is what was before; a pack's folder is what would be.

    Raises RegelwerkError for what is neither, InvalidSite where the other definitions cannot be read at all.
    """
    folder = Path(against)
    if against.startswith(PREFIX):
        then = _fitting(site.folder, store)
        yield Sides(then, site, as_of_run(site, then, store, number_of(against)), "this site")
    elif (folder / "pack.yaml").is_file():
        name = _pack(folder)
        if name not in [layer for layer, _, _ in site.layers]:
            raise RegelwerkError(f"this site does not use the pack '{name}'", "add it to `packs:` first", exit_code=2)
        yield Sides(site, _fitting(site.folder, store, {name: folder}), "this site", f"this site with {name} from {folder}")
    elif folder.is_dir():
        yield Sides(_fitting(folder, store), site, str(folder), "this site")
    else:
        if folder.exists():
            raise RegelwerkError(f"{against} is a file", "name the folder it is in", exit_code=2)
        with tempfile.TemporaryDirectory(prefix="regelwerk-") as where:
            other = _revision(site.folder, against, Path(where))
            yield Sides(_fitting(other, store), site, f"revision {against}", "this site")


def _pack(folder: Path) -> str:
    document, findings = read_file(folder / "pack.yaml", f"{folder}/pack.yaml")
    if document is None or schemas.PACK.mistakes(document.data):
        raise InvalidSite(findings) if findings else RegelwerkError(f"{folder}/pack.yaml is no pack's", "`pack`, `version` and `label` are wanted", exit_code=3)
    return str(document.data["pack"])


def _fitting(folder: Path, store: Store, packs: Mapping[str, Path] | None = None) -> Site:
    """The other site as the store can hold it: on PostgreSQL own fields that have no column are left out, nothing is altered for them."""
    found = load_site(folder, packs=packs)
    lacking = {name for _, name in without_column(store, found.own)} if store.provider == "postgres" else set()
    return load_site(folder, packs=packs, other_type=lacking) if lacking else found


def _revision(folder: Path, revision: str, to: Path) -> Path:
    """The YAML files of the repository as a revision has them; the site's folder among them."""
    prefix = _git(folder, "rev-parse", "--show-prefix", wanted=revision).decode().strip()
    known = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}", missing=revision).decode().strip()
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    try:
        archive = _git(top, "archive", "--format=tar", known, "--", ":(glob)**/*.yaml")
    except RegelwerkError:
        archive = b""
    with tarfile.open(fileobj=io.BytesIO(archive)) if archive else _nothing() as files:
        for member in files or ():
            path = PurePosixPath(member.name)
            if files and member.isfile() and not path.is_absolute() and ".." not in path.parts:
                target = to / path
                target.parent.mkdir(parents=True, exist_ok=True)
                content = files.extractfile(member)
                target.write_bytes(content.read() if content else b"")
    if not (to / prefix / "regelwerk.yaml").is_file():
        raise RegelwerkError(f"revision {revision} has no regelwerk.yaml in {folder}", "name a revision in which the site was committed", exit_code=2)
    return to / prefix


@contextmanager
def _nothing() -> Iterator[None]:
    yield None


def _git(folder: Path, *words: str, missing: str = "", wanted: str = "") -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, timeout=GIT_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RegelwerkError(f"git cannot be run: {error}", "name a folder to compare with", exit_code=2) from None
    if done.returncode and missing:
        raise RegelwerkError(f"'{missing}' is neither a folder nor a revision", "`git log --oneline` lists the revisions", exit_code=2, code="not-found")
    if done.returncode:
        said = f"'{wanted}' is no folder, and {folder} is in no git repository" if wanted else f"{folder} is in no git repository"
        raise RegelwerkError(said, "`git init` makes one; or name a folder to compare with", exit_code=2, code="no-repository")
    return done.stdout


def effects_of(other: Sides, store: Store, now: datetime, until: datetime, user: str = "") -> Effects:
    """What differs between the two sides, and what that does to this store until then. Nothing is written."""
    found = Effects(other.before_name, other.after_name, _settings(other.before, other.after) + differences(other.before.definitions, other.after.definitions))
    said = [_said(one) for one in (other.before, other.after)]
    found.acting = len(said[0].keys() | said[1].keys())
    changed = _changed(found.differences, *said)
    if not changed:
        return found
    settings = [one.setting(store, user) for one in (other.before, other.after)]
    only = closure(list(zip(settings, said, strict=True)), changed)
    found.walked = len(only)
    before, after = (_outcome(one, store, only, now, until, user) for one in (other.before, other.after))
    called = {old: new for section in ACTING for old, new in renamed(*(one.definitions.sections[section] for one in (other.before, other.after))).items()}
    found.changes = compare({replace(name, definition=called.get(name.definition, name.definition)): thing for name, thing in before.items()}, after)
    found.cases = _cases(settings[1], changed)
    return found


def _said(site: Site) -> dict[str, Any]:
    """What each rule, workflow and campaign says, parameters filled in, a text per variant."""
    _ = site.compiled
    found: dict[str, Any] = {}
    for section in ACTING:
        for name, data in site.sections[section].items():
            several = site.definitions.variants.get(name)
            found[name] = [{"for": data.get("for"), **one.data, " only": [repr(one.branches), repr(one.brands)]} for one in several] if several else [data]
    return found


def _changed(found: list[Difference], before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The definitions whose course an edit changes: by what they say, or by a word they use that now means something else. A label is only read."""
    if any(one.section == "regelwerk.yaml" and one.id.partition(".")[0] in EVERYWHERE for one in found):
        return set(before) | set(after)
    changed = {name for name in before.keys() | after.keys() if _course(before.get(name)) != _course(after.get(name))}
    other = {one.id for one in found if one.section not in (*ACTING, "parameters", "regelwerk.yaml", "imports") and not _only_read(one)}
    if other:
        changed |= {name for name in before.keys() | after.keys() if other & words_of([before.get(name), after.get(name)])}
    return changed


def _course(variants: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    """What a definition says beside its label; None where there is none."""
    return None if variants is None else [{key: value for key, value in one.items() if key != "label"} for one in variants]


def _only_read(one: Difference) -> bool:
    """Whether nothing but the label differs."""
    return one.what == "changed" and all(value.path.partition(".")[0] == "label" for value in one.values)


def _settings(before: Site, after: Site) -> list[Difference]:
    """What differs in `regelwerk.yaml`."""
    documents = [one.definitions.documents["regelwerk.yaml"] for one in (before, after)]
    old, new = (dict(leaves({key: one.settings[key] for key in SHOWN if key in one.settings})) for one in (before, after))
    found = []
    for path in dict.fromkeys([*old, *new]):
        if path and old.get(path) != new.get(path):
            places = [_place(document, path) if path in values else "" for document, values in zip(documents, (old, new), strict=True)]
            value = Value(".".join(map(str, path)), old.get(path), new.get(path), *places)
            found.append(Difference("regelwerk.yaml", value.path, "changed", places[1] or places[0], (value,)))
    return found


def _place(document: Document, path: tuple[str | int, ...]) -> str:
    place = document.place(path)
    return f"{place.file}:{place.line}"


def _outcome(site: Site, store: Store, only: frozenset[str], now: datetime, until: datetime, user: str) -> dict[Name, Thing]:
    with store.throwaway(site.own) as copy:
        setting = site.setting(copy, user)
        since = marks(copy)
        narrowed = setting.narrowed(only)
        _leave_alone(narrowed, only, now)
        walk(narrowed, now, until)
        return things(narrowed, since, only)


def _leave_alone(setting: Setting, only: frozenset[str], now: datetime) -> None:
    """The cases of other workflows wait, in the copy: they are the same on both sides."""
    with setting.store.session(write=True):
        rows = setting.store.rows("SELECT DISTINCT definition FROM instance WHERE status IN ('starting', 'running')", [])
        for name in sorted({row[0] for row in rows} - only):
            setting.store.set_switch(f"pause:{name}", "on", setting.user, now)


def _cases(setting: Setting, changed: set[str]) -> list[Migration]:
    """What `workflow migrate` would do with the running cases of the workflows that changed."""
    plans = [plan_migration(setting, name, {}) for name in sorted({flow.id for flow in setting.flows} & changed)]
    return [plan for plan in plans if plan.cases or plan.stuck]
