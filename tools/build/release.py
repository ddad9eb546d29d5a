"""The archives of a version: ``python -m kwhisper_tools.build.release`` (make release).

dist/release/ gets one zip a chip: what `kwhisper flash` puts on it, and the decoder alone for mip;
and SHA256SUMS. The same sources give the same bytes. It is made only from a clean checkout whose
CHANGELOG.md tells of the version.
"""

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

from kwhisper_tools.build import dist, tree
from kwhisper_tools.paths import DIST, ROOT

_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in an archive


def problem(version: str, changelog: str, changes: str) -> str | None:
    """Why there can be no release of this version, or None."""
    if changes:
        return f"there are changes that are not committed:\n{changes}"
    if f"## [{version}]" not in changelog:
        return f"CHANGELOG.md has no heading '## [{version}]'"
    return None


def archive(folder: Path, target: Path) -> None:
    """A zip of all files of a folder."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{target.stem}/{path.relative_to(folder)}", _MOMENT)
            entry.external_attr = 0o644 << 16
            made.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def make(version: str, out: Path) -> list[Path]:
    """Build for all chips; returns the archives in out/release."""
    folder = out / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archives = []
    for chip in tree.CHIPS.values():
        dist.make(chip, out)
        archives.append(folder / f"kwhisper-{version}-{chip.name}.zip")
        shutil.copy(ROOT / "LICENSE", out / chip.folder)
        archive(out / chip.folder, archives[-1])
    sums = [f"{hashlib.sha256(a.read_bytes()).hexdigest()}  {a.name}\n" for a in archives]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8", newline="\n")
    return archives


def main() -> None:
    """Make the archives of the version in the sources."""
    version = dist.version("kwhisper", "VERSION")
    changes = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    if why := problem(version, (ROOT / "CHANGELOG.md").read_text("utf-8"), changes):
        raise SystemExit(f"release: {why}")
    for path in make(version, DIST):
        print(path)
    print(f"Next: git tag -a v{version} -m v{version}; git push origin v{version}")


if __name__ == "__main__":
    main()
