"""What is kept of real Readings for the live page: the newest of each code, and what is said."""

import json
from datetime import UTC, datetime

import pytest

from kwhisper_tools import paths
from kwhisper_tools.meters import frame, make

_SCRIPT = """
import json
from meterwire import Decoder
from kwhisper.latest import Latest

now = [100]
latest = Latest(lambda: now[0])
decoder = Decoder(2304)
frame = bytes.fromhex({data!r})
lists = 0
for _ in range({times}):
    decoder.feed(frame)
    r = decoder.read()
    while r is not None:
        lists += 1
        latest.reading(r)
        r = decoder.read()
now[0] += 30
latest.unknown(memoryview(bytes(range(256)) * 20))
about = [latest.time, latest.list_id, latest.meter_id, latest.meter_type]
print(json.dumps([lists, latest.lists, len(latest.raw), about, list(latest.entries())]))
"""


def kept(run, runtime, data, times=2):
    """[lists read, lists counted, bytes of the unknown frame, about(), entries()]."""
    command = runtime if isinstance(runtime, list) else [runtime]
    return json.loads(
        run(command, _SCRIPT.format(data=data.hex(), times=times), paths.library_path())
    )


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
@pytest.mark.parametrize("name", ["aidon", "kaifa", "kamstrup", "dsmr5"])
def test_the_newest_of_each_code_is_kept(name, runtime, request, on_micropython):
    lists, counted, raw, _, entries = kept(
        on_micropython, request.getfixturevalue(runtime), frame(name), 5
    )
    assert counted == lists >= 5 and raw == 2048
    names = [entry[0] for entry in entries]
    assert "active_power_import" in names and len(set(names)) == len(names) <= 64
    for _, label, text, unit, age, flags in entries:
        assert label and float(text) is not None and age == 30 and flags in range(32)
        assert isinstance(unit, str)


def test_the_values_are_those_the_meter_said(on_micropython, micropython):
    meter = make("aidon", start=datetime(2026, 11, 20, 9, 59, 55, tzinfo=UTC))
    truth = {}
    data = b""
    for _ in range(10):
        burst = meter.next()
        data += burst.data
        truth.update(burst.truth["values"])
    *_, about, entries = kept(on_micropython, micropython, data, 1)
    values = {entry[0]: (entry[2], entry[3]) for entry in entries}
    assert values["voltage_l1"] == tuple(truth["1-0:32.7.0"])
    assert values["active_power_import"] == tuple(truth["1-0:1.7.0"])
    assert values["active_energy_import"] == tuple(truth["1-0:1.8.0"])
    # Most lists say nothing of the meter; what one said stays.
    assert about[1].startswith("AIDON") and about[2] and about[3]
    assert about[0].startswith("2026-11-20T1")


def test_whose_meter_it_is_stands_in_no_entry(on_micropython, micropython):
    *_, about, entries = kept(on_micropython, micropython, frame("aidon"))
    assert about[2] and about[2] not in json.dumps(entries)


_MANY = """
import gc
from meterwire.reading import shelf
from kwhisper.latest import Latest

def a_list(codes):
    rows = bytearray()
    for c in codes:
        rows += bytes((1, 0, 1 + c // 64, 8, c % 64, 0, 0, 30)) + c.to_bytes(8, "little")
    return shelf(rows, len(rows) // 16)

now = [100]
latest = Latest(lambda: now[0], {most})
few = a_list(range(14))
latest.reading(few)
gc.collect()
print(latest.count, len(latest.rows), latest.left_out)
now[0] = 200
latest.reading(a_list(range(14, {n})))
print(latest.count, latest.left_out)
values = [latest.rows[16 * i + 8] for i in range(latest.count)]
print(len(set(values)), max(values), min(latest.when))
"""


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
@pytest.mark.parametrize("most,n", [(120, 96), (120, 120), (120, 130), (64, 96)])
def test_it_holds_what_the_decoder_holds_and_counts_the_rest(
    most, n, runtime, request, on_micropython
):
    command = request.getfixturevalue(runtime)
    command = command if isinstance(command, list) else [command]
    said = on_micropython(command, _MANY.format(most=most, n=n), paths.library_path())
    first, second, third = ([int(word) for word in line.split()] for line in said.splitlines())
    assert first == [14, 256, 0], "14 values take the room of 16"
    assert second == [min(n, most), max(0, n - most)]
    # the newest of all are there; what had to go was the oldest
    assert third == [min(n, most), n - 1, 200 if n - 14 >= most else 100]
