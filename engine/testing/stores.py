"""Stores for tests: one in memory, empty again for each row. Making its tables anew took most of a short test's time."""

from __future__ import annotations

import sqlite3

from engine.store.model import Own
from engine.store.store import Store


class Blank:
    """A store in memory and a copy of it as it was when empty."""

    def __init__(self, own: Own = ()) -> None:
        self.store = Store.open(":memory:", create=True, own=own)
        self._empty = sqlite3.connect(":memory:")
        self.store.memory().backup(self._empty)

    def fresh(self) -> Store:
        """The store, empty: what was in it is gone."""
        self._empty.backup(self.store.memory())
        return self.store

    def close(self) -> None:
        """Close both."""
        self._empty.close()
        self.store.close()
