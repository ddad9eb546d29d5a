"""The web part of the firmware alone, on the unix port: device.py MODE PORT FOLDER PATH...

Everything around it is of our own making here: a status, three networks, a meter's values. It
prints what the pages ask of the device (restart) and what the device notes, one a line.
"""

import asyncio
import gc
import sys
import time

mode, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
sys.path[:0] = sys.argv[4:]


class AccessPoint:
    """The set-up's WiFi: what the web part asks of it."""

    @staticmethod
    def access_point():
        return "kWhisper-0001", "setup-password"

    @staticmethod
    def word(numbers):
        return "".join(chr(97 + n % 26) for n in numbers)


import kwhisper  # noqa: E402

sys.modules["kwhisper.network"] = AccessPoint
sys.modules["kwhisper.network.access_point"] = AccessPoint
kwhisper.network = AccessPoint

from kwhisper.storage import settings as kw_settings  # noqa: E402
from kwhisper.web.api import Api  # noqa: E402

NETWORKS = [
    ("Hjemme æøå", -48, True),
    ('Café <b>"Bla\'"</b> & co', -63, False),
    ("Naboen", -81, True),
    ("", -50, True),
]
PRETTY = [("Hjemme", -48, True), ("Hytta", -63, True), ("Kafé Månen", -74, False)]

# name, label, decimal text, unit, age, flags
VALUES = [
    ("active_power_import", "Power import", "1789", "W", 2, 0),
    ("active_power_export", "Power export", "0", "W", 2, 0),
    ("reactive_power_import", "Reactive power import", "0", "var", 2, 0),
    ("reactive_power_export", "Reactive power export", "212", "var", 2, 0),
    ("current_l1", "Current L1", "3.42", "A", 2, 0),
    ("current_l2", "Current L2", "1.90", "A", 2, 0),
    ("current_l3", "Current L3", "2.71", "A", 2, 0),
    ("voltage_l1", "Voltage L1", "230.40", "V", 2, 0),
    ("voltage_l2", "Voltage L2", "229.8", "V", 2, 0),
    ("voltage_l3", "Voltage L3", "231.0", "V", 2, 1),
    ("active_energy_import", "Energy import", "18446744073709551615", "Wh", 1200, 0),
    ("active_energy_export", "Energy export", "1200", "Wh", 9000, 2),
    ("meter1_volume", "Meter 1 volume", "1043.217", "m3", 2, 0),
    ("meter2_volume", "Meter 2 volume", "12.5", "m3", 2, 0),
    ("1-0:99.98.97", "1-0:99.98.97", "-0.01", "", 2, 0),
]


FAULTS = {"lacking": MemoryError, "faulty": KeyError}
TYPE = "KMP5 7359992890941742" if mode == "kmp5" else "6525"


class Latest:
    """What of Latest the web part uses; KMP5 stands for the meters whose type holds the number."""

    lists = 7
    left_out = 0
    watts = "1789"
    time = "2026-11-20T10:00:10+01:00"
    list_id = "AIDON_V0001"
    meter_id = "7359992890941742"
    meter_type = TYPE

    def entries(self):
        if mode in FAULTS:
            raise FAULTS[mode]
        for i, value in enumerate(VALUES):
            yield value if i else value[:2] + (self.watts,) + value[3:]

    raw = None if "demo" in mode else b"\x7e\xa0\x01unknown\x7e"


class Decoder:
    """What of the decoder the web part uses."""

    def raw():
        return bytearray(b"the last \x7e\xa0\x01known\x7e and more"), 9, 18


class Status:
    """What of the Status the web part uses."""

    problem = None
    ip = "127.0.0.1"
    version = "1.2.3"
    board = "host"
    mqtt = "connected"
    decoder = Decoder if "decoded" in mode else None

    def uptime(self):
        return int(time.time() - START)

    def pairs(self):
        yield "state", "running"
        yield "problem", self.problem
        yield "uptime", 93784
        yield "mem_free", gc.mem_free()
        yield "rssi", -58
        yield "ip", self.ip
        yield "mqtt", "connected"
        yield "frame_age", 1
        yield "frames", {"ok": 12873, "fcs": 3, "noise": 0}


class Board:
    """What of the Board the web part uses."""

    buffer = bytearray


class Device:
    """What of the Device the web part uses."""

    board = Board
    settings = kw_settings.load(folder + "/settings.json")
    host = settings["host_name"]
    status = Status()

    lines = ()
    saved = 0
    failed = None

    class plausible:
        @staticmethod
        def new_meter():
            pass

    def note(self, level, *words):
        print(level, *words)

    async def leave(self, why):
        print("restart:", why)


async def scan():
    print("scan")
    await asyncio.sleep(0.05)
    if mode == "deaf":
        raise OSError("the radio is busy")
    return PRETTY if "demo" in mode else NETWORKS


async def move(latest):
    """Power that goes up and down, for pictures of the page."""
    n = 0
    while True:
        await asyncio.sleep(0.4)
        n += 1
        latest.lists += 1
        latest.watts = str(1400 + 90 * (n * 7 % 5) + (2100 if n % 40 > 22 else 0))


async def secure(status):
    """A TLS handshake with the broker."""
    status.mqtt = "securing"
    await asyncio.sleep(2)
    print("secured")
    status.mqtt = "connected"


def narrow():
    """Let the system take little of what is sent, as lwIP does."""
    from kwhisper.web import limits

    class Narrow(limits.Connection):
        def __init__(self, client, address, buffer):
            client.setsockopt(1, 7, b"\x01\0\0\0")  # SOL_SOCKET, SO_SNDBUF
            super().__init__(client, address, buffer)

    limits.Connection = Narrow


async def main():
    device = Device()
    if "narrow" in mode:
        narrow()
    if mode.split("-")[0] in ("setup", "deaf"):
        from kwhisper.web import setup_server

        await setup_server.serve(device, Api(device, None, "setup"), scan, port)
    else:
        from kwhisper.web import listen, run_server

        latest = Latest()
        if "demo" in mode:
            asyncio.create_task(move(latest))
        if mode == "securing":
            asyncio.create_task(secure(device.status))
        await run_server.serve(device, Api(device, latest, "run"), listen(port))


START = time.time()
asyncio.run(main())
