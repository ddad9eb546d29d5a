"""Modules that are needed now and then need not stay in memory: they are imported again."""

import gc
import sys


def forget(prefix, keep=()):
    """Takes the modules whose names begin with `prefix` out of memory, but for those in `keep`.

    On a chip that runs its code in place this costs a few milliseconds at the next import. Nobody
    may hold on to what is in them, and no code of theirs may be running.
    """
    for name in [n for n in sys.modules if n.startswith(prefix) and n not in keep]:
        parent, _, child = name.rpartition(".")
        del sys.modules[name]
        if hasattr(sys.modules.get(parent), child):
            delattr(sys.modules[parent], child)
    gc.collect()
