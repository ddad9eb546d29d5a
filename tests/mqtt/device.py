"""The MQTT part of the firmware as one program on the unix port, steered by the environment.

KW holds JSON: settings, and how the made-up meter behaves. Prints a JSON line a second, and one
at the end: {"state", "error", "stall", "dropped", "memory" …}; stall is the longest time, in ms,
that another task (the one that reads the meter) had to wait for its turn, without the time for
which a busy machine gave this program no processor.
"""

import asyncio
import gc
import json
import os
import sys
import time

import reading

from kwhisper.latest import Latest
from kwhisper.mqtt.client import Client
from kwhisper.mqtt.publisher import Publisher
from kwhisper.status import Status
from kwhisper.storage.ledger import Ledger
from kwhisper.storage.settings import Settings

PLAN = json.loads(os.getenv("KW"))


class Decoder:
    """Where raw frames and their counts come from."""

    counters = {"ok": 3, "fcs": 1, "unchecked": 2, "noise": 400}

    def raw(self):
        return bytearray(b"xx~\xa0\x12\x01~yy"), 2, 7


class NoClock:
    """Nobody told the time."""

    def now(self):
        return None

    async def ready(self):
        pass


class NoLedger:
    """Keeps nothing."""

    def reading(self, r):
        return False

    def last(self):
        return None

    pending = last


class Chip:
    """What the publisher wants of the device around it."""

    def __init__(self, settings, status):
        self.settings = settings
        self.status = status
        self.journal = self
        self.sessions = 0

    def note(self, level, *words):
        if words == ("mqtt:", "connected"):
            self.sessions += 1
        print(json.dumps({"log": " ".join(str(w) for w in words)}))

    def set_level(self, level):
        print(json.dumps({"level": level}))

    async def leave(self, why):
        print(json.dumps({"restart": True}))


def queued():
    """Microseconds that this program has waited for a processor; 0 where nobody counts."""
    try:
        with open("/proc/self/schedstat") as f:
            return int(f.read().split()[1]) // 1000
    except OSError:
        return 0


async def watch(seen):
    """The task that reads the meter: it wants its turn every 5 ms."""
    while True:
        others = queued()
        before = time.ticks_us()
        await asyncio.sleep_ms(5)
        passed = time.ticks_diff(time.ticks_us(), before)
        late = (passed - (queued() - others)) // 1000 - 5
        seen["stall"] = max(seen["stall"], late)


async def meter(consumers, plan):
    n = 0
    every = plan.get("every_ms", 100)
    while True:
        await asyncio.sleep_ms(every)
        n += 1
        if plan.get("hourly") and n % plan["hourly"] == 0:
            r = reading.hourly(n, (2026, 11, 20, n // plan["hourly"] % 24, 0, 10, 60))
        else:
            r = reading.live(n)
        for consumer in consumers:
            consumer.reading(r)


async def main():
    settings = Settings(PLAN.get("path", "/nowhere"))
    errors = settings.change(PLAN["settings"])
    assert not errors, errors
    status = Status("power on", "PC", "0.1")
    status.ip = PLAN.get("ip", "127.0.0.1")
    status.rssi = -60
    status.last_frame = status.uptime()
    status.decoder = decoder = Decoder()
    chip = Chip(settings, status)
    clock = NoClock()
    ledger = Ledger(settings, clock.now, PLAN["ledger"]) if PLAN.get("ledger") else NoLedger()
    latest = Latest(status.uptime)
    client = Client(settings, status, chip.note, clock)
    client.second = PLAN.get("second", 1000)
    publisher = Publisher(chip, client, ledger, decoder, latest, clock.now)
    consumers = [ledger, latest, publisher]
    seen = {"stall": 0}
    tasks = [client.run(publisher), watch(seen), meter(consumers, PLAN)]
    tasks = [asyncio.create_task(t) for t in tasks]
    if not PLAN.get("early"):
        await asyncio.sleep_ms(200)
        seen["stall"] = 0
    for second in range(PLAN["seconds"]):
        await asyncio.sleep_ms(1000)
        for _ in range(PLAN.get("unknown", 0)):
            buf, start, end = decoder.raw()
            publisher.unknown(memoryview(buf)[start:end])
        for _ in range(1000 // client.second):
            publisher.tick()
        gc.collect()
        line = {
            "second": second,
            "state": status.mqtt,
            "error": status.mqtt_error,
            "stall": seen["stall"],
            "dropped": status.dropped,
            "memory": gc.mem_alloc(),
            "sessions": chip.sessions,
        }
        print(json.dumps(line))
        if str(second) in PLAN.get("ips", {}):
            status.ip = PLAN["ips"][str(second)]
    await client.goodbye()


try:
    asyncio.run(main())
except Exception as e:
    sys.print_exception(e)
    sys.exit(1)
