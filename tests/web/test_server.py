"""The server under clients that mean it badly, or do not know better."""

import contextlib
import socket

import pytest

OK = b" 200 OK"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"POST /settings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /settings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: abc\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"a" * 60000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
        bytes(range(256)) * 4,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_and_harms_nobody(start, request_bytes):
    device = start("run")
    try:
        said = device.raw(request_bytes, wait=2)
    except (ConnectionResetError, BrokenPipeError):
        said = b""  # it hung up while we were still sending
    assert OK not in said
    assert device.ask("/data.json").code == 200


def test_a_body_too_big_is_refused_unread(start):
    device = start("run")
    head = b"POST /settings HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\n"
    assert b" 413 " in device.raw(head)


def test_a_header_of_no_interest_may_be_long(start):
    device = start("run")
    assert device.ask("/data.json", headers={"Cookie": "x" * 2000}).code == 200


def test_one_byte_at_a_time_is_served(start):
    device = start("run")
    with socket.create_connection(("127.0.0.1", device.port), 10) as s:
        for b in b"GET /kw.css HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: slow\r\n\r\n":
            s.send(bytes([b]))
        assert OK in s.recv(100)


def test_sixty_silent_connections_do_not_keep_a_reader_out(start):
    device = start("run")
    with contextlib.ExitStack() as open_now:
        for _ in range(60):
            # The system's queue of the listening socket may be full for a moment.
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", device.port))
            open_now.enter_context(s)
        assert device.ask("/data.json").code == 200


def test_clients_that_begin_and_dawdle_only_delay_the_others(start):
    device = start("run")
    with contextlib.ExitStack() as open_now:
        for _ in range(3):
            s = open_now.enter_context(socket.create_connection(("127.0.0.1", device.port)))
            s.sendall(b"GET / HTTP/1.1\r\n")
        assert device.ask("/data.json").code == 200


def test_a_client_that_leaves_in_the_middle_harms_nobody(start):
    device = start("run")
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", device.port)) as s:
            s.sendall(b"GET /settings HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            s.recv(10)
    assert device.ask("/settings").code == 200
    assert "Traceback" not in device.log()


def test_the_memory_stays_flat_over_hundreds_of_pages(chip):
    import json

    device = chip("run")

    def free():
        return json.loads(device.ask("/data.json").text)["status"]["mem_free"]

    for _ in range(40):
        device.ask("/settings")
    seen = [free() for _ in range(5)]
    for _ in range(150):
        device.ask("/settings")
        device.ask("/data.json")
    assert max(free() for _ in range(5)) > max(seen) - 4096
