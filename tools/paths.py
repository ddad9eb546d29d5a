"""Where things lie, in a checkout and in an installed command, and the programs that are started.

The wheel of the command brings the firmware's sources along, in the folder `checkout` of this
package, as pyproject.toml says. What it makes then lies in the user's cache.
"""

import os
import platform
import shutil
import sys
from pathlib import Path

import platformdirs

_HERE = Path(__file__).resolve().parent
CHECKOUT = (_HERE.parent / "pyproject.toml").is_file()
ROOT = _HERE.parent if CHECKOUT else _HERE / "checkout"
FIRMWARE = ROOT / "firmware"
BUILD = ROOT / "build" if CHECKOUT else platformdirs.user_cache_path("kwhisper", False)
DIST = ROOT / "dist" if CHECKOUT else BUILD / "dist"
THIRD_PARTY = BUILD / "third_party"
MICRODOT = THIRD_PARTY / "microdot"
UMQTT = THIRD_PARTY / "umqtt"
UNIX32 = BUILD / "unix32"
HOME_ASSISTANT = BUILD / "homeassistant"


def program(name: str) -> str:
    """The path of a program of this Python environment, else of the PATH; raises
    FileNotFoundError with what to do when there is none."""
    # which() knows that Windows' programs end in .exe.
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if not found:
        do = "run `make venv`" if CHECKOUT else "install the command anew"
        raise FileNotFoundError(f"{name} is not installed: {do}")
    return found


def micropython() -> str:
    """MicroPython's 64-bit unix port; raises FileNotFoundError where there is none."""
    if own := os.environ.get("KWHISPER_MICROPYTHON"):
        return own
    try:
        return program("micropython")
    except FileNotFoundError:
        # pyproject.toml asks for it where there is one.
        if sys.platform == "linux" and platform.machine() == "x86_64":
            raise
        raise FileNotFoundError(
            "this runs the firmware on MicroPython's unix port, which does not exist for this "
            "system: use Linux on x86-64, on Windows in WSL; or build it, and name it in "
            "KWHISPER_MICROPYTHON"
        )


def library_path() -> list[str]:
    """The folders that the firmware has on its sys.path, beside its own, in device order."""
    return [str(FIRMWARE), str(FIRMWARE / "lib"), str(MICRODOT), str(UMQTT)]
