"""The decoder's buffers are small at first and grow when a frame or a list needs it."""

import pytest
from decoder import made
from decoder.test_problems import long_list

from kwhisper_tools import paths
from meterwire import Decoder

# a list of so many values has frames of about 24 bytes each
FEW, MANY = 8, 96


def a_list(n):
    codes = [(c, e) for c in (1, 2, 3, 4, 5, 6, 7, 8, 21, 22, 23, 24) for e in range(9)][:n]
    return made.pushed(*(made.triple(f"1-0:{c}.8.{e}", 100 * c + e, 0, "Wh") for c, e in codes))


def sizes(decoder):
    return len(decoder._buf), len(decoder._rows)


def test_a_meter_of_few_values_takes_little():
    decoder = Decoder(8192, rows=250)
    before = sizes(decoder)
    assert len(made.reading(a_list(FEW), decoder=decoder)) == FEW
    assert sizes(decoder) == before
    assert sum(before) < 1024


@pytest.mark.parametrize("step", [1, 40, 10_000])
@pytest.mark.parametrize("n", [41, 60, 82, MANY])
def test_the_list_that_makes_the_table_grow_is_whole(n, step):
    decoder = Decoder(8192, rows=120)
    found = made.reading(a_list(n), decoder=decoder, step=step)
    assert (len(found), found.left_out) == (n, 0)
    assert sizes(decoder)[1] <= 121 * 16
    assert decoder.counters["length"] == decoder.counters["noise"] == 0


@pytest.mark.parametrize("step", [1, 700, 10_000])
@pytest.mark.parametrize("n", [40, 80, MANY])
def test_the_telegram_that_makes_the_buffer_grow_is_whole(n, step):
    data = made.telegraph(*long_list(n))
    decoder = Decoder(len(data) + 10, rows=120)
    found = made.readings(data * 3, decoder=decoder, step=step)
    assert [len(r) for r in found] == [n] * 3
    assert sizes(decoder)[0] <= len(data) + 34
    assert decoder.counters["crc"] == decoder.counters["length"] == 0


@pytest.mark.parametrize("lost", [10, 40, 300])
def test_a_telegram_without_its_end_takes_no_room_of_its_own(lost):
    """What runs into the next one is given up when that one needs the room; it is counted."""
    data = made.telegraph(*long_list(40))
    decoder = Decoder(8192, rows=120)
    found = made.readings((data[:-lost] + data) * 3, decoder=decoder, step=128)
    assert [len(r) for r in found] == [40] * 3
    assert sizes(decoder)[0] <= len(data) + 64 + 24
    assert decoder.counters["crc"] == 3


def test_a_frame_beyond_the_bound_is_counted_and_the_next_is_read():
    data = made.telegraph(*long_list(MANY))
    decoder = Decoder(1500, rows=120)
    found = made.readings(data + a_list(FEW), decoder=decoder)
    assert [len(r) for r in found] == [FEW]
    assert decoder.counters["length"] >= 1


def test_a_derived_value_finds_room_too():
    """A list that fills the table to its last row still gets its net power."""
    powers = [made.triple(f"1-0:{c}.7.0", 1000 * c, 0, "W") for c in (1, 2)]
    rest = [made.triple(f"0-{b}:96.50.{e}", 7, 0, "W") for b in range(1, 5) for e in range(20)]
    for n in range(30, 45):
        found = made.reading(made.pushed(*powers, *rest[: n - 2]))
        assert made.values(found)["1-0:16.7.0"] == ("-1000", "W"), n


def test_flush_before_all_was_read_waits_for_the_rest():
    data = made.telegraph(*long_list(MANY)) + made.unchecked("1-0:1.7.0(00.5*kW)")
    decoder = Decoder(8192, rows=120)
    decoder.feed(data)
    decoder.flush()
    assert [len(r) for r in decoder] == [MANY]
    assert decoder.counters["length"] == 0


_SCRIPT = """
import gc
from meterwire import Decoder
few, many = bytes.fromhex({few!r}), bytes.fromhex({many!r})
decoder = Decoder(4096, rows=120)
def read(data):
    found = []
    for r in decoder.feed(data):
        found.append(len(r))
    for r in decoder.flush():
        found.append(len(r))
    return found
print(read(few), read(many), read(few))
decoder = Decoder(4096, rows=120)
read(few)
# no piece as large as what the frame needs is left
pieces = []
try:
    while True:
        pieces.append(bytearray(300))
except MemoryError:
    pass
pieces[0] = pieces[1] = pieces[2] = pieces[3] = None
for i in range(4, len(pieces), 3):
    pieces[i] = None
print(read(many), read(few), decoder.counters["length"] > 0)
"""


@pytest.mark.parametrize("bits", [64, 32])
def test_without_memory_the_long_frame_is_lost_and_short_ones_are_read(
    bits, request, on_micropython
):
    if bits == 64:
        command = [request.getfixturevalue("micropython")]
    else:
        command = request.getfixturevalue("micropython32")
    text = _SCRIPT.format(few=a_list(FEW).hex(), many=made.telegraph(*long_list(MANY)).hex())
    printed = on_micropython(
        [*command, "-X", "heapsize=400k"], text, [str(paths.FIRMWARE / "lib")]
    )
    assert printed.splitlines() == [f"[{FEW}] [{MANY}] [{FEW}]", f"[] [{FEW}] True"]


def test_the_last_frame_can_be_had_until_others_lie_there():
    for frame in (
        a_list(FEW),
        made.telegraph("1-0:1.7.0(00.5*kW)"),
        made.unchecked("1-0:1.7.0(1)"),
    ):
        decoder = Decoder()
        made.reading(frame, decoder=decoder)
        buf, start, end = decoder.raw()
        # the closing flag of HDLC and the line's end of P1 are no part of it
        assert frame.startswith(bytes(buf[start:end])) and end - start >= len(frame) - 3 > 10
        list(decoder.feed(frame[:5]))
        buf, start, end = decoder.raw()
        assert bytes(buf[start:end]) in (b"", frame[: end - start])
