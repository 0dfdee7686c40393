"""One runner at a time: a lock the kernel or the server lets go of when its holder dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.language.findings import RegelwerkError

NUMBER = 7261948
"""Names our lock among a PostgreSQL server's advisory locks."""


@contextmanager
def server_lock(dsn: str) -> Iterator[None]:
    """An advisory lock on a connection of its own. Raises RegelwerkError (exit 75) where it is held."""
    import psycopg2

    connection = psycopg2.connect(dsn)
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [NUMBER])
        if not cursor.fetchone()[0]:
            raise _held("")
        yield
    finally:
        connection.close()


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """A lock on a file, which holds the process's number. Raises RegelwerkError (exit 75) where it is held."""
    import fcntl

    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.seek(0)
            raise _held(f" (process {handle.read().strip() or '?'})") from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _held(by: str) -> RegelwerkError:
    return RegelwerkError(f"another run holds the store{by}", "try again when it has finished", exit_code=75)
