"""As it came: settings, what was learned and what was counted are removed. Loaded when asked for.

The versions in their slots stay, and so does the secret of the set-up's WiFi: its password may be
written on the case.
"""

import asyncio
import os

from .saving import away

# Names in the root, up to the first dot.
_LEARNED = const(("settings", "joined", "line", "log", "cause", "setup"))
_COUNTED = const(("ledger", "history", "energy"))


def wipe(keep_totals):
    """Remove the files; keep_totals: but not what was counted."""
    for name in os.listdir("/"):
        stem = name.partition(".")[0]
        if stem in _LEARNED or (not keep_totals and stem in _COUNTED):
            away("/" + name)


async def leave(device, keep_totals):
    """Wipe and restart, after the answer to whoever asked, and a goodbye to the broker."""
    await asyncio.sleep(2)
    try:
        if device.goodbye:
            await device.goodbye()
    finally:
        wipe(keep_totals)
        device.lines.clear()
        device.saved = 0
        device.restart("factory reset")
