"""Reads the meter and tells the home."""

import asyncio

import machine
from micropython import const

from meterwire import Decoder

from .app import forget
from .broker import Broker
from .clock import Clock
from .lamp import Lamp
from .ledger import Ledger
from .lists import take
from .port import Port
from .publish import Publisher
from .reader import Reader
from .station import Station

_SETTLED_S = const(60)
_READ_WITHIN_MS = const(10000)
_UNPROVED = const(3)
_HELD_S = const(5)
_TLS_FIRST_S = const(30)


async def run(device):
    """Build the parts, let them run, and look after them."""
    s, status, affords = device.settings, device.status, device.board
    # The big buffers first, while the heap is in one piece.
    keys = s.key("meter_key"), s.key("meter_auth_key")
    decoder = Decoder(affords.frame, *keys, affords.rows, not affords.small)
    port = Port(affords, s["meter"])
    status.counted = decoder
    status.state = "running"
    clock = Clock(s, status)
    broker = Broker(s, status, affords, clock)
    ledger = Ledger(s)
    if ledger.problem:
        device.note("error", ledger.problem)
    publisher = Publisher(s, status, broker, ledger, decoder)
    lamp = Lamp(affords, s["led"])
    reader = Reader(port, decoder, status, device.note)
    reader.consumers = [lambda r: take(r, device, publisher, clock, lamp)]
    reader.unknown = [publisher.tell_unknown]
    reader.found = lambda: forget("line")
    supply = device.supply
    if supply:
        supply.attend(device, reader, publisher)
    station = Station(s, status, device.note, supply.allows_wifi if supply else None)
    publisher.commands.restart = lambda: asyncio.create_task(leave(device, publisher, "command"))
    publisher.commands.set_log_level = device.journal.set_level
    broker.log = device.note

    def troubled():
        return reader.deaf() or not status.ip or (s["mqtt_host"] and not broker.connected)

    for part in (
        ("port", reader.run),
        ("WiFi", station.run),
        ("broker", broker.run),
        ("web", lambda: pages(device, reader, publisher)),
        ("lamp", lambda: lamp.run(troubled)),
    ):
        asyncio.create_task(device.keep(*part))
    await device.keep("heart", lambda: beat(device, reader, publisher, station))


async def pages(device, reader, publisher):
    """The live page and the settings."""
    s, affords = device.settings, device.board
    if s["mqtt_tls"]:
        # TLS needs a large piece of memory, which the pages would cut up.
        for _ in range(_TLS_FIRST_S):
            if publisher.broker.connected:
                break
            await asyncio.sleep(1)
    from . import web
    from .web.live import Live

    if device.live is None:
        device.live = Live(device.status.uptime, affords.live, affords.raw)
        reader.unknown.append(device.live.keep_raw)

    def saved():
        asyncio.create_task(leave(device, publisher, "settings"))

    page = web.make_app(s, device.status, device.live, None, saved, "run", affords.small)
    await web.serve(page, 80, most=affords.connections)


async def leave(device, publisher, why):
    """Restart after a goodbye to the broker."""
    await asyncio.sleep(2)  # for the answer to whoever asked
    await publisher.broker.goodbye()
    publisher.ledger.save_mark()
    device.restart(why)


async def beat(device, reader, publisher, station):
    """Once a second: what hangs on time alone. The watchdog is fed while the meter is read."""
    status, supply, affords = device.status, device.supply, device.board
    bound = affords.watchdog
    watchdog = machine.WDT(timeout=bound) if bound else machine.WDT()
    button = affords.button
    if button is not None:
        button = machine.Pin(button, machine.Pin.IN, machine.Pin.PULL_UP)
    held = 0
    settled = False
    problem = None
    while True:
        status.tick()
        if reader.alive(_READ_WITHIN_MS):
            watchdog.feed()
        reader.take_stock()
        status.problem = reader.problem() or device.settings.problem
        if supply:
            await supply.tick()
        if status.problem != problem and publisher.broker.connected:
            problem = status.problem
            publisher.send_device()
        publisher.tick()
        if not settled and status.uptime() >= _SETTLED_S:
            settled = True
            device.settled()
        # Many boards' button, held while the power comes, starts the chip's own loader instead.
        held = held + 1 if button and not button.value() else 0
        if held >= _HELD_S:
            device.restart("the button was held", "the button was held")
        if station.failures >= _UNPROVED and not station.proved():
            # Never once connected: a mistyped password must not need a button to be mended.
            device.restart("WiFi: " + status.wifi, status.wifi)
        await asyncio.sleep(1)
