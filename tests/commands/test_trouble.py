"""What a command says when the store or the machine fails, or we do."""

import sqlite3
from pathlib import Path

import pytest

from engine.commands import run
from engine.commands.trouble import sort_out


def error_of(statements, **pragma):
    connection = sqlite3.connect(":memory:")
    for name, value in pragma.items():
        connection.execute(f"PRAGMA {name} = {value}")
    for statement in statements[:-1]:
        connection.execute(statement)
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(statements[-1])
    return caught.value


def test_a_full_disk_is_named():
    found = sort_out(error_of(["CREATE TABLE t (x)", "INSERT INTO t VALUES (zeroblob(1000000))"], max_page_count=5))
    assert (found.message, found.exit_code) == ("the disk is full; nothing of this was kept", 1)


def test_a_store_that_cannot_be_written_is_named():
    assert sort_out(error_of(["CREATE TABLE t (x)"], query_only=1)).message == "the store cannot be written to"


def test_a_damaged_store_is_named(tmp_path, capsys):
    folder = tmp_path / "haus"
    assert run(["init", str(folder)]) == 0
    path = folder / "regelwerk.db"
    raw = path.read_bytes()
    for name in ("regelwerk.db-wal", "regelwerk.db-shm"):
        (folder / name).unlink(missing_ok=True)
    path.write_bytes(raw[:4096] + b"\xff" * (len(raw) - 4096))
    assert run(["status", "--site", str(folder)]) == 1
    assert "restore the last backup" in capsys.readouterr().err


def test_a_mistake_of_ours_leaves_a_log_and_exit_70():
    try:
        raise ZeroDivisionError("secret 4711")
    except ZeroDivisionError as error:
        found = sort_out(error)
    assert found.exit_code == 70
    assert "4711" not in found.message
    log = Path(found.hint.rpartition(" ")[2])
    assert "ZeroDivisionError: secret 4711" in log.read_text("utf-8")
    log.unlink()
