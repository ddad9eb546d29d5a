"""The session with the MQTT broker (MQTT 3.1.1, on umqtt.simple), as one task that never blocks.

        off ──no broker set; TLS on a chip that cannot check certificates
         │
    ┌─▶ waiting for the network      until the device has an address
    │    ▼
    │   looking up the broker        DNS/mDNS, at most 9 s, only if no address is remembered
    │    ▼
    │   connecting                   TCP, 10 s           nothing listens │ no way │ no answer
    │    ▼
    │   securing                     TLS, 20 s           CA │ host name │ expired │ no TLS there
    │    ▼
    │   logging in                   CONNACK, 10 s       version │ id │ password │ not authorised
    │    ▼
    │   connected                    ends when: the broker closes or resets · a ping stays without
    │    │                           answer 15 s (half-open) · the socket takes nothing for 20 s
    │    │                           (slow drain) · the device's own address changed · the stream
    │    ▼                           is not MQTT
    └── resting                      1, 2, 4 … 60 s and up to half as much again by chance;
                                     at least 15 s after a refusal. Refused or unreachable twice:
                                     the address is looked up anew

Every step polls: it tries, then hands on to the other tasks for some milliseconds. The broker can
be silent, slow, half-dead or flooding us: what it costs the reading of the meter is one poll.
What is to be sent waits in wire.Wire: bounded in bytes, newest live values win, losses counted.
"""

import asyncio
import random
import socket
import time

from umqtt.simple import MQTTClient

from .ended import Ended
from .forget import forget
from .session import device_id
from .wire import Later, Wire

_KEEPALIVE = const(60)
_PING_EVERY = const(30)
_PONG_WITHIN = const(15)
_DRAIN_WITHIN = const(20)
_REST_MOST = const(60)
_REST_REFUSED = const(15)
_SHORT = const(30)  # a session that ends sooner may be one that another device took over
_BUSY_MS = const(5)
_IDLE_MS = const(30)
_PACKETS = const(8)  # dealt with at a stretch

_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBACK = const(0x90)
_PINGRESP = const(0xD0)


