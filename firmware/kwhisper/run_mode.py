"""Builds the run mode, which reads the meter and publishes what it says.

The order of the start is that of the memory (docs/architecture.md): MicroPython's heap and the
system's drivers live in one pool, and whoever allocates first has it. So the radio comes first,
then a ballast that keeps the system's share while the code is loaded, then the code; when all is
built the ballast goes, and the UART and the broker's connection find their place. The heap would
grow into their share as soon as garbage fills it: so it grows for the slack, too, while the
ballast is there. This is why the imports stand inside build(). running.py lets this module go when
it has ended: 4 KB that nobody needs any more.
"""

import asyncio
import os
import time

import machine
from micropython import const

from . import let_go

# Bytes of the system's share: the meter's UART, MQTT and three browsers; a TLS handshake more.
_BALLAST = const(24000)
_HANDSHAKE = const(27000)  # it takes 34 KB at its peak, when no browser is served yet
_JOINS = const(6000)  # what joining takes, if it has not yet
# Bytes of the heap for what a list or a page needs between two collections, and for what the
# meter's first lists load.
_SLACK = const(14000)
_SLACK_TLS = const(4000)  # the heap grows by all that the larger ballast leaves
# What counts the energy takes of the slack, and what of the ballast.
_ENERGY = const(6000)
_COUNTS = const(4000)
_JOIN_MS = const(3000)  # so long the code waits for the WiFi, which then finds its memory
# Bytes outside the heap that bytecode leaves: to all buffers, and to the browsers and pages.
_BUFFERS = const(15000)
_PACKETS = const(7400)
_BLOCK = const("/ledger/block")
_MORE_THAN_INLINE = const(600)  # bytes: a shorter file lies in its folder's block
_MEP_RATIO = const(1000)  # more than a house's transformers have
_SLEEPS_FROM_S = const(30)  # with a shorter interval between values WiFi stays on


