"""Raw TCP, read by dsmr_parser and amshan."""

import socket
import time
from decimal import Decimal

import pytest
from slow_cases import slow_but
from system.waiting import answers, until

from kwhisper_tools.host import free_port


def connect(port):
    """A client of the door, which may not be open yet."""
    made = []

    def opens():
        try:
            made.append(socket.create_connection(("127.0.0.1", port), 2))
        except OSError:
            return False
        return True

    until(opens, 60, "the door")
    made[0].settimeout(1)
    return made[0]


def receive(client, wanted, seconds=60):
    """What comes until wanted(data)."""
    data = b""
    end = time.monotonic() + seconds
    while not wanted(data):
        assert time.monotonic() < end, data
        try:
            piece = client.recv(4096)
        except TimeoutError:
            continue
        assert piece, "closed"
        data += piece
    return data


def door(**more):
    port = free_port()
    return port, {"outlets": "raw_tcp", "raw_port": port, **more}


@pytest.mark.parametrize("every", slow_but([False, True], True))
def test_dsmr_parser_reads_a_p1_meter_through_it(running, every):
    parsers = pytest.importorskip("dsmr_parser.parsers")
    specifications = pytest.importorskip("dsmr_parser.telegram_specifications")
    buffers = pytest.importorskip("dsmr_parser.clients.telegram_buffer")
    port, values = door(raw_all=every)
    speaker, _ = running("dsmr5", values=values)
    parser = parsers.TelegramParser(specifications.V5)
    client = connect(port)
    buffer = buffers.TelegramBuffer()
    end = time.monotonic() + 90
    telegrams = []
    while len(telegrams) < 3:
        assert time.monotonic() < end
        buffer.append(receive(client, bool).decode("ascii"))
        # It checks the CRC.
        telegrams += [parser.parse(text) for text in buffer.get_all()]
    said = [truth["values"] for truth, _ in speaker.said]
    for telegram in telegrams:
        power = telegram.CURRENT_ELECTRICITY_USAGE
        used = telegram.ELECTRICITY_USED_TARIFF_1
        assert power.unit == "kW"
        assert any(
            power.value * 1000 == Decimal(values["1-0:1.7.0"][0])
            and used.value * 1000 == Decimal(values["1-0:1.8.1"][0])
            for values in said
        ), (power.value, used.value)


def test_amshan_reads_a_norwegian_meter_through_it(running):
    hdlc = pytest.importorskip("han.hdlc")
    autodecoder = pytest.importorskip("han.autodecoder")
    port, values = door()
    speaker, _ = running("aidon", values=values)
    client = connect(port)
    reader = hdlc.HdlcFrameReader()
    frames = []
    end = time.monotonic() + 90
    while len(frames) < 3:
        assert time.monotonic() < end
        frames += [f for f in reader.read(receive(client, bool)) if f.is_good_ffc]
    decoder = autodecoder.AutoDecoder()
    said = [truth["values"].get("1-0:1.7.0", ("0",))[0] for truth, _ in speaker.said]
    for frame in frames:
        values = decoder.decode_message(frame)
        assert str(values["active_power_import"]) in said


def test_two_clients_hear_it_a_third_does_not(running):
    port, values = door()
    running("aidon", values=values)
    first, second = connect(port), connect(port)
    receive(first, bool), receive(second, bool)
    third = connect(port)
    third.settimeout(20)
    assert third.recv(100) == b""
    first.close()

    # Its place is free again.
    def heard():
        with socket.create_connection(("127.0.0.1", port), 2) as again:
            again.settimeout(8)
            try:
                return again.recv(100) != b""
            except TimeoutError:
                return False

    until(heard, 60, "the place of the one that left")
    assert receive(second, bool)


class Client:
    """Takes so many bytes, then no more; None: it has left."""

    def __init__(self, room):
        self.room = room
        self.closed = False
        self.got = b""

    def write(self, data):
        if self.room is None:
            raise OSError(104)
        n = min(self.room, len(data))
        self.room -= n
        self.got += data[:n]
        return n or None

    def close(self):
        self.closed = True


def test_one_that_does_not_keep_up_or_left_is_closed_and_the_others_hear_all():
    from kwhisper.outlets.raw_tcp import RawTcp

    class Decoder:
        def raw(self):
            return b"..~frame~..", 2, 9

    for room in (0, 9, None):
        door = RawTcp(2000, Decoder())
        lazy, eager = Client(room), Client(1000)
        door.clients = [lazy, eager]
        door.reading(None)
        door.reading(None)
        assert lazy.closed and door.clients == [eager] and eager.got == b"~frame~" * 2


def test_off_nobody_listens(running):
    port, _ = door()
    _, device = running("aidon", values={"raw_port": port})
    device.wait_for("WiFi: connected")
    until(lambda: answers(device), 60, "its page")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)
