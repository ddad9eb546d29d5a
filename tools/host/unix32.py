"""MicroPython for 32-bit machines, unpacked from Debian's i386 packages into build/unix32.

With ``-X heapsize=38k`` its memory agrees within one per cent with an ESP8266's, so the memory
tests run on it. Nothing is installed: the packages are unpacked (debian.py), and the program is
started through the loader that came with them.

    python -m kwhisper_tools.host.unix32            unpack, and print the path of the runner
"""

import os
import tempfile
from pathlib import Path

from kwhisper_tools.host import debian
from kwhisper_tools.host.debian import Unavailable
from kwhisper_tools.paths import UNIX32

# The first Debian release whose MicroPython (1.25) reads .mpy version 6.3 and has vfs.VfsRom.
SUITES = ("trixie", "stable")
PACKAGES = "micropython libc6 libffi8 libmbedcrypto16 libmbedtls21 libmbedx509-7".split()


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
            try:
                root = debian.unpack(target, SUITES, "i386", PACKAGES)
            except Unavailable as e:
                raise Unavailable(f"no 32-bit MicroPython: {e}")
            program = debian.start(root, "micropython")
            (target / "micropython").symlink_to(program.relative_to(target))
            # Whole or not at all, also when two tests want it at once.
            if not UNIX32.exists():
                target.rename(UNIX32)
    return [str(runner)]


if __name__ == "__main__":
    try:
        print(*command())
    except Unavailable as e:
        raise SystemExit(str(e))
