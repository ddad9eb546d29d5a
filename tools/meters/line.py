"""The line a simulated meter speaks on: pace of the real baud rate, noise, pty, TCP, serial."""

import errno
import os
import random
import socket
import time

# The longest sleep: so soon is Ctrl-C heard, and so evenly are the bytes spread.
_TICK = 0.02


def byte_time(baud, parity):
    """Seconds one byte takes: start bit, data bits, parity bit, stop bits ("8E1")."""
    bits = 1 + int(parity[0]) + (parity[1] != "N") + int(parity[2])
    return bits / baud


def damage(data, rng, single=False):
    """The data with some bits flipped, bytes lost, bytes added, or a run overwritten.

    single: one bit or byte only, which even the byte sum of an M-Bus frame finds.
    """
    out = bytearray(data)
    while bytes(out) == data:
        for _ in range(1 if single else rng.choice((1, 1, 1, 2, 3))):
            at = rng.randrange(len(out))
            what = rng.randrange(3 if single else 4) if len(out) > 8 else 0
            if what == 0:
                out[at] ^= 1 << rng.randrange(8)
            elif what == 1:
                del out[at]
            elif what == 2:
                out.insert(at, rng.randrange(256))
            else:
                for i in range(at, min(at + rng.randint(1, 6), len(out))):
                    out[i] = rng.randrange(256)
    return bytes(out)


class Pty:
    """A pseudo terminal; `name` is what a reader opens."""

    def __init__(self):
        try:
            import termios
            import tty
        except ImportError:
            raise OSError("this system has none; --tcp and --serial work") from None
        self._forget = lambda: termios.tcflush(self._slave, termios.TCIFLUSH)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self.name = os.ttyname(self._slave)

    def write(self, data):
        """Hand bytes to whoever reads; like a real line it does not wait for a reader."""
        try:
            os.write(self._master, data)
        except BlockingIOError:
            # Nobody reads. Old bytes would arrive late and be taken for new: forget them.
            self._forget()

    def read(self):
        """What a client that asks has written, b"" if nothing."""
        try:
            return os.read(self._master, 512)
        except BlockingIOError:
            return b""

    def close(self):
        """Close both ends."""
        os.close(self._master)
        os.close(self._slave)


class Tcp:
    """A TCP server on this machine; all that connect hear the meter."""

    def __init__(self, port, host="127.0.0.1"):
        self._server = socket.create_server((host, port))
        self._server.setblocking(False)
        self._clients = []
        self.name = "{}:{}".format(*self._server.getsockname()[:2])

    def _accept(self):
        try:
            client, _ = self._server.accept()
            client.setblocking(False)
            self._clients.append(client)
        except BlockingIOError:
            pass  # nobody new

    def read(self):
        """What clients that ask have sent, b"" if nothing."""
        self._accept()
        found = b""
        for client in self._clients[:]:
            try:
                data = client.recv(512)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._clients.remove(client)
                client.close()
            found += data
        return found

    def write(self, data):
        """Send to all clients; one that is gone or does not keep up is dropped."""
        self._accept()
        for client in self._clients[:]:
            try:
                sent = client.send(data)
            except OSError:
                sent = -1
            if sent != len(data):
                self._clients.remove(client)
                client.close()

    def close(self):
        """Close the server and all clients."""
        for client in self._clients:
            client.close()
        self._server.close()


class Serial:
    """A serial port set as the meter's line; OSError or ValueError if it cannot be."""

    def __init__(self, port, baud, parity):
        import serial

        self._port = serial.Serial(
            port,
            baud,
            bytesize=int(parity[0]),
            parity=parity[1],
            stopbits=int(parity[2]),
            write_timeout=2,
        )
        self.name = self._port.port

    def read(self):
        """What has come, b"" if nothing; OSError when the port is gone."""
        return self._port.read(self._port.in_waiting)

    def write(self, data):
        """Write; OSError when the port is gone."""
        self._port.write(data)

    def close(self):
        """Close the port."""
        self._port.close()


def play(meter, sink, speed=1.0, noise=0.0, seed=1, seconds=None, heard=None):
    """Let a meter speak into `sink.write` until `seconds` of its time are over (None: for ever).

    speed: 2 = twice as fast; noise: share of the bursts that arrive damaged, 0 to 1; seed: of the
    noise; heard(burst, damaged): called as each burst begins, before anybody has read it.
    """
    rng = random.Random(f"noise {seed}")
    per_byte = byte_time(meter.baud, meter.parity) / speed
    begin = time.monotonic()
    for burst in meter:
        if seconds is not None and burst.at > seconds:
            return
        _wait(begin + burst.at / speed)
        data, damaged = burst.data, rng.random() < noise
        if damaged:
            data = damage(data, rng)
        if heard:
            heard(burst, damaged)
        at = 0
        for offset, pause in (*burst.pauses, (len(data), 0)):
            _send(sink, data[at:offset], per_byte)
            at = offset
            _wait(time.monotonic() + pause / speed)


def _wait(until):
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _TICK))


def _send(sink, data, per_byte):
    begin, sent = time.monotonic(), 0
    while sent < len(data):
        _wait(begin + min(sent * per_byte + _TICK, len(data) * per_byte))
        due = int((time.monotonic() - begin) / per_byte + 1e-6)
        # Never the whole burst in one piece at high speed: a reader should see it come.
        part = data[sent : min(max(due, sent + 1), sent + 512)]
        sink.write(part)
        sent += len(part)


def explain(error):
    """An OSError of opening a port, as one line for the user."""
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return "that TCP port is in use"
    return str(error)
