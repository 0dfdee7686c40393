"""Whether a decision came with an edit: the first run under a version of its definition took it."""

from __future__ import annotations

from engine.running.recorded import said_in
from engine.running.results.versions import differences
from engine.store.store import Store

SHOWN = 6


def edit_of(store: Store, definition: str, version: int | None, run: int | None) -> str:
    """What the edit was, "" where the version was in force before that run."""
    if version is None or run is None:
        return ""
    sql = "SELECT MIN(r.id) FROM definition_version v JOIN run r ON r.now_at = v.since_at WHERE v.id = ?"
    if store.rows(sql, [version])[0][0] != run:
        return ""
    before = store.rows("SELECT MAX(id) FROM definition_version WHERE definition = ? AND id <> ? AND until_at IS NOT NULL", [definition, version])[0][0]
    if before is None and not store.rows("SELECT 1 FROM run WHERE id < ? AND finished_at IS NOT NULL LIMIT 1", [run]):
        return ""  # a store's first run: all is new
    if before is None:
        return f"{definition} was new: this was the first run under it"
    changes = list(differences(said_in(store, before)[0], said_in(store, version)[0]))
    more = f", and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    return f"an edit came into force with this very run: {'; '.join(changes[:SHOWN])}{more}"
