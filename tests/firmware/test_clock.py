"""The device's clock: who sets it, and to what."""

import socket
import struct
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest


@pytest.fixture
def run(micropython, on_micropython, library):

    return lambda script: on_micropython([micropython], script, library)


def test_calendar_there_and_back(run):
    out = run("""
from kwhisper import calendar
for t in range(946684800, 3_000_000_000, 86399 * 7 + 13):
    assert calendar.seconds(*calendar.fields(t)) == t, t
at = calendar.seconds(2026, 11, 20, 9, 0, 10)
print(at, calendar.text(at, 60), calendar.text(at, -150))
noon = (2026, 7, 1, 12, 0, 0)
print(calendar.of_clock(noon + (None,), "CET"), calendar.of_clock(noon + (120,), "CET"))
""")
    assert out.splitlines() == [
        "1795165210 2026-11-20T10:00:10+01:00 2026-11-20T06:30:10-02:30",
        "(1782903600, 60) (1782900000, 120)",
    ]


CHIP = """
import sys, time
set_to = []
class RTC:
    def datetime(self, fields):
        set_to.append(fields)
class machine:
    pass
machine.RTC = RTC
sys.modules["machine"] = machine
from kwhisper import clock
class Chip:
    def gmtime(self, t=0):
        return (1970,)
clock.time = Chip()
class status:
    seconds = 0
    def uptime():
        return status.seconds
c = clock.Clock({"time_zone": "CET", "ntp_server": "10.0.0.9"}, status)
import reading
"""


def test_the_meter_sets_a_clock_that_nobody_has_set(run):
    out = run(
        CHIP
        + """
print(c.now())
c.reading(reading.live(1))
c.reading(reading.live(1, (2000, 1, 1, 0, 0, 5, None)))
print(set_to)
c.reading(reading.live(1, (2026, 11, 20, 10, 0, 10, 60)))
c.reading(reading.live(1, (2026, 11, 20, 10, 0, 20, 60)))
print(set_to, c.source)
"""
    )
    assert out.splitlines() == ["None", "[]", "[(2026, 11, 20, 0, 9, 0, 10, 0)] meter"]


@pytest.mark.parametrize(
    "seconds, set_to",
    [
        (1795165210, "(2026, 11, 20, 0, 9, 0, 10, 0)"),
        # NTP's 32 bits begin anew on 2036-02-07.
        (2085978495, "(2036, 2, 7, 0, 6, 28, 15, 0)"),
        (2085978496, "(2036, 2, 7, 0, 6, 28, 16, 0)"),
        (2500000000, "(2049, 3, 22, 0, 4, 26, 40, 0)"),
    ],
)
def test_before_tls_a_time_server_is_asked(run, seconds, set_to):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve():
        question, who = server.recvfrom(64)
        answer = bytearray(48)
        assert len(question) == 48 and question[0] == 0x23
        server.sendto(bytes(answer), who)  # not synchronised: not taken
        answer[0], answer[1] = 0x24, 2
        answer[40:44] = struct.pack("!I", 1795165210 + 2208988800 - 86400)
        server.sendto(bytes(answer), who)  # of someone who did not hear the question: not taken
        answer[24:32] = question[40:]
        answer[40:44] = struct.pack("!I", (seconds + 2208988800) % 2**32)
        server.sendto(bytes(answer), who)

    threading.Thread(target=serve, daemon=True).start()
    out = run(
        CHIP
        + f"""
import asyncio
from kwhisper.network import ntp
plain = ntp.ask
ntp.ask = lambda host: plain("127.0.0.1", {server.getsockname()[1]})
print(asyncio.run(c.ready()), set_to, c.source)
"""
    )
    assert out.splitlines() == [f"ntp [{set_to}] ntp"]


def test_without_a_time_server_it_is_said_that_there_is_no_time(run):
    out = run(
        CHIP
        + """
import asyncio
from kwhisper.network import ntp
async def nobody(host):
    raise OSError(110)
ntp.ask = nobody
print(asyncio.run(c.ready()))
c.reading(reading.live(1, (2026, 11, 20, 10, 0, 10, 60)))
print(asyncio.run(c.ready()))
"""
    )
    assert out.splitlines() == ["None", "meter"]


