"""The session with the broker: the way to it, what the broker says, its end.

Its states are those of ../broker.py, without TLS. What is written here of MQTT 3.1.1 is CONNECT,
SUBSCRIBE, PINGREQ and PUBACK; umqtt.simple and the socket it wants would take 1.4 KB of the
31 KB that this chip has.
"""

import errno
import random
import socket
import time

from micropython import const

from ..forget import forget
from ..session import drop_live, packet, taken

_KEEPALIVE = const(60)
PING_EVERY = const(30)
_PONG_WITHIN = const(15)
DRAIN_WITHIN = const(20)
_REST_MOST = const(60)
_REST_REFUSED = const(15)
_SHORT = const(30)

_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBACK = const(0x90)
_PINGRESP = const(0xD0)


async def way(h):
    """The way to a session."""
    from .. import dial

    s = h.settings
    port = s["mqtt_port"]
    if h.address is None:
        state(h, "looking up the broker")
        h.address = await dial.look_up(s["mqtt_host"])
    at = "%s:%d" % (h.address, port)
    sock = socket.socket()
    try:
        state(h, "connecting")
        await dial.reach(h, sock, port, at, past)
        h.start = h.end = h.got = h.skip = 0
        _connect(h)
        state(h, "logging in")
        await dial.login(h, sock, at, past)
    except BaseException:
        sock.close()
        raise
    h.sock = sock


def _text(h, data):
    h.out[h.end] = len(data) >> 8
    h.out[h.end + 1] = len(data) & 255
    _bytes(h, data)


def _bytes(h, data, at=2):
    start = h.end + at
    h.out[start : start + len(data)] = data
    h.end = start + len(data)


def _connect(h):
    """Put the CONNECT into the queue: clean session, the last will retained and with QoS 1."""
    s = h.settings
    user, password = s["mqtt_user"].encode(), s["mqtt_password"].encode()
    flags = 0x2E | (0xC0 if user else 0)
    _bytes(h, b"\x10\0\0\0\x04MQTT\x04" + bytes((flags, 0, _KEEPALIVE)), 0)
    _text(h, h.client_id.encode())
    _text(h, h.topic + b"/status")
    _text(h, b"offline")
    if user:
        _text(h, user)
        _text(h, password)
    # Its length has two bytes, as it may need.
    h.out[1] = (h.end - 3) & 127 | 128
    h.out[2] = (h.end - 3) >> 7


def begun(h):
    """The broker let us in."""
    h.connected = True
    h.pinged = False
    h.own = h.status.ip
    h.sent = h.received = h.began = time.ticks_ms()
    state(h, "connected", None)
    for topic in h.topics:
        h.pid = h.pid % 65535 + 1
        size = len(topic) + 5
        _bytes(h, bytes((0x82, size, h.pid >> 8, h.pid & 255)), 0)
        _text(h, topic)
        _bytes(h, b"\0", 0)
    h.publish(h.topic + b"/status", b"online", True, 1)
    h.greeted = False


def make_room(h, n):
    """Let live values go for newer ones; whether n bytes fit now."""
    # One that the socket has taken a part of stays: what is at `start` may be the middle of it.
    if h.start == 0:
        h.status.dropped += drop_live(h, 0)
    return h.end + n <= len(h.out)


def packets(h):
    """What the broker said."""
    while True:
        head = packet(h)
        if head < 0:
            return None
        kind = head & 0xF0
        if kind == _PUBLISH:
            _heard(h, head)
        elif kind == _PUBACK:
            h.on_ack(h.inp[2] << 8 | h.inp[3])
        elif kind == _SUBACK and h.inp[4] & 0x80:
            h.status.mqtt_error = "the broker does not allow commands to be heard"
        elif head == 0:
            h.device.note("warning", "mqtt: a message too long for this chip was passed over")
        elif kind not in (_PUBACK, _SUBACK, _PINGRESP):
            return end(h, "the broker sent what is not MQTT")
        taken(h)


def _heard(h, head):
    inp = h.inp
    at = 2 if inp[1] < 128 else 3
    n = inp[at] << 8 | inp[at + 1]
    at += 2
    topic = bytes(inp[at : at + n])
    at += n
    if head & 6:
        if head & 4:
            return  # QoS 2 was not asked for
        if h._room(4):
            _bytes(h, b"\x40\x02" + inp[at : at + 2], 0)
        at += 2
    try:
        h.on_command(topic, bytes(inp[at : h.size]), bool(head & 1))
    except Exception as e:
        h.device.note("error", "mqtt: a command failed: " + repr(e))


def look(h):
    """Once a second: whether the session still lives."""
    if h.status.ip != h.own:
        end(h, "this device's address changed" if h.status.ip else "the WiFi is gone")
    elif past(h.sent, DRAIN_WITHIN):
        end(h, "the broker takes nothing any more")
    elif past(h.received, PING_EVERY + _PONG_WITHIN):
        end(h, "the broker does not answer a ping")
    elif past(h.received, PING_EVERY) and not h.pinged and h._room(2):
        _bytes(h, b"\xc0\0", 0)
        h.pinged = True


def end(h, why, refused=False):
    """The session is over; why: None if the connection was cut."""
    long = h.connected and past(h.began, _SHORT)
    if h.connected:
        if long:
            h.failures = 0
        if why is None:
            h.short = 0 if long else h.short + 1
            why = "the connection was cut"
            if h.short > 2:
                why = "cut soon after every login: is the client id %s taken?" % h.client_id
    h.connected = False
    if h.sock:
        h.sock.close()
        h.sock = None
    h.start = h.end = h.got = 0
    h.failures = min(h.failures + 1, 7)
    seconds = min(1 << (h.failures - 1), _REST_MOST)
    if refused:
        seconds = max(seconds, _REST_REFUSED)
    # By chance up to half as much again: not all of a street at once.
    h.left = seconds + random.getrandbits(8) * seconds // 512
    state(h, "resting", why)


def failed(h, e):
    """The way to a session ended in an exception."""
    from ..ended import Ended

    if isinstance(e, Ended):
        end(h, str(e), e.refused)
    elif isinstance(e, OSError):
        end(h, "no way to the broker: " + errno.errorcode.get(e.errno, str(e)))
    else:
        end(h, "out of memory" if isinstance(e, MemoryError) else repr(e))
    del Ended
    forget_way()


def forget_way():
    """What led to a session, or did not. All of it: what stayed would know another Ended."""
    forget("kwhisper.dial")
    forget("kwhisper.resolver")
    forget("kwhisper.ended")
    forget("kwhisper.turns")


def state(h, name, *error):
    """Tell it to the status, and the log if it is news."""
    status = h.status
    if error and error[0] != status.mqtt_error:
        status.mqtt_error = error[0]
        if error[0]:
            h.device.note("warning", "mqtt: " + error[0])
    if name != status.mqtt:
        status.mqtt = name
        if name in ("connected", "off"):
            h.device.note("info", "mqtt: " + name)


def past(start, seconds):
    """Whether so much time has gone by since the ticks `start`."""
    return time.ticks_diff(time.ticks_ms(), start) > seconds * 1000
