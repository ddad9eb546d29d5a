"""What the reader says of the meter, and what it hands on; also over weeks of silence."""

READER = """
import asyncio
from kwhisper import reader as module
class Status:
    frames = {}
    last_frame = line = None
    dropped = now = 0
    def uptime(self): return self.now
    def frame_age(self): return None if self.last_frame is None else self.now - self.last_frame
class Decoder:
    problem = None
    counters = {}
class Port:
    searching = False
    def text(self): return "2400 8E1"
status = Status()
notes = []
decoder = Decoder()
r = module.Reader(Port(), decoder, status, lambda *words: notes.append(words))
"""


def test_silence_stays_a_problem_for_weeks_and_a_fresh_start_is_none(on_chip):
    output = on_chip(
        READER
        + """
status.now = 1
print("at first", r.problem())
status.now = 31
print("soon", r.problem())
r.heard_at = 40
status.now = 45
print("noise", r.problem())
r.port.searching = True
print("searching", r.problem())
status.now = r.heard_at = 121
print("too long", r.problem())
r.port.searching = False
status.last_frame = r.heard_at = 150
for status.now in (160, 300, 7 * 86400, 13 * 86400, 400 * 86400):
    print("at", status.now, r.deaf(), r.problem())
"""
    )
    assert "at first None" in output
    assert "soon nothing arrives from the meter" in output
    assert "noise what the meter sends is not understood yet" in output
    assert "searching None" in output
    assert "too long what the meter sends is not understood yet" in output
    assert "at 160 False None" in output
    for now in (300, 7 * 86400, 13 * 86400, 400 * 86400):
        assert f"at {now} True nothing arrives" in output


def test_noise_that_looks_like_a_cipher_does_not_prove_the_line(on_chip):
    output = on_chip(
        READER
        + """
decoder.counters = {"ok": 0, "apdu": 3, "no_key": 2, "unknown": 1, "unchecked": 4, "noise": 99}
r.take_stock()
print("sound", r._sound)
decoder.counters["ok"] = 2
r.take_stock()
print("sound", r._sound)
"""
    )
    assert "sound 0\n" in output and "sound 2" in output


def test_an_unknown_list_reaches_every_keeper_though_one_fails(on_chip):
    output = on_chip(
        READER
        + """
kept = []
def broken(buffer, start, end):
    raise MemoryError
r.unknown = [broken, lambda buffer, start, end: kept.append(bytes(buffer[start:end]))]
decoder.on_unknown(bytearray(b"..frame.."), 2, 7)
print("kept", kept, "dropped", status.dropped)
"""
    )
    assert "kept [b'frame'] dropped 1" in output
