"""In steady state a list costs no memory: read with the heap locked."""

import pytest
from decoder import vectors

from kwhisper_tools import paths

_SCRIPT = """
import gc, micropython
from meterwire import Decoder
frames = [bytes.fromhex(text) for text in {frames!r}]
key = {key!r}
decoder = Decoder(1100, key)
out = bytearray(60)
def all_of(frame):
    decoder.feed(frame)
    n = 0
    while True:
        reading = decoder.read()
        if reading is None:
            return n
        n += 1
        for i in range(len(reading)):
            if reading.entry(i) == 0:
                reading.put(i, out, 0)
            reading.key(i); reading.flag(i)
        reading.kind; reading.flags
def all_of_them(frames):
    n = 0
    for frame in frames:
        n += all_of(frame)
    return n
rest = frames[FIRST:]
seen = all_of_them(frames[:FIRST])  # the first time a list may make ready what it needs
micropython.heap_lock()
try:
    seen += all_of_them(rest)
finally:
    micropython.heap_unlock()
print(seen)
"""


def script(name):
    from kwhisper_tools.meters import make

    meter = make(name, seed=4, start=vectors._START)
    frames = [meter.next().data.hex() for _ in range(8)]
    # each kind of list once before the heap is locked
    kinds = list({len(frame): frame for frame in frames}.values())
    text = _SCRIPT.replace("FIRST", str(len(kinds))).format(frames=kinds + frames, key=None)
    return text, len(kinds) + len(frames)


@pytest.mark.parametrize(
    "name", ["aidon", "aidon-1ph", "embriq", "kaifa", "kaifa-1ph", "kaifa-se", "kamstrup",
             "kamstrup-ct", "aidon-se-p1hdlc", "lg-e450-ch", "iskra-si",
             "dsmr5", "fluvius-be", "dsmr2"]
)  # fmt: skip
@pytest.mark.parametrize("bits", [64, 32])
def test_a_list_is_read_with_the_heap_locked(bits, name, request, on_micropython):
    if bits == 64:
        command = [request.getfixturevalue("micropython")]
    else:
        command = request.getfixturevalue("micropython32")
    text, count = script(name)
    printed = on_micropython(command, text, [str(paths.FIRMWARE / "lib")])
    assert printed.split() == [str(count)]


@pytest.mark.parametrize("name", ["aidon", "kaifa", "kamstrup"])
def test_the_plain_twin_allocates_nothing_either(name, micropython32, on_micropython, plain):
    """What an ESP8266 runs."""
    text, count = script(name)
    assert on_micropython(micropython32, text, [str(plain)]).split() == [str(count)]
