"""kWhisper's firmware: reads the electricity meter and tells the home over MQTT."""

import sys

VERSION = "0.1.0"


def fault_of(e):
    """An exception in the words that log, status and MQTT may have: its type, and the number of an
    OSError. What else it says may hold what was being worked on, as a payload or a key."""
    name = type(e).__name__
    number = getattr(e, "errno", None)
    return "%s %d" % (name, number) if isinstance(number, int) else name


def let_go(name, but=None):
    """Give the memory of a module back or, if the name ends with a dot, of all in that room `but`
    one. What is still in use stays until it is not; an import loads it again."""
    for module in list(sys.modules):
        dot = max(0, module.rfind("."))
        room, last = module[:dot], module[dot + 1 :]
        if name in (module, room + ".") and module != but:
            del sys.modules[module]
            # The room may have been let go itself, and be there anew.
            if hasattr(sys.modules.get(room), last):
                delattr(sys.modules[room], last)
