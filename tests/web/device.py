"""The web part of the firmware alone, by either Python: device.py MODE PORT FOLDER PATH...

Everything around it is of our own making here: a status, three networks, a Reading with a meter's
values. It prints what the pages ask of the device (restart), one word a line.
"""

import asyncio
import gc
import sys
import time

mode, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
SMALL = mode.endswith("-small")  # as on an ESP8266: without microdot
mode = mode.split("-")[0]
sys.path[:0] = sys.argv[4:]

from kwhisper import settings as kw_settings  # noqa: E402
from kwhisper import web  # noqa: E402
from kwhisper.web.live import Live  # noqa: E402
from meterwire.reading import unit_name  # noqa: E402

NETWORKS = [
    ("Hjemme æøå", -48, True),
    ('Café <b>"Bla\'"</b> & co', -63, False),
    ("Naboen", -81, True),
    ("", -50, True),
    ("Hjemme æøå", -85, True),
]

# (C, D, E), B, decimal text, unit, flags
VALUES = [
    ((1, 7, 0), 0, "1789", "W", 0),
    ((2, 7, 0), 0, "0", "W", 0),
    ((3, 7, 0), 0, "0", "var", 0),
    ((4, 7, 0), 0, "212", "var", 0),
    ((31, 7, 0), 0, "3.42", "A", 0),
    ((51, 7, 0), 0, "1.90", "A", 0),
    ((71, 7, 0), 0, "2.71", "A", 0),
    ((32, 7, 0), 0, "230.40", "V", 0),
    ((52, 7, 0), 0, "229.8", "V", 0),
    ((72, 7, 0), 0, "231.0", "V", 1),
    ((1, 8, 0), 0, "23456789", "Wh", 0),
    ((2, 8, 0), 0, "1200", "Wh", 2),
    ((24, 2, 1), 1, "1043.217", "m3", 0),
    ((24, 2, 1), 2, "12.5", "m3", 0),
    ((96, 1, 0), 0, "7359992890941742", "", 0),
    ((99, 98, 97), 0, "-1", "", 0),
]


class Reading:
    """What of a Reading the web part uses."""

    list_id = "AIDON_V0001"
    meter_id = "7359992890941742"
    meter_type = "6525"
    kind = 3
    time = "2026-11-20T10:00:10+01:00"

    def __init__(self, values=VALUES):
        self._values = values
        self._rows = bytearray(16 * len(values))
        for i, value in enumerate(values):
            self._fill(16 * i, *value)

    def _fill(self, k, code, b, text, unit, flags):
        # A row of the decoder's: code, flags, exponent, unit, mantissa.
        whole, _, decimals = text.partition(".")
        mantissa = int(whole + decimals) & 0xFFFFFFFFFFFFFFFF
        units = [number for number in range(256) if unit_name(number) == unit] or [255]
        head = (0 if b else 1, b) + code + (flags << 4, -len(decimals) & 255, units[0])
        self._rows[k : k + 16] = bytes(head) + mantissa.to_bytes(8, "little")

    def __len__(self):
        return len(self._values)

    def entry(self, i):
        return 0

    def key(self, i):
        c, d, e = self._values[i][0]
        return c << 16 | d << 8 | e

    def keep(self, i, rows, at):
        rows[16 * at : 16 * at + 16] = self._rows[16 * i : 16 * i + 16]

    def kept(self, i, rows, at):
        return rows[16 * at : 16 * at + 5] == self._rows[16 * i : 16 * i + 5]


class Status:
    """What of the Status the web part uses."""

    problem = None
    ip = "127.0.0.1"

    def uptime(self):
        return int(time.time() - START)

    def pairs(self):
        yield "state", "running"
        yield "problem", self.problem
        yield "uptime", 93784
        yield "mem_free", gc.mem_free() if hasattr(gc, "mem_free") else 98304
        yield "rssi", -58
        yield "ip", self.ip
        yield "mqtt", "connected"
        yield "frame_age", 1
        yield "frames", {"ok": 12873, "fcs": 3, "noise": 0}


PRETTY = [("Hjemme", -48, True), ("Hytta", -63, True), ("Kafé Månen", -74, False)]


async def scan():
    await asyncio.sleep(0.05)
    if mode == "deaf":
        raise OSError("the radio is busy")
    return PRETTY if "demo" in sys.argv[1] else NETWORKS


async def move(live):
    """Power that goes up and down, for pictures of the page."""
    n = 0
    while True:
        await asyncio.sleep(0.4)
        n += 1
        watts = 1400 + 90 * (n * 7 % 5) + (2100 if n % 40 > 22 else 0)
        live.follow(Reading([VALUES[0][:2] + (str(watts), "W", 0)] + VALUES[1:]))


async def main():
    settings = kw_settings.load(folder + "/settings.json")
    status = Status()
    live = Live(status.uptime, most=14)
    live.follow(Reading())
    if "run-demo" in sys.argv[1]:
        asyncio.create_task(move(live))
    elif mode == "run":
        live.keep_raw(b"..\x7e\xa0\x01unknown\x7e..", 2, 13)
    app = web.make_app(
        settings,
        status,
        live,
        scan,
        lambda: print("restart"),
        "run" if mode == "run" else "setup",
        SMALL,
    )
    if SMALL:
        from kwhisper.web.single import serve
    else:
        from kwhisper.web import serve
    await serve(app, port, host="127.0.0.1")


START = time.time()
asyncio.run(main())
