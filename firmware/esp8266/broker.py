"""The session with the MQTT broker: every wait in it is bounded.

    waiting ─▶ connected ─▶ lost ─▶ waiting …

waiting     1, 2, 4 … 60 s and up to half as much again by chance; at least 15 s after a refusal.
            Then only while the meter is silent, as connecting (bounded_connect.py) takes seconds.
connected   ends when the broker closes, answers no ping within 10 s (half-open), takes a list in
            not within 3 s (slow), or nothing at all for a second and a half.
What happens while there is no session is not kept: newest wins.
"""

import gc
import json
import os
import time
from binascii import hexlify
from hashlib import sha256

import machine

from kwhisper import formats, let_go
from kwhisper.formats import entries

from .main import FORMATS, say

_PING_EVERY = const(20)  # looks, one a second
_PONG_WITHIN = const(10)
_DEVICE_EVERY = const(60)
_WAIT_S = 1.4
_LIST_MS = const(3000)
_REFUSED_S = const(15)
_LONGEST_S = const(60)
_NAMES = const(1)  # kept; one costs 50 bytes, and all of a list would be needed
_SMALL = const(0x3FFFFFFF)  # an integer that takes no memory of its own
# Bytes of a JSON object: at first, and at most. What does not fit is said to be missing.
_PAGE = const(512)
_MOST_PAGE = const(1280)
_BRACE = const(125)