async def build(device, running):
    """Make the parts, as attributes of a Running, and let them run. Returns the coroutine that
    looks after them for ever."""
    s, board, status, note = device.settings, device.board, device.status, device.note
    supply = None
    if board.supply:
        from .power import supply

        running.supply = supply = supply.Supply(board.supply)
        supply.await_start(device.settled)
    running.sleeps = supply and s["mqtt_host"] and s["publish_interval"] >= _SLEEPS_FROM_S

    names = None
    if (s["announce"] or "homewizard" in s["outlets"]) and not running.sleeps:
        from .network import services

        names = services.door(note)  # the port is whose is first
        del services
        let_go("kwhisper.network.services")

    # The radio or the cable, and what keeps the system's share.
    if board.ethernet and not s["wifi_ssid"]:
        from .network import cable

        station = cable.Cable(s, status, note, board.ethernet)
    else:
        from .network import station

        station = station.Station(s, status, note, running.may_transmit)
    running.station = station
    from .bytecode import move

    # What is about to run for ever: now there is room for all of it.
    await move(board.outside, _BUFFERS, "kwhisper.")
    start = asyncio.create_task
    start(device.keep(station.name, station.run))
    began = time.ticks_ms()
    await asyncio.sleep_ms(0)
    # The decoder first: its imports go deep. The radio joins meanwhile, as the heap holds this
    # much without growing. A meter that has to be asked needs none.
    asks = s["meter"][:3] == "mep"
    if asks:
        from .meter import mep_client
    else:
        from meterwire import Decoder

        from .meter import reader, uart
    await move(board.outside, _BUFFERS, "meterwire.")
    first_block()
    while status.wifi == "joining" and time.ticks_diff(time.ticks_ms(), began) < _JOIN_MS:
        await asyncio.sleep_ms(50)
    size = _BALLAST if status.ip else _BALLAST + _JOINS
    room = _SLACK
    if s["mqtt_tls"]:
        size += _HANDSHAKE
        room = _SLACK_TLS
    elif s["energy"]:
        size -= _COUNTS
        room -= _ENERGY
    try:
        # A UART's ring that nobody uses, in the system's memory.
        ballast = machine.UART(board.uart, 9600, tx=board.tx, rx=board.rx, rxbuf=size)
    except (OSError, ValueError, MemoryError):
        ballast = None  # there is less: what is left is the system's all the same

    slack = bytearray(room)

    # The parts, each in the end under the name of its module.
    from . import calendar, clock, latest, panel
    from .meter import plausible
    from .mqtt import client, publisher

    await move(board.outside, _BUFFERS, "kwhisper.")
    from .storage import ledger

    consumers = []
    if asks:
        decoder = reader = mep_client.MepReader(board, s, consumers, status, note)
    else:
        keys = s.key("meter_key"), s.key("meter_auth_key")
        decoder = Decoder(board.frame, *keys, board.rows, running.unknown, board.place)
        # what P1's summer and winter time mean
        decoder.reading.zone = calendar.offset_of(s["time_zone"])
    status.decoder = decoder
    status.state = "running"
    clock = clock.Clock(s, status)
    ledger = ledger.Ledger(s, clock.now)
    if ledger.problem:
        note("error", ledger.problem)
    latest = latest.Latest(status.uptime, board.rows, board.place)
    client = client.Client(s, status, note, clock, board.buffer)
    publisher = publisher.Publisher(
        device, client, ledger, decoder, latest, clock.now, board.buffer
    )
    if s["mqtt_topic2"] and s["mqtt_host"]:
        from .mqtt import second_topic

        publisher.formats.append(second_topic.SecondTopic(publisher, board.buffer))
    led = panel.Led(board, s["led"])
    ratios = s["ct_ratio"], s["vt_ratio"]
    # An NES meter tells its own ratios, and a digest vouches for what it says.
    ratio = _MEP_RATIO if asks else ratios[0] * ratios[1]
    device.plausible = plausible.Plausible(status.uptime, ratio)
    if ratios != (1, 1):
        from .meter.ratio import Ratio

        consumers.append(Ratio(*ratios))
    # What is not believed is marked first; the totals are kept next, whatever the broker does.
    consumers += device.plausible, ledger, latest, publisher, led, clock
    line = None if asks else uart.Uart(board, s["meter_line"] or s["meter"])
    if s["outlets"]:
        from .outlets import open_doors

        line = open_doors(device, line, decoder, consumers, publisher)
    if not asks:
        reader = reader.Reader(line, decoder, consumers, [publisher, latest], status, note)
        if keys[0] and not any(keys[1] or b""):
            from .meter import second

            reader.second = second.Second(status, s["time_zone"])
        if s["log_level"] == "debug":
            from .meter import failed

            reader.failed = device.failed = failed.Failed(decoder, note)
    if s["syslog_host"]:
        from .network import syslog

        device.syslog = syslog.Syslog(s["syslog_host"], s["host_name"], status)
        start(device.keep("syslog", device.syslog.run, True))
    if s["energy"]:
        from .energy import account

        running.account = account = account.Account(s, ledger)
        consumers.append(account)
        publisher.context.memory["energy"] = account  # a display shows it, too
        if s["mqtt_host"]:
            publisher.formats.append(account)
            publisher.topics.append(publisher.context.below + b"price/set")
    if s["history"] and s["history_days"]:
        from .storage import history

        history = history.History(s, ledger, latest, running.account, board.buffer)
        running.history = history
        consumers.append(history)
    if names:
        from .network import mdns

        start(device.keep("mDNS", mdns.ear(device, names), True))
    running.button = panel.Button(board.button)
    if board.adc is not None and not supply:
        from .power.measure import Measure

        start(device.keep("supply", Measure(board, status).run, True))
    if s["update_url"] and s["mqtt_host"]:
        from .update import offer

        start(device.keep("update", offer.Offer(publisher).run, True))
    if running.sleeps:
        from .power import sleep_cycle

        running.cycle = cycle = sleep_cycle.SleepCycle(device, publisher, client, ledger, supply)
        consumers.append(cycle)
        start(device.keep("sleep cycle", cycle.run))

    await move(board.outside, _PACKETS, "")  # formats, and what else an `if` loaded
    del move
    let_go("kwhisper.bytecode")
    s.let_texts_go()
    running.reader, running.ledger, running.latest = reader, ledger, latest
    running.client, running.publisher, running.led = client, publisher, led
    device.goodbye = running.goodbye
    if ballast:
        ballast.deinit()
    del slack
    start(device.keep("port", reader.run))
    start(device.keep("broker", running.broker))
    start(device.keep("web", running.web, True))
    start(device.keep("LED", running.lights, True))
    return device.keep("heart", running.heart)


def first_block():
    """Have littlefs look for free blocks, and tidy the ledger's folder. With the first block that
    is wanted after a start it goes through all files, and it copies a folder that is written for
    the first time: 0.4 s of an emulated chip with years of history. The meter's first hour would
    wait for that; now the radio joins."""
    try:
        with open(_BLOCK, "wb") as f:
            f.write(bytes(_MORE_THAN_INLINE))
        os.remove(_BLOCK)
    except OSError:
        pass  # no ledger yet; or a flash that is full or broken: the ledger will say so
