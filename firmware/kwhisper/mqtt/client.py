"""The session with the MQTT broker (MQTT 3.1.1, on umqtt.simple), as one task that never blocks.

        off ──no broker set
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
    └── pausing                      1, 2, 4 … 60 s and up to half as much again by chance;
                                     at least 15 s after a refusal. Refused or unreachable twice:
                                     the address is looked up anew

Every step polls: it tries, then hands on to the other tasks for some milliseconds. The broker can
be silent, slow, half-dead or flooding us: what it costs the reading of the meter is one poll.
What is to be sent waits in Packets: bounded in bytes, newest live values win, losses counted.
"""

import asyncio
import random
import socket
import time

from umqtt.simple import MQTTClient

from .connect import Ended, login, look_up, secure, tcp
from .packets import Later, Packets

_QUEUE = const(4096)  # bytes that wait to be sent: more than a list takes
_LONGEST = const(1024)  # bytes of the longest packet heard
_KEEPALIVE = const(60)
_PING_EVERY = const(30)
_PONG_WITHIN = const(15)
_DRAIN_WITHIN = const(20)
_PAUSE_MOST = const(60)
_PAUSE_REFUSED = const(15)
_SHORT = const(30)  # a session that ends sooner may be one that another device took over
_BUSY_MS = const(5)
_IDLE_MS = const(30)
_AT_A_STRETCH = const(8)  # packets

_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBACK = const(0x90)
_PINGRESP = const(0xD0)


def device_id(settings):
    """A name of its own for every device, made of the chip's number."""
    import machine

    number = getattr(machine, "unique_id", None)
    if number is None:
        return settings["host_name"]
    return "kwhisper-" + "".join("%02x" % b for b in number()[-4:])


