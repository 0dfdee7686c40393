"""Sessions on a database and the statements inside them; every change written carries a label.

A writing session takes its lock at once; one inside another joins it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from pony.orm import Database, db_session

from engine.store.entities import build, class_name
from engine.store.model import Own, with_own
from engine.store.stored import plain

MANY = 500
"""How many values a statement takes at most in one list: few lengths, so few texts to prepare."""
UNLABELLED = ("", 0, False)
"""The label of a change that nobody labelled: no cause, no depth, it raises events."""


class Sessions:
    """A database with the model's entities."""

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
        sql = "SELECT set_config('regelwerk.cause', ?, true), set_config('regelwerk.depth', ?, true), set_config('regelwerk.quiet', ?, true)"
        self.rows(sql, [cause, str(depth), "true" if quiet else "false"])
