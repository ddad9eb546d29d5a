"""What the live page keeps of real Readings: the newest of each code, in memory taken once."""

import json

import pytest

from kwhisper_tools import paths
from kwhisper_tools.meters import frame

_SCRIPT = """
import gc, json, sys
from meterwire import Decoder
from kwhisper.web.live import Live

now = [100]
live = Live(lambda: now[0], 40, 64)
decoder = Decoder(2304)

def feed(data):
    decoder.feed(data)
    n = 0
    while True:
        r = decoder.read()
        if r is None:
            return n
        n += 1
        live.follow(r)

frame = bytes.fromhex({data!r})
said = feed(frame) + feed(frame)
gc.collect()
gc.disable()
before = gc.mem_alloc()
decoder.feed(frame)
r = decoder.read()
mine = 0
while r is not None:
    at = gc.mem_alloc()
    live.follow(r)
    mine += gc.mem_alloc() - at
    r = decoder.read()
gc.enable()
now[0] += 30
live.keep_raw(frame, 3, len(frame))
print(json.dumps([said, mine, live.lists, len(live.raw()), list(live.entries())]))
"""


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
@pytest.mark.parametrize("name", ["aidon", "kaifa", "kamstrup", "dsmr5"])
def test_a_list_takes_no_memory(name, runtime, request, on_micropython):
    command = request.getfixturevalue(runtime)
    script = _SCRIPT.format(data=frame(name).hex())
    out = on_micropython(
        command if isinstance(command, list) else [command], script, paths.library_path()
    )
    said, mine, lists, raw, pairs = json.loads(out)
    assert said >= 2 and raw == 64
    assert mine == 0
    assert lists == said + said // 2
    values = {p[0]: p for p in pairs}
    assert "active_power_import" in values and len(pairs) <= 40
    for _, label, text, _, age, flags in pairs:
        assert label and float(text) is not None and age == 30 and flags in range(16)


def test_the_values_are_those_the_meter_said(on_micropython, micropython):
    from datetime import UTC, datetime

    from kwhisper_tools.meters import make

    meter = make("aidon", start=datetime(2026, 11, 20, 9, 59, 55, tzinfo=UTC))
    truth = {}
    data = b""
    for _ in range(10):
        burst = meter.next()
        data += burst.data
        truth.update(burst.truth["values"])
    script = _SCRIPT.format(data=data.hex())
    *_, pairs = json.loads(on_micropython([micropython], script, paths.library_path()))
    values = {p[0]: (p[2], p[3]) for p in pairs}
    assert values["voltage_l1"] == tuple(truth["1-0:32.7.0"])
    assert values["active_power_import"] == tuple(truth["1-0:1.7.0"])
    assert values["active_energy_import"] == tuple(truth["1-0:1.8.0"])


class _List:
    """As many numbers as told; only the long list says whose it is."""

    def __init__(self, entries, names):
        self.entries = entries
        self.time = None
        self.list_id, self.meter_id, self.meter_type = names

    def __len__(self):
        return self.entries

    def entry(self, i):
        return 1


def test_the_names_are_taken_though_most_lists_have_none():
    from kwhisper.web.live import Live

    now = [0]
    live = Live(lambda: now[0])
    for now[0] in range(0, 60, 2):
        # Whenever the clock is looked at, it is a list without names that comes.
        names = ("AIDON_V0001", "7359", "6525") if now[0] % 10 == 4 else (None, None, None)
        live.follow(_List(12 if names[0] else 1, names))
    assert tuple(live.about(n) for n in (1, 2, 3)) == ("AIDON_V0001", "7359", "6525")
