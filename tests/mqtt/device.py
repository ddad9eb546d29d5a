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

from kwhisper.board import pick
from kwhisper.broker import Broker
from kwhisper.publish import Publisher
from kwhisper.settings import Settings
from kwhisper.status import Status

PLAN = json.loads(os.getenv("KW"))


class Decoder:
    """Where raw frames and their counts come from."""

    counters = {"ok": 3, "fcs": 1, "unchecked": 2, "noise": 400}

    def raw(self):
        return bytearray(b"xx~\xa0\x12\x01~yy"), 2, 7


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


async def meter(publisher, plan):
    n = 0
    every = plan.get("every_ms", 100)
    while True:
        await asyncio.sleep_ms(every)
        n += 1
        if plan.get("hourly") and n % plan["hourly"] == 0:
            publisher.on_reading(
                reading.hourly(n, (2026, 11, 20, n // plan["hourly"] % 24, 0, 10, 60))
            )
        else:
            publisher.on_reading(reading.live(n))


async def main():
    settings = Settings(PLAN.get("path", "/nowhere"))
    errors = settings.change(PLAN["settings"])
    assert not errors, errors
    status = Status("power on")
    status.ip = PLAN.get("ip", "127.0.0.1")
    status.rssi = -60
    status.last_frame = status.uptime()
    board = pick(PLAN.get("board", "host"))
    clock = None
    broker = Broker(settings, status, board, clock)
    broker.second = PLAN.get("second", 1000)
    broker.log = lambda level, text: print(json.dumps({"log": text}))
    ledger = None
    if PLAN.get("ledger"):
        from kwhisper.ledger import Ledger

        ledger = Ledger(settings, PLAN["ledger"])
    status.counted = decoder = Decoder()
    publisher = Publisher(settings, status, broker, ledger, decoder)
    publisher.commands.restart = lambda: print(json.dumps({"restart": True}))
    publisher.commands.set_log_level = lambda level: print(json.dumps({"level": level}))
    seen = {"stall": 0}
    tasks = [broker.run(), watch(seen), meter(publisher, PLAN)]
    tasks = [asyncio.create_task(t) for t in tasks]
    if not PLAN.get("early"):
        await asyncio.sleep_ms(200)
        seen["stall"] = 0
    for second in range(PLAN["seconds"]):
        await asyncio.sleep_ms(1000)
        for _ in range(PLAN.get("unknown", 0)):
            publisher.tell_unknown(*publisher.decoder.raw())
        for _ in range(1000 // broker.second):
            publisher.tick()
        gc.collect()
        line = {
            "second": second,
            "state": status.mqtt,
            "error": status.mqtt_error,
            "stall": seen["stall"],
            "dropped": status.dropped,
            "memory": gc.mem_alloc(),
            "sessions": broker.sessions,
        }
        print(json.dumps(line))
        if str(second) in PLAN.get("ips", {}):
            status.ip = PLAN["ips"][str(second)]
    await broker.goodbye()


try:
    asyncio.run(main())
except Exception as e:
    sys.print_exception(e)
    sys.exit(1)
