"""The command as people install it: a wheel, outside a checkout, on systems that are not Unix."""

import os
import platform
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from unittest.mock import Mock

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import dist
from kwhisper_tools.meters import make

# What Windows' Python lacks.
_HIDE = """\
import sys
for name in ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None
from kwhisper_tools.cli import main
main()
"""
# An old Windows reads and prints few letters: here none beyond ASCII.
_FEW_LETTERS = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture(scope="module")
def installed(once, wheel, tmp_path_factory):
    """Runs the wheel's command in an environment of its own, whose third-party packages are those
    of this one, in a folder outside the checkout, without what only Unix has."""

    def install(folder):
        venv.create(folder / "env", with_pip=True)
        python = folder / "env" / "bin" / "python"
        command = [python, "-m", "pip", "install", "-q", "--no-deps", wheel]
        subprocess.run(command, check=True, timeout=120)
        site = next((folder / "env").glob("lib/python*/site-packages"))
        # Not .pth files: those of this environment lead back into the checkout.
        others = next(p for p in sys.path if p.endswith("site-packages"))
        (site / "others.pth").write_text(others + "\n")
        for name in ("esptool", "mpremote", "unearth"):
            (python.parent / name).symlink_to(paths.program(name))

    python = once("installed", install) / "env" / "bin" / "python"
    folder = tmp_path_factory.mktemp("installed")
    (folder / "work").mkdir()

    def run(*arguments):
        return subprocess.run(
            [python, "-c", _HIDE, *arguments],
            cwd=folder / "work",
            env=os.environ | _FEW_LETTERS | {"XDG_CACHE_HOME": str(folder / "cache")},
            capture_output=True,
            text=True,
            timeout=180,
        )

    run.work = folder / "work"
    return run


@pytest.mark.slow
def test_the_wheel_holds_what_the_command_needs(wheel):
    assert wheel.name.startswith(f"kwhisper_tools-{dist.version('kwhisper', 'VERSION')}-")
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {n.removeprefix("kwhisper_tools/checkout/") for n in names}
    for path in ("boot.py", "main.py", "firmware/kwhisper/web/static/live.html"):
        assert path in inside
    listed = subprocess.run(
        ["git", "ls-files", "firmware"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    there = {path for path in listed if (paths.ROOT / path).exists()}
    assert len(there) > 100 and there <= inside, sorted(there - inside)
    assert not [n for n in names if "__pycache__" in n or "egg-info" in n or "tests/" in n]


@pytest.mark.slow
def test_the_installed_command_knows_it_is_no_checkout(installed):
    done = installed("--help")
    assert done.returncode == 0 and "flash" in done.stdout, done.stderr


@pytest.mark.slow
def test_it_decodes(installed, tmp_path):
    frame = next(iter(make("kamstrup", 1))).data
    (tmp_path / "capture.hex").write_text(frame.hex())
    done = installed("decode", "--json", str(tmp_path / "capture.hex"))
    assert done.returncode == 0 and '"Kamstrup_V0001"' in done.stdout, done.stderr


@pytest.mark.slow
def test_it_builds_what_the_checkout_builds(installed):
    from kwhisper_tools.build import tree

    done = installed("build", "--chip", "esp32c3")
    assert done.returncode == 0, done.stderr
    built = installed.work / "dist" / tree.CHIPS["esp32c3"].folder / "tree"
    files = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    assert files == {"manifest", *tree.make(tree.CHIPS["esp32c3"]).files}


@pytest.mark.slow
def test_it_plans_to_flash(installed):
    done = installed("flash", "COM3", "--chip", "esp32s3", "--dry-run")
    assert done.returncode == 0 and "connect COM3" in done.stdout, done.stderr


@pytest.mark.slow
def test_what_needs_unix_says_so(installed):
    done = installed("simulate", "aidon", "--pty")
    assert done.returncode == 2 and "--tcp" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("system", "machine"), [("win32", "AMD64"), ("linux", "aarch64")])
def test_where_there_is_no_unix_port_the_demo_says_so(system, machine, monkeypatch):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(paths, "program", Mock(side_effect=FileNotFoundError("not installed")))
    monkeypatch.delenv("KWHISPER_MICROPYTHON", raising=False)
    with pytest.raises(FileNotFoundError, match="Linux on x86-64, on Windows in WSL"):
        paths.micropython()
    monkeypatch.setenv("KWHISPER_MICROPYTHON", "/own/micropython")
    assert paths.micropython() == "/own/micropython"


def python_of(version):
    """An interpreter of that version, on the PATH or of pyenv; else the test is skipped."""
    top = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    places = [shutil.which(f"python{version}"), *top.glob(f"{version}.*/bin/python")]
    for place in filter(None, places):
        # pyenv's own programs are there for versions that are not chosen, too.
        if not subprocess.run([place, "--version"], capture_output=True, timeout=60).returncode:
            return place
    pytest.skip(f"no Python {version} here")


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_wheel_runs_on_every_python(version, wheel, tmp_path):
    """With the packages it asks for, as pipx installs it: a meter is decoded and simulated."""
    if version == "{}.{}".format(*sys.version_info):
        pytest.skip("the other tests run on it")
    subprocess.run([python_of(version), "-m", "venv", tmp_path / "env"], check=True, timeout=120)
    programs = tmp_path / "env" / "bin"
    command = [programs / "python", "-m", "pip", "install", "-q", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]

    def run(*arguments):
        command = [programs / "kwhisper", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)

    (tmp_path / "capture.hex").write_text(next(iter(make("kamstrup", 1))).data.hex())
    assert "Kamstrup_V0001" in run("decode", "--json", "capture.hex").stdout
    shown = run("demo", "--seconds", "8")
    assert shown.returncode == 0 and "kwhisper/status online" in shown.stdout, shown.stderr
