"""Modules that are needed now and then need not stay in memory: they are imported again."""

import gc
import sys


def forget(module, keep=()):
    """Takes a module and those inside it out of memory, but for those in `keep`; with a dot behind
    its name only those inside.

    On a chip that runs its code in place this costs a few milliseconds at the next import. Nobody
    may hold on to what is in them, and no code of theirs may be running.
    """
    inside = module.rstrip(".") + "."
    known = [n for n in sys.modules if n == module or n.startswith(inside)]
    for name in [n for n in known if n not in keep]:
        parent, _, child = name.rpartition(".")
        del sys.modules[name]
        if hasattr(sys.modules.get(parent), child):
            delattr(sys.modules[parent], child)
    gc.collect()
