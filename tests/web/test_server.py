"""Both servers under clients that mean it badly, or do not know better."""

import contextlib
import json
import socket
import time
from base64 import b64encode

import pytest
from slow_cases import slow_but
from web.conftest import SET_UP_KEY

OK = b" 200 OK"
HOST = b"Host: 127.0.0.1\r\nAuthorization: Basic %s\r\n" % b64encode(b"any:" + SET_UP_KEY.encode())


def served(device):
    """Whether somebody who asks properly is answered."""
    return device.ask("/device.json").code == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"",
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / \r\n\r\n",
        b"GET  HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1 and more\r\n\r\n",
        b"GET settings.json HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET http://127.0.0.1/settings.json HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /settings.json?%zz=%q HTTP/9\r\n" + HOST + b"Content-Length: 99999999999999\r\n\r\n",
        b"POST /settings.json HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\n",
        b"POST /settings.json HTTP/1.1\r\n" + HOST + b"Content-Length: abc\r\n\r\n",
        b"POST /settings.json HTTP/1.1\r\n" + HOST + b"Content-Length: 0x10\r\n\r\n",
        b"POST /settings.json HTTP/1.1\r\n"
        + HOST
        + b"Content-Length: "
        + b"9" * 300
        + b"\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n",
        b"GET /settings.json HTTP/1.1\r\nHost\r\nOrigin\r\nContent-Length\r\n\r\n",
        b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: " + b"a" * 60000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
        bytes(range(256)) * 4,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\0" * 3000,
    ],
)
def test_what_is_no_request_is_refused_and_harms_nobody(start, mode, request_bytes):
    device = start(mode)
    try:
        said = device.raw(request_bytes, wait=1)
    except (ConnectionResetError, BrokenPipeError):
        said = b""  # it hung up while we were still sending
    assert OK not in said
    assert served(device)
    assert "Traceback" not in device.log() and "failed" not in device.log()


def test_a_body_too_big_is_refused_unread(start, mode):
    device = start(mode)
    head = b"POST /settings.json HTTP/1.1\r\n" + HOST + b"Content-Length: 13313\r\n\r\n"
    assert b" 413 " in device.raw(head)
    body = b'{"no_such": "' + b"x" * 13297 + b'"}'
    assert len(body) == 13312 and device.ask("/settings.json", body).code == 422


def test_a_header_of_no_interest_may_be_long(start, mode):
    device = start(mode)
    for size in (300, 1000, 2000, 3500):
        assert device.ask("/device.json", headers={"Cookie": "x" * size}).code == 200


def test_one_byte_at_a_time_is_served(start, mode):
    device = start(mode)
    with device.connect() as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for b in b"GET /kwhisper.css HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: slow\r\n\r\n":
            s.send(bytes([b]))
        assert OK in s.recv(100)


@pytest.mark.parametrize("size", [1, 700, 1023, 1024, 1025, 1500, 5000])
def test_a_body_comes_in_whatever_pieces(start, mode, size):
    device = start(mode)
    body = json.dumps({"mqtt_user": "u", "mqtt_ca": "x" * size}).encode()
    head = b"POST /settings.json HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (HOST, len(body))
    with device.connect() as s:
        for part in (head[:40], head[40:] + body[:1], body[1:20], body[20:]):
            s.sendall(part)
            time.sleep(0.02)
        assert b'"mqtt_ca"' in s.makefile("rb").read()


def test_a_body_may_follow_the_head_or_come_with_it(start, mode):
    device = start(mode)
    for values in ({"mqtt_topic": "a"}, {"mqtt_user": "æ" * 30, "mqtt_topic": "b"}):
        body = json.dumps(values).encode()
        head = b"POST /settings.json HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (HOST, len(body))
        assert b'"saved":true' in device.raw(head + body)


@pytest.mark.parametrize("mode", slow_but(["setup", "run"], "run"), indirect=True)
def test_a_client_that_keeps_silent_is_dropped(start, mode):
    device = start(mode)
    with device.connect() as silent, device.connect() as dawdling:
        dawdling.sendall(b"GET / HTTP/1.1\r\n")
        assert silent.recv(10) == b"" and dawdling.recv(10) == b""
    assert served(device)


@pytest.mark.parametrize("mode", slow_but(["setup", "run"], "run"), indirect=True)
def test_a_client_that_does_not_read_is_dropped(start, mode):
    device = start(mode + "-narrow")
    whole = device.ask("/setup.js").body
    with device.connect() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        s.sendall(b"GET /setup.js HTTP/1.1\r\n" + HOST + b"\r\n")
        for _ in range(1200):
            time.sleep(0.1)
            if device.sockets() == 1:
                break
        assert device.sockets() == 1
        with contextlib.suppress(ConnectionResetError):
            assert len(s.makefile("rb").read()) < len(whole)
    assert served(device)