class Client:
    """The one connection: run(listener) keeps it up; everything else may be called at any time.

    note(level, *words) keeps a line of journal; clock's ready() brings the time by which TLS
    judges certificates. The listener of run() has topics (to hear), connected(),
    heard(topic, payload, retained) and acknowledged(packet id).
    """

    def __init__(self, settings, status, note, clock):
        self._settings = settings
        self._status = status
        self._note = note
        self._clock = clock
        self._listener = None
        self.connected = False
        self.second = 1000  # ms; tests make it shorter
        self.id = settings["mqtt_client_id"] or device_id(settings)
        self._state_topic = settings["mqtt_topic"].encode() + b"/status"
        self._packets = Packets(_QUEUE, _LONGEST)
        self._address = None
        self._failures = self._unreached = self._short = 0
        self._retained = False
        self._closing = False
        self._sock = None
        user = settings["mqtt_user"].encode() or None
        c = MQTTClient(
            self.id.encode(),
            settings["mqtt_host"],
            settings["mqtt_port"],
            user,
            settings["mqtt_password"].encode() if user else None,
            _KEEPALIVE,
        )
        c.sock = self._packets
        c.set_callback(self._arrived)
        c.set_last_will(self._state_topic, b"offline", True, 1)
        self._umqtt = c

    def publish(self, topic, payload, retain=False, qos=0, patient=False):
        """Queue a message; never waits. True (with qos 1 the packet's id) if it will be sent.

        With no room, older live values are dropped for it, unless it is patient: then False says
        "come again". Without a session only patient messages mean anything: live ones are past
        when it comes back.
        """
        packets = self._packets
        size = len(topic) + len(payload) + 9
        fits = self.connected and packets.room(size)
        if self.connected and not fits:
            try:
                # What is to be said at once may be more than the queue holds.
                while not packets.room(size) and packets.drain(self._sock):
                    pass
            except OSError:
                pass  # the session's task finds the same, and ends it
            fits = packets.room(size)
            if not fits and not patient:
                self._status.dropped += packets.drop_live()
                fits = packets.room(size)
        if not fits:
            if not patient:
                self._status.dropped += 1
            return False
        client = self._umqtt
        if client.pid >= 65535:
            client.pid = 0
        try:
            client.publish(topic, payload, retain, qos)
        except Later:
            pass  # the PUBACK comes to _arrivals
        return client.pid if qos else True

    def push(self):
        """Send what the socket takes at once, as at the end of a list."""
        try:
            while self.connected and self._packets.drain(self._sock):
                pass
        except OSError:
            pass  # the session's task finds the same, and ends it

    def idle(self):
        """Whether everything is sent: the time for longer work such as discovery."""
        return self.connected and not self._packets.waiting()

    async def goodbye(self, gone=True):
        """Say goodbye, so that nobody waits for the last will; at most 2 s."""
        self._closing = True
        if self.connected:
            if gone:
                self.publish(self._state_topic, b"offline", True)
            if self._packets.room(2):
                self._packets.write(b"\xe0\0")
            for _ in range(100):
                if self.connected:
                    await asyncio.sleep_ms(20)

    async def run(self, listener):
        """Keep the session up for ever."""
        self._listener = listener
        if not self._settings["mqtt_host"]:
            self._state("off")
            return
        while not self._closing:
            if not self._status.ip:
                self._state("waiting for the network")
                while not self._status.ip:
                    await asyncio.sleep_ms(200)
            pause = _PAUSE_MOST
            try:
                await self._session()
            except Ended as e:
                pause = self._failed(str(e), e.refused)
            except MemoryError:
                pause = self._failed("out of memory", False)
            except Exception as e:
                # A fault in what was sent or in our own code ends the session, not the device.
                pause = self._failed(repr(e), False)
            if not self._closing:
                pause = pause * self.second
                await asyncio.sleep_ms(pause + (random.getrandbits(16) * pause >> 17))
        self._state("off")

    # the session

    async def _session(self):
        own = self._status.ip
        packets = self._packets
        sock = socket.socket()
        try:
            sock = await self._open(sock)
            await self._serve(sock, own)
        finally:
            self.connected = False
            packets.reset()
            sock.close()

    async def _open(self, sock):
        """The way to a session; the socket at its end."""
        settings, packets = self._settings, self._packets
        host, port = settings["mqtt_host"], settings["mqtt_port"]
        if self._address is None:
            self._state("looking up the broker")
            self._address = await look_up(host)
        self._state("connecting")
        try:
            await tcp(sock, self._address, port, self._past)
            self._unreached = 0
        except Ended:
            self._unreached += 1
            if self._unreached > 1:
                # the broker may have moved
                self._unreached = 0
                self._address = None
            raise
        packets.reset()
        self._umqtt.pid = 0
        try:
            self._umqtt.connect()
        except Later:
            pass  # login() waits for the CONNACK
        if settings["mqtt_tls"]:
            await self._clock.ready()
            self._state("securing")
            sock = await secure(packets, sock, settings, self._past)
        self._state("logging in")
        await login(packets, sock, host, self._past)
        return sock

    async def _serve(self, sock, own):
        self._sock = sock
        self.connected = True
        self._state("connected", None)
        begun = received = sent = time.ticks_ms()
        pinged = None
        umqtt, packets = self._umqtt, self._packets
        try:
            for topic in self._listener.topics:
                if packets.room(len(topic) + 8):
                    try:
                        umqtt.subscribe(topic)
                    except Later:
                        pass  # the SUBACK comes to _arrivals
            self.publish(self._state_topic, b"online", True, 1)
            self._listener.connected()
            while True:
                took = packets.drain(sock)
                got = packets.fill(sock)
                now = time.ticks_ms()
                if took or not packets.waiting():
                    sent = now
                if got:
                    received = now
                if packets.got:
                    self._arrivals()
                if self._past(sent, _DRAIN_WITHIN):
                    raise Ended("the broker takes nothing any more")
                if pinged is not None and time.ticks_diff(received, pinged) >= 0:
                    pinged = None
                if pinged is not None:
                    if self._past(pinged, _PONG_WITHIN):
                        raise Ended("the broker does not answer a ping")
                elif self._past(received, _PING_EVERY) and packets.room(2):
                    umqtt.ping()
                    pinged = now
                if self._status.ip != own:
                    moved = "this device's address changed"
                    raise Ended(moved if self._status.ip else "the WiFi is gone")
                if self._closing and not packets.waiting():
                    return
                await asyncio.sleep_ms(_BUSY_MS if took or got else _IDLE_MS)
        except OSError:
            if self._closing:
                return
            raise Ended(self._cut(self._past(begun, _SHORT)))
        finally:
            if self._past(begun, _SHORT):
                self._failures = 0

    def _arrivals(self):
        packets = self._packets
        for _ in range(_AT_A_STRETCH):
            head = packets.packet()
            if head < 0:
                return
            kind = head & 0xF0
            if kind == _PUBLISH:
                self._retained = bool(head & 1)
                try:
                    self._umqtt.wait_msg()
                except (Later, OSError, IndexError, TypeError, AssertionError, ValueError):
                    raise Ended("the broker sent what is not MQTT")
            elif kind == _PUBACK:
                self._listener.acknowledged(packets.inp[2] << 8 | packets.inp[3])
            elif kind == _SUBACK and packets.inp[4] & 0x80:
                self._status.mqtt_error = "the broker does not allow commands to be heard"
            elif head == 0:
                self._note("warning", "mqtt: a message too long for this chip was passed over")
            elif kind not in (_SUBACK, _PINGRESP):
                raise Ended("the broker sent what is not MQTT")
            packets.taken()

    def _arrived(self, topic, payload):
        try:
            self._listener.heard(topic, payload, self._retained)
        except Exception as e:
            # Called from within umqtt: there a fault of ours would pass for one of the broker's.
            self._note("error", "mqtt: a command failed:", repr(e))

    def _cut(self, long):
        self._short = 0 if long else self._short + 1
        if self._short < 3:
            return "the connection was cut"
        return "cut soon after every login: is the client id %s taken?" % self.id

    # states

    def _failed(self, text, refused):
        """Note why a session ended; returns the seconds to pause."""
        self._failures = min(self._failures + 1, 7)
        pause = min(1 << (self._failures - 1), _PAUSE_MOST)
        self._state("pausing", text)
        return max(pause, _PAUSE_REFUSED) if refused else pause

    def _state(self, state, *error):
        status = self._status
        if error and error[0] != status.mqtt_error:
            status.mqtt_error = error[0]
            if error[0]:
                self._note("warning", "mqtt:", error[0])
        if state != status.mqtt:
            status.mqtt = state
            if state in ("connected", "off"):
                self._note("info", "mqtt:", state)

    def _past(self, start, seconds):
        return time.ticks_diff(time.ticks_ms(), start) > seconds * self.second
