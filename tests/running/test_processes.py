"""Real processes on a real store: two at once, and one that is killed without warning."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.store.store import Store
from tests.running.test_tick import busy_store, snapshot
from tests.support.postgres import fresh_database

HERE = Path(__file__).parents[2]
NOW = "2024-03-01T08:00"


@pytest.fixture(params=["sqlite", "postgres"])
def make_site(request, tmp_path):
    """Makes a site of its own with a filled store; returns its folder and the environment that opens it."""

    def make(name):
        folder = tmp_path / name
        (folder / "rules").mkdir(parents=True)
        (folder / "regelwerk.yaml").write_text("pack: site\npacks: [standard]\nstore: regelwerk.db\n", "utf-8")
        env = {**os.environ, "PYTHONPATH": str(HERE)}
        target = folder / "regelwerk.db"
        if request.param == "postgres":
            server = request.getfixturevalue("pg_server") or pytest.skip("no PostgreSQL")
            target = env["REGELWERK_STORE"] = fresh_database(server, f"p{os.getpid()}{name}{tmp_path.name[-6:]}".replace("-", "_"))
        store = Store.open(target, create=True)
        busy_store(store)
        store.close()
        return folder, env, target

    return make


def start(folder, env):
    command = [sys.executable, str(HERE / "cli.py"), "run", "--site", str(folder), "--now", NOW]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(folder, env):
    process = start(folder, env)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def seen(target):
    store = Store.open(target)
    try:
        return snapshot(store)
    finally:
        store.close()


def test_two_runs_at_once_end_as_one(make_site):
    folder, env, target = make_site("alone")
    finished(folder, env)
    wanted = seen(target)
    assert len(wanted[0]) > 30
    folder, env, target = make_site("both")
    processes = [start(folder, env) for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 75), errors
    assert any(process.returncode == 0 for process in processes)
    assert seen(target) == wanted


def test_a_run_killed_without_warning_and_run_again_ends_as_one(make_site):
    folder, env, target = make_site("alone")
    began = time.monotonic()
    finished(folder, env)
    took = time.monotonic() - began
    wanted = seen(target)
    folder, env, target = make_site("killed")
    for part in (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9):
        process = start(folder, env)
        time.sleep(took * part)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
    finished(folder, env)
    assert seen(target) == wanted


def test_a_busy_store_is_left_to_the_other(make_site):
    folder, env, target = make_site("busy")
    store = Store.open(target)
    with store.lease():
        process = start(folder, env)
        _, errors = process.communicate(timeout=120)
    store.close()
    assert process.returncode == 75
    assert "another run" in errors
