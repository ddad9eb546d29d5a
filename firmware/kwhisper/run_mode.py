"""Reads the meter and publishes what it says.

The order of the start is that of the memory (docs/architecture.md): MicroPython's heap and the
system's drivers live in one pool, and whoever allocates first has it. So the radio comes first,
then a ballast that keeps the system's share while the code is loaded, then the code; when all is
built the ballast goes, and the UART and the broker's connection find their place. This is why
most imports stand inside build().
"""

import asyncio
import gc
import time

import machine
from micropython import const

from .network.station import Station

# Bytes of the system's share: the meter's UART 6 KB, MQTT and three browsers 12 KB, a margin; and
# TLS, which takes 31 KB at its handshake.
_BALLAST = const(22000)
_BALLAST_TLS = const(46000)
_JOIN_MS = const(3000)  # so long the code waits for the WiFi, which then finds its memory
_SETTLED_S = const(60)
_READ_WITHIN_MS = const(10000)
_UNPROVED = const(3)
_HELD_S = const(5)
_TLS_FIRST_S = const(30)
_SLEEPS_FROM_S = const(30)  # with a shorter interval between values WiFi stays on


async def run(device, _):
    """Build the parts, let them run, and look after them."""
    s, board, status = device.settings, device.board, device.status
    supply = cycle = None
    if board.supply:
        from .power.supply import Supply

        supply = Supply(board.supply)
        supply.await_start(device.settled)
    sleeps = supply and s["mqtt_host"] and s["publish_interval"] >= _SLEEPS_FROM_S

    def may_transmit():
        return (not supply or supply.allows_wifi()) and (
            not sleeps or (cycle is not None and cycle.ready())
        )

    station = Station(s, status, device.note, may_transmit)
    asyncio.create_task(device.keep("WiFi", station.run))
    began = time.ticks_ms()
    await asyncio.sleep_ms(0)
    while status.wifi == "joining" and time.ticks_diff(time.ticks_ms(), began) < _JOIN_MS:
        await asyncio.sleep_ms(50)
    ballast = _ballast(board, _BALLAST_TLS if s["mqtt_tls"] else _BALLAST)
    reader, publisher, ledger, latest, led = _build(device)
    if sleeps:
        from .power.sleep_cycle import SleepCycle

        cycle = SleepCycle(device, publisher, publisher.client, ledger, supply)
        reader.consumers.append(cycle)
        asyncio.create_task(device.keep("sleep cycle", cycle.run))
    if ballast:
        ballast.deinit()
    client = publisher.client

    async def goodbye():
        await client.goodbye()
        ledger.save_mark()

    device.goodbye = goodbye

    def troubled():
        return reader.deaf() or not status.ip or (s["mqtt_host"] and not client.connected)

    for part in (
        ("port", reader.run),
        ("broker", lambda: client.run(publisher)),
        ("web", lambda: _pages(device, latest, client), True),
        ("LED", lambda: led.run(troubled), True),
    ):
        asyncio.create_task(device.keep(*part))
    await device.keep("heart", lambda: _beat(device, reader, publisher, station, supply, ledger))


def _ballast(board, size):
    """A UART's ring that nobody uses, in the system's memory; None where it is not to be had:
    then what is left is less, but the system's all the same."""
    try:
        return machine.UART(board.uart, 9600, tx=board.tx, rx=board.rx, rxbuf=size)
    except (OSError, ValueError, MemoryError):
        return None


def _build(device):
    """(reader, publisher, ledger, latest, led) of a device."""
    # First and from here: the decoder's imports go deep.
    from meterwire import Decoder

    from .clock import Clock
    from .latest import Latest
    from .led import Led
    from .meter.reader import Reader
    from .meter.uart import Uart
    from .mqtt.client import Client
    from .mqtt.publisher import Publisher
    from .storage.ledger import Ledger

    s, board, status, note = device.settings, device.board, device.status, device.note
    keys = s.key("meter_key"), s.key("meter_auth_key")
    # The reader comes last, but the decoder hands it what it does not know.
    unknown = lambda buffer, start, end: reader.unknown(buffer, start, end)  # noqa: E731
    decoder = Decoder(board.frame, *keys, board.rows, unknown)
    status.decoder = decoder
    status.state = "running"
    clock = Clock(s, status)
    ledger = Ledger(s, clock.now)
    if ledger.problem:
        note("error", ledger.problem)
    latest = Latest(status.uptime)
    client = Client(s, status, note, clock)
    publisher = Publisher(device, client, ledger, decoder, latest, clock.now)
    led = Led(board, s["led"])
    # The totals are kept first, whatever the broker does.
    consumers = [ledger, latest, publisher, led, clock]
    reader = Reader(Uart(board, s["meter"]), decoder, consumers, [publisher, latest], status, note)
    return reader, publisher, ledger, latest, led


async def _pages(device, latest, client):
    """The live page and the settings."""
    if device.settings["mqtt_tls"]:
        # TLS needs a large piece of memory, which the pages would cut up.
        for _ in range(_TLS_FIRST_S):
            if client.connected:
                break
            await asyncio.sleep(1)
    from .web import run_server
    from .web.api import Api

    await run_server.serve(device, Api(device, latest, "run"))


async def _beat(device, reader, publisher, station, supply, ledger):
    """Once a second: what hangs on time alone. The watchdog is fed while the meter is read."""
    from .button import Button

    status = device.status
    watchdog = machine.WDT(timeout=device.board.watchdog_ms)
    button = Button(device.board.button)
    while True:
        if reader.alive(_READ_WITHIN_MS):
            watchdog.feed()
        reader.take_stock()
        status.problem = reader.problem() or ledger.problem or device.settings.problem
        status.totals_lost = ledger.lost
        if supply:
            await supply.tick(device, ledger, publisher.client)
        publisher.tick()
        if status.uptime() >= _SETTLED_S:
            device.settled()
        # Many boards' button, held while the power comes, starts the chip's own loader instead.
        if button.pressed_for(_HELD_S):
            device.restart("the button was held", "the button was held")
        if station.failures >= _UNPROVED and not station.proved():
            # Never once connected: a mistyped password must not need a button to be mended.
            device.restart("WiFi: " + status.wifi, status.wifi)
        gc.collect()
        await asyncio.sleep(1)
