"""The set-up: an access point, whatever a phone asks for leads to the page."""

import asyncio
import gc

import machine
from micropython import const

from .app import HANGS_MS, SETUP
from .network import access_point, captive_dns
from .panel import Button, Led
from .storage import checked
from .web import setup_server
from .web.api import Api

_SETTLED_S = const(60)
_SETUP_S = const(900)
_RESET_S = const(10)  # so long the button is held for a factory reset
_SAFE_S = const(300)  # the same where starts failed: they may not fail for ever
_LONGEST_S = const(3600)


async def run(device, reason):
    """Wait for a person who fills in the page."""
    status = device.status
    if device.board.supply:
        from .power.supply import Supply

        def asleep():
            # The next start is to be a set-up, too.
            checked.write(SETUP, reason.encode())
            device.settled()

        Supply(device.board.supply).await_start(asleep)
    status.state = "setup"
    status.problem = reason
    device.note("info", "set-up:", reason)
    await access_point.scan()
    name, key, ip = access_point.open_access_point(status)
    print("kWhisper: join the WiFi", name, "with the password", key)
    print("kWhisper: then open http://%s/" % ip)
    led = Led(device.board, device.settings["led"])
    button = Button(device.board.button)
    api = Api(device, None, "setup")
    for part in (
        ("portal", lambda: captive_dns.serve(ip)),
        ("web", lambda: setup_server.serve(device, api, access_point.scan)),
        ("LED", lambda: led.run(lambda: button.count, True)),
    ):
        asyncio.create_task(device.keep(*part))
    watchdog = machine.WDT(timeout=HANGS_MS)
    visited = 0  # uptime when somebody was last at the access point
    while True:
        await asyncio.sleep(1)
        watchdog.feed()
        uptime = status.uptime()
        if uptime >= _SETTLED_S:
            device.settled()
        if button.pressed_for(_RESET_S):
            from .storage.factory import leave

            await leave(device, False)
        if access_point.visited():
            visited = uptime
        # Nobody is here, and there are settings: perhaps it was only the router that was away.
        # A phone that keeps joining by itself must not hold the device here for good.
        most = _SAFE_S if reason.startswith("safe") else _SETUP_S
        over = uptime - visited > most or uptime > _LONGEST_S
        if device.settings.configured and over:
            device.restart("nobody changed the settings")
        gc.collect()