class Broker:
    """The one connection. app.py runs run(); everything else may be called at any time.

    on_connect(), on_command(topic, payload, retained) and on_ack(pid) are set by who listens,
    `topics` are what it wants to hear. `clock` is needed for TLS: its ready() brings the time by
    which certificates are judged. `log(level, text)` may be set.
    """

    def __init__(self, settings, status, board, clock=None):
        self.settings = settings
        self.status = status
        self.board = board
        self.clock = clock
        self.connected = False
        self.sessions = 0
        self.second = 1000  # ms; tests make it shorter
        self.client_id = settings["mqtt_client_id"] or device_id(settings)
        self.topic = settings["mqtt_topic"].encode()
        self.topics = []
        self.on_connect = self.on_command = self.on_ack = self.log = None
        self._wire = Wire(board.queue, 256 if board.small else 1024)
        self.address = None
        self._failures = self.unreached = self._short = 0
        self._head = 0
        self._closing = False
        self._sock = None
        user = settings["mqtt_user"].encode() or None
        c = MQTTClient(
            self.client_id.encode(),
            settings["mqtt_host"],
            settings["mqtt_port"],
            user,
            settings["mqtt_password"].encode() if user else None,
            _KEEPALIVE,
        )
        c.sock = self._wire
        c.set_callback(self._arrived)
        c.set_last_will(self.topic + b"/status", b"offline", True, 1)
        self._client = c

    def publish(self, topic, payload, retain=False, qos=0, patient=False):
        """Queue a message; never waits. True (with qos 1 the packet's id) if it will be sent.

        With no room, older live values are dropped for it, unless it is patient: then False says
        "come again". Without a session only patient messages mean anything: live ones are past
        when it comes back.
        """
        if not self.connected:
            if not patient:
                self.status.dropped += 1
            return False
        wire = self._wire
        size = len(topic) + len(payload) + 9
        try:
            # What is to be told at once may be more than the queue holds.
            while not wire.room(size) and wire.drain(self._sock):
                pass
        except OSError:
            pass  # the session's task finds the same, and ends it
        if not wire.room(size) and not patient:
            self.status.dropped += wire.drop_live()
        if not wire.room(size):
            if not patient:
                self.status.dropped += 1
            return False
        client = self._client
        if client.pid >= 65535:
            client.pid = 0
        try:
            client.publish(topic, payload, retain, qos)
        except Later:
            pass  # the PUBACK comes to _packets
        return client.pid if qos else True

    def idle(self):
        """Whether everything is sent: the time for longer work such as discovery."""
        return self.connected and not self._wire.waiting()

    async def goodbye(self, gone=True):
        """Say goodbye, so that nobody waits for the last will; at most 2 s."""
        self._closing = True
        if self.connected:
            if gone:
                self.publish(self.topic + b"/status", b"offline", True)
            if self._wire.room(2):
                self._wire.write(b"\xe0\0")
            for _ in range(100):
                if self.connected:
                    await asyncio.sleep_ms(20)

    async def run(self):
        """Keep the session up for ever."""
        if not self.settings["mqtt_host"]:
            self._state("off")
            return
        if self.settings["mqtt_tls"] and not self.board.tls:
            self._state("off", "this chip cannot check certificates: use an ESP32 for TLS")
            return
        while not self._closing:
            if not self.status.ip:
                self._state("waiting for the network")
                while not self.status.ip:
                    await asyncio.sleep_ms(200)
            rest = _REST_MOST
            try:
                await self._session()
            except Ended as e:
                rest = self._failed(str(e), e.refused)
            except MemoryError:
                rest = self._failed("out of memory", False)
            except Exception as e:
                # A fault in what was sent or in our own code ends the session, not the device.
                rest = self._failed(repr(e), False)
            if not self._closing:
                rest = rest * self.second
                rest += random.getrandbits(16) * rest >> 17
                await asyncio.sleep_ms(rest)
        self._state("off")

    # the session

    async def _session(self):
        own = self.status.ip
        sock = await self._dial()
        try:
            if self.board.small:
                # Until the next session nobody needs them.
                forget("kwhisper.dial")
                forget("kwhisper.resolver")
            await self._serve(sock, own)
        finally:
            self.connected = False
            self._wire.reset()
            sock.close()

    async def _dial(self):
        """The way to a session; the socket at its end."""
        from . import dial

        settings = self.settings
        host, port = settings["mqtt_host"], settings["mqtt_port"]
        if self.address is None:
            self._state("looking up the broker")
            self.address = await dial.look_up(host)
        at = "%s:%d" % (self.address, port)
        sock = socket.socket()
        try:
            self._state("connecting")
            await dial.reach(self, sock, port, at, self._past)
            self._build_connect()
            if settings["mqtt_tls"]:
                if self.clock:
                    await self.clock.ready()
                self._state("securing")
                sock = dial.secured(sock, host, settings)
                await dial.handshake(self._wire, sock, at, self._past)
            self._state("logging in")
            await dial.login(self._wire, sock, at, self._past)
        except BaseException:
            sock.close()
            raise
        return sock

    def _build_connect(self):
        self._wire.reset()
        self._client.pid = 0
        try:
            self._client.connect()
        except Later:
            pass  # dial.login() waits for the CONNACK

    async def _serve(self, sock, own):
        self._sock = sock
        self.connected = True
        self.sessions += 1
        self._state("connected", None)
        begun = received = sent = time.ticks_ms()
        pinged = None
        client, wire = self._client, self._wire
        for topic in self.topics:
            self._later(client.subscribe, topic)
        self.publish(self.topic + b"/status", b"online", True, 1)
        if self.on_connect:
            self.on_connect()
        try:
            while True:
                took = wire.drain(sock)
                got = wire.fill(sock)
                now = time.ticks_ms()
                if took or not wire.waiting():
                    sent = now
                if got:
                    received = now
                if wire.got:
                    self._packets(client, wire)
                if self._past(sent, _DRAIN_WITHIN):
                    raise Ended("the broker takes nothing any more")
                if pinged is not None and time.ticks_diff(received, pinged) >= 0:
                    pinged = None
                if pinged is not None:
                    if self._past(pinged, _PONG_WITHIN):
                        raise Ended("the broker does not answer a ping")
                elif self._past(received, _PING_EVERY) and wire.room(2):
                    client.ping()
                    pinged = now
                if self.status.ip != own:
                    gone = (
                        "this device's address changed" if self.status.ip else "the WiFi is gone"
                    )
                    raise Ended(gone)
                if self._closing and not wire.waiting():
                    return
                await asyncio.sleep_ms(_BUSY_MS if took or got else _IDLE_MS)
        except OSError:
            if self._closing:
                return
            raise Ended(self._cut(self._past(begun, _SHORT)))
        finally:
            if self._past(begun, _SHORT):
                self._failures = 0

    def _packets(self, client, wire):
        for _ in range(_PACKETS):
            head = wire.packet()
            if head < 0:
                return
            kind = head & 0xF0
            if kind == _PUBLISH:
                self._head = head
                try:
                    client.wait_msg()
                except (Later, OSError, IndexError, TypeError, AssertionError, ValueError):
                    raise Ended("the broker sent what is not MQTT")
            elif kind == _PUBACK and self.on_ack:
                self.on_ack(wire.inp[2] << 8 | wire.inp[3])
            elif kind == _SUBACK and wire.inp[4] & 0x80:
                self.status.mqtt_error = "the broker does not allow commands to be heard"
            elif head == 0:
                self._say("warning", "a message too long for this chip was passed over")
            elif kind not in (_PUBACK, _SUBACK, _PINGRESP):
                raise Ended("the broker sent what is not MQTT")
            wire.taken()

    def _arrived(self, topic, payload):
        if not self.on_command:
            return
        try:
            self.on_command(topic, payload, bool(self._head & 1))
        except Exception as e:
            # Called from within umqtt: there a fault of ours would pass for one of the broker's.
            self._say("error", "a command failed: " + repr(e))

    def _later(self, call, topic):
        """One of umqtt's calls that wait for an answer, which comes to _packets instead."""
        if self._wire.room(len(topic) + 8):
            try:
                call(topic)
            except Later:
                pass

    def _cut(self, long):
        self._short = 0 if long else self._short + 1
        if self._short < 3:
            return "the connection was cut"
        return "cut soon after every login: is the client id %s taken?" % self.client_id

    # states

    def _failed(self, text, refused):
        """Note why a session ended; returns the seconds to rest."""
        self._failures = min(self._failures + 1, 7)
        rest = min(1 << (self._failures - 1), _REST_MOST)
        self._state("resting", text)
        return max(rest, _REST_REFUSED) if refused else rest

    def _state(self, state, *error):
        status = self.status
        if error and error[0] != status.mqtt_error:
            status.mqtt_error = error[0]
            if error[0]:
                self._say("warning", error[0])
        if state != status.mqtt:
            status.mqtt = state
            if state in ("connected", "off"):
                self._say("info", state)

    def _say(self, level, text):
        if self.log:
            self.log(level, "mqtt: " + text)

    def _past(self, start, seconds):
        return time.ticks_diff(time.ticks_ms(), start) > seconds * self.second
