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

import parts
import reading

PLAN = json.loads(os.getenv("KW"))


class Decoder:
    """Where raw frames and their counts come from."""

    counters = {"ok": 3, "fcs": 1, "unchecked": 2, "noise": 400}

    def raw(self):
        return bytearray(b"xx~\xa0\x12\x01~yy"), 2, 7


class Device(parts.Device):
    """Says on stdout what it does."""

    def note(self, level, *words):
        super().note(level, *words)
        print(json.dumps({"log": " ".join(str(w) for w in words)}))

    @property
    def level(self):
        """What the command sets."""

    @level.setter
    def level(self, level):
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


async def meter(device, plan):
    n = 0
    every = plan.get("every_ms", 100)
    while True:
        await asyncio.sleep_ms(every)
        n += 1
        if plan.get("hourly") and n % plan["hourly"] == 0:
            hour = n // plan["hourly"] % 24
            device.reading(reading.hourly(n, (2026, 11, 20, hour, 0, 10, 60)))
        else:
            device.reading(reading.live(n))


async def main():
    device = Device(PLAN["settings"], Decoder(), PLAN.get("ledger"))
    client, publisher, status = device.client, device.publisher, device.status
    client.second = PLAN.get("second", 1000)
    status.ip = PLAN.get("ip", status.ip)
    status.rssi = -60
    seen = {"stall": 0}
    tasks = [client.run(publisher), watch(seen), meter(device, PLAN)]
    tasks = [asyncio.create_task(t) for t in tasks]
    if not PLAN.get("early"):
        await asyncio.sleep_ms(200)
        seen["stall"] = 0
    awaited = PLAN.get("until")  # its seconds begin with a "session" or an "error"
    while awaited and not (device.sessions if awaited == "session" else status.mqtt_error):
        await asyncio.sleep_ms(20)
    for second in range(PLAN["seconds"]):
        await asyncio.sleep_ms(1000)
        for _ in range(PLAN.get("unknown", 0)):
            buf, start, end = device.decoder.raw()
            publisher.unknown(memoryview(buf)[start:end])
        for _ in range(1000 // client.second):
            publisher.tick()
            publisher.tell()
        gc.collect()
        line = {
            "second": second,
            "state": status.mqtt,
            "error": status.mqtt_error,
            "stall": seen["stall"],
            "dropped": status.dropped,
            "memory": gc.mem_alloc(),
            "sessions": device.sessions,
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