def test_the_meter_mends_a_clock_that_drifts(run):
    out = run(
        CHIP
        + """
from kwhisper import calendar
class Chip:
    off = 0
    def time(self):
        return T + self.off - calendar.EPOCH
clock.time = chip = Chip()
T = calendar.seconds(2026, 11, 20, 10)
def hears(r, off, flags=0):
    r.flags = flags
    chip.off = off
    set_to.clear()
    c.reading(r)
    return len(set_to)
at = (2026, 11, 20, 11, 0, 0, 60)
print("first", hears(reading.live(1, at), 0), c.source)
print("little", hears(reading.hourly(1, at), 3), hears(reading.hourly(1, at), -5))
print("drift", hears(reading.hourly(1, at), 40))
print("unguarded", hears(reading.hourly(1, at), 40, 16))
print("every list", hears(reading.live(1, at), 40))
status.seconds = 3600
print("once an hour", hears(reading.live(1, at), 40), hears(reading.live(1, at), 40))
c.source = "ntp"
print("ntp", hears(reading.hourly(1, at), 40), hears(reading.hourly(1, at), 4000))
print("stays", hears(reading.hourly(1, at), 4000))
"""
    )
    assert out.splitlines() == [
        "first 1 meter",
        "little 0 0",
        "drift 1",
        "unguarded 0",
        "every list 0",
        "once an hour 1 0",
        "ntp 1 0",
        "stays 0",
    ]


def test_a_clock_of_the_meter_that_jumps_is_believed_only_if_it_stays(run):
    out = run(
        CHIP
        + """
from kwhisper import calendar
T = calendar.seconds(2026, 11, 20, 10)
class Chip:
    def time(self):
        return T + status.seconds - calendar.EPOCH
clock.time = Chip()
c.source = "meter"
def hears(off):
    status.seconds += 10
    set_to.clear()
    at = calendar.fields(T + status.seconds + off + 3600) + (60,)
    c.reading(reading.live(1, at))
    return [f[4] for f in set_to]
print("all is well", hears(0))
status.seconds += 3600
print("a list from the year 2060", hears(34 * 31556952), hears(0), hears(0))
status.seconds += 3600
print("the meter was set", hears(-7200), hears(-7200))
"""
    )
    assert out.splitlines() == [
        "all is well []",
        "a list from the year 2060 [] [] []",
        "the meter was set [] [10]",
    ]


def test_zones_are_those_of_the_table_and_unknown_ones_are_utc(run):
    zones = ("CET", "Europe/Vilnius", "Atlantic/Azores", "?")
    code = f"print([calendar.offset_of(z) for z in {zones!r}])"
    assert run("from kwhisper import calendar\n" + code).strip() == "[60, 120, -60, 0]"


def test_summer_time_is_that_of_the_zones(run):
    """Every turn of the clocks from 2001 to 2037, the second before it and the second of it."""
    names = ("Europe/Oslo", "Europe/Lisbon", "Europe/Vilnius", "Atlantic/Azores", "Europe/Minsk")
    moments = []
    for year in range(2001, 2038):
        for month in (3, 10):
            last = datetime(year, month, 31, 1, tzinfo=UTC)
            turn = last - timedelta(days=(last.weekday() + 1) % 7)
            moments += [int(turn.timestamp()) + s for s in (-3601, -1, 0, 3600, -8640000)]
    code = f"print([[calendar.offset_at(t, z) for t in {moments}] for z in {names!r}])"
    told = eval(run("from kwhisper import calendar\n" + code))
    for name, offsets in zip(names, told, strict=True):
        zone = ZoneInfo(name)
        true = [datetime.fromtimestamp(t, zone).utcoffset() for t in moments]
        # Minsk and Vilnius followed other rules at times before 2012.
        for t, here, there in zip(moments, offsets, true, strict=True):
            if t > 1_330_000_000:
                assert timedelta(minutes=here) == there, (name, t)
