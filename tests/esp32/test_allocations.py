"""As built for an ESP32: from the bytes of a list to the text of its values no allocation."""

import pytest

from kwhisper_tools.meters import METERS, frame

# Norway's, Sweden's and Austria's passive ports: HDLC lists, the case of the smallest chips.
HDLC = [n for n, meter in METERS.items() if frame(n)[:1] == b"\x7e" and not meter.encrypted]

_SCRIPT = """
import gc, micropython, sys
sys.path[:] = {path!r}
from meterwire import Decoder

frame = bytearray(bytes.fromhex({data!r}))
out = bytearray(40)
decoder = Decoder(1536)
one = bytearray(1)

def whole():
    decoder.feed(frame)
    n = 0
    while True:
        r = decoder.read()
        if r is None:
            return n
        i = 0
        while i < len(r):
            if r.entry(i) == 0:
                n += r.put(i, out, 0)
            i += 1

def byte_by_byte():
    n = 0
    i = 0
    while i < len(frame):
        one[0] = frame[i]
        decoder.feed(one, 1)
        r = decoder.read()
        if r is not None:
            n += len(r)
        i += 1
    return n

def grown(f):
    # Twice first: what is made once is made then.
    f(), f()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    n = f()
    after = gc.mem_alloc()
    gc.enable()
    return n > 0, after - before

def locked(f):
    f()
    micropython.heap_lock()
    try:
        f()
        return True
    except MemoryError:
        return False
    finally:
        micropython.heap_unlock()

for f in (whole, byte_by_byte):
    print(*grown(f), locked(f))
"""


@pytest.mark.parametrize("meter", HDLC)
def test_a_list_costs_no_memory(meter, built, micropython32, on_micropython):
    script = _SCRIPT.format(path=[str(built / "lib"), ".frozen"], data=frame(meter).hex())
    printed = on_micropython([*micropython32, "-X", "heapsize=200k"], script)
    assert printed.split() == ["True", "0", "True"] * 2
