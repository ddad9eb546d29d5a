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
from binascii import hexlify

import machine
from umqtt.simple import MQTTClient

from .. import fault_of, let_go
from ..storage.table import find
from .packets import Ended, Later, Packets

_QUEUE = const(2048)  # bytes that wait to be sent; a longer document makes it longer
_LONGEST = const(512)  # bytes of the longest packet heard
_PRICES = const(2200)  # the same where a day's prices are heard
_FAULTS = const("/mqtt/faults.json")
_PONG_WITHIN = const(15)
_DRAIN_WITHIN = const(20)
_PAUSE_MOST = const(60)
_PAUSE_REFUSED = const(15)
_HOUR = const(3600)
_SHORT = const(30)  # a session that ends sooner may be one that another device took over
_BUSY_MS = const(5)
_IDLE_MS = const(30)
_AT_A_STRETCH = const(8)  # packets

_PUBLISH = const(0x30)
_PUBACK = const(0x40)
_SUBACK = const(0x90)
_PINGRESP = const(0xD0)


class Client:
    """The one connection: run(listener) keeps it up; everything else may be called at any time.

    note(level, *words) tells the console; clock's ready() brings the time by which TLS
    judges certificates; buffer(n) makes the buffers. The listener of run() has topics (to hear),
    connected(), heard(topic, payload, retained) and acknowledged(packet id).
    """

    def __init__(self, settings, status, note, clock, buffer=bytearray):
        self.settings = settings
        self.status = status
        self.note = note
        self.clock = clock
        self.connected = self.closing = self.retained = False
        # From this uptime on want of memory for TLS ends in a restart, which Device.keep sees to:
        # an attempt of this start lacked something else, so the heap has grown since, and nothing
        # else brings it back. Once an hour where a person must act, as it would not end.
        self.limit = None
        self.second = 1000  # ms; tests make it shorter
        # A name of its own for every device, made of the chip's number.
        self.id = (
            settings["mqtt_client_id"] or "kwhisper-" + hexlify(machine.unique_id()[-4:]).decode()
        )
        self.topic = settings["mqtt_topic"].encode() + b"/status"
        longest = _PRICES if settings["energy"] else _LONGEST
        self.packets = Packets(buffer(_QUEUE), buffer(longest))
        self.sock = self.listener = None
        user = settings["mqtt_user"].encode() or None
        self.umqtt = MQTTClient(
            self.id.encode(),
            settings["mqtt_host"],
            settings["mqtt_port"],
            user,
            settings["mqtt_password"].encode() if user else None,
            settings["mqtt_keepalive"],
        )
        self.umqtt.sock = self.packets
        self.umqtt.set_callback(self._arrived)
        self.umqtt.set_last_will(self.topic, b"offline", True, 1)

    def publish(self, topic, payload, retain=False, qos=0, patient=False):
        """Queue a message; never waits. True (with qos 1 the packet's id) if it will be sent.

        With no room, older live values are dropped for it, unless it is patient: then False says
        "come again". Without a session only patient messages mean anything: live ones are past
        when it comes back.
        """
        packets = self.packets
        size = len(topic) + len(payload) + 9
        fits = self.connected and packets.room(size)
        if self.connected and not fits:
            # What is to be said at once may be more than the queue holds.
            self.push()
            fits = packets.room(size) or packets.grow(size)
            if not fits and not patient:
                self.status.dropped += packets.drop_live()
                fits = packets.room(size)
        if not fits:
            if not patient:
                self.status.dropped += 1
            return False
        umqtt = self.umqtt
        if umqtt.pid >= 65535:
            umqtt.pid = 0
        end = packets.end
        try:
            umqtt.publish(topic, payload, retain, qos)
        except Later:
            pass  # the PUBACK comes to _arrivals
        except MemoryError:
            packets.end = end  # half a packet would take what follows for its own
            raise
        return umqtt.pid if qos else True

    def push(self):
        """Send what the socket takes at once, as at the end of a list."""
        try:
            while self.connected and self.packets.drain(self.sock):
                pass
        except OSError:
            pass  # the session's task finds the same, and ends it

    def idle(self):
        """Whether everything is sent."""
        return self.connected and not self.packets.waiting()

    async def goodbye(self, gone=True):
        """Say goodbye, so that nobody waits for the last will; at most 2 s."""
        self.closing = True
        if self.connected:
            if gone:
                self.publish(self.topic, b"offline", True)
            if self.packets.room(2):
                self.packets.write(b"\xe0\0")
            for _ in range(100):
                if self.connected:
                    await asyncio.sleep_ms(20)

    async def run(self, listener):
        """Keep the session up for ever."""
        self.listener = listener
        status = self.status
        host, port = self.settings["mqtt_host"], self.settings["mqtt_port"]
        address = None
        failures = unreached = short = 0
        while host and not self.closing:
            if not status.ip:
                self._state("waiting for the network")
                while not status.ip:
                    await asyncio.sleep_ms(200)
            sock = None
            error = ("memory",)
            self.lasted = False
            try:
                from . import connect

                sock = socket.socket()
                if address is None:
                    self._state("looking up the broker")
                    address = await connect.look_up(host)
                self._state("connecting")
                unreached += 1
                await connect.reach(sock, address, port, self.second)
                unreached = 0
                sock = await self._log_in(sock, host)
                del connect
                let_go("kwhisper.mqtt.connect")
                await self._serve(sock, status.ip)
            except Ended as e:
                error = e.args
            except OSError:
                error = ("cut",)
            except MemoryError:
                pass
            except Exception as e:
                # A fault in what was sent or in our own code ends the session, not the device.
                error = (fault_of(e),)
            self.connected = False
            self.packets.reset()
            if sock:
                sock.close()
            if self.closing:
                break
            if unreached > 1:
                unreached = 0
                address = None  # the broker may have moved
            if self.lasted:
                failures = short = 0
            elif error[0] == "cut":
                short += 1
                if short > 2:
                    error = "short", self.id
            failures = min(failures + 1, 7)
            pause = min(1 << (failures - 1), _PAUSE_MOST)
            row = find(_FAULTS, error[0])
            if "refused" in row:
                pause = max(pause, _PAUSE_REFUSED)
            self._state("pausing", row["text"] % error[1:] if row else error[0])
            if error[0] not in ("tls memory", "memory", "ca"):
                if self.settings["mqtt_tls"]:
                    self.limit = _HOUR if "refused" in row else 0
            elif error[0] == "memory" or (
                self.limit is not None and status.uptime() >= self.limit
            ):
                raise MemoryError  # Device.keep counts it, and restarts the chip in the end
            pause *= self.second
            await asyncio.sleep_ms(pause + (random.getrandbits(16) * pause >> 17))
        self._state("off")

    # the session

    async def _log_in(self, sock, host):
        """From TCP to the session; the socket at its end."""
        packets, second = self.packets, self.second
        packets.reset()
        self.umqtt.pid = 0
        try:
            self.umqtt.connect()
        except Later:
            pass  # login() waits for the CONNACK
        if self.settings["mqtt_tls"]:
            if not await self.clock.ready():
                # In 2000 no certificate is valid, and a handshake in vain takes the next one's
                # memory.
                raise Ended("clock")
            self._state("securing")
            from .tls import secure

            sock = await secure(packets, sock, self.settings, second)
            del secure
            let_go("kwhisper.mqtt.tls")
        self._state("logging in")
        from .connect import login

        await login(packets, sock, host, second)
        return sock

    async def _serve(self, sock, own):
        self.sock = sock
        self.connected = True
        self._state("connected", None)
        umqtt, packets, status = self.umqtt, self.packets, self.status
        begun = received = sent = time.ticks_ms()
        pinged = None
        for topic in self.listener.topics:
            try:
                umqtt.subscribe(topic)
            except Later:
                pass  # the SUBACK comes to _arrivals
        self.publish(self.topic, b"online", True, 1)
        self.listener.connected()
        while True:
            took = packets.drain(sock)
            got = packets.fill(sock)
            now = time.ticks_ms()
            if took or not packets.waiting():
                sent = now
            if got:
                received = now
            if packets.got:
                self._arrivals(packets)
            if self._past(begun, _SHORT):
                self.lasted = True  # for good: over days the ticks wrap
            if self._past(sent, _DRAIN_WITHIN):
                raise Ended("drain")
            if pinged is not None and time.ticks_diff(received, pinged) >= 0:
                pinged = None
            if pinged is not None:
                if self._past(pinged, _PONG_WITHIN):
                    raise Ended("ping")
            elif self._past(received, umqtt.keepalive // 2) and packets.room(2):
                umqtt.ping()
                pinged = now
            if status.ip != own:
                raise Ended("address" if status.ip else "wifi")
            if self.closing and not packets.waiting():
                return
            await asyncio.sleep_ms(_BUSY_MS if took or got else _IDLE_MS)

    def _arrivals(self, packets):
        inp = packets.inp
        for _ in range(_AT_A_STRETCH):
            head = packets.packet()
            if head < 0:
                return
            kind = head & 0xF0
            if kind == _PUBLISH:
                self.retained = bool(head & 1)
                try:
                    self.umqtt.wait_msg()
                except (Later, OSError, IndexError, TypeError, AssertionError, ValueError):
                    kind = -1
            elif kind == _PUBACK:
                self.listener.acknowledged(inp[2] << 8 | inp[3])
            elif kind == _SUBACK and inp[4] & 0x80:
                self.status.mqtt_error = find(_FAULTS, "subscribe")["text"]
            elif head == 0:
                self.note("warning", "mqtt:", find(_FAULTS, "long")["text"])
            if kind not in (_PUBLISH, _PUBACK, _SUBACK, _PINGRESP, 0):
                raise Ended("packet")
            packets.taken()

    def _arrived(self, topic, payload):
        try:
            self.listener.heard(topic, payload, self.retained)
        except Exception as e:
            # Called from within umqtt: there a fault of ours would pass for one of the broker's.
            self.note("error", "mqtt: a command failed:", fault_of(e))

    def _state(self, state, *error):
        status = self.status
        if error and error[0] != status.mqtt_error:
            status.mqtt_error = error[0]
            if error[0]:
                self.note("warning", "mqtt:", error[0])
        if state != status.mqtt:
            status.mqtt = state
            if state in ("connected", "off"):
                self.note("info", "mqtt:", state)

    def _past(self, start, seconds):
        return time.ticks_diff(time.ticks_ms(), start) > seconds * self.second
