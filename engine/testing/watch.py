"""Which tests an edit concerns, and waiting for one."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from engine.definitions.layers import ACTING
from engine.site import Site
from engine.testing.run import rules_of

EVERY = 0.3
"""Seconds between two looks at the files."""
Stamps = dict[Path, tuple[int, int]]


def stamps(folders: list[Path]) -> Stamps:
    """When each YAML file was written last, and its size."""
    found: Stamps = {}
    for path in (path for folder in folders for path in folder.rglob("*.yaml")):
        with suppress(FileNotFoundError):  # an editor writes anew what it saves
            stat = path.stat()
            found[path] = (stat.st_mtime_ns, stat.st_size)
    return found


def folders_of(site: Site) -> list[Path]:
    """Where what a site is made of lies."""
    return list(dict.fromkeys([site.folder, *(folder for _, folder, _ in site.layers)]))


def wait_for_edit(folders: list[Path], seen: Stamps) -> Stamps:
    """Return when a file is not as it was."""
    while (now := stamps(folders)) == seen:
        time.sleep(EVERY)
    return now


def concerned(before: Site, after: Site) -> frozenset[str]:
    """The ids of the tests an edit concerns: those changed, and those of a rule or workflow that is another now.

    What is neither (a tag, an activity, the settings) concerns all tests.
    """
    tests = after.sections["tests"]
    changed: set[str] = set()
    for section, now in after.definitions.sections.items():
        was = before.definitions.sections[section]
        ids = {name for name in now.keys() | was.keys() if name not in now or name not in was or now[name].data != was[name].data}
        if ids and section not in (*ACTING, "tests"):
            return frozenset(tests)
        changed |= ids
    if after.settings != before.settings:
        return frozenset(tests)
    found = {name for name in tests if name in changed}
    for name in tests:
        definition = after.definitions.sections["tests"][name]
        pack = name.partition(".")[0]
        named = {str(one) for one in definition.data["of"]}
        found |= {name} if changed & (named | {f"{pack}.{one}" for one in named} | set(rules_of(definition, after.compiled))) else set()
    return frozenset(found)
