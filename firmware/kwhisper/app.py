"""kWhisper's main program and the only file that knows every part: it builds them from the
settings, hands each what it needs, and runs their tasks.

    set-up   no settings, or the button held at start, or settings that never led to a connection:
             access point, captive portal, the form
    run      port ─▶ decoder ─▶ publisher ─▶ broker, and the live page

The two load different modules, so that each fits a small chip. A part that fails is counted and
started again; one that keeps failing ends in a restart of the chip with the cause kept. The
watchdog is fed only while the meter is being read.
"""

import asyncio
import gc
import os
import sys
import time

import machine
from micropython import const

from . import VERSION, board, settings
from .journal import Journal
from .power import Supply
from .status import Status

_SETTLED_S = const(60)
_SETUP_S = const(900)
_READ_WITHIN_MS = const(10000)
_FAULTS = const(5)
_FAIL_S = const(2)
_QUICK_MS = const(60000)
_UNPROVED = const(3)
_TLS_FIRST_S = const(30)
_CAUSE = "/cause"  # why the last restart was wanted
_SETUP = "/setup"  # the next start is a set-up; holds the reason
_RESETS = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")


class Device:
    """What every mode needs: settings, board, status, journal, and the way to a restart."""

    def __init__(self, settled, boot_note):
        self.settled = settled
        self.settings = settings.load()
        self.board = board.pick(self.settings["board"])
        self.status = status = Status(_cause())
        self.journal = Journal(self.board.journal, self.settings["log_level"])
        self.supply = Supply(self.board)
        self.watchdog = None
        self.live = None
        status.version = VERSION
        status.board = self.board.name
        self.journal.info(VERSION, "on", self.board.label, "- last reset:", status.reset_cause)
        for trouble in (boot_note, self.settings.problem):
            if trouble:
                self.journal.warning(trouble)

    def restart(self, why, setup=None):
        """Start the chip anew because somebody wants it; `setup`: as a set-up, for that reason."""
        self.settled()
        self.fail(why, setup)

    def fail(self, why, setup=None):
        """Start the chip anew because this start came to a bad end: the boot guard counts it."""
        self.journal.error("restart:", why)
        try:
            _write(_CAUSE, why)
            if setup:
                _write(_SETUP, setup)
        except OSError:
            pass  # a full flash: the restart matters more than its cause
        machine.reset()

    def guard(self):
        """Start the watchdog."""
        if self.board.watchdog is None:
            self.watchdog = machine.WDT()
        else:
            self.watchdog = machine.WDT(timeout=self.board.watchdog)

    async def keep(self, name, part):
        """Run the coroutine function `part`; when it fails, note it and run it again."""
        faults = 0
        while True:
            began = time.ticks_ms()
            try:
                await part()
                return
            except MemoryError:
                gc.collect()
                why = "out of memory in " + name
            except Exception as e:
                sys.print_exception(e)
                why = name + " failed: " + type(e).__name__
            self.status.restarts += 1
            self.journal.error(why)
            quick = time.ticks_diff(time.ticks_ms(), began) < _QUICK_MS
            faults = faults + 1 if quick else 1
            if faults >= _FAULTS:
                self.fail(why)
            await asyncio.sleep(faults)


def _cause():
    # "HARD_RESET: settings": what the chip says, then what we wanted, if it was us.
    code = machine.reset_cause()
    why = "unknown"
    for name in _RESETS:
        if getattr(machine, name, None) == code:
            why = name
    return why + _take(_CAUSE, ": ")


def _write(path, text):
    with open(path, "w") as f:
        f.write(text)


def _take(path, before=""):
    # The text of a note to this start, which is torn up at once; "" when there is none.
    try:
        with open(path) as f:
            text = f.read(100)
        os.remove(path)
        return before + text
    except OSError:
        return ""


def _button_held(pin):
    if pin is None:
        return False
    button = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
    for _ in range(10):  # held for half a second, no less
        if button.value():
            return False
        time.sleep_ms(50)
    return True


def main(settled, boot_note=None):
    """Start the firmware; called by main.py. Returns only to a developer's Ctrl-C."""
    device = Device(settled, boot_note)
    device.supply.await_start(settled)
    reason = _take(_SETUP)
    if _button_held(device.board.button):
        reason = "the button was held"
    if not device.settings.configured:
        reason = "not set up yet"
    gc.collect()
    try:
        asyncio.run(setup(device, reason) if reason else run(device))
        why = "the main task ended"
    except KeyboardInterrupt:
        raise
    except MemoryError:
        gc.collect()
        why = "out of memory"
    except Exception as e:
        sys.print_exception(e)
        why = "main task: " + type(e).__name__
    time.sleep(_FAIL_S)
    device.fail(why)


