"""Whether a store is sound."""

from __future__ import annotations

from engine.store.capture import watched
from engine.store.store import Store


def problems(store: Store) -> list[str]:
    """What is wrong with the store itself: the file, references that lead nowhere, missing triggers."""
    found: list[str] = []
    if store.provider == "sqlite":
        found += [str(row[0]) for row in store.rows("PRAGMA integrity_check", []) if row[0] != "ok"]
        found += [f"{row[0]} {row[1]}: its {row[2]} does not exist" for row in store.rows("PRAGMA foreign_key_check", [])]
        present = {row[0] for row in store.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'", [])}
    else:
        present = {row[0] for row in store.rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal", [])}
    wanted = {f"log_{entity.name}_{operation}" for entity in watched(store.model) for operation in ("insert", "update", "delete")}
    return found + [f"the trigger {name} is missing: changes are not seen" for name in sorted(wanted - present)]
