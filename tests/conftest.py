"""Fixtures that every folder of tests shares: paths, captures, builds, MicroPython runtimes."""

import fcntl
import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from kwhisper_tools import paths

# No test asserts a time: a machine under load is slow.
settings.register_profile("kwhisper", deadline=None)
settings.load_profile("kwhisper")

CAPTURES = Path(
    os.environ.get("KWHISPER_CAPTURES") or (paths.ROOT / ".." / "shared" / "captures").resolve()
)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return paths.ROOT


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """once(name, make): the folder that make(folder) fills, once for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    top = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder_of(name, make):
        folder, done = top / name, top / f"{name}.done"
        with open(top / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def captures() -> dict[str, dict]:
    """Every real capture by its id; they lie beside the repo because meter ids are in them."""
    files = sorted(f for name in ("frames", "unsolved") for f in (CAPTURES / name).glob("*.json"))
    if not files:
        pytest.skip(f"no captures in {CAPTURES}: set KWHISPER_CAPTURES to their folder")
    frames = (json.loads(file.read_text()) for file in files)
    return {frame["id"]: frame for frame in frames}


@pytest.fixture(scope="session")
def micropython() -> str:
    """The path of MicroPython's 64-bit unix port."""
    try:
        return paths.micropython()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def micropython32() -> list[str]:
    """The command (a list) that starts 32-bit MicroPython, the model of the chips' memory."""
    from kwhisper_tools.host import unix32

    try:
        return unix32.command()
    except unix32.Unavailable as error:
        pytest.skip(str(error))


def run(command: list[str], script: str, path: list[str] = (), timeout: float = 60) -> str:
    """Run a script on a MicroPython and return what it printed; an error there fails the test."""
    environment = dict(os.environ, MICROPYPATH=":".join([*path, ".frozen"]))
    done = subprocess.run(
        [*command, "-c", script],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def on_micropython():
    """run(command, script, path): a script on a MicroPython runtime."""
    return run
