"""What publishing takes of a small chip's memory, on 32-bit MicroPython."""

import pytest

from kwhisper_tools import paths
from kwhisper_tools.meters import frame

SCRIPT = """
import gc, micropython
from binascii import unhexlify
# from the inside out: the compiler's recursion is bounded
from meterwire import check
from meterwire import Decoder
from kwhisper import board, broker, ledger, publish, settings, status

frame = unhexlify({frame!r})
s = settings.Settings("/x")
assert not s.change({{"mqtt_host": "10.0.0.1", "payload": {payload!r}, "domoticz_idx": "p1=1"}})
b = broker.Broker(s, status.Status(), board.pick("nodemcu"))
p = publish.Publisher(s, b.status, b, ledger.Ledger(s, {ledger!r}))
d = Decoder(1536)

class Sock:
    sent = 0
    def write(self, data):
        self.sent += len(data)
        return len(data)

b._sock = sock = Sock()
b.connected = True
p.on_connect()

def once():
    d.feed(frame)
    while True:
        r = d.read()
        if r is None:
            break
        p.on_reading(r)
        p.rest()
        while b._wire.drain(sock):
            pass
    p.tick()
    while b._wire.drain(sock):
        pass

for _ in range(40):
    once()
gc.collect()
before = gc.mem_alloc()
for _ in range(300):
    once()
gc.collect()
print("grown", gc.mem_alloc() - before)
print("sent", sock.sent)
d.feed(frame)
r = d.read()
p.prepare()
text = p.text
micropython.heap_lock()
failed = 0
try:
    for i in range(len(r)):
        if not r.entry(i):
            text.clear().entry(r, i)
            text.clear().number(-1234, -2)
except MemoryError:
    failed = 1
micropython.heap_unlock()
print("formatting allocates", failed)
"""


@pytest.mark.parametrize("payload", ["topics", "json", "homeassistant", "ams", "mysensors"])
def test_publishing_leaves_no_memory_behind(micropython32, on_micropython, tmp_path, payload):
    script = SCRIPT.format(
        frame=frame("aidon").hex(), payload=payload, ledger=str(tmp_path / "ledger")
    )
    command = [*micropython32, "-X", "heapsize=400k"]
    out = on_micropython(command, script, paths.library_path(), timeout=120)
    found = dict(line.rsplit(" ", 1) for line in out.splitlines() if line.count(" "))
    assert int(found["grown"]) < 256
    assert int(found["sent"]) > 300 * 150
    assert found["formatting allocates"] == "0"
