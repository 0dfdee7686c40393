"""A wheel, an editable install and a plain checkout all find the shipped packs."""

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
    assert (schemas / "definitions.json").as_uri() in (tmp_path / "haus" / ".vscode" / "settings.json").read_text("utf-8")
    assert {path.name for path in schemas.iterdir()} == {path.name for path in (HERE / "schemas").iterdir()}
    assert "0 findings" in regelwerk("check", "--site", "haus", path=unpacked, cwd=tmp_path)
    assert "nothing to do" in regelwerk("run", "--site", "haus", path=unpacked, cwd=tmp_path)


def test_a_plain_checkout_runs_by_its_front_door(tmp_path):
    done = subprocess.run([sys.executable, str(HERE / "cli.py"), "init", "haus"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([sys.executable, str(HERE / "cli.py"), "check", "--site", "haus"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "0 findings" in done.stderr) == (0, True)
