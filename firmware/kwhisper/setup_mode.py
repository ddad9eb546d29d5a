"""The set-up: an access point, whatever a phone asks for leads to the form."""

import asyncio
import gc

from micropython import const

from . import portal, web, wifi
from .lamp import Lamp

_SETTLED_S = const(60)
_LAST_PAGE_S = const(2)
_SETUP_S = const(900)
_LONGEST_S = const(3600)


async def leave(device):
    """Restart when the last page has left the chip."""
    await asyncio.sleep(_LAST_PAGE_S)
    device.restart("set up")


async def setup(device, reason):
    """Wait for a person who fills in the form."""
    status = device.status
    status.state = "setup"
    status.problem = reason
    device.note("info", "set-up:", reason)
    await wifi.scan()
    name, key, ip = wifi.open_access_point(status)
    print("kWhisper: join the WiFi", name, "with the password", key)
    print("kWhisper: then open http://%s/" % ip)
    small = device.board.small

    def saved():
        asyncio.create_task(leave(device))

    page = web.make_app(device.settings, status, None, wifi.scan, saved, "setup", small)
    lamp = Lamp(device.board, device.settings["led"])
    for part in (
        ("portal", lambda: portal.serve(ip)),
        ("web", lambda: web.serve(page, 80, most=device.board.connections)),
        ("lamp", lambda: lamp.run(None, True)),
    ):
        asyncio.create_task(device.keep(*part))
    settled = False
    visited = 0  # uptime when somebody was last at the access point
    while True:
        await asyncio.sleep(1)
        uptime = status.uptime()
        if not settled and uptime >= _SETTLED_S:
            settled = True
            device.settled()
        if wifi.visited():
            visited = uptime
        # Nobody is here, and there are settings: perhaps it was only the router that was away.
        # A phone that keeps joining by itself must not hold the device here for good.
        over = uptime - visited > _SETUP_S or uptime > _LONGEST_S
        if device.settings.configured and over:
            device.restart("nobody changed the settings")
        gc.collect()
