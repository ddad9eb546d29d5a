"""Fetches the third-party modules of the firmware by package name, pinned by version and hash.

They land in build/third_party/<name>/, ready to stand on a sys.path:
  microdot/microdot/…      the web framework (MIT)
  umqtt/umqtt/simple.py    the MQTT client (MIT). The newest that a package index offers is 1.3.4;
                           official chip images have a newer one frozen in, and prefer it.
"""

import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from kwhisper_tools.paths import THIRD_PARTY, program

# folder: (requirement, kind of package, SHA-256 of the package, {member: place})
PACKAGES = {
    "microdot": (
        "microdot==2.7.0",
        "wheel",
        "1e9b7b825372e1ba8ebd4c59b6180e15c71f4b5200ec4bcbf8c9f9b5652db379",
        {
            "microdot/__init__.py": "microdot/__init__.py",
            "microdot/microdot.py": "microdot/microdot.py",
            "microdot/helpers.py": "microdot/helpers.py",
            "microdot/auth.py": "microdot/auth.py",
            "microdot/sse.py": "microdot/sse.py",
            "microdot-2.7.0.dist-info/licenses/LICENSE": "LICENSE",
        },
    ),
    "umqtt": (
        "micropython-umqtt.simple==1.3.4",
        "sdist",
        "b6a2520239e3992c63a7de9370ee9b3d9d27819a90359c521f1c0f7ccab8d12f",
        {"micropython-umqtt.simple-1.3.4/umqtt/simple.py": "umqtt/simple.py"},
    ),
}

_ATTEMPTS = 3


def _download(requirement: str, kind: str, folder: Path) -> bytes:
    # unearth rather than pip: the sdist of 2018 has no setup.py, which pip insists on.
    command = [program("unearth"), "--download", str(folder)]
    command += ["--no-binary" if kind == "sdist" else "--only-binary", requirement]
    for attempt in range(_ATTEMPTS):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        files = [path for path in folder.iterdir() if path.is_file()]
        if done.returncode == 0 and files:
            return files[0].read_bytes()
        print(f"fetch: {requirement}: attempt {attempt + 1} failed", file=sys.stderr)
    raise SystemExit(f"fetch: cannot get {requirement}:\n{done.stderr}")


def _members(package: bytes):
    if package[:2] == b"PK":
        archive = zipfile.ZipFile(io.BytesIO(package))
        return archive.read
    tar = tarfile.open(fileobj=io.BytesIO(package))
    return lambda name: tar.extractfile(name).read()


def fetch(name: str) -> Path:
    """Fetch one package of PACKAGES unless its folder already holds that very version."""
    requirement, kind, digest, places = PACKAGES[name]
    target = THIRD_PARTY / name
    stamp = target / ".sha256"
    if stamp.exists() and stamp.read_text("utf-8") == _recipe(name):
        return target
    with tempfile.TemporaryDirectory() as folder:
        package = _download(requirement, kind, Path(folder))
    found = hashlib.sha256(package).hexdigest()
    if found != digest:
        raise SystemExit(f"fetch: {requirement}: its SHA-256 is {found}, expected {digest}")
    shutil.rmtree(target, ignore_errors=True)
    read = _members(package)
    for member, place in places.items():
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read(member))
    stamp.write_text(_recipe(name), "utf-8")
    return target


def _recipe(name: str) -> str:
    return hashlib.sha256(repr(PACKAGES[name]).encode()).hexdigest()


def main() -> None:
    """Fetch everything that is missing."""
    for name in PACKAGES:
        print(f"{PACKAGES[name][0]}: {fetch(name)}")


if __name__ == "__main__":
    main()
