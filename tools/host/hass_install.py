"""Home Assistant itself, of a pinned version, in build/homeassistant: for tests and the demo.

It needs a newer Python than most systems have: that one is unpacked from Debian's packages
(debian.py), Home Assistant and what its MQTT part needs come from the Python package index, as
wheels: nothing is compiled. About 1 GB, one or two minutes.

    python -m kwhisper_tools.host.hass_install     fetch, and print the path of the program
"""

import json
import os
import platform
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from kwhisper_tools.host import debian, free_port
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
_UNPINNED = {"lru-dict", "pymicro-vad", "pyspeex-noise"}
# What Bluetooth, the DSMR part and the cameras need that comes as source only, of plain Python.
_WHEELS = ("--only-binary=:all:", "--no-binary=pyric,tailer,pyturbojpeg")
# Parts whose requirements are not the program's own, but stand in their manifest. Its pages ask
# for all services, which imports the later ones whether anybody has set them up or not.
_PARTS = """
mqtt frontend dsmr homewizard conversation stream camera assist_pipeline tts ffmpeg
""".split()
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_TIMEOUT = 600
_START_S = 300  # a slow machine's first start
_PORT = 8123  # where people look for it
_CONFIGURATION = """\
homeassistant: {{name: kWhisper, latitude: 60, longitude: 11, elevation: 1, unit_system: metric,
  country: "NO", time_zone: {zone}, auth_mfa_modules: []}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
frontend:
energy:
history:
logbook:
logger: {{default: warning}}
"""


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
    elif lacking := [part for part in _PARTS if part not in _there(HOME_ASSISTANT)]:
        # Fetched without them: what is there already is left alone.
        site = HOME_ASSISTANT / "site"
        pinned = (site / "homeassistant" / "package_constraints.txt").read_text().splitlines()
        constraints = HOME_ASSISTANT / "constraints.txt"
        constraints.write_text("\n".join(p for p in pinned if _name(p) not in _UNPINNED))
        wanted = _serving(_of_parts(site, lacking))
        _install(HOME_ASSISTANT, "--constraint", str(constraints), *wanted)
        _note(HOME_ASSISTANT)
    return program()


def _there(target: Path) -> list[str]:
    marker = target / "parts"
    return marker.read_text().split() if marker.exists() else []


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


def _of_parts(site: Path, parts: Iterable[str]) -> list[str]:
    """What the parts ask for, which is not all in the program's own package."""
    components = site / "homeassistant" / "components"
    manifests = (components / part / "manifest.json" for part in parts)
    return [one for m in manifests for one in json.loads(m.read_text())["requirements"]]


def _requirements(site: Path) -> list[str]:
    """What Home Assistant's package and its parts ask for."""
    metadata = next(site.glob("homeassistant-*.dist-info/METADATA")).read_text()
    asked = re.findall(r"^Requires-Dist: (.+)$", metadata, re.M) + _of_parts(site, _PARTS)
    return _serving(asked)


def _serving(asked: Iterable[str]) -> list[str]:
    """The same, without the versions of those of which there is no wheel."""
    return [_name(one) if _name(one) in _UNPINNED else one for one in asked]


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


class Running:
    """It, from a folder of its own, with its MQTT integration at a broker and an account made:
    a person logs in on its page and sees what the broker tells. Raises Unavailable."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        broker: tuple[str, int],
        login: tuple[str, str],
        user: str,
        password: str,
    ):
        port = _port()
        self.url = f"http://127.0.0.1:{port}/"
        self._log = folder / "out.log"
        _lay(folder, port, mqtt_entry(*broker, *login))
        with open(self._log, "wb") as log:
            # It would fetch what it has not got by a program that is not there.
            command = [program, "-c", folder, "--skip-pip"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            self._wait()
            person = {"name": user, "username": user, "password": password, "language": "en"}
            self._ask("api/onboarding/users", person | {"client_id": self.url})
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        end = time.monotonic() + _START_S
        while self._process.poll() is None and time.monotonic() < end:
            try:
                return self._ask("api/onboarding")
            except OSError:
                time.sleep(0.5)  # it does not listen yet, or that part is not loaded yet
        said = self._log.read_text("utf-8", "replace").strip()[-800:]
        raise Unavailable(f"Home Assistant did not start:\n{said}")

    def _ask(self, path: str, data: dict | None = None) -> None:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body)
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=60).close()

    def close(self) -> None:
        """Stop it; it is given a minute for it."""
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _port() -> int:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as it does itself
        try:
            s.bind(("127.0.0.1", _PORT))
        except OSError:
            return free_port()  # one of this machine's own listens there
    return _PORT


def _zone() -> str:
    """The name of this machine's time zone."""
    return os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2] or "UTC"


def _lay(folder: Path, port: int, mqtt: dict) -> None:
    """What it starts with: as after its first pages, but for the account."""
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "configuration.yaml").write_text(_CONFIGURATION.format(port=port, zone=_zone()))
    done = ["core_config", "analytics", "integration"]
    for key, version, data in (
        ("core.config_entries", 1, {"entries": [mqtt]}),
        ("onboarding", 4, {"done": done}),
    ):
        kept = {"version": version, "minor_version": 1, "key": key, "data": data}
        (storage / key).write_text(json.dumps(kept))


def mqtt_entry(host: str, port: int, user: str = "", password: str = "") -> dict:
    """Its MQTT integration at a broker, as it keeps that itself."""
    data: dict = {"broker": host, "port": port, "discovery": True}
    if user:
        data |= {"username": user, "password": password}
    return {
        "entry_id": "0", "version": 1, "minor_version": 1, "domain": "mqtt", "title": host,
        "data": data, "options": {},
        "pref_disable_new_entities": False, "pref_disable_polling": False,
        "source": "user", "unique_id": None, "disabled_by": None,
    }  # fmt: skip


if __name__ == "__main__":
    try:
        print(fetch())
    except Unavailable as e:
        raise SystemExit(f"no Home Assistant: {e}")
