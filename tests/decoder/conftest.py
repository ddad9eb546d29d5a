"""Fixtures of the decoder's tests."""

import pytest

from kwhisper_tools import paths
from meterwire import _twin

PACKAGE = paths.FIRMWARE / "lib" / "meterwire"


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """The folder of the decoder with its plain twins only, as source for MicroPython."""
    folder = tmp_path_factory.mktemp("plain")
    (folder / "meterwire").mkdir()
    for source in PACKAGE.glob("*.py"):
        if source.stem.endswith("_v"):
            twin = folder / "meterwire" / f"{source.stem[:-2]}_plain.py"
            twin.write_text(_twin.plain_source(source.read_text()))
        elif source.name not in ("_twin.py", "gcm_host.py"):
            (folder / "meterwire" / source.name).write_text(source.read_text())
    return folder
