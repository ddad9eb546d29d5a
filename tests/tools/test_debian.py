"""Packages of a Debian release, from whichever of its names an archive can give."""

import shutil
import subprocess

import pytest

from kwhisper_tools.host import debian


@pytest.fixture
def archive(monkeypatch, tmp_path):
    """archive(the suites it gives): unpack()'s way to it; archive.asked are those it was asked."""

    def give(*whole):
        def download(state, suite, architecture, packages, target):
            give.asked.append(suite)
            state.mkdir()  # fails where the last one has left something
            if suite not in whole:
                (target / "third.deb").write_bytes(b"of another point release")
                raise debian.Unavailable(f"{suite} is not whole")
            for package in packages:
                content = tmp_path / "content" / package
                (content / "DEBIAN").mkdir(parents=True)
                (content / "DEBIAN" / "control").write_text(
                    f"Package: {package}\nVersion: 1\nArchitecture: {architecture}\n"
                    f"Maintainer: nobody\nDescription: made up\n"
                )
                (content / package).write_text(suite)
                built = ["dpkg-deb", "-b", str(content), str(target / f"{package}.deb")]
                subprocess.run(built, check=True, capture_output=True)

        monkeypatch.setattr(debian, "_download", download)

    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool} here")
    give.asked = []
    return give


@pytest.mark.parametrize("given", ["trixie", "stable"])
def test_the_next_name_of_a_release_is_asked_where_one_fails(archive, tmp_path, given):
    archive(given)
    target = tmp_path / "target"
    target.mkdir()
    root = debian.unpack(target, ("trixie", "stable"), "i386", ["first", "second"])
    assert archive.asked == {"trixie": ["trixie"], "stable": ["trixie", "stable"]}[given]
    assert [(root / name).read_text() for name in ("first", "second")] == [given] * 2
    assert list(target.iterdir()) == [root], "no packages and no lists are left"


def test_where_every_name_fails_the_last_one_says_why(archive, tmp_path):
    archive()
    with pytest.raises(debian.Unavailable, match="stable is not whole"):
        debian.unpack(tmp_path, ("trixie", "stable"), "i386", ["first"])
    assert archive.asked == ["trixie", "stable"]
