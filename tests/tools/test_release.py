"""A release is made from what is committed and told of, and is the same every time."""

import hashlib
import json
import zipfile

import pytest

from kwhisper_tools.build import fetch, release, web


def test_what_is_not_committed_or_not_told_of_is_no_release():
    changes = "## [Unreleased]\n\n## [1.2.0] - 2026-12-01\n"
    assert release.problem("1.2.0", changes, "") is None
    assert "not committed" in release.problem("1.2.0", changes, " M boot.py\n")
    assert "CHANGELOG.md" in release.problem("1.3.0", changes, "")


def test_an_archive_holds_the_files_and_has_the_same_bytes_again(tmp_path):
    folder = tmp_path / "built"
    (folder / "tree").mkdir(parents=True)
    (folder / "tree" / "app.mpy").write_bytes(b"code")
    (folder / "LICENSE").write_text("MIT")
    sums = set()
    for number in range(2):
        target = tmp_path / str(number) / "kwhisper-1.2.0-esp32.zip"
        target.parent.mkdir()
        release.archive(folder, target)
        sums.add(hashlib.sha256(target.read_bytes()).hexdigest())
    assert len(sums) == 1
    names = zipfile.ZipFile(target).namelist()
    assert names == ["kwhisper-1.2.0-esp32/LICENSE", "kwhisper-1.2.0-esp32/tree/app.mpy"]


def test_what_is_not_ours_is_told_in_a_valid_document():
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = release.materials("1.2.0")
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(text) is None
    assert release.materials("1.2.0") == text
    found = {c["name"]: c for c in json.loads(text)["components"]}
    assert found["microdot"]["hashes"][0]["content"] == fetch.PACKAGES["microdot"][2]
    for package in (web.ESPTOOL, web.QRCODE):
        name, _, version = package.partition("@")
        assert found[name]["version"] == version
    assert found["esptool"]["purl"].startswith("pkg:pypi/esptool@")
    assert found["micropython-umqtt.simple"]["scope"] == "excluded"


@pytest.fixture(scope="module")
def released(once):
    """dist/ of a release."""

    def make(out):
        try:
            release.make("1.2.0", out)
        except web.Unavailable as why:
            pytest.skip(str(why))

    return once("release", make)


@pytest.mark.slow
def test_a_release_is_complete_and_its_sums_hold(released):
    folder = released / "release"
    names = sorted(p.name for p in folder.iterdir())
    for chip in ("esp8266", "esp32", "esp32c3", "web"):
        assert f"kwhisper-1.2.0-{chip}.zip" in names
    for start in ("kwhisper_tools", "meterwire"):
        for end in (".whl", ".tar.gz"):
            assert [n for n in names if n.startswith(start) and n.endswith(end)]
    assert len([n for n in names if n.endswith(".kwu")]) == 2
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert [line.split("  ")[1] for line in lines] == [n for n in names if n != "SHA256SUMS"]
    for line in lines:
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert (released / "web" / "index.html").exists()
