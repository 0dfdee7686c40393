"""Indexes that the definitions in force ask for, beside those that the model declares."""

from __future__ import annotations

from collections.abc import Collection

from engine.store.store import Store

LONGEST = 63
"""PostgreSQL cuts longer names off, and would be asked for the same index at every run."""


def give_indexes(store: Store, wanted: Collection[tuple[str, str]]) -> list[str]:
    """Make an index of each column (entity, field) that has none of its own yet; returns the names of the new ones.

    On PostgreSQL nobody writes to a table while its index is made: some seconds for millions of rows, once.
    """
    names = {f"ix_{entity}_{field}"[:LONGEST]: (entity, field) for entity, field in sorted(wanted)}
    missing = names.keys() - _present(store) if names else set()
    if missing:
        with store.session(write=True):
            for name in sorted(missing):
                entity, field = names[name]
                store.execute(f'CREATE INDEX IF NOT EXISTS "{name}" ON "{entity}" ("{field}")')
    return sorted(missing)


def _present(store: Store) -> set[str]:
    if store.provider == "sqlite":
        return {str(row[0]) for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'index'", [])}
    return {str(row[0]) for row in store.rows("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()", [])}
