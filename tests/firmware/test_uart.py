"""The UART: opened as the meter speaks, reading without a byte of heap, the line remembered."""

import pytest

FAKE = """
import asyncio, machine
from kwhisper.board import pick
from kwhisper.meter import idle_level, uart as module

class UART:
    INV_RX = 4
    opened = []
    data = b""
    def __init__(self, number, baud, **options):
        self.opened.append((number, baud, options))
    def deinit(self): pass
    def any(self): return len(UART.data) and 1
    def readinto(self, buf):
        return None
machine.UART = UART
module.machine.UART = UART
idles_low = [False]
measured = [0]
async def measure(rx, before):
    measured[0] += 1
    return idles_low[0]
idle_level.idles_low = measure
module.let_go = lambda name: None  # the measure stays
"""


def test_on_the_esp32_the_driver_inverts(on_chip):
    output = on_chip(
        FAKE
        + """
p = module.Uart(pick("esp32"), "115200-8N1")
idles_low[0] = True
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
from kwhisper.meter.uart import Uart
class UART:
    def any(self): return 1
    def readinto(self, buf):
        buf[0] = 0x7e
        return 16
p = Uart(pick("esp32"), "2400-8E1")
p.uart = UART()
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
p = module.Uart(b)
print("searching", bool(p.searching), p.described())
asyncio.run(p.open())
p.searching._try_rate(2400)
p.searching._cut = True
asyncio.run(p.open())
print("measured", measured[0])
print("first look", p.line, p.judge(0, True, 1), bool(p.searching))
asyncio.run(p.open(1))
print("old frame", p.judge(0, True, 1), bool(p.searching))
p.judge(0, True, 2)
print("found", bool(p.searching), p.described())
q = module.Uart(b)
print("remembered", bool(q.searching), q.described())
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
print("gave up", gave_up is not None and gave_up <= 30000, bool(q.searching))
"""
    )
    assert "searching True searching" in output
    assert "measured 1\n" in output, "a line that speaks has no idle level, and the burst goes by"
    assert "first look (2400, 8, 'N') True True" in output, "8E1 must be tried before 8N1 is kept"
    assert "old frame False True" in output, "it proves nothing for the line that is open now"
    assert "found False 2400 8E1" in output
    assert "remembered False 2400 8E1" in output
    assert "gave up True True" in output


@pytest.mark.parametrize("rubbish", [b"", b"x", b"2400", b"2400 9Q1 0", b"\xff\xfe", b"0 8N1"])
def test_a_damaged_memory_only_means_a_new_search(chip, rubbish):
    device = chip()
    (device.flash / "line").write_bytes(rubbish)
    (device.flash / "main.py").write_text(
        "from kwhisper.board import pick\n"
        "from kwhisper.meter.uart import Uart\n"
        "print('searching', bool(Uart(pick('esp32')).searching))\n"
    )
    device.power_on()
    assert device.wait_for("searching") == "searching True"


def test_a_chosen_line_is_never_searched(on_chip):
    output = on_chip(
        FAKE
        + """
p = module.Uart(pick("esp32"), "9600-7E1")
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
p = module.Uart(pick("esp32"), "9600-7E1")
asyncio.run(p.open())
now = [0]
class Time:
    def ticks_ms(self): return now[0]
    def ticks_diff(self, a, b): return a - b
module.time = Time()
idles_low[0] = True
for now[0] in range(0, 60000, 1000):
    if p.judge(16, False, 0):
        asyncio.run(p.open())
        break
print("after", now[0] <= 30000, p.described(), bool(p.searching))
now[0] = 0
p.judge(16, False, 0)
now[0] = -1000000
print("wrapped", any([p.judge(16, False, 0) for _ in range(10)]))
"""
    )
    assert "after True 9600 7E1 inverted False" in output
    assert "wrapped True" in output, "a difference of ticks below zero is a long time"
