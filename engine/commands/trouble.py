"""What is left when a command fails without a finding: trouble with the store, or a mistake of ours (exit 70)."""

from __future__ import annotations

import tempfile
import traceback
from pathlib import Path

from pony.orm.core import DatabaseError

from engine.language.findings import RegelwerkError

KNOWN = (
    ("locked", "somebody else is writing to the store", "try again in a moment", 75),
    ("disk is full", "the disk is full; nothing of this was kept", "make room and do it again", 1),
    ("readonly", "the store cannot be written to", "check the rights of the file and its folder", 1),
    ("read-only", "the store cannot be written to", "check the rights of the file and its folder", 1),
    ("unable to open", "the store cannot be opened", "check the rights of the file and its folder", 1),
    ("malformed", "the store is damaged", "restore the last backup; `regelwerk db check` tells more", 1),
)
"""Part of what a database says -> what it means, what to do, the exit code."""


def sort_out(error: Exception) -> RegelwerkError:
    """The error as people should read it. A mistake of ours is kept in a file."""
    said = str(error).lower()
    causes = isinstance(error, DatabaseError) or type(error).__module__ in ("sqlite3", "psycopg2.errors", "psycopg2")
    for part, message, hint, code in KNOWN if causes else ():
        if part in said:
            return RegelwerkError(message, hint, exit_code=code)
    if isinstance(error, OSError) and error.strerror:
        return RegelwerkError(f"{error.filename or 'the file'}: {error.strerror}", "check the file, its folder's rights and the room on the disk")
    with tempfile.NamedTemporaryFile("w", prefix="regelwerk-", suffix=".log", delete=False, encoding="utf-8") as handle:
        handle.write("".join(traceback.format_exception(error)))
    return RegelwerkError(f"this is a mistake of ours: {type(error).__name__}", f"the store is as it was; please send us {Path(handle.name)}", exit_code=70)
