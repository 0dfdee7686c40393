"""Steps from one version of the schema to the next; run by `regelwerk db upgrade` after a backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.language.findings import RegelwerkError
from engine.store.own import add_columns_of, has_table

if TYPE_CHECKING:
    from engine.store.store import Store


def _workflows(store: Store) -> None:
    """Version 2: running cases, reminders, attachments; a questionnaire's response knows its activity."""
    add_columns_of(store, "questionnaire_response", ["activity"])
    store.create_missing()


def _results_per_version(store: Store) -> None:
    """Version 3: rules have versions as workflows do, and what was decided knows under which."""
    if has_table(store, "workflow_version"):  # the step before makes the present tables
        store.execute("ALTER TABLE workflow_version RENAME TO definition_version")
    add_columns_of(store, "definition_version", ["since_at", "until_at"])
    store.run("UPDATE definition_version SET since_at = stored_at", [])
    add_columns_of(store, "occurrence", ["version"])


def _third(store: Store) -> None:
    """Version 3, in its parts."""
    _results_per_version(store)
    _agreed_and_suspended(store)
    store.create_missing()


def _agreed_and_suspended(store: Store) -> None:
    """An appointment knows whether the customer agreed to it; a customer's advertising can be suspended."""
    add_columns_of(store, "activity", ["agreed_at"])
    add_columns_of(store, "customer", ["advertising_suspended"])


def _fourth(store: Store) -> None:
    """Version 4: the near misses of the last ticks have a table."""
    store.create_missing()


STEPS: dict[int, Callable[[Store], None]] = {2: _workflows, 3: _third, 4: _fourth}
"""Version -> what makes it out of the one before. Version 1 is what `Store.open(create=True)` wrote at first."""


def upgrade(store: Store, wanted: int, backup: Path | None) -> list[int]:
    """Bring an open store to a version, each step in its own transaction; returns the versions passed.

    A SQLite store is copied to `backup` first. Raises RegelwerkError where the backup exists already.
    """
    version = store.schema_version() or 0
    steps = list(range(version + 1, wanted + 1))
    if steps and backup is not None:
        if backup.exists():
            raise RegelwerkError(f"{backup} exists already", "name another backup", code="exists")
        store.copy_to(backup)
    for step in steps:
        with store.session(write=True):
            STEPS[step](store)
            store.run("INSERT INTO schema_version VALUES (?, ?)", [step, "upgraded"])
    return steps
