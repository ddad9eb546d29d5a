"""The session with the MQTT broker, on umqtt.simple: every wait in it is bounded.

    waiting ─▶ connected ─▶ lost ─▶ waiting …

waiting     1, 2, 4 … 60 s and up to half as much again by chance; at least 15 s after a refusal.
            Then only while the meter is silent, as connecting takes some seconds.
connected   ends when the broker closes, answers no ping within 10 s (half-open), takes a list in
            not within 3 s (slow), or nothing at all for a second and a half.
What happens while there is no session is not kept: newest wins.
"""

import json
import os
import socket
import time
from binascii import crc32, hexlify

import machine
from umqtt import simple

from kwhisper import formats
from kwhisper.formats import entries

from .main import FORMATS, say

_KEEPALIVE_S = const(60)
_PING_EVERY = const(20)  # looks, one a second
_PONG_WITHIN = const(10)
_DEVICE_EVERY = const(60)
# What waits: connecting, then the answer to the login. The chip's watchdog bites after three.
_WAIT_S = 1.4
_LIST_MS = const(3000)
_REFUSED_S = const(15)
_LAST_REFUSAL = const(5)  # of the codes that a CONNACK may have (MQTT 3.1.1, 3.2.2.3)
_LONGEST_S = const(60)
_NAMES = const(4)  # kept; one costs 50 bytes, and to look it up a millisecond
_PAGE = const(1280)  # bytes of a JSON object; what does not fit is said to be missing


class Session:
    """Publishes Readings in the chosen format while there is a broker; feed() feeds the watchdog.

    `up` tells whether there is one, `wanted` whether there is to be.
    """

    def __init__(self, settings, status, feed):
        self.status = status
        self.feed = feed
        self.up = False
        self.failures = 0
        self.due = self.looked = time.ticks_ms()
        host = settings["mqtt_host"]
        self.wanted = host and not settings["mqtt_tls"]
        if not self.wanted:
            status.mqtt_error = "an ESP8266 has no TLS: choose a broker without" if host else None
            return
        chosen = [f for f in settings["payload"].split(",") if f in FORMATS] or FORMATS
        entries.MOST = _NAMES
        forms = formats.load(chosen[0])
        self.form = forms[0]  # homeassistant announces what topics publishes
        self.announcer = forms[1] if forms[1:] else None
        self.queue = []  # entities whose configs are to be sent
        self.entities = {}  # see formats/homeassistant.py
        self.facts = {}  # crc32 of a topic -> of its payload, for what is said on change
        device = settings["mqtt_client_id"] or "kwhisper-" + hexlify(machine.unique_id()).decode()
        page = min(_PAGE, getattr(self.form, "PAGE", 0))
        self.context = formats.Context(settings, status, device, _no_clock, page)
        user = settings["mqtt_user"].encode() or None
        password = settings["mqtt_password"].encode() if user else None
        self.client = simple.MQTTClient(
            device.encode(), host, settings["mqtt_port"], user, password, _KEEPALIVE_S
        )
        self.state = self.context.below + b"status"
        self.client.set_last_will(self.state, b"offline", True)
        self.socket = socket.socket
        simple.socket = self

    def step(self, now, silent, online):
        """What is due; called all the time. silent: the meter is; online: WiFi is up."""
        try:
            if self.up:
                if time.ticks_diff(now, self.looked) >= 1000:
                    self.looked = now
                    self._look()
                if self.queue and silent:
                    which = self.queue[-1]
                    self._send(*self.announcer.config(which, self.entities, self.context), True)
                    self.queue.pop()
            elif self.wanted and online and silent and time.ticks_diff(now, self.due) >= 0:
                self._connect()
        except Exception as e:
            self._lost(e)

    def getaddrinfo(self, host, port):
        """What umqtt.simple takes for the module socket calls this when the socket is made, and
        before it is used: the moment to bound its waits, whatever the version of umqtt.simple.
        lwIP asks for a name for some ten seconds, which no time-out bounds: a timer feeds the
        watchdog meanwhile."""
        self.client.sock.settimeout(_WAIT_S)
        timer = machine.Timer(-1)
        timer.init(period=1000, callback=lambda _: self.feed())
        try:
            return socket.getaddrinfo(host, port)
        finally:
            timer.deinit()

    def _connect(self):
        self.client.connect()
        self.up = True
        self.looks = self.pinged = 0
        self.facts.clear()
        self.context.said.clear()
        if self.announcer:
            self.queue = list(self.entities) + list(range(1 - len(self.announcer.DEVICE), 0))
        self._send(self.state, b"online", True)
        self.status.mqtt = "connected"
        self.status.mqtt_error = None
        say("MQTT: connected")

    def _look(self):
        # Once a second: does the broker answer?
        sock = self.client.sock
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
            self.client.ping()
        if self.looks % _DEVICE_EVERY == 1:
            about = dict(self.status.pairs())
            frames = about["frames"]
            about["frames_ok"] = sound = frames["ok"] + frames["unchecked"]
            about["frames_bad"] = sum(frames.values()) - sound - frames["noise"]
            about["frames"] = {cause: n for cause, n in frames.items() if n}
            self._send(self.context.below + b"device", json.dumps(about).encode(), False)

    def _lost(self, e):
        self.status.mqtt = "lost"
        why = str(e) or type(e).__name__
        # A session that did not last is no reason to come back at once.
        if self.up and self.looks > _LONGEST_S:
            self.failures = 0
        pause = min(1 << self.failures, _LONGEST_S)
        self.failures = min(self.failures + 1, 6)
        refused = type(e) is simple.MQTTException
        if refused and e.args[0] <= _LAST_REFUSAL:
            why = "the broker refused the login: " + why
            pause = max(pause, _REFUSED_S)
        elif refused or isinstance(e, (IndexError, AssertionError, TypeError)):
            why = "what answers is no MQTT broker"
        self.status.mqtt_error = why
        self.up = False
        if self.client.sock:
            self.client.sock.close()
        self.due = time.ticks_add(time.ticks_ms(), pause * (1000 + os.urandom(1)[0] * 2))
        say("MQTT:", why, "- again in", pause, "s")

    def reading(self, r):
        """Publish a list, if there is a broker to take it."""
        if not self.up:
            return
        try:
            if self.announcer:
                for which, known in self.announcer.entities(r, self.entities):
                    self.entities[which] = known
                    self.queue.append(which)
            until = time.ticks_add(time.ticks_ms(), _LIST_MS)
            for topic, payload, kind in self.form.messages(r, self.context):
                if kind >= formats.FACT:
                    at, value = crc32(topic), crc32(payload)
                    if self.facts.get(at) == value:
                        continue
                    self.facts[at] = value
                self._send(topic, payload, kind in (formats.REGISTER, formats.FACT))
                if time.ticks_diff(until, time.ticks_ms()) < 0:
                    raise OSError("the broker is too slow")
        except Exception as e:
            # Whatever it was: half a packet may have gone out, and only a new session is sound.
            self.status.dropped += 1
            self._lost(e)

    def _send(self, topic, payload, retain):
        self.feed()
        self.client.publish(topic, payload, retain)

    def goodbye(self):
        """A restart is wanted: nobody need wait for the last will."""
        try:
            self._send(self.state, b"offline", True)
            self.client.disconnect()
        except Exception:
            pass  # no session, or none any more: then the last will says it


def _no_clock():
    return None
