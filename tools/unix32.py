"""MicroPython for 32-bit machines, unpacked from Debian's i386 packages into build/unix32.

With ``-X heapsize=38k`` its memory agrees within one per cent with an ESP8266's, so the memory
tests run on it. Nothing is installed: apt works in a state folder of its own, the packages are
unpacked, and the program is started through the loader that came with them.

    python -m kwhisper_tools.unix32            unpack, and print the path of the runner
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from kwhisper_tools.paths import UNIX32

# The first Debian release whose MicroPython (1.25) reads .mpy version 6.3 and has vfs.VfsRom.
SUITE = "trixie"
PACKAGES = "micropython libc6 libffi8 libmbedcrypto16 libmbedtls21 libmbedx509-7".split()

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_TIMEOUT = 300
_CONFIGURATION = """\
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Etc::sourcelist "{state}/suite.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "i386";
APT::Architectures "i386";
APT::Sandbox::User "root";
Acquire::Languages "none";
"""


class Unavailable(Exception):
    """There is no 32-bit MicroPython here, and why."""


def _mirror() -> str:
    """The Debian archive that this system itself uses."""
    sources = Path("/etc/apt")
    for file in [*sources.glob("sources.list.d/*.sources"), *sources.glob("**/*.list")]:
        for address in re.findall(r"^(?:URIs:|deb\b.*?)\s*(\S+://\S+)", file.read_text(), re.M):
            if re.search(r"/debian/?$", address):
                return address
    raise Unavailable("32-bit MicroPython comes from Debian's packages; this system has none")


def _apt(state: Path, *command: str, cwd: Path) -> None:
    environment = dict(os.environ, APT_CONFIG=str(state / "apt.conf"))
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")


def _unpack(target: Path) -> None:
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Unavailable(f"32-bit MicroPython comes from Debian's packages; no {tool} here")
    state = target / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    (state / "suite.sources").write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {SUITE}\nComponents: main\n"
        f"Signed-By: {_KEYRING}\n"
    )
    (state / "apt.conf").write_text(_CONFIGURATION.format(state=state))
    _apt(state, "apt-get", "-q", "update", cwd=target)
    _apt(state, "apt-get", "-q", "download", *PACKAGES, cwd=target)
    for package in sorted(target.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, target / "root"], check=True, timeout=_TIMEOUT)
        package.unlink()
    shutil.rmtree(state)


def command() -> list[str]:
    """What starts 32-bit MicroPython; unpacks it first when needed. Raises Unavailable."""
    given = os.environ.get("KWHISPER_MICROPYTHON32")
    if given:
        return given.split()
    runner = UNIX32 / "micropython"
    if not runner.exists():
        UNIX32.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=UNIX32.parent) as folder:
            target = Path(folder) / "unix32"
            target.mkdir()
            _unpack(target)
            _write_runner(target)
            # Whole or not at all, also when two tests want it at once.
            if not UNIX32.exists():
                target.rename(UNIX32)
    return [str(runner)]


def _write_runner(target: Path) -> None:
    root = target / "root"
    libraries = next(root.glob("**/libc.so.6")).parent.relative_to(target)
    loader = next(root.glob("**/ld-linux.so.2")).relative_to(target)
    program = next(root.glob("**/bin/micropython")).relative_to(target)
    runner = target / "micropython"
    runner.write_text(
        "#!/bin/sh\n"
        "# Starts the unpacked 32-bit MicroPython with the libraries unpacked beside it.\n"
        'here=$(dirname "$(readlink -f "$0")")\n'
        f'exec "$here/{loader}" --library-path "$here/{libraries}" '
        f'"$here/{program}" "$@"\n'
    )
    runner.chmod(0o755)


if __name__ == "__main__":
    print(*command())
