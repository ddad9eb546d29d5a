"""Fixtures of the decoder's tests."""

import pytest

from meterwire import _twin


def lay(folder, viper):
    """Write the decoder as a chip gets it, but as source, with these functions in Viper."""
    package = folder / "meterwire"
    package.mkdir()
    for name, text in _twin.chip_files(viper).items():
        (package / name).write_text(text)
    (package / _twin.PROFILES.name).write_bytes(_twin.PROFILES.read_bytes())
    return folder


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """The folder of the decoder without any Viper, for MicroPython."""
    return lay(tmp_path_factory.mktemp("plain"), {})


@pytest.fixture(scope="session")
def viper(tmp_path_factory):
    """The folder of the decoder with all of its Viper functions."""
    return lay(tmp_path_factory.mktemp("viper"), None)
