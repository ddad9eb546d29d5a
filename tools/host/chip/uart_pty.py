"""machine.UART on a pty or a TCP port: KWHISPER_UART is "/dev/pts/N", "tcp:HOST:PORT" or unset.

KWHISPER_LINE ("2400 8E1", "115200 8N1 inverted") says how the meter speaks. Opened with other
settings, the UART hears what a real one would (wire.py). The driver's ring of rxbuf bytes is real:
what does not fit is lost, and counted in the file `lost` of the state folder. What is sent while
no UART is open is lost too, but the level of its pin moves meanwhile: moves().
"""

import os
import select
import time

import machine
import state
import wire

_QUIET_MS = 20
_MOVING_MS = 40
_lump = memoryview(bytearray(512))  # made here, so that it counts as the chip's own


class Source:
    """The meter's end of the wire: it goes on whether a UART listens or not."""

    def __init__(self, where):
        self._poll = select.poll()
        self._mv = _lump
        self.heard_at = time.ticks_add(time.ticks_ms(), -_MOVING_MS)
        if where.startswith("tcp:"):
            import usocket

            host, port = where[4:].rsplit(":", 1)
            self.stream = usocket.socket()
            self.stream.connect(usocket.getaddrinfo(host, int(port))[0][-1])
            self.stream.setblocking(False)
        else:
            import termios

            self.stream = open(where, "r+b", buffering=0)
            handle = self.stream.fileno()
            termios.setraw(handle)
            # VMIN and VTIME 0: a read gives what is there and never waits.
            modes = termios.tcgetattr(handle)
            modes[6][6] = modes[6][5] = 0
            termios.tcsetattr(handle, termios.TCSANOW, modes)
        self._poll.register(self.stream, select.POLLIN)

    def lump(self):
        """What has come, at most a lump of it; empty when nothing has."""
        n = (self._ready() and self.stream.readinto(self._mv)) or 0
        if n:
            self.heard_at = time.ticks_ms()
        return self._mv[:n]

    def _ready(self):
        for _, events in self._poll.ipoll(0):
            return events & select.POLLIN
        return False


ring = bytearray  # what makes the driver's ring; model.py puts it outside the heap
_source = None
_listener = None  # the UART that is open


def _connect():
    global _source
    where = os.getenv("KWHISPER_UART")
    if where and _source is None:
        _source = Source(where)
    return _source


def moves():
    """Whether the meter is saying something just now."""
    source = _connect()
    if source is None:
        return False
    if _listener:
        _listener.any()
    else:
        source.lump()  # nobody listens
    return time.ticks_diff(time.ticks_ms(), source.heard_at) < _MOVING_MS


class Sender:
    """A UART that only sends, to the file KWHISPER_SERIAL. The chip's write() waits when its
    buffer is full: how often it would have is counted in the file `blocked` of the state folder.
    """

    _BUFFER = 256

    def __init__(self, baudrate):
        where = os.getenv("KWHISPER_SERIAL")
        if not where:
            raise ValueError("no such UART")
        self._out = open(where, "r+b", buffering=0)
        self._rate = baudrate // 10
        self._sent_at = time.ticks_ms()
        self._waiting = self._blocked = 0

    def write(self, data):
        now = time.ticks_ms()
        gone = time.ticks_diff(now, self._sent_at) * self._rate // 1000
        if gone:
            self._sent_at = now
            self._waiting = max(0, self._waiting - gone)
        self._waiting += len(data)
        if self._waiting > self._BUFFER:
            self._blocked += 1
            state.write("blocked", self._blocked)
        self._out.write(data)
        return len(data)

    def deinit(self):
        self._out.close()


class UART:
    """The methods of the chips' UART that a reader uses; with a pin to send alone, a Sender."""

    INV_TX = 32
    INV_RX = 4

    def __init__(self, number, *arguments, **options):
        self._sender = None
        if "tx" in options and "rx" not in options:
            self._sender = Sender(*arguments)
            return
        self._source = None
        self._lost = 0
        if arguments or options:
            self.init(*arguments, **options)

    def init(self, baudrate=9600, bits=8, parity=None, stop=1, rxbuf=None, invert=0, **_):
        self._close()
        small = machine._chip == "esp8266"
        size = rxbuf or (16 if small else 256)
        if small and invert:
            raise TypeError("extra keyword arguments given")
        self._ring = ring(size)
        if small and _listener:
            # The driver has one ring, whatever object refers to it (machine_uart.c, uart0_rxbuf).
            _listener._ring = b""
        self._head = self._count = 0
        self._wire = None
        spoken = os.getenv("KWHISPER_LINE")
        if small:
            # Register UART_CONF0 of UART0: bit 19 turns the received level over.
            invert = machine.mem32.get(0x60000020, 0) >> 19 & 1
            machine.mem32[0x60000020] = 0
        if spoken:
            sent = wire.parse(spoken)
            heard = (baudrate, bits, "N" if parity is None else "EO"[parity], bool(invert))
            if small:
                heard = heard[:3] + (None,)
            self._sent, self._heard = sent, heard
            self._turn(bool(invert))
        self._open()

    def _turn(self, inverted):
        heard = self._heard[:3] + (inverted,)
        self._inverted = inverted
        self._wire = None if heard == self._sent else wire.Wire(self._sent, heard)

    def _open(self):
        global _listener
        self._source = _connect()
        _listener = self
        while self._source and self._source.lump():
            pass  # said before anybody listened

    def _close(self):
        global _listener
        self._source = None
        if _listener is self:
            _listener = None

    def deinit(self):
        self._close()

    def _fill(self):
        # The interrupt's work: from the wire into the ring.
        if machine._chip == "esp8266" and self._source and os.getenv("KWHISPER_LINE"):
            inverted = bool(machine.mem32.get(0x60000020, 0) >> 19 & 1)
            if inverted != self._inverted:
                self._turn(inverted)
        if self._source is None:
            return
        # One lump at a time: on a busy machine the wire delays; it must not hold up the chip.
        for byte in self._source.lump():
            if self._wire is None:
                self._put(byte)
            else:
                self._wire.send(byte)
        if self._wire:
            if time.ticks_diff(time.ticks_ms(), self._source.heard_at) > _QUIET_MS:
                self._wire.idle()
            self._take()

    def _take(self):
        for byte in self._wire.out:
            self._put(byte)
        self._wire.out = bytearray()

    def _put(self, byte):
        if self._count == len(self._ring):
            self._lost += 1
            state.write("lost", self._lost)
            return
        self._ring[(self._head + self._count) % len(self._ring)] = byte
        self._count += 1

    def any(self):
        self._fill()
        return min(self._count, 1) if machine._chip == "esp8266" else self._count

    def readinto(self, buf, nbytes=-1):
        self._fill()
        n = min(self._count, len(buf) if nbytes < 0 else nbytes)
        if not n:
            return None
        for i in range(n):
            buf[i] = self._ring[(self._head + i) % len(self._ring)]
        self._head = (self._head + n) % len(self._ring)
        self._count -= n
        return n

    def read(self, nbytes=-1):
        self._fill()
        buf = bytearray(self._count if nbytes < 0 else min(nbytes, self._count))
        return bytes(buf) if self.readinto(buf) else None

    def write(self, data):
        if self._sender:
            return self._sender.write(data)
        return self._source.stream.write(data) if self._source else len(data)