async def setup(device, reason):
    """Wait, as an access point, for a person who fills in the form."""
    from . import portal, web
    from .lamp import Lamp
    from .wifi import Wifi

    status = device.status
    status.state = "setup"
    status.problem = reason
    device.journal.info("set-up:", reason)
    wifi = Wifi(device.settings, status, device.board, device.journal.info)
    await wifi.scan()
    name, key, ip = await wifi.access_point()
    print("kWhisper: join the WiFi", name, "with the password", key)
    print("kWhisper: then open http://%s/" % ip)
    page = web.make_app(
        device.settings,
        status,
        None,
        wifi.scan,
        lambda: device.restart("set up"),
        "setup",
        device.board.small,
    )
    lamp = Lamp(device.board, device.settings["led"])
    parts = (
        ("portal", lambda: portal.serve(ip)),
        ("web", lambda: web.serve(page, 80, most=device.board.connections)),
        ("lamp", lambda: lamp.run(lambda: False, True)),
    )
    for part in parts:
        asyncio.create_task(device.keep(*part))
    while True:
        await asyncio.sleep(1)
        if status.uptime() == _SETTLED_S:
            device.settled()
        # Nobody came, and there are settings: perhaps it was only the router that was away.
        if device.settings.configured and status.uptime() > _SETUP_S:
            device.restart("nobody changed the settings")
        gc.collect()


async def run(device):
    """Read the meter and tell the home."""
    s, status, affords = device.settings, device.status, device.board
    # The big buffers first, while the heap is in one piece.
    from meterwire import Decoder

    from .port import Port

    decoder = Decoder(affords.frame, s.key("meter_key"), s.key("meter_auth_key"))
    port = Port(affords, s["meter"])
    status.frames = dict(decoder.counters)
    status.state = "running"

    from .broker import Broker
    from .clock import Clock
    from .lamp import Lamp
    from .ledger import Ledger
    from .publish import Publisher
    from .reader import Reader
    from .wifi import Wifi

    clock = Clock(s, status)
    broker = Broker(s, status, affords, clock)
    publisher = Publisher(s, status, broker, Ledger(s), decoder)
    lamp = Lamp(affords, s["led"])
    consumers = [publisher.on_reading, clock.reading, lamp.on_reading]
    reader = Reader(port, decoder, consumers, status, device.journal)
    wifi = Wifi(s, status, affords, device.journal.info, device.supply.allows_wifi)
    publisher.commands.restart = lambda: asyncio.create_task(leave(device, broker, "command"))
    publisher.commands.set_log_level = device.journal.set_level
    broker.log = device.journal.say

    def troubled():
        return reader.deaf() or not status.ip or (s["mqtt_host"] and not broker.connected)

    async def pages():
        if s["mqtt_tls"]:
            # TLS needs a large piece of memory, which the pages would cut up.
            for _ in range(_TLS_FIRST_S):
                if broker.connected:
                    break
                await asyncio.sleep(1)
        await serve(device, reader, wifi, broker)

    for part in (
        ("port", reader.run),
        ("WiFi", wifi.run),
        ("broker", broker.run),
        ("web", pages),
        ("lamp", lambda: lamp.run(troubled)),
    ):
        asyncio.create_task(device.keep(*part))
    device.guard()
    await device.keep("heart", lambda: beat(device, reader, publisher, wifi))


async def serve(device, reader, wifi, broker):
    """The live page and the settings."""
    from . import web
    from .web.live import Live

    affords = device.board
    if device.live is None:
        device.live = Live(device.status.uptime, affords.live, affords.raw)
        reader.consumers.append(device.live.on_reading)
        reader.keep_raw = device.live.keep_raw

    def saved():
        asyncio.create_task(leave(device, broker, "settings"))

    page = web.make_app(
        device.settings, device.status, device.live, wifi.scan, saved, "run", affords.small
    )
    await web.serve(page, 80, most=affords.connections)


async def leave(device, broker, why):
    """Restart after a goodbye to the broker."""
    await asyncio.sleep(1)  # for the answer to whoever asked
    await broker.close()
    device.restart(why)


async def beat(device, reader, publisher, wifi):
    """Once a second: what hangs on time alone."""
    status = device.status
    settled = False
    problem = None
    while True:
        status.tick()
        if reader.alive(_READ_WITHIN_MS):
            device.watchdog.feed()
        status.supply_mv = device.supply.mv()
        status.problem = reader.problem() or device.settings.problem
        if device.supply.bus_gone():
            status.problem = "the meter's port gives no power: is it open, and the cable in?"
        status.line = reader.port.text()
        if status.problem != problem:
            problem = status.problem
            publisher.send_device()
        publisher.tick()
        if not settled and status.uptime() >= _SETTLED_S:
            settled = True
            device.settled()
        if wifi.failures >= _UNPROVED and not wifi.proved():
            # Never once connected: a mistyped password must not need a button to be mended.
            device.restart("WiFi: " + status.wifi, status.wifi)
        await asyncio.sleep(1)
