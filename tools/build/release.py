"""The files of a version: ``python -m kwhisper_tools.build.release`` (make release).

dist/release/ gets

    kwhisper-V-CHIP.zip               what `kwhisper flash` puts on it; the decoder alone for mip
    kwhisper-V-ARCH.kwu               the updates; signed if $KWHISPER_SIGN_KEY names the key
    kwhisper-V-web.zip                the page that flashes from the browser
    kwhisper_tools-V…, meterwire-V…   wheels and sources for pip, pipx and uv
    kwhisper-V.cdx.json               what is in all of it and is not ours (CycloneDX)
    SHA256SUMS

The same sources give the same bytes but for the .tar.gz. It is made only from a clean checkout
whose CHANGELOG.md tells of the version. dist/web/ is the page, to be served as it is.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import uuid
import zipfile
from pathlib import Path

from kwhisper_tools.build import dist, fetch, kwu, tree, web
from kwhisper_tools.paths import DIST, FIRMWARE, ROOT

_MOMENT = (1980, 1, 1, 0, 0, 0)  # of every file in an archive
_MADE = "315532800"  # the same in seconds, for those who build the wheels
_TIMEOUT = 300


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
            name = f"{target.stem}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = 0o644 << 16
            made.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def packages(folder: Path) -> list[Path]:
    """Wheels and sources of the command and of the decoder into a folder, checked as a package
    index would check them."""
    for project in (ROOT, FIRMWARE / "lib" / "meterwire"):
        _run("build", "-o", str(folder), str(project))
    made = sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])
    _run("twine", "check", "--strict", *map(str, made))
    return made


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | {"SOURCE_DATE_EPOCH": _MADE},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise SystemExit(f"release: {module}: {(done.stdout + done.stderr).strip()[-800:]}")


def materials(version: str) -> str:
    """A CycloneDX document of what is not ours: on the chips, on the page, beside the command."""
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentScope, ComponentType
    from cyclonedx.output.json import JsonV1Dot5
    from packageurl import PackageURL

    def component(kind, requirement, where, digest=None, scope=ComponentScope.REQUIRED):
        name, _, number = requirement.partition("@" if kind == "npm" else "==")
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)] if digest else ()
        return Component(
            type=ComponentType.LIBRARY,
            name=name,
            version=number,
            bom_ref=f"{kind}/{name}",
            purl=PackageURL(kind, None, name, number),
            hashes=hashes,
            scope=scope,
            properties=[Property(name="kwhisper:where", value=where)],
        )

    def firmware(name):
        requirement, _, digest, _ = fetch.PACKAGES[name]
        # umqtt.simple is the tests'; the official MicroPython has its own.
        scope = ComponentScope.REQUIRED if name == "microdot" else ComponentScope.EXCLUDED
        return component("pypi", requirement, "chip", digest, scope)

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"kwhisper/{version}"))
    bom.metadata.timestamp = bom.metadata.timestamp.replace(*_MOMENT, microsecond=0)
    bom.metadata.component = Component(
        type=ComponentType.FIRMWARE, name="kwhisper", version=version, bom_ref="kwhisper"
    )
    parts = [firmware(name) for name in fetch.PACKAGES]
    parts.append(component("npm", web.ESPTOOL, "page", web.ESPTOOL_SHA256))
    parts.append(component("npm", web.QRCODE, "page", web.QRCODE_SHA256))
    for requirement in project["dependencies"]:
        bare = re.split(r"\s*;", requirement)[0]
        parts.append(component("pypi", bare, "command"))
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(bom.metadata.component, parts)
    return JsonV1Dot5(bom).output_as_string(indent=1) + "\n"


def make(version: str, out: Path) -> list[Path]:
    """Build everything; returns the files in out/release."""
    folder = out / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    key = os.environ.get(kwu.KEY_VARIABLE)
    private = kwu.read_key(Path(key)) if key else None
    for chip in tree.CHIPS.values():
        built, _ = dist.make(chip, out)
        dist.write_update(built, folder, private)
        shutil.copy(ROOT / "LICENSE", out / chip.folder)
        archive(out / chip.folder, folder / f"kwhisper-{version}-{chip.name}.zip")
    archive(web.make(out), folder / f"kwhisper-{version}-web.zip")
    packages(folder)
    (folder / f"kwhisper-{version}.cdx.json").write_text(materials(version), "utf-8", newline="\n")
    made = sorted(folder.iterdir())
    sums = [f"{hashlib.sha256(a.read_bytes()).hexdigest()}  {a.name}\n" for a in made]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8", newline="\n")
    return made


def main() -> None:
    """Make the files of the version in the sources."""
    version = dist.version("kwhisper", "VERSION")
    changes = subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    if why := problem(version, (ROOT / "CHANGELOG.md").read_text("utf-8"), changes):
        raise SystemExit(f"release: {why}")
    try:
        for path in make(version, DIST):
            print(path)
    except web.Unavailable as why:
        raise SystemExit(f"release: {why}")
    print(f"Next: git tag -a v{version} -m v{version}; git push origin v{version}")


if __name__ == "__main__":
    main()
