"""The search finds out how the meter speaks, within three bursts: 30 s even of a slow meter."""

import pytest

# A burst goes over the wire as bits and is heard as the search listens, as in Uart.judge(). The
# frame is good when its bytes arrive whole, which is what the decoder's check sums establish.
SCRIPT = """
import sys
sys.path.insert(0, "/.chip")
from kwhisper.meter.line_search import LineSearch
from wire import Wire

M_BUS = bytes.fromhex("7ea09a01020110f1dae6e7000f40000000090c07e4020f06001514ff800000020d") * 3
TEXT = b"/KFM5KAIFA\\r\\n\\r\\n1-3:0.2.8(42)\\r\\n1-0:1.8.1(123.456*kWh)\\r\\n!A1B2\\r\\n" * 3

def bursts_until_found(sent, text, misread_level):
    frame = TEXT if text else M_BUS
    search = LineSearch()
    for burst in range(1, 40):
        at = 0
        heard = bytearray()
        wire = None
        while at < len(frame):
            if wire is None:
                (baud, bits, parity), against_idle = search.line()
                if against_idle is not None:
                    inverted = sent[3] != (against_idle != misread_level)
                wire = Wire(sent, (baud, bits, parity, inverted))
                wire.out = bytearray()
            for byte in frame[at : at + 7]:
                wire.send(byte)
            at += 7
            chunk, wire.out = wire.out, bytearray()
            heard += chunk
            if frame in heard:
                return burst, (baud, bits, parity)
            if chunk and search.heard(chunk, len(chunk)):
                wire = None
                heard = bytearray()
        wire.idle()
        heard += wire.out
        if frame in heard:
            return burst, (baud, bits, parity)
        search.silent()
    return None, None

for baud in (2400, 9600, 19200, 38400, 115200):
    for bits, parity in ((8, "N"), (8, "E"), (7, "E")):
        for inverted in (False, True):
            for misread in (False, True):
                found = bursts_until_found((baud, bits, parity, inverted), bits == 7, misread)
                print("case", baud, bits, parity, inverted, misread, *found)
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory, micropython):
    from kwhisper_tools.host import Device

    with Device(tmp_path_factory.mktemp("chip"), micropython=[micropython]) as device:
        device.install()
        (device.flash / "main.py").write_text(SCRIPT + "\nprint('the end')\n")
        device.power_on()
        device.wait_for("the end")
        return [line.split(" ", 6)[1:] for line in device.output if line.startswith("case")]


def test_every_line_is_found_within_three_bursts(found):
    right = [row for row in found if row[4] == "False"]
    assert len(right) == 30
    slow = [row for row in right if row[5].split()[0] not in ("1", "2", "3")]
    assert not slow


def test_a_wrong_idea_of_the_idle_level_is_corrected(found):
    wrong = [row for row in found if row[4] == "True"]
    assert len(wrong) == 30
    assert all(row[5].split()[0] != "None" for row in wrong)


def test_the_rate_is_never_mistaken(found):
    for baud, *_, rest in found:
        assert rest.split("(")[1].split(",")[0] == baud


def test_plain_text_spoilt_once_does_not_leave_a_parity_bit_that_is_none(on_chip):
    output = on_chip(
        """
from kwhisper.meter.line_search import LineSearch
text = b"/KFM5KAIFA 1-0:1.8.1(123.456*kWh) 1-0:2.8.1(000.000*kWh) 1-0:1.7.0(0)" * 2
def search(*bursts):
    s = LineSearch()
    formats = []
    for good in bursts:
        s.heard(text, len(text))
        right = good and s.understood()
        if not right:
            s.silent()
        formats.append("%d%s" % s.line()[0][1:])
        if right:
            break
    print("search", *formats, right)
search(True)
search(False, True, True)
# Not noise then: the usual format fails again, and what was understood is right.
search(False, True, False, True)
even = bytes(b | (0x80 if bin(b).count("1") & 1 else 0) for b in text)
s = LineSearch()
s.heard(text, len(text))
s.silent()
s.silent()
s._tried = 0
print("betrayed", s.heard(even, len(even)), s.line()[0][1:], s.silent(), s.understood())
"""
    )
    assert "search 8N True" in output
    assert "search 7E 8N 8N True" in output
    assert "search 7E 8N 7E 7E True" in output
    assert "betrayed True (7, 'E') False True" in output


def test_the_idle_level_is_measured_once_the_line_is_idle_and_not_waited_for_for_ever(on_chip):
    output = on_chip(
        """
import asyncio, time
from kwhisper.meter import idle_level
class Pin:
    IN = 0
    until = idle = level = 0
    def __init__(self, *_): pass
    def value(self):
        if time.ticks_diff(Pin.until, time.ticks_ms()) > 0:
            Pin.level ^= 1
            return Pin.level
        return Pin.idle
idle_level.machine.Pin = Pin
for Pin.idle in (0, 1):
    Pin.until = time.ticks_add(time.ticks_ms(), 400)
    low = asyncio.run(idle_level.idles_low(16, None))
    print("low", low, "was idle", time.ticks_diff(time.ticks_ms(), Pin.until) >= 0)
Pin.until = time.ticks_add(time.ticks_ms(), 60000)
for before in (True, False):
    print("never", asyncio.run(idle_level.idles_low(16, before)) == before)
""",
    )
    assert "low True was idle True" in output and "low False was idle True" in output
    assert output.count("never True") == 2
