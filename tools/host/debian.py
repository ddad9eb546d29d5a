"""Programs out of Debian's packages, unpacked into a folder: nothing is installed.

apt works in a state folder of its own, with the archive that this system itself uses; so another
release and another architecture can be had than those of this machine. A program so unpacked is
started through the loader that came with it.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_TIMEOUT = 300
_CONFIGURATION = """\
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Etc::sourcelist "{state}/suite.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "{architecture}";
APT::Architectures "{architecture}";
APT::Sandbox::User "root";
Acquire::Languages "none";
"""


class Unavailable(Exception):
    """The program cannot be had here, and why."""


def _mirror() -> str:
    """The Debian archive that this system itself uses."""
    sources = Path("/etc/apt")
    for file in [*sources.glob("sources.list.d/*.sources"), *sources.glob("**/*.list")]:
        for address in re.findall(r"^(?:URIs:|deb\b.*?)\s*(\S+://\S+)", file.read_text(), re.M):
            if re.search(r"/debian/?$", address):
                return address
    raise Unavailable("it comes from Debian's packages; this system has none")


def _run(variables: dict[str, str], *command: str, cwd: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    except (subprocess.TimeoutExpired, OSError) as e:
        raise Unavailable(f"{' '.join(command[:2])}: {e}")
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:2])} failed: {done.stderr.strip()[-300:]}")


def unpack(target: Path, suites: tuple[str, ...], architecture: str, packages: list[str]) -> Path:
    """Unpack the packages of a Debian release into target/root, which is returned. `suites`: names
    of the release, the next is asked where one fails: while an archive takes in a point release
    one name may lead to an index that is not whole, and another still to the last one that was."""
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise Unavailable(f"it comes from Debian's packages; no {tool} here")
    state = target / "apt"
    for suite in suites:
        try:
            _download(state, suite, architecture, packages, target)
            break
        except Unavailable as e:
            reason = e
            for package in target.glob("*.deb"):
                package.unlink()
        finally:
            shutil.rmtree(state, ignore_errors=True)
    else:
        raise reason
    root = target / "root"
    for package in sorted(target.glob("*.deb")):
        _run({}, "dpkg-deb", "-x", str(package), str(root), cwd=target)
        package.unlink()
    return root


def _download(state: Path, suite: str, architecture: str, packages, target: Path) -> None:
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    (state / "suite.sources").write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {suite}\nComponents: main\n"
        f"Signed-By: {_KEYRING}\n"
    )
    settings = _CONFIGURATION.format(state=state, architecture=architecture)
    (state / "apt.conf").write_text(settings)
    own = {"APT_CONFIG": str(state / "apt.conf")}
    _run(own, "apt-get", "-q", "update", cwd=target)
    _run(own, "apt-get", "-q", "download", *packages, cwd=target)


def start(root: Path, program: str) -> Path:
    """Put a script in the place of an unpacked program, that starts it with the libraries
    unpacked beside it; returns its path. The folder may be moved afterwards."""
    path = next(root.glob("**/bin/" + program))
    path.rename(path.with_name(program + ".bin"))
    up = "/".join([".."] * (len(path.relative_to(root).parts) - 1))
    libraries = next(root.glob("**/libc.so.6")).parent.relative_to(root)
    loader = next(root.glob("**/ld-linux*.so.?")).name
    path.write_text(
        "#!/bin/sh\n"
        'bin=$(dirname "$(readlink -f "$0")")\n'
        f'lib="$bin/{up}/{libraries}"\n'
        f'exec "$lib/{loader}" --argv0 "$0" --library-path "$lib" "$bin/{program}.bin" "$@"\n'
    )
    path.chmod(0o755)
    return path
