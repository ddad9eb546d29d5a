"""What the reader says of the meter, and what it hands on; also over weeks of silence."""

from decoder import made

from kwhisper_tools.meters.cipher import AUTH_KEY, KEY, glo_ciphering

SEALED = glo_ciphering(made.notification(), KEY, AUTH_KEY, b"KFM\x67\x50\x00\x00\x09", 1, 0x30)

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
    sound = 0
class Port:
    searching = False
    def described(self): return "2400 8E1"
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
        + f"cipher, frame = {SEALED}, {made.framed(SEALED)}"
        + """
from meterwire import Decoder
r.decoder = decoder = Decoder()
for data in (cipher, frame, frame):
    for _ in decoder.feed(data): pass
    decoder.flush()
    r.take_stock()
    print("sound", r._sound, decoder.counters["no_key"], decoder.counters["ok"])
"""
    )
    # Once bare, then in frames whose checks hold; no key opens it.
    for line in ("sound 0 1 0", "sound 1 2 1", "sound 2 3 2"):
        assert line in output


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


def test_a_frame_heard_before_the_line_was_changed_proves_nothing_for_the_new_one(on_chip):
    output = on_chip(
        READER
        + """
class Changed(Exception): pass
class Port:
    lump = bytearray(8)
    searching = True
    good = opened = rounds = 0
    def described(self): return "searching"
    def read(self):
        if self.rounds:
            r.take_stock()  # as it is once a second
        return 0 if self.rounds else 5
    async def open(self): self.opened += 1
    def judge(self, n, silent, good):
        self.rounds += 1
        print("judged", self.rounds, good != self.good)
        self.good = good
        if self.rounds == 3:
            raise Changed
        return self.rounds == 1
class Decoder:
    problem = None
    sound = 1  # counted with the list, but known only once stock is taken
    lists = [object()]
    def feed(self, lump, n): pass
    def flush(self): pass
    def read(self): return self.lists.pop() if self.lists and port.opened else None
port = Port()
decoder = Decoder()
r = module.Reader(port, decoder, status, print)
try:
    asyncio.run(r.run())
except Changed:
    pass
print("opened", port.opened, "lists", r.lists, "sound", r._sound)
"""
    )
    assert "judged 1 True" in output
    assert "opened 2 lists 1 sound 1" in output
    assert "judged 2 False" in output and "judged 3 False" in output
