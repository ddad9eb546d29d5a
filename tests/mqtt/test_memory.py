"""Publishing leaves no memory behind, on 32-bit MicroPython."""

import pytest

from kwhisper_tools.meters import frame

SCRIPT = """
import gc, micropython
from binascii import unhexlify
from meterwire import Decoder
from parts import Device
from kwhisper.formats.writer import Writer

frame = unhexlify({frame!r})
decoder = Decoder(1536)
settings = {{"mqtt_host": "10.0.0.1", "payload": {payload!r}, "domoticz_idx": "p1=1,voltage_l1=2"}}
device = Device(settings, decoder, {ledger!r})

class Sock:
    sent = 0
    def write(self, data):
        self.sent += len(data)
        return len(data)

client = device.client
client.sock = sock = Sock()
client.connected = True
device.publisher.connected()

def once():
    device.feed(frame)
    client.push()
    device.publisher.tick()
    device.publisher.tell()
    client.push()

for _ in range(40):
    once()
gc.collect()
before = gc.mem_alloc()
for _ in range(300):
    once()
gc.collect()
print("grown", gc.mem_alloc() - before)
print("sent", sock.sent)
decoder.feed(frame)
r = decoder.read()
text = Writer(bytearray(128))
micropython.heap_lock()
failed = 0
try:
    for i in range(len(r)):
        if not r.entry(i):
            text.clear().entry(r, i)
            text.clear().number(-1234)
except MemoryError:
    failed = 1
micropython.heap_unlock()
print("formatting allocates", failed)
"""


@pytest.mark.parametrize(
    "payload", ["topics", "json", "homeassistant", "ams", "mysensors", "domoticz", "raw"]
)
def test_publishing_leaves_no_memory_behind(
    micropython32, on_micropython, tmp_path, library, payload
):
    script = SCRIPT.format(
        frame=frame("aidon").hex(), payload=payload, ledger=str(tmp_path / "ledger")
    )
    command = [*micropython32, "-X", "heapsize=400k"]
    out = on_micropython(command, script, library, timeout=120)
    found = dict(line.rsplit(" ", 1) for line in out.splitlines() if line.count(" "))
    assert int(found["grown"]) < 256
    assert int(found["sent"]) > 300 * 150
    assert found["formatting allocates"] == "0"
