"""A release is made from what is committed and told of, and is the same every time."""

import hashlib
import zipfile

from kwhisper_tools.build import release


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
