"""A store: SQLite file, memory, or PostgreSQL. Opening it, set-based writes, throw-away copies.

Several may be open at once; nothing here is a module-global database (design.md, store).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pony.orm import Database
from pony.orm.core import DatabaseError

from engine.language.findings import RegelwerkError
from engine.store.capture import postgres_statements, sqlite_statements
from engine.store.entities import NEVER_NULL
from engine.store.locks import file_lock, server_lock
from engine.store.model import Own
from engine.store.own import add_columns
from engine.store.sessions import Sessions
from engine.store.stored import column

SCHEMA_VERSION = 4
PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "busy_timeout = 5000",
    "foreign_keys = ON",
    "recursive_triggers = ON",
    # Our change triggers make every statement keep a journal of its own to undo it by; in a file that took half of an insert's time.
    "temp_store = MEMORY",
)
"""How every connection to SQLite is set (safety.md §8)."""


class Store(Sessions):
    """An open store. Use `Store.open`."""

    durable = True
    """Whether every commit has to outlive a power cut."""

    @classmethod
    def open(cls, target: str | Path, *, create: bool = False, own: Own = (), upgrading: bool = False, durable: bool = True) -> Store:
        """Open a file, ":memory:" or a postgresql:// DSN; `create` makes what is not there. Raises RegelwerkError.

        A dealer's own fields that have no column yet get one. What is not `durable` need not outlive a power cut: a copy.
        """
        name = str(target)
        store = cls(name, "postgres" if name.startswith(("postgresql://", "postgres://")) else "sqlite", own)
        store.durable = durable
        if store.provider == "postgres":
            store._bind_postgres()
        else:
            store._bind_sqlite(create)
        try:
            store._prepare(create, upgrading)
        except BaseException:
            store.close()
            raise
        return store

    def _bind_sqlite(self, create: bool) -> None:
        memory = self.target == ":memory:"
        path = Path(self.target)
        if not memory:
            _check_file(path, create)

        @self.db.on_connect(provider="sqlite")  # type: ignore[untyped-decorator]
        def pragmas(_: Database, connection: sqlite3.Connection) -> None:
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            if not self.durable:
                connection.execute("PRAGMA synchronous = OFF")

        try:
            self.db.bind(provider="sqlite", filename=":memory:" if memory else str(path.resolve()), create_db=create, timeout=5.0)
        except (OSError, DatabaseError, sqlite3.DatabaseError) as error:
            hint = "restore the last backup" if "malformed" in str(error) else "check the file and its folder's rights"
            raise RegelwerkError(f"{path} cannot be opened: {error}", hint) from None
        if not memory:
            path.chmod(0o600)

    def _bind_postgres(self) -> None:
        try:
            self.db.bind(provider="postgres", dsn=self.target)
        except ImportError:
            raise RegelwerkError("PostgreSQL needs a driver", "pip install 'regelwerk[postgres]'") from None
        except DatabaseError as error:
            raise RegelwerkError(f"PostgreSQL cannot be reached: {' '.join(str(error).split())}", "check the DSN") from None

    def _prepare(self, create: bool, upgrading: bool) -> None:
        self.db.generate_mapping(create_tables=False, check_tables=False)
        version = self.schema_version()
        if version is None:
            if not create:
                raise RegelwerkError(f"{self.target} is not a store of Regelwerk", "`regelwerk init DIR` makes one")
            self._create()
        elif version > SCHEMA_VERSION:
            raise RegelwerkError(f"the store has schema {version}, this version knows {SCHEMA_VERSION}", "install the newer Regelwerk")
        elif version < SCHEMA_VERSION:
            if not upgrading:
                raise RegelwerkError(
                    f"the store has schema {version}, this version wants {SCHEMA_VERSION}", "run `regelwerk db upgrade`; it makes a backup first"
                )
            return
        add_columns(self)

    def schema_version(self) -> int | None:
        """The schema's version, None in an empty database. Raises RegelwerkError for what is no database."""
        try:
            with self.session():
                exists = "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"
                if self.provider == "postgres":
                    exists = "SELECT 1 FROM information_schema.tables WHERE table_name = 'schema_version' AND table_schema = current_schema()"
                return int(self.rows("SELECT MAX(version) FROM schema_version", [])[0][0]) if self.rows(exists, []) else None
        except (DatabaseError, sqlite3.DatabaseError) as error:
            raise RegelwerkError(f"{self.target} is not a readable database: {error}", "restore the last backup") from None

    def _create(self) -> None:
        self.db.create_tables()
        with self.session(write=True):
            self.run("CREATE TABLE schema_version (version INTEGER NOT NULL, applied_at TEXT NOT NULL)", [])
            self.run("INSERT INTO schema_version VALUES (?, ?)", [SCHEMA_VERSION, "created"])
            self._watch()

    def create_missing(self) -> None:
        """Create the tables, indexes and change triggers of the model that are not there yet, in the caller's session."""
        self.db.schema.create_tables(self.db.provider, self.db.get_connection())
        self._watch()

    def _watch(self) -> None:
        for statement in sqlite_statements(self.model) if self.provider == "sqlite" else postgres_statements():
            self.execute(statement)

    def insert_many(self, entity: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows with the same keys, set-based; returns their ids in order. Empty text is stored as missing."""
        if not rows:
            return []
        fields = self.model[entity].fields
        names = list(dict.fromkeys([*(name for row in rows for name in row), *(name for table, name in NEVER_NULL if table == entity)]))
        flags = [f.name for f in fields.values() if f.type == "boolean" and f.name not in names]
        filled = [column(entity, name, fields[name].type, [row.get(name) for row in rows], self.provider) for name in names]
        more = [[False] * len(rows) for _ in flags]
        if self.provider == "postgres" and len(rows) == 1:
            return [self._insert_one(entity, [*names, *flags], [values[0] for values in (*filled, *more)])]
        numbers = self._next_ids(entity, len(rows))
        columns = ", ".join(f'"{name}"' for name in ("id", *names, *flags))
        self._execute_many(f'INSERT INTO "{entity}" ({columns}) VALUES', list(zip(numbers, *filled, *more, strict=True)))
        return numbers

    def _insert_one(self, entity: str, names: Sequence[str], values: Sequence[Any]) -> int:
        """One row, one round trip: the server gives the number itself."""
        self.db.flush()
        cursor = self._cursor()
        columns = ", ".join(f'"{name}"' for name in names)
        cursor.execute(f'INSERT INTO "{entity}" ({columns}) VALUES ({", ".join(["%s"] * len(names))}) RETURNING id', values)
        number = int(cursor.fetchone()[0])
        self._forget()
        return number

    def _next_ids(self, entity: str, number: int) -> list[int]:
        self.db.flush()
        if self.provider == "postgres":
            sql = f"SELECT nextval(pg_get_serial_sequence('\"{entity}\"', 'id')) FROM generate_series(1, ?)"
            return [int(row[0]) for row in self.rows(sql, [number])]
        used = self.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", [entity])
        # SQLite keeps it at the highest id that was ever written, whoever wrote it; it has no row before the first one.
        start = (used[0][0] if used else self.rows(f'SELECT MAX(id) FROM "{entity}"', [])[0][0] or 0) + 1
        return list(range(start, start + number))

    def _execute_many(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        self.db.flush()
        cursor = self._cursor()
        if self.provider == "postgres":
            from psycopg2.extras import execute_values

            execute_values(cursor, f"{statement} %s", values, page_size=1000)
        else:
            marks = ", ".join("?" * len(values[0]))
            cursor.executemany(f"{statement} ({marks})", values)
        self._forget()

    def update_many(self, entity: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Update rows by `id`; all rows have the same keys."""
        if not rows:
            return
        fields = self.model[entity].fields
        names = [name for name in rows[0] if name != "id"]
        self.db.flush()
        sets = ", ".join(f'"{name}" = ?' for name in names)
        sql = self._sql(f'UPDATE "{entity}" SET {sets} WHERE id = ?')
        filled = [column(entity, name, fields[name].type, [row[name] for row in rows], self.provider) for name in names]
        values = list(zip(*filled, [row["id"] for row in rows], strict=True))
        if self.provider == "postgres":
            from psycopg2.extras import execute_batch

            execute_batch(self._cursor(), sql, values, page_size=500)  # executemany asks the server once a row
        else:
            self._cursor().executemany(sql, values)
        self._forget()

    def switch(self, name: str) -> str | None:
        """The value of a switch, None if it was never set."""
        found = self.rows("SELECT value FROM switch WHERE name = ?", [name])
        return str(found[0][0]) if found and found[0][0] is not None else None

    def set_switch(self, name: str, value: str | None, by: str, now: datetime) -> None:
        """Set a switch (in a writing session)."""
        known = self.rows("SELECT id FROM switch WHERE name = ?", [name])
        row = {"name": name, "value": value, "by": by or None, "set_at": now}
        if known:
            self.update_many("switch", [{"id": known[0][0], **row}])
        else:
            self.insert_many("switch", [row])

    def swap_switch(self, name: str, old: str | None, new: str | None, by: str, now: datetime) -> None:
        """Set a switch only if it still has the old value, also if another process sets it now (in a writing session)."""
        if not self.rows("SELECT id FROM switch WHERE name = ?", [name]):
            self.set_switch(name, None, by, now)
        self.run("UPDATE switch SET value = ? WHERE name = ? AND COALESCE(value, '') = ?", [new, name, old or ""])

    @contextmanager
    def throwaway(self, own: Own | None = None) -> Iterator[Store]:
        """A store that can be written to and leaves nothing: a private copy, or a transaction rolled back.

        `own` are the own fields it is to have, where they are not this store's. PostgreSQL's columns are not touched for
        that: the fields must have theirs (engine/store/own.py, `without_column`).
        """
        fields = self.own if own is None else own
        if self.provider == "sqlite":
            with tempfile.TemporaryDirectory(prefix="regelwerk-") as folder:
                path = Path(folder) / "copy.db"
                self.copy_to(path)
                copy = Store.open(path, own=fields, durable=False)
                try:
                    yield copy
                finally:
                    copy.close()
            return
        other = self if fields == self.own else Store.open(self.target, own=fields)
        try:
            with other.session(write=True):
                try:
                    yield other
                finally:
                    other.db.rollback()
        finally:
            if other is not self:
                other.close()

    def copy_to(self, path: Path) -> None:
        """Copy a SQLite store to a new file by the backup interface; safe while others write."""
        with self.session():
            source = self.db._exec_sql("SELECT 1").connection
            target = sqlite3.connect(path)
            try:
                source.backup(target)
            finally:
                target.close()
        os.chmod(path, 0o600)

    def memory(self) -> sqlite3.Connection:
        """The one connection of a store in memory, outside of any session; tests fill it from an empty copy."""
        assert self.target == ":memory:", "a store with a file or a server has many connections"
        with self.session():
            connection: sqlite3.Connection = self.db._exec_sql("SELECT 1").connection
        return connection

    def analyze(self) -> None:
        """Refresh the planner's statistics. Never while the engine's tables are empty (spike.md, statistics)."""
        with self.session(write=True):
            self._cursor().execute("ANALYZE")

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Hold the store for one runner; another gets exit 75. The kernel lets go of it when the process dies."""
        if self.target == ":memory:":
            yield
        elif self.provider == "postgres":
            with server_lock(self.target):
                yield
        else:
            with file_lock(Path(f"{self.target}.lock")):
                yield

    def close(self) -> None:
        """Close all connections."""
        self.db.disconnect()


def _check_file(path: Path, create: bool) -> None:
    if not path.exists():
        if not create:
            raise RegelwerkError(f"there is no store at {path}", "`regelwerk init DIR` makes one", code="no-store")
        if not os.access(path.parent, os.W_OK):
            raise RegelwerkError(f"{path.parent} cannot be written to", "check the folder's rights")
        return
    head = path.open("rb").read(16)
    if head and head != b"SQLite format 3\0":
        raise RegelwerkError(f"{path} is not a SQLite database", "restore the last backup")
