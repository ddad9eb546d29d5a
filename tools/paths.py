"""Where things lie in a checkout, and the programs that the tools start."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRMWARE = ROOT / "firmware"
BUILD = ROOT / "build"
DIST = ROOT / "dist"
THIRD_PARTY = BUILD / "third_party"
MICRODOT = THIRD_PARTY / "microdot"
UMQTT = THIRD_PARTY / "umqtt"
UNIX32 = BUILD / "unix32"
HOME_ASSISTANT = BUILD / "homeassistant"


def program(name: str) -> str:
    """The path of a program of this Python environment, else of the PATH; raises
    FileNotFoundError with what to do when there is none."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside)
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed: run `make venv`")
    return found


def micropython() -> str:
    """MicroPython's 64-bit unix port."""
    return os.environ.get("KWHISPER_MICROPYTHON") or program("micropython")


def library_path() -> list[str]:
    """The folders that the firmware has on its sys.path, beside its own, in device order."""
    return [str(FIRMWARE), str(FIRMWARE / "lib"), str(MICRODOT), str(UMQTT)]
