"""A wheel, an editable install and a plain checkout all find the shipped packs."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=HERE, check=True, capture_output=True)
    (wheel,) = folder.glob("regelwerk-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def regelwerk(*words, path, cwd):
    code = f"import sys; sys.path.insert(0, {str(path)!r}); from engine.commands import main; sys.argv[0] = 'regelwerk'; main()"
    done = subprocess.run([sys.executable, "-I", "-c", code, *words], cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_wheel_holds_the_packs_and_runs_them(unpacked, tmp_path):
    names = {path.relative_to(unpacked).parts[0] for path in unpacked.iterdir()}
    assert {name for name in names if not name.endswith(".dist-info")} == {"engine"}
    assert regelwerk("init", "haus", path=unpacked, cwd=tmp_path)
    schemas = unpacked / "engine" / "shipped" / "schemas"
    assert ".regelwerk/definitions.json" in (tmp_path / "haus" / ".vscode" / "settings.json").read_text("utf-8")
    assert "standard.remotorisation" in (tmp_path / "haus" / ".regelwerk" / "definitions.json").read_text("utf-8")
    assert {path.name for path in schemas.iterdir()} == {path.name for path in (HERE / "schemas").iterdir()}
    assert "0 findings" in regelwerk("check", "--site", "haus", path=unpacked, cwd=tmp_path)
    assert "nothing to do" in regelwerk("run", "--site", "haus", path=unpacked, cwd=tmp_path)


def test_a_plain_checkout_runs_by_its_front_door(tmp_path):
    done = subprocess.run([sys.executable, str(HERE / "cli.py"), "init", "haus"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([sys.executable, str(HERE / "cli.py"), "check", "--site", "haus"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "0 findings" in done.stderr) == (0, True)


def test_an_editable_install_finds_the_packs_from_anywhere(tmp_path):
    origin = importlib.metadata.distribution("regelwerk").read_text("direct_url.json") or "{}"
    if not json.loads(origin).get("dir_info", {}).get("editable"):
        pytest.skip("regelwerk is not installed editable here: `make .venv/ready` does so")
    command = str(Path(sys.executable).with_name("regelwerk"))
    for words in (["init", str(tmp_path / "haus")], ["check", "--site", str(tmp_path / "haus")]):
        done = subprocess.run([command, *words], cwd="/", capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
    assert "0 findings" in done.stderr


def pythons():
    """The interpreters on the PATH and under pyenv, by version."""
    found = {}
    for version in ("3.11", "3.12", "3.13"):
        there = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")) or [shutil.which(f"python{version}")]
        found[version] = there[-1]
    return found


@pytest.mark.soak
@pytest.mark.parametrize(("version", "python"), pythons().items())
def test_the_wheel_installs_and_runs_on_every_python(version, python, tmp_path):
    if python is None:
        pytest.skip(f"no Python {version}: neither on the PATH nor under pyenv")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=HERE, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("regelwerk-*.whl")
    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True, capture_output=True)
    home = tmp_path / "venv" / "bin"
    subprocess.run([home / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(wheel)], check=True, capture_output=True)
    ways = [[home / "regelwerk"], [home / "python", HERE / "cli.py"]]
    for number, way in enumerate(ways):
        for words in (["init", str(tmp_path / f"haus{number}")], ["check", "--site", str(tmp_path / f"haus{number}")]):
            done = subprocess.run([*way, *words], cwd="/", capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
            assert done.returncode == 0, done.stderr
        assert "0 findings" in done.stderr
