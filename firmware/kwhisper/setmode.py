"""The set-up: an access point, whatever a phone asks for leads to the form."""

import asyncio
import gc

from micropython import const

from . import portal, web, wifi
from .lamp import Lamp

_SETTLED_S = const(60)
_SETUP_S = const(900)


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
    page = web.make_app(
        device.settings, status, None, wifi.scan, lambda: device.restart("set up"), "setup", small
    )
    lamp = Lamp(device.board, device.settings["led"])
    for part in (
        ("portal", lambda: portal.serve(ip)),
        ("web", lambda: web.serve(page, 80, most=device.board.connections)),
        ("lamp", lambda: lamp.run(None, True)),
    ):
        asyncio.create_task(device.keep(*part))
    while True:
        await asyncio.sleep(1)
        if status.uptime() == _SETTLED_S:
            device.settled()
        # Nobody came, and there are settings: perhaps it was only the router that was away.
        if device.settings.configured and status.uptime() > _SETUP_S:
            device.restart("nobody changed the settings")
        gc.collect()
