"""The stand-in of the wire hears as a UART does: worked by hand from the bits."""

import pytest

HEARD = """
import sys
sys.path.insert(0, "/.chip")
from wire import Wire, parse
w = Wire(parse({sent!r}), parse({heard!r}))
w.out = bytearray()
for b in {data!r}:
    w.send(b)
w.idle()
print("heard", w.out)
"""


@pytest.mark.parametrize(
    ("sent", "heard", "data", "expected"),
    [
        ("2400 8E1", "2400 8E1", b"\x7e\xa0\x00\xff", b"\x7e\xa0\x00\xff"),
        # The parity bit is taken for the stop bit: the data are right all the same.
        ("2400 8E1", "2400 8N1", b"\x7e\xa0\x00\xff", b"\x7e\xa0\x00\xff"),
        # Even parity becomes the eighth bit: A has two ones, C has three.
        ("9600 7E1", "9600 8N1", b"AC", b"A\xc3"),
        # At twice the rate each bit is seen twice: 55 is 0 1 0 1 …, so 0 00 11 00 11 0|0 …
        ("9600 8N1", "19200 8N1", b"\xff", b"\xfe"),
        ("2400 8N1", "115200 8N1", b"\x55", b"\x00" * 5),
        # Inverted, the idle line is a break: one 00 when it begins, then each rise and fall.
        ("9600 8N1 inverted", "9600 8N1 inverted", b"\x31", b"\x31"),
    ],
)
def test_a_uart_hears(on_chip, sent, heard, data, expected):
    output = on_chip(HEARD.format(sent=sent, heard=heard, data=data))
    assert f"heard bytearray({expected!r})" in output
