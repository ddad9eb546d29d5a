"""A version on trial: for a minute it must do what the one before it did; then it is confirmed.

It has five minutes for it. One that never gets so far is boot.py's affair.
"""

import asyncio

import machine
from micropython import const

from . import slots

_GOOD_S = const(60)
_WITHIN_S = const(300)


async def watched(device, mode):
    """Run the coroutine of a mode, and look at it meanwhile."""

    async def watch():
        await _watch(device)

    asyncio.create_task(device.keep("update", watch, True))
    await mode


async def _watch(device):
    status = device.status
    _, version, *wanted = slots.words(slots.TRIAL)
    device.note("info", "update:", version, "is on trial for", *wanted or ("running",))
    good = 0
    while good < _GOOD_S:
        await asyncio.sleep(1)
        if device.board.supply and status.mqtt == "connected" and "broker" in wanted:
            wanted.remove("broker")  # where the radio sleeps, once is enough
        lacks = _lacks(status, wanted)
        good = 0 if lacks else good + 1
        if lacks and status.uptime() > _WITHIN_S:
            slots.give_up()
            device.restart("update to %s: %s" % (version, lacks), None, True)
    slots.confirm()
    try:
        machine.Timer(0).deinit()  # boot.py's
    except (ValueError, OSError):
        pass  # this chip has none
    device.settled()
    device.note("warning", "update:", version, "is confirmed")


def _lacks(status, wanted):
    # What this version does not do, None if it does all.
    if status.state == "setup" and "setup" not in wanted:
        # It may have lost the settings; unless somebody is here, who wants it so.
        from ..network.access_point import visited

        return None if visited() else "the set-up opened by itself"
    if "lists" in wanted:
        age = status.frame_age()
        if age is None or age > _GOOD_S:
            return "no lists from the meter"
    if "broker" in wanted and status.mqtt != "connected":
        return "no connection to the broker"
    return None if status.state in ("setup", "running") else status.state
