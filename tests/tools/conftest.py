"""What is built is built once for all processes of a run."""

import subprocess
import sys

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import dist as maker
from kwhisper_tools.build import tree


def make(folder):
    for chip in tree.CHIPS.values():
        maker.make(chip, folder)
    maker.write_manifest(folder)


@pytest.fixture(scope="session")
def dist(once):
    """dist/ as `kwhisper build` makes it; tests only read it."""
    return once("dist", make)


def make_wheel(folder):
    """The wheel of this checkout, made as `make release` makes it."""
    command = [sys.executable, "-m", "build", "-o", str(folder), str(paths.ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode and "build-system" not in done.stderr + done.stdout:
        pytest.skip(f"no package index: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.fixture(scope="session")
def wheel(once):
    """The path of the wheel."""
    return next(once("wheel", make_wheel).glob("*.whl"))