class Session:
    """Publishes Readings in the chosen format while there is a broker; feed() feeds the watchdog.

    `up` tells whether there is one, `wanted` whether there is to be.
    """

    def __init__(self, settings, status, feed):
        self.status = status
        self.feed = feed
        self.up = False
        self.starved = False  # no memory to connect: only a restart makes some
        self.sock = None
        self.failures = 0
        self.due = self.looked = time.ticks_ms()
        host = settings["mqtt_host"]
        self.wanted = host and not settings["mqtt_tls"]
        if not self.wanted:
            status.mqtt_error = (
                "an ESP8266 has no TLS: choose a broker without TLS" if host else None
            )
            return
        form = ([f for f in settings["payload"].split(",") if f in FORMATS] or FORMATS)[0]
        entries.MOST = _NAMES
        self.known = {} if form == "homeassistant" else None  # see formats/homeassistant.py
        self.queue = []  # entities whose configs are to be sent
        if form == "homeassistant":
            form = "topics"  # it announces what topics publishes
        form = formats.load(form)[0]
        self.messages = form.messages
        self.facts = {}  # digest of a topic -> of its payload, for what is said on change
        device = settings["mqtt_client_id"] or "kwhisper-" + hexlify(machine.unique_id()).decode()
        # Without a clock: none of FORMATS asks for one.
        self.context = formats.Context(settings, status, device, None, 0)
        self.page = min(_PAGE, getattr(form, "PAGE", 0))  # bytes, while there is a session
        self.most = _MOST_PAGE
        user = settings["mqtt_user"].encode() or None
        password = settings["mqtt_password"].encode() if user else None
        self.login = device.encode(), host, settings["mqtt_port"], user, password

    def step(self, now, silent, online):
        """What is due; called all the time. silent: the meter is; online: WiFi is up."""
        try:
            if self.up:
                if time.ticks_diff(now, self.looked) >= 1000:
                    self.looked = now
                    self._look()
                if self.queue and silent:
                    self._announce()
            elif self.wanted and time.ticks_diff(now, self.due) >= 0:
                # As ticks wrap after days, what is due stays due.
                self.due = self.looked = now
                if online and silent:
                    self._connect()
        except Exception as e:
            self._lost(e)

    def _announce(self):
        # One config of Home Assistant's; what makes them is let go after the last.
        from kwhisper.formats.homeassistant import config

        self._send(*config(self.queue[-1], self.known, self.context), True)
        self.queue.pop()
        if not self.queue:
            for name in ("kwhisper.formats.homeassistant", "kwhisper.formats.labels"):
                let_go(name)
            let_go("kwhisper.storage.")

    def _connect(self):
        from . import bounded_connect

        state = self.context.below + b"status"
        try:
            self.sock = bounded_connect.connect(self.login, state, self.feed)
        finally:
            bounded_connect.let_go()
            del bounded_connect
        self._make_page()
        self.up = True
        self.looks = self.pinged = 0
        self.facts.clear()
        self.context.said.clear()
        if self.known is not None:
            from kwhisper.formats.homeassistant import DEVICE

            self.queue = list(self.known) + list(range(1 - len(DEVICE), 0))
        self._send(state, b"online", True)
        self.status.mqtt = "connected"
        self.status.mqtt_error = None
        say("MQTT: connected")

    def _make_page(self):
        # The old one goes first: there is no room for both.
        self.context.page = None
        while self.page and not self.context.page:
            from kwhisper.formats.writer import Writer

            gc.collect()
            try:
                self.context.page = Writer(bytearray(self.page))
            except MemoryError:
                if self.page <= _PAGE:
                    raise
                self.page = self.most = self.page * 2 // 3

    def _look(self):
        # Once a second: does the broker answer?
        sock = self.sock
        sock.setblocking(False)
        heard = sock.read(16)
        sock.settimeout(_WAIT_S)
        if heard == b"":
            raise OSError("the broker closed the connection")
        self.looks += 1
        if heard:
            self.pinged = 0
        elif self.pinged and self.looks - self.pinged > _PONG_WITHIN:
            raise OSError("the broker does not answer")
        if not self.pinged and self.looks % _PING_EVERY == 0:
            self.pinged = self.looks
            sock.write(b"\xc0\0")
        if self.looks % _DEVICE_EVERY == 1:
            about = dict(self.status.pairs())
            frames = about["frames"]
            about["frames_ok"] = sound = frames["ok"] + frames["unchecked"]
            about["frames_bad"] = sum(frames.values()) - sound - frames["noise"]
            about["frames"] = {cause: n for cause, n in frames.items() if n}
            self._send(self.context.below + b"device", json.dumps(about).encode(), False)

    def _lost(self, e):
        self.status.mqtt = "lost"
        self.context.page = None  # its place is needed to connect again
        if isinstance(e, MemoryError) and not self.up:
            self.starved = True
        why = str(e) or type(e).__name__
        # A session that did not last is no reason to come back at once.
        if self.up and self.looks > _LONGEST_S:
            self.failures = 0
        pause = min(1 << self.failures, _LONGEST_S)
        self.failures = min(self.failures + 1, 6)
        if isinstance(e, ValueError):  # a refusal, see bounded_connect.py
            pause = max(pause, _REFUSED_S)
        self.status.mqtt_error = why
        self.up = False
        if self.sock:
            self.sock.close()
            self.sock = None
        self.due = time.ticks_add(time.ticks_ms(), pause * (1000 + os.urandom(1)[0] * 2))
        say("MQTT: %s - again in %d s" % (why, pause))

    def reading(self, r):
        """Publish a list, if there is a broker to take it."""
        if not self.up:
            return
        try:
            if self.known is not None:
                from kwhisper.formats.entities import entities

                for which, known in entities(r, self.known):
                    self.known[which] = known
                    self.queue.append(which)
            while not self._published(r):
                self._make_page()
        except Exception as e:
            # Whatever it was: half a packet may have gone out, and only a new session is sound.
            self.status.dropped += 1
            self._lost(e)

    def _published(self, r):
        """Send the messages of a list; False if its document found too little room: once more."""
        until = time.ticks_add(time.ticks_ms(), _LIST_MS)
        page = self.context.page
        for topic, payload, kind in self.messages(r, self.context):
            # An object that ends in "truncated":true.
            if page and payload[-2] != _BRACE and self.page < self.most:
                self.page = min(self.most, self.page * 3 // 2)
                return False
            if kind >= formats.FACT:
                at, value = digest(topic), digest(payload)
                if self.facts.get(at) == value:
                    continue
                self.facts[at] = value
            self._send(topic, payload, kind in (formats.REGISTER, formats.FACT))
            if time.ticks_diff(until, time.ticks_ms()) < 0:
                raise OSError("the broker is too slow")
        return True

    def _send(self, topic, payload, retain):
        # PUBLISH without QoS (MQTT 3.1.1, 2.2 and 3.3); a payload has at most _MOST_PAGE bytes.
        self.feed()
        n = len(topic)
        left = 2 + n + len(payload)
        head = b"" if left < 128 else bytes((left >> 7,))
        head = bytes((0x30 | retain, left & 0x7F | len(head) << 7)) + head
        self.sock.write(head + bytes((n >> 8, n & 0xFF)) + topic)
        self.sock.write(payload)

    def goodbye(self):
        """A restart is wanted: nobody need wait for the last will."""
        try:
            self._send(self.context.below + b"status", b"offline", True)
            self.sock.write(b"\xe0\0")
            self.sock.close()
        except Exception:
            pass  # no session, or none any more: then the last will says it


def digest(data):
    # A number that stands for the bytes; as an integer without memory of its own.
    return int.from_bytes(sha256(data).digest()[:4], "little") & _SMALL
