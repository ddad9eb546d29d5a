"""Takes an update with the memory to itself: WiFi and the pages, nothing else. Where the parts
that read and publish leave too little, the device starts in this mode for one update, five minutes
at most; the meter's registers go on counting meanwhile.
"""

import asyncio
import gc

import machine
from micropython import const

from ..web import api, listen, run_server
from . import slots

_SETTLED_S = const(60)
_NOBODY_S = const(300)
_LONGEST_S = const(1200)


async def run(device, _):
    """Serve until an update was taken, or none came."""
    url, *before = slots.words(slots.ALONE)
    slots.remove(slots.ALONE)  # the next start is one as always, however this one ends
    slots.before[:] = before
    status, board = device.status, device.board
    status.state = "update"
    device.note("info", "update: waiting for it, with the memory to itself")
    if board.ethernet and not device.settings["wifi_ssid"]:
        from ..network.cable import Cable

        station = Cable(device.settings, status, device.note, board.ethernet)
    else:
        from ..network.station import Station

        station = Station(device.settings, status, device.note)
    said = api.Api(device, None, "run")
    door = listen()

    async def web():
        spare = []
        while True:  # it ends when nobody came for a while
            await run_server.serve(device, said, door, spare)

    async def fetch():
        from .download import bring

        while not status.ip:
            await asyncio.sleep(1)
        await bring(device, url)

    for part in ((station.name, station.run), ("web", web)):
        asyncio.create_task(device.keep(*part))
    if url != "-":
        asyncio.create_task(device.keep("update", fetch, True))
    watchdog = machine.WDT(timeout=board.watchdog_ms)
    while True:
        watchdog.feed()
        uptime = status.uptime()
        if uptime >= _SETTLED_S:
            device.settled()
        if uptime > (_LONGEST_S if slots.busy else _NOBODY_S):
            device.restart("no update came")
        gc.collect()
        await asyncio.sleep(1)
