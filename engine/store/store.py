"""A store: SQLite file, memory, or PostgreSQL. Sessions, set-based writes, throw-away copies.

Several may be open at once; nothing here is a module-global database (design.md, store).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from pony.orm import Database, db_session
from pony.orm.core import DatabaseError

from engine.language.findings import RegelwerkError
from engine.store.capture import postgres_statements, sqlite_statements
from engine.store.entities import NEVER_NULL, build, class_name
from engine.store.locks import file_lock, server_lock
from engine.store.model import Own, with_own
from engine.store.own import add_columns
from engine.store.stored import plain, stored

SCHEMA_VERSION = 1
MANY = 500
"""How many values a statement takes at most in one list: few lengths, so few texts to prepare."""
UNLABELLED = ("", 0, False)
"""The label of a change that nobody labelled: no cause, no depth, it raises events."""


class Store:
    """An open store. Use `Store.open`."""

    def __init__(self, target: str, provider: str, own: Own = ()) -> None:
        self.target = target
        self.provider = provider
        self.own = own
        self.model = with_own(own)
        self.db = Database()
        self.entities: dict[str, Any] = build(self.db, self.model)
        self.names: dict[str, Any] = {class_name(name): entity for name, entity in self.entities.items()}
        self._depth = 0
        self._writing = False
        self._labels = [UNLABELLED]

    @classmethod
    def open(cls, target: str | Path, *, create: bool = False, own: Own = (), upgrading: bool = False) -> Store:
        """Open a file, ":memory:" or a postgresql:// DSN; `create` makes what is not there. Raises RegelwerkError.

        A dealer's own fields that have no column yet get one.
        """
        name = str(target)
        store = cls(name, "postgres" if name.startswith(("postgresql://", "postgres://")) else "sqlite", own)
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
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 5000", "foreign_keys = ON", "recursive_triggers = ON"):
                connection.execute(f"PRAGMA {pragma}")

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
            raise RegelwerkError(f"PostgreSQL cannot be reached: {error}", "check the DSN") from None

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
            for statement in sqlite_statements(self.model) if self.provider == "sqlite" else postgres_statements():
                self.execute(statement)

    @contextmanager
    def session(self, write: bool = False) -> Iterator[None]:
        """A database session, committed at its end and rolled back on an exception.

        Inside another it joins that one; a writing one inside a writing one takes back its own rows on an exception.
        A writing session takes SQLite's write lock at once: a read that becomes a write would fail (safety.md §8).
        """
        assert self._writing or not (write and self._depth), "a writing session cannot begin inside a reading one: open the outer one with write=True"
        if self._depth:
            with self._savepoint() if write else nullcontext():
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
            return
        self._depth, self._writing = 1, write
        try:
            with db_session(immediate=write, optimistic=not write, strict=False):
                yield
        finally:
            self._depth, self._writing, self._labels = 0, False, [UNLABELLED]

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        self.db.flush()
        self._cursor().execute("SAVEPOINT inner_session")  # the name may nest: the innermost is meant
        try:
            yield
            self.db.flush()
        except BaseException:
            if self._in_transaction():
                self._cursor().execute("ROLLBACK TO SAVEPOINT inner_session")
                self._cursor().execute("RELEASE SAVEPOINT inner_session")
                self._forget()
            raise
        self._cursor().execute("RELEASE SAVEPOINT inner_session")

    def _in_transaction(self, usable: bool = False) -> bool:
        """Whether there still is a transaction; `usable`: one that no failed statement has stopped."""
        connection = self.db.get_connection()
        if self.provider == "sqlite":
            return bool(connection.in_transaction)
        from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_INTRANS

        return connection.info.transaction_status in (TRANSACTION_STATUS_INTRANS, *(() if usable else (TRANSACTION_STATUS_INERROR,)))

    def _cursor(self) -> Any:
        return self.db.get_connection().cursor()

    def _sql(self, sql: str) -> str:
        return sql.replace("%", "%%").replace("?", "%s") if self.provider == "postgres" else sql

    def rows(self, sql: str, args: Sequence[Any]) -> list[Any]:
        """The rows of a literal statement of ours; `?` stands for a value."""
        with self.session():
            if self._writing:
                self.db.flush()
            # Pony's public raw access takes SQLite's write lock even to read (spike.md, traps); this one does not.
            cursor = self.db._exec_sql(self._sql(sql), plain(args, self.provider))
            return list(cursor.fetchall())

    def rows_in(self, sql: str, args: Sequence[Any], values: Sequence[Any]) -> list[Any]:
        """The rows of a literal statement whose last `?`s, written `({})`, take a list of values; in chunks."""
        found: list[Any] = []
        for start in range(0, len(values), MANY):
            chunk = values[start : start + MANY]
            found += self.rows(sql.format(", ".join("?" * len(chunk))), [*args, *chunk])
        return found

    def run(self, sql: str, args: Sequence[Any]) -> int:
        """Run a literal writing statement of ours; returns how many rows it touched."""
        self.db.flush()
        cursor = self._cursor()
        cursor.execute(self._sql(sql), plain(args, self.provider))
        self._forget()
        return int(cursor.rowcount)

    def execute(self, statement: str) -> None:
        """Run one statement that changes the schema."""
        self._cursor().execute(statement)

    def _forget(self) -> None:
        """Pony's session cache must not answer for what raw statements changed."""
        self.db._get_cache().query_results.clear()

    def insert_many(self, entity: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
        """Insert rows with the same keys, set-based; returns their ids in order. Empty text is stored as missing."""
        if not rows:
            return []
        fields = self.model[entity].fields
        names = list(dict.fromkeys([*(name for row in rows for name in row), *(name for table, name in NEVER_NULL if table == entity)]))
        flags = [f.name for f in fields.values() if f.type == "boolean" and f.name not in names]
        first = self._next_ids(entity, len(rows))
        values = [
            (first[n], *(stored(entity, name, row.get(name), fields[name].type) for name in names), *(False for _ in flags)) for n, row in enumerate(rows)
        ]
        columns = ", ".join(f'"{name}"' for name in ("id", *names, *flags))
        self._execute_many(f'INSERT INTO "{entity}" ({columns}) VALUES', values)
        return first

    def _next_ids(self, entity: str, number: int) -> list[int]:
        self.db.flush()
        if self.provider == "postgres":
            sql = f"SELECT nextval(pg_get_serial_sequence('\"{entity}\"', 'id')) FROM generate_series(1, ?)"
            return [int(row[0]) for row in self.rows(sql, [number])]
        used = self.rows("SELECT seq FROM sqlite_sequence WHERE name = ?", [entity])
        highest = self.rows(f'SELECT MAX(id) FROM "{entity}"', [])[0][0] or 0
        start = max(highest, used[0][0] if used else 0) + 1
        return list(range(start, start + number))

    def _execute_many(self, statement: str, values: list[tuple[Any, ...]]) -> None:
        self.db.flush()
        cursor = self._cursor()
        if self.provider == "postgres":
            from psycopg2.extras import execute_values

            execute_values(cursor, f"{statement} %s", values, page_size=1000)
        else:
            marks = ", ".join("?" * len(values[0]))
            cursor.executemany(f"{statement} ({marks})", [plain(row, self.provider) for row in values])
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
        values = [plain([*(stored(entity, name, row[name], fields[name].type) for name in names), row["id"]], self.provider) for row in rows]
        self._cursor().executemany(sql, values)
        self._forget()

    @contextmanager
    def context(self, cause: str = "", depth: int = 0, quiet: bool = False) -> Iterator[None]:
        """Label every change written inside (in a writing session): its cause, its depth, whether it raises events.

        At its end the label from before is back; an inner one replaces the outer one whole.
        """
        assert self._writing, "changes are labelled in a writing session"
        self._labels.append((cause, depth, quiet))
        try:
            self._label(*self._labels[-1])
            yield
        finally:
            self._labels.pop()
            if self._in_transaction(usable=True):  # a transaction that is broken rolls its label back too
                self._label(*self._labels[-1])

    def _label(self, cause: str, depth: int, quiet: bool) -> None:
        if self.provider == "sqlite":
            self.run("UPDATE change_context SET cause = ?, depth = ?, quiet = ?", [cause or None, depth, quiet])
            return
        for name, value in (("cause", cause), ("depth", str(depth)), ("quiet", "true" if quiet else "false")):
            self.rows("SELECT set_config(?, ?, true)", [f"regelwerk.{name}", value])

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

    @contextmanager
    def throwaway(self) -> Iterator[Store]:
        """A store that can be written to and leaves nothing: a private copy, or a transaction rolled back."""
        if self.provider == "sqlite":
            with tempfile.TemporaryDirectory(prefix="regelwerk-") as folder:
                path = Path(folder) / "copy.db"
                self.copy_to(path)
                copy = Store.open(path, own=self.own)
                try:
                    yield copy
                finally:
                    copy.close()
            return
        with self.session(write=True):
            try:
                yield self
            finally:
                self.db.rollback()

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