def test_clients_that_do_not_read_make_room(start, mode):
    device = start(mode + "-narrow")
    with contextlib.ExitStack() as open_now:
        for _ in range(3):
            s = open_now.enter_context(device.connect())
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            s.sendall(b"GET /setup.js HTTP/1.1\r\n" + HOST + b"\r\n")
        assert served(device)


def test_sixty_silent_connections_do_not_keep_a_reader_out(start, mode):
    device = start(mode)
    with contextlib.ExitStack() as open_now:
        for _ in range(60):
            # The system's queue of the listening socket may be full for a moment.
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", device.port))
            open_now.enter_context(s)
        assert served(device)


def test_clients_that_begin_and_dawdle_only_delay_the_others(start, mode):
    device = start(mode)
    with contextlib.ExitStack() as open_now:
        for _ in range(3):
            s = open_now.enter_context(device.connect())
            s.sendall(b"GET / HTTP/1.1\r\n")
        assert served(device)


def drip(sockets):
    for s in sockets:
        with contextlib.suppress(OSError):
            s.send(b"x")


def test_an_address_that_holds_all_places_makes_room_for_another(start, mode):
    device = start(mode)
    with contextlib.ExitStack() as open_now:
        # Never silent: they say a letter every 20 ms, for ever.
        greedy = [open_now.enter_context(device.connect()) for _ in range(3)]
        for s in greedy:
            s.sendall(b"GET /")
        for _ in range(20):
            drip(greedy)
            time.sleep(0.02)
        with device.connect("127.0.0.2") as other:
            other.sendall(b"GET /device.json HTTP/1.1\r\n" + HOST + b"\r\n")
            other.settimeout(0.02)
            said = None
            for _ in range(3000):
                drip(greedy)
                try:
                    said = other.recv(20)
                    break
                except TimeoutError:
                    pass  # not its turn yet
            assert said and OK in said


def fourth_of_an_address(device):
    """What a fourth client of an address hears while its three others never pause."""
    with contextlib.ExitStack() as open_now:
        greedy = [open_now.enter_context(device.connect()) for _ in range(3)]
        for s in greedy:
            s.sendall(b"GET /")
        with device.connect() as fourth:
            fourth.settimeout(0.02)
            for _ in range(500):
                drip(greedy)
                try:
                    return fourth.recv(20)
                except TimeoutError:
                    pass  # it waits
    return b""


def test_an_address_that_holds_all_places_gets_no_fourth(start, mode):
    device = start(mode)
    for _ in range(5):
        # On a busy machine they may pause all the same, and lose a place.
        if b" 503 " in fourth_of_an_address(device):
            break
    else:
        pytest.fail("it was let in")
    assert served(device)


def test_the_sockets_are_bounded(start, mode):
    """lwIP has ten of them, and the broker needs one."""
    device = start(mode)
    with contextlib.ExitStack() as open_now:
        for n in range(40):
            s = socket.socket()
            s.bind((f"127.0.0.{n + 2}", 0))
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", device.port))
            open_now.enter_context(s)
        for _ in range(20):
            time.sleep(0.05)
            assert device.sockets() <= 1 + 4  # it listens on one
    assert served(device)


def test_a_client_that_leaves_in_the_middle_harms_nobody(start, mode):
    device = start(mode)
    for _ in range(20):
        with device.connect() as s:
            s.sendall(b"GET /settings.json HTTP/1.1\r\n" + HOST + b"\r\n")
            s.recv(10)
        with device.connect() as s:
            s.sendall(b"POST /settings.json HTTP/1.1\r\n" + HOST + b"Content-Length: 500\r\n\r\n{")
    assert served(device)
    assert "Traceback" not in device.log()


def test_out_of_memory_in_a_request_ends_that_request(start):
    device = start("lacking")
    for n in range(3):
        answer = device.raw(b"GET /data.json HTTP/1.1\r\n" + HOST + b"\r\n")
        assert answer == b"" or b" 503 " in answer
        assert served(device)
        assert f"error web: out of memory, {n + 1} times" in device.log()


def test_a_fault_of_ours_ends_that_request(start):
    device = start("faulty")
    answer = device.raw(b"GET /data.json HTTP/1.1\r\n" + HOST + b"\r\n")
    assert b" 500 " in answer and "error web: KeyError" in device.log()
    assert served(device) and "Traceback" not in device.log()


def test_the_memory_stays_flat_over_hundreds_of_pages(start):
    device = start("run")

    def free():
        return json.loads(device.ask("/data.json").text)["status"]["mem_free"]

    for _ in range(40):
        device.ask("/settings.json")
    seen = [free() for _ in range(5)]
    for _ in range(150):
        device.ask("/settings.json")
        device.ask("/data.json")
    assert max(free() for _ in range(5)) > max(seen) - 4096


def test_browsers_wait_while_tls_shakes_hands(start):
    """Both at once lack memory: a session with the broker matters more than a page."""
    device = start("securing")
    with device.connect() as s:
        s.sendall(b"GET /kwhisper.css HTTP/1.0\r\n" + HOST + b"\r\n")
        assert OK in s.recv(100)
        assert "secured" in device.log()
