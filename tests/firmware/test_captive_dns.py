"""The set-up's name server: every phone is led to the device, nothing makes it stumble."""

import random
import socket
import struct
import time

import pytest


def query(name, kind=1, identity=0x1234, flags=0x0100, extra=b""):
    """A DNS query as phones send it."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    counts = struct.pack(">4H", 1, 0, 0, 1 if extra else 0)
    return (
        struct.pack(">2H", identity, flags) + counts + labels + struct.pack(">2H", kind, 1) + extra
    )


@pytest.fixture
def ask(chip):
    device = chip()
    (device.flash / "main.py").write_text(
        "import asyncio\n"
        "from kwhisper.network import captive_dns\n"
        "asyncio.run(captive_dns.serve('192.168.4.1'))\n"
    )
    device.power_on()

    def asked(data, seconds=5):
        # A socket each: nothing late or refused of one question is taken for the next one's.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", device.dns_port))
            s.settimeout(seconds)
            try:
                s.send(data)
                return s.recv(1024)
            except (TimeoutError, ConnectionRefusedError):
                return None

    for _ in range(100):
        if asked(query("ready"), 0.1):
            return asked
        time.sleep(0.1)
    raise TimeoutError("no name server")


def test_any_name_is_this_device(ask):
    for name in ("captive.apple.com", "connectivitycheck.gstatic.com", "a", "x" * 63 + ".no"):
        asked = query(name)
        reply = ask(asked)
        assert reply[:2] == asked[:2]
        assert reply[2] & 0x80 and reply[3] & 0x0F == 0
        assert struct.unpack(">4H", reply[4:12]) == (1, 1, 0, 0)
        assert reply[-4:] == bytes([192, 168, 4, 1])


def test_the_question_of_an_edns_query_is_answered_without_its_extras(ask):
    opt = b"\0\0\x29\x10\0\0\0\0\0\0\0"
    reply = ask(query("example.org", extra=opt))
    assert struct.unpack(">4H", reply[4:12]) == (1, 1, 0, 0)
    assert opt not in reply


def test_other_types_get_an_empty_answer_at_once(ask):
    for kind in (28, 65, 16):
        reply = ask(query("example.org", kind))
        assert reply[3] & 0x0F == 0
        assert struct.unpack(">4H", reply[4:12]) == (1, 0, 0, 0)


def test_what_is_no_query_gets_no_answer_and_does_no_harm(ask):
    rng = random.Random(5)
    good = query("example.org")
    for bad in (b"", good[:11], good[:-3], b"\0" * 300, good[:2] + b"\x81\x80" + good[4:]):
        if bad:
            assert ask(bad, 0.2) is None
    for _ in range(200):
        data = bytearray(good)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(2, len(data))] = rng.randrange(256)
        ask(bytes(data), 0.005)
    assert ask(good)[-4:] == bytes([192, 168, 4, 1])
