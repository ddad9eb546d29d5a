"""What the reader says of the meter, and what it hands on; also over weeks of silence."""

from decoder import made

from kwhisper_tools.meters.ciphering import AUTH_KEY, KEY, glo_ciphering

ENCRYPTED = glo_ciphering(made.notification(), KEY, AUTH_KEY, b"KFM\x67\x50\x00\x00\x09", 1, 0x30)

READER = """
import asyncio
from kwhisper.meter import reader as module
class Status:
    frames = {}
    last_frame = line = None
    dropped = now = 0
    def uptime(self): return self.now
    def frame_age(self): return None if self.last_frame is None else self.now - self.last_frame
class Decoder:
    problem = None
    sound = 0
class Uart:
    searching = False
    def described(self): return "searching" if self.searching else "2400 8E1"
status = Status()
notes = []
decoder = Decoder()
def note(*words):
    notes.append(words)
def reader(uart=None, decoder=decoder, consumers=(), unknown_consumers=()):
    return module.Reader(uart or Uart(), decoder, consumers, unknown_consumers, status, note)
r = reader()
"""


def test_silence_stays_a_problem_for_weeks_and_a_fresh_start_is_none(on_chip):
    output = on_chip(
        READER
        + """
status.now = 1
print("at first", r.problem())
status.now = 31
print("soon", r.problem())
r.heard = 40
status.now = 45
print("noise", r.problem())
r.uart.searching = True
print("searching", r.problem())
status.now = r.heard = 121
print("too long", r.problem())
r.uart.searching = False
status.last_frame = r.heard = 150
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
        + f"cipher, frame = {ENCRYPTED}, {made.framed(ENCRYPTED)}"
        + """
from meterwire import Decoder
r.decoder = decoder = Decoder()
for data in (cipher, frame, frame):
    for _ in decoder.feed(data): pass
    decoder.flush()
    r.take_stock()
    print("sound", r.sound, decoder.counters["no_key"], decoder.counters["ok"])
"""
    )
    # Once bare, then in frames whose checks hold; no key opens it.
    for line in ("sound 0 1 0", "sound 1 2 1", "sound 2 3 2"):
        assert line in output


def test_an_unknown_frame_reaches_every_consumer_though_one_fails(on_chip):
    output = on_chip(
        READER
        + """
kept = []
class Broken:
    def unknown(self, frame): raise MemoryError
class Keeper:
    def unknown(self, frame): kept.append(bytes(frame))
r = reader(unknown_consumers=[Broken(), Keeper()])
r.unknown(bytearray(b"..frame.."), 2, 7)
print("kept", kept, "dropped", status.dropped)
print("said", *notes[0])
"""
    )
    assert "kept [b'frame'] dropped 1" in output
    assert "said error a list was dropped: out of memory in Broken" in output


def test_a_consumer_that_fails_loses_its_reading_and_no_other_does(on_chip):
    output = on_chip(
        READER
        + """
class Done(Exception): pass
class Lists:
    problem = None
    sound = 0
    left = 3
    def feed(self, chunk, n): self.left -= 1; self.ready = True
    def flush(self): pass
    ready = False
    def read(self):
        was, self.ready = self.ready, False
        return self.left if was else None
class Three(Uart):
    chunk = bytearray(8)
    async def open(self, good): pass
    def read(self):
        if not decoder.left:
            raise Done
        return 5
    def judge(self, n, silent, good): return False
class Broken:
    def reading(self, r): raise MemoryError
class Wrong:
    def reading(self, r): raise ValueError("wrong")
class Keeper:
    kept = []
    def reading(self, r): self.kept.append(r)
def note(*words):
    notes.append(words)
    if len(notes) == 1:
        raise MemoryError  # not even that can be said
decoder = Lists()
module.sys.print_exception = lambda e: None
r = reader(Three(), decoder, [Keeper(), Broken(), Wrong(), Keeper()])
try:
    asyncio.run(r.run())
except Done:
    print("kept", Keeper.kept, "dropped", status.dropped, "said", len(notes))
    print("alive", r.alive(10000))
""".replace(
            "module.sys.print_exception = lambda e: None",
            "class sys: print_exception = print\nmodule.sys = sys",
        )
    )
    assert "kept [2, 2, 1, 1, 0, 0] dropped 6 said 6" in output
    assert "alive True" in output


def test_a_reader_that_hangs_is_not_alive(on_chip):
    """What the watchdog is fed by: a consumer that never comes back must end in a reset."""
    output = on_chip(
        READER
        + """
import time
class Hangs(Exception): pass
class Stuck(Uart):
    chunk = bytearray(8)
    async def open(self, good): pass
    def read(self):
        time.sleep_ms(120)
        print("hanging", r.alive(100), r.alive(100000))
        raise Hangs
r = reader(Stuck())
r.drain = lambda: None
print("fresh", r.alive(10000))
try:
    asyncio.run(r.run())
except Hangs:
    pass
"""
    )
    assert "fresh True" in output
    assert "hanging False True" in output


def test_a_frame_heard_before_the_line_was_changed_proves_nothing_for_the_new_one(on_chip):
    output = on_chip(
        READER
        + """
class Changed(Exception): pass
class Port(Uart):
    chunk = bytearray(8)
    searching = True
    good = opened = rounds = 0
    def read(self):
        if self.rounds:
            r.take_stock()  # as it is once a second
        return 0 if self.rounds else 5
    async def open(self, good):
        self.opened += 1
        self.good = good
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
    def feed(self, chunk, n): pass
    def flush(self): pass
    def read(self): return self.lists.pop() if self.lists and port.opened else None
port = Port()
decoder = Decoder()
r = reader(port, decoder)
try:
    asyncio.run(r.run())
except Changed:
    pass
print("opened", port.opened, "lists", r.lists, "sound", r.sound)
"""
    )
    assert "judged 1 True" in output
    assert "opened 2 lists 1 sound 1" in output
    assert "judged 2 False" in output and "judged 3 False" in output
