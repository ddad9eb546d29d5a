"""Home Assistant itself, of a pinned version, in build/homeassistant: the tests then run with it.

It needs a newer Python than most systems have: that one is unpacked from Debian's packages
(debian.py), Home Assistant and what its MQTT part needs come from the Python package index, as
wheels: nothing is compiled. About 800 MB, one or two minutes.

    python -m kwhisper_tools.host.homeassistant     fetch, and print the path of the program
"""

import json
import platform
import re
import subprocess
import tempfile
from pathlib import Path

from kwhisper_tools.host import debian
from kwhisper_tools.host.debian import Unavailable
from kwhisper_tools.paths import HOME_ASSISTANT

VERSION = "2026.2.3"
SUITES = ("trixie", "stable")  # the Debian release with that Python
PYTHON = "python3.13"
PACKAGES = """
python3.13 python3.13-minimal libpython3.13-stdlib libpython3.13-minimal python3-pip-whl
libc6 libgcc-s1 libstdc++6 zlib1g libbz2-1.0 libcrypt1 libdb5.3t64 libexpat1 libffi8 liblzma5
libmpdec4 libncursesw6 libreadline8t64 libsqlite3-0 libssl3t64 libtinfo6 libuuid1 libzstd1
""".split()
# Pinned to a version of which there is no wheel for that Python; a later one serves.
_UNPINNED = {"lru-dict"}
# One of what Bluetooth needs and one of the DSMR part's come as source only, of plain Python.
_WHEELS = ("--only-binary=:all:", "--no-binary=pyric,tailer")
# Parts whose requirements are not the program's own, but stand in their manifest.
_PARTS = ("mqtt", "frontend", "dsmr", "homewizard")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_TIMEOUT = 600


def program() -> Path:
    """Where Home Assistant is or would be started."""
    return HOME_ASSISTANT / "hass"


def fetch() -> Path:
    """The program; it is fetched first when it is not there. Raises Unavailable."""
    if not program().exists():
        HOME_ASSISTANT.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=HOME_ASSISTANT.parent) as folder:
            target = Path(folder) / "homeassistant"
            target.mkdir()
            _make(target)
            if not HOME_ASSISTANT.exists():
                target.rename(HOME_ASSISTANT)
    elif _lacking(HOME_ASSISTANT):
        # Of an older checkout: what is there already is left alone.
        site = HOME_ASSISTANT / "site"
        pinned = site / "homeassistant" / "package_constraints.txt"
        _install(HOME_ASSISTANT, "--constraint", str(pinned), *_of_parts(site))
        _note(HOME_ASSISTANT)
    return program()


def _lacking(target: Path) -> bool:
    marker = target / "parts"
    return not marker.exists() or marker.read_text().split() != list(_PARTS)


def _note(target: Path) -> None:
    (target / "parts").write_text(" ".join(_PARTS))


def _make(target: Path) -> None:
    machine = _MACHINES.get(platform.machine())
    if not machine:
        raise Unavailable(f"no Home Assistant for {platform.machine()}")
    root = debian.unpack(target, SUITES, machine, PACKAGES)
    python = debian.start(root, PYTHON)
    _install(target, "--no-deps", f"homeassistant=={VERSION}")
    _install(target, *_requirements(target / "site"))
    _note(target)
    script = target / "hass"
    script.write_text(
        "#!/bin/sh\n"
        'here=$(dirname "$(readlink -f "$0")")\n'
        'export PYTHONPATH="$here/site"\n'
        f'exec "$here/{python.relative_to(target)}" -m homeassistant "$@"\n'
    )
    script.chmod(0o755)


def _install(target: Path, *what: str) -> None:
    root = target / "root"
    python = next(root.glob("**/bin/" + PYTHON))
    pip = next(root.glob("**/pip-*.whl")) / "pip"
    command = [python, pip, "install", "-q", "--target", target / "site", *_WHEELS, *what]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT)
    except (subprocess.TimeoutExpired, OSError) as e:
        raise Unavailable(f"pip: {e}")
    if done.returncode:
        raise Unavailable(f"pip: {done.stderr.strip()[-500:]}")


def _of_parts(site: Path) -> list[str]:
    """What the parts ask for, which is not all in the program's own package."""
    components = site / "homeassistant" / "components"
    manifests = (components / part / "manifest.json" for part in _PARTS)
    return [one for m in manifests for one in json.loads(m.read_text())["requirements"]]


def _requirements(site: Path) -> list[str]:
    """What Home Assistant's package and its parts ask for."""
    metadata = next(site.glob("homeassistant-*.dist-info/METADATA")).read_text()
    asked = re.findall(r"^Requires-Dist: (.+)$", metadata, re.M) + _of_parts(site)
    wanted = []
    for one in asked:
        name = re.match(r"[\w.-]+", one)[0]
        wanted.append(name if name in _UNPINNED else one)
    return wanted


if __name__ == "__main__":
    try:
        print(fetch())
    except Unavailable as e:
        raise SystemExit(f"no Home Assistant: {e}")
