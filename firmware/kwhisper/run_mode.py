"""Reads the meter and publishes what it says.

The order of the start is that of the memory (docs/architecture.md): MicroPython's heap and the
system's drivers live in one pool, and whoever allocates first has it. So the radio comes first,
then a ballast that keeps the system's share while the code is loaded, then the code; when all is
built the ballast goes, and the UART and the broker's connection find their place. The heap would
grow into their share as soon as garbage fills it: so it grows for the slack, too, while the
ballast is there. This is why the imports stand inside run().
"""

import asyncio
import gc
import select
import time

import machine
from micropython import const

# Bytes of the system's share: the meter's UART, MQTT and three browsers; a TLS handshake more.
_BALLAST = const(17000)
_HANDSHAKE = const(20000)  # it takes 34 KB at its peak, when no browser is served yet
_JOINS = const(6000)  # what joining takes, if it has not yet
# Bytes of the heap for what a list or a page needs between two collections, and for what the
# meter's first lists load.
_SLACK = const(14000)
_JOIN_MS = const(3000)  # so long the code waits for the WiFi, which then finds its memory
_SETTLED_S = const(60)
_READ_WITHIN_MS = const(10000)
_UNPROVED = const(3)
_HELD_S = const(5)
_KNOCK_MS = const(100)
_PAGES = const(12000)  # bytes of the heap that they take
_SLEEPS_FROM_S = const(30)  # with a shorter interval between values WiFi stays on


async def run(device, _):
    """Build the parts, let them run, and look after them."""
    s, board, status, note = device.settings, device.board, device.status, device.note
    supply = cycle = None
    if board.supply:
        from .power import supply

        supply = supply.Supply(board.supply)
        supply.await_start(device.settled)
    sleeps = supply and s["mqtt_host"] and s["publish_interval"] >= _SLEEPS_FROM_S

    def may_transmit():
        return (not supply or supply.allows_wifi()) and (
            not sleeps or (cycle is not None and cycle.ready())
        )

    # The radio, and what keeps the system's share.
    from .network import station

    station = station.Station(s, status, note, may_transmit)
    start = asyncio.create_task
    start(device.keep("WiFi", station.run))
    began = time.ticks_ms()
    await asyncio.sleep_ms(0)
    while status.wifi == "joining" and time.ticks_diff(time.ticks_ms(), began) < _JOIN_MS:
        await asyncio.sleep_ms(50)
    size = _BALLAST if status.ip else _BALLAST + _JOINS
    if s["mqtt_tls"]:
        size += _HANDSHAKE
    try:
        # A UART's ring that nobody uses, in the system's memory.
        ballast = machine.UART(board.uart, 9600, tx=board.tx, rx=board.rx, rxbuf=size)
    except (OSError, ValueError, MemoryError):
        ballast = None  # there is less: what is left is the system's all the same

    slack = bytearray(_SLACK)

    # The parts, each in the end under the name of its module. The decoder first: its imports go
    # deep. A meter that has to be asked needs none.
    asks = s["meter"][:3] == "mep"
    if asks:
        from .meter import mep
    else:
        from meterwire import Decoder

        from .meter import reader, uart
    from . import calendar, clock, latest, panel
    from .meter import plausible
    from .mqtt import client, publisher
    from .storage import ledger
    from .web import let_go, listen, refuse

    def unknown(buffer, first, end):
        reader.unknown(buffer, first, end)

    consumers = []
    if asks:
        decoder = reader = mep.MepReader(board, s, consumers, status, note)
    else:
        keys = s.key("meter_key"), s.key("meter_auth_key")
        decoder = Decoder(board.frame, *keys, board.rows, unknown, board.place)
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
    publisher = publisher.Publisher(device, client, ledger, decoder, latest, clock.now)
    led = panel.Led(board, s["led"])
    device.plausible = plausible.Plausible(status.uptime)
    ratios = s["ct_ratio"], s["vt_ratio"]
    if ratios != (1, 1):
        from .meter import ratio

        consumers.append(ratio.Ratio(*ratios))
    # What is not believed is marked first; the totals are kept next, whatever the broker does.
    consumers += device.plausible, ledger, latest, publisher, led, clock
    line = None if asks else uart.Uart(board, s["meter"])
    if s["outlets"]:
        from .outlets import open_doors

        line = open_doors(device, line, decoder, consumers)
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
    account = history = None
    if s["energy"]:
        from .energy import account

        account = account.Account(s, ledger)
        consumers.append(account)
        if s["mqtt_host"]:
            from .energy import report

            report = report.Report(account, s, status.uptime)
            publisher.formats.append(report)
            publisher.topics.append(report.topic)
    if s["history"] and s["history_days"]:
        from .storage import history

        history = history.History(s, ledger, latest, account, board.buffer)
        consumers.append(history)
    button = panel.Button(board.button)
    if s["update_url"] and s["mqtt_host"]:
        from .update import offer

        start(device.keep("update", offer.Offer(publisher).run, True))
    if sleeps:
        from .power import sleep_cycle

        cycle = sleep_cycle.SleepCycle(device, publisher, client, ledger, supply)
        consumers.append(cycle)
        start(device.keep("sleep cycle", cycle.run))

    async def goodbye():
        await client.goodbye()
        ledger.save_mark()

    async def broker():
        await client.run(publisher)

    async def web():
        # The pages are loaded while somebody looks at them: they cost what a TLS handshake wants.
        door = listen()
        try:
            poll = select.poll()
            poll.register(door, select.POLLIN)
            while True:
                while not any(poll.ipoll(0)):
                    await asyncio.sleep_ms(_KNOCK_MS)
                if s["mqtt_tls"]:
                    from .mqtt.tls import room

                    if room() < _PAGES:
                        refuse(door, "The broker's TLS takes the memory that the pages need.")
                        continue
                from .web import api, run_server

                said = api.Api(device, latest, "run", history, account)
                await run_server.serve(device, said, door)
                del api, run_server, said
                let_go()
        finally:
            door.close()

    async def lights():
        await led.run(
            lambda: reader.deaf() or not status.ip or (s["mqtt_host"] and not client.connected)
        )

    async def heart():
        # Once a second. The watchdog is fed while the meter is read.
        watchdog = machine.WDT(timeout=board.watchdog_ms)
        while True:
            if reader.alive(_READ_WITHIN_MS):
                watchdog.feed()
            reader.take_stock()
            status.problem = reader.problem() or ledger.problem or s.problem
            status.totals_lost = ledger.lost
            if supply:
                await supply.tick(device, ledger, client)
            try:
                publisher.tick()
            except Exception as e:
                # What is published must not stop what is read.
                status.dropped += 1
                note("error", "mqtt:", repr(e))
            if status.uptime() >= _SETTLED_S:
                device.settled()
            # Many boards' button, held while the power comes, starts the chip's own loader.
            if button.pressed_for(_HELD_S):
                device.restart("the button was held", "the button was held")
            if station.failures >= _UNPROVED and not station.proved():
                # Never once connected: a mistyped password must not need a button to be mended.
                device.restart("WiFi: " + status.wifi, status.wifi)
            gc.collect()
            await asyncio.sleep(1)

    device.goodbye = goodbye
    if ballast:
        ballast.deinit()
    del slack
    start(device.keep("port", reader.run))
    start(device.keep("broker", broker))
    start(device.keep("web", web, True))
    start(device.keep("LED", lights, True))
    await device.keep("heart", heart)
