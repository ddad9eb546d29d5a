"""Stands in for the chip's first instructions: mounts the flash, then runs boot.py and main.py.

Started by kwhisper_tools.host on MicroPython's unix port. The folder KWHISPER_ROOT becomes "/", so
that the firmware runs unchanged; this folder stands first on sys.path, so that `machine`,
`network` and the rest are the stand-ins beside this file.
"""

import os
import sys

import vfs

_here = __file__.rsplit("/", 1)[0]
_root = os.getenv("KWHISPER_ROOT")
_state = os.getenv("KWHISPER_STATE")

vfs.umount("/")
vfs.mount(vfs.VfsPosix(_root), "/")
os.chdir("/")
vfs.mount(vfs.VfsPosix(_here), "/.chip")
vfs.mount(vfs.VfsPosix(_state), "/.state")
vfs.mount(vfs.VfsPosix("/dev"), "/dev")
vfs.mount(vfs.VfsPosix(), "/.real")
sys.path[:] = ["/.chip", "", "/lib", ".frozen"]

if os.getenv("KWHISPER_MODEL"):
    import model

    model.begin()


def _run(name, space):
    # As on the chip: a fault in boot.py is printed, and main.py runs all the same.
    try:
        with open(name) as f:
            code = compile(f.read(), name, "exec")
        exec(code, space)
    except Exception as e:
        sys.print_exception(e)


_space = sys.modules["__main__"].__dict__ if "__main__" in sys.modules else globals()
_space["__name__"] = "__main__"
for _name in ("/boot.py", "/main.py"):
    _run(_name, _space)
sys.exit(0)
