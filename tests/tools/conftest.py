"""What is built is built once for all processes of a run."""

import pytest

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
