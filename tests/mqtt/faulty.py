"""A broker that misbehaves, each connection according to one of FAULTS."""

import contextlib
import socket
import struct
import threading
import time

FAULTS = (
    "silent",  # accepts, and never says a word
    "half",  # sends half a CONNACK
    "drop",  # closes after CONNECT
    "garbage",  # answers as a web server would
    "deaf",  # CONNACK, then reads nothing any more
    "mute",  # takes everything, answers no ping and no QoS 1
    "half later",  # a PUBLISH of which only the half arrives
    "flood",  # PUBLISH after PUBLISH, as fast as the line takes them
    "flood oversize",  # packets longer than the device's buffer
    "short",  # closes a moment after every login
    "no commands",  # refuses subscriptions
    "nonsense",  # after the login, what is no MQTT
)


class Faulty:
    """Listens on a port of its own; `connections` counts, `packets` holds types received.

    tls: an ssl.SSLContext; then the fault comes after a sound handshake.
    """

    def __init__(self, fault, refusal=0, tls=None):
        self.tls = tls
        self.fault = fault
        self.refusal = refusal
        self.connections = 0
        self.packets = []
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        for s in [self.listener, *self.sockets]:
            with contextlib.suppress(OSError):
                s.close()

    def _accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.sockets.append(s)
            threading.Thread(target=self._serve, args=(s,), daemon=True).start()

    def _serve(self, s):
        try:
            if self.tls:
                s = self.tls.wrap_socket(s, server_side=True)
                self.sockets.append(s)
            self._talk(s)
        except OSError:
            pass  # the device hung up, which is what it should do
        finally:
            if self.fault in ("drop", "short"):
                s.close()

    def _talk(self, s):
        if self.fault == "silent":
            self._swallow(s)
            return
        if self.fault == "deaf":
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._packet(s)
        if self.fault == "drop":
            return
        if self.fault == "half":
            s.sendall(b"\x20\x02")
            self._swallow(s)
        if self.fault == "garbage":
            s.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self._swallow(s)
        s.sendall(bytes((0x20, 2, 0, self.refusal)))
        if self.fault == "deaf":
            time.sleep(60)
        if self.fault == "short":
            time.sleep(0.1)
            return
        if self.fault == "nonsense":
            s.sendall(b"\xf0\x03abc")
        if self.fault == "half later":
            s.sendall(_publish(b"kwhisper/cmd/publish", b"x" * 40)[:20])
        if self.fault.startswith("flood"):
            threading.Thread(target=self._flood, args=(s,), daemon=True).start()
        self._swallow(s)

    def _flood(self, s):
        size = 5000 if "oversize" in self.fault else 60
        packet = _publish(b"kwhisper/cmd/nothing", b"x" * size) * 20
        with contextlib.suppress(OSError):
            while True:
                s.sendall(packet)

    def _packet(self, s):
        head = _exactly(s, 1)[0]
        size = shift = 0
        while True:
            b = _exactly(s, 1)[0]
            size |= (b & 127) << shift
            shift += 7
            if b < 128:
                break
        body = _exactly(s, size)
        self.packets.append((head & 0xF0, body))
        return head & 0xF0, body

    def _swallow(self, s):
        while True:
            kind, body = self._packet(s)
            if self.fault == "flood" and kind == 0xC0:
                s.sendall(b"\xd0\0")
            if self.fault == "no commands" and kind == 0x80:
                s.sendall(b"\x90\x03" + body[:2] + b"\x80")


def _exactly(s, n):
    data = b""
    while len(data) < n:
        got = s.recv(n - len(data))
        if not got:
            raise ConnectionResetError
        data += got
    return data


def _publish(topic, payload):
    body = struct.pack("!H", len(topic)) + topic + payload
    size = bytearray()
    n = len(body)
    while True:
        size.append(n & 127 | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return b"\x30" + bytes(size) + body
