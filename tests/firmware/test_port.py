"""The port: opened as each chip wants it, reading without a byte of heap, the line remembered."""

import pytest

FAKE = """
import asyncio, machine
from kwhisper.board import pick
from kwhisper import port as module

class UART:
    INV_RX = 4
    opened = []
    data = b""
    def __init__(self, number, baud, **options):
        self.opened.append((number, baud, options))
        machine.mem32[0x60000020] = 0
    def deinit(self): pass
    def any(self): return len(UART.data) and 1
    def readinto(self, buf):
        return None
machine.UART = UART
module.machine.UART = UART
"""


def test_on_the_esp8266_uart0_is_taken_from_the_console_and_inverted_by_register(on_chip):
    output = on_chip(
        FAKE
        + """
import os
freed = []
os.dupterm = lambda stream, index=0: freed.append((stream, index))
module.os.dupterm = os.dupterm
p = module.Port(pick("nodemcu"), "2400-8E1")
p._idles_low = lambda: low()
async def low():
    return True
asyncio.run(p.open())
number, baud, options = UART.opened[-1]
print("opened", number, baud, options["parity"], options["bits"], options["rxbuf"])
print("pins", options["tx"].number, options["rx"].number, "invert" in options)
print("freed", freed)
print("register", machine.mem32[0x60000020] >> 19 & 1)
"""
    )
    assert "opened 0 2400 0 8 512" in output
    assert "pins 15 13 False" in output
    assert "freed [(None, 1)]" in output
    assert "register 1" in output


def test_on_the_esp32_the_driver_inverts(on_chip):
    output = on_chip(
        FAKE
        + """
p = module.Port(pick("esp32"), "115200-8N1")
async def low():
    return True
p._idles_low = lambda: low()
asyncio.run(p.open())
number, baud, options = UART.opened[-1]
print("opened", number, baud, options["parity"], options["invert"], options["rxbuf"])
print("text", p.described())
"""
    )
    assert "opened 2 115200 None 4 4096" in output
    assert "text 115200 8N1 inverted" in output


def test_reading_and_judging_allocate_nothing(on_chip):
    output = on_chip(
        """
import gc, micropython
from kwhisper.board import pick
from kwhisper.port import Port
class UART:
    def any(self): return 1
    def readinto(self, buf):
        buf[0] = 0x7e
        return 16
p = Port(pick("nodemcu"), "2400-8E1")
p._uart = UART()
def work():
    for i in range(2000):
        n = p.read()
        p.judge(n, False, i // 100)
        p.judge(0, True, i // 100)
work()
before = 0
gc.collect(); gc.disable()
micropython.heap_lock()
work()
micropython.heap_unlock()
before = gc.mem_alloc()
work()
print("allocated", gc.mem_alloc() - before)
"""
    )
    assert "allocated 0" in output


def test_what_was_found_is_remembered_and_given_up_when_it_no_longer_fits(on_chip):
    output = on_chip(
        FAKE
        + """
import time
b = pick("esp32")
p = module.Port(b)
print("searching", p.searching, p.described())
measured = [0]
async def high():
    measured[0] += 1
    return False
p._idles_low = high
asyncio.run(p.open())
p._search._go(2400)
p._search._cut = True
asyncio.run(p.open())
print("measured", measured[0])
print("first look", p.line, p.judge(0, True, 1), p.searching)
asyncio.run(p.open())
p.judge(0, True, 2)
print("found", p.searching, p.described())
q = module.Port(b)
print("remembered", q.searching, q.described())
asyncio.run(q.open())
now = [0]
class Time:
    def ticks_ms(self): return now[0]
    def ticks_diff(self, a, b): return a - b
module.time = Time()
gave_up = None
for now[0] in range(0, 60000, 1000):
    if q.judge(16, False, 0):
        gave_up = now[0]
        break
print("gave up", gave_up is not None and gave_up <= 30000, q.searching)
"""
    )
    assert "searching True searching" in output
    assert "measured 1\n" in output, "a line that speaks has no idle level, and the burst goes by"
    assert "first look (2400, 8, 'N') True True" in output, "8E1 must be tried before 8N1 is kept"
    assert "found False 2400 8E1" in output
    assert "remembered False 2400 8E1" in output
    assert "gave up True True" in output


@pytest.mark.parametrize("rubbish", [b"", b"x", b"2400", b"2400 9Q1 0", b"\xff\xfe", b"0 8N1"])
def test_a_damaged_memory_only_means_a_new_search(chip, rubbish):
    device = chip()
    (device.flash / "line").write_bytes(rubbish)
    (device.flash / "main.py").write_text(
        "from kwhisper.board import pick\n"
        "from kwhisper.port import Port\n"
        "print('searching', Port(pick('esp32')).searching)\n"
    )
    device.power_on()
    assert device.wait_for("searching") == "searching True"


def test_a_chosen_line_is_never_searched(on_chip):
    output = on_chip(
        FAKE
        + """
p = module.Port(pick("esp32"), "9600-7E1")
asyncio.run(p.open())
print("opened", UART.opened[-1][1], UART.opened[-1][2]["bits"], UART.opened[-1][2]["parity"])
print("again", any([p.judge(16, True, 0) for _ in range(500)]))
"""
    )
    assert "opened 9600 7 0" in output
    assert "again False" in output


def test_a_chosen_line_measures_its_polarity_anew_when_nothing_is_understood(on_chip):
    output = on_chip(
        FAKE
        + """
p = module.Port(pick("esp32"), "9600-7E1")
idle = [False]
async def low():
    return idle[0]
p._idles_low = low
asyncio.run(p.open())
now = [0]
class Time:
    def ticks_ms(self): return now[0]
    def ticks_diff(self, a, b): return a - b
module.time = Time()
idle[0] = True
for now[0] in range(0, 60000, 1000):
    if p.judge(16, False, 0):
        asyncio.run(p.open())
        break
print("after", now[0] <= 30000, p.described(), p.searching)
now[0] = 0
p.judge(16, False, 0)
now[0] = -1000000
print("wrapped", any([p.judge(16, False, 0) for _ in range(10)]))
"""
    )
    assert "after True 9600 7E1 inverted False" in output
    assert "wrapped True" in output, "a difference of ticks below zero is a long time"


def test_the_idle_level_is_measured_once_the_line_rests_and_not_waited_for_for_ever(on_chip):
    output = on_chip(
        FAKE
        + """
import time
class Pin:
    IN = 0
    until = rest = level = 0
    def __init__(self, *_): pass
    def value(self):
        if time.ticks_diff(Pin.until, time.ticks_ms()) > 0:
            Pin.level ^= 1
            return Pin.level
        return Pin.rest
module.machine.Pin = Pin
p = module.Port(pick("esp32"), "2400-8E1")
for Pin.rest in (0, 1):
    Pin.until = time.ticks_add(time.ticks_ms(), 400)
    low = asyncio.run(p._idles_low())
    print("low", low, "rested", time.ticks_diff(time.ticks_ms(), Pin.until) >= 0)
Pin.until = time.ticks_add(time.ticks_ms(), 60000)
for p.inverted in (True, False):
    print("never", asyncio.run(p._idles_low()) == p.inverted)
""",
        seconds=60,
    )
    assert "low True rested True" in output and "low False rested True" in output
    assert output.count("never True") == 2
