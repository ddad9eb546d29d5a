"""The module os with what the chips add to the unix port's, and with a rename() that renames."""

import uos
from uos import *  # noqa: F403

_ROOT = "/.real" + uos.getenv("KWHISPER_ROOT")


def dupterm(stream, index=0):
    """Give the console's UART away, or back; here the console is standard output, always."""


def sync():
    """Files are whole as soon as they are closed."""


def rename(old, new):
    """Rename within the flash, atomically.

    The unix port's, with a folder mounted as the root, builds both paths in one buffer and so
    renames the new name onto itself. Mounted as a whole, the system's root has no such buffer.
    """
    uos.rename(_real(old), _real(new))


def _real(path):
    return _ROOT + (path if path.startswith("/") else uos.getcwd().rstrip("/") + "/" + path)
