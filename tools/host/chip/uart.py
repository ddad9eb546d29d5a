"""machine.UART on a pty or a TCP port: KWHISPER_UART is "/dev/pts/N", "tcp:HOST:PORT" or unset.

KWHISPER_LINE ("2400 8E1", "115200 8N1 inverted") says how the meter speaks. Opened with other
settings, the UART hears what a real one would (line.py). The driver's ring of rxbuf bytes is real:
what does not fit is lost, and counted in the file `lost` of the state folder.
"""

import os
import select
import time

import line
import machine
import state

_QUIET_MS = 20
_LUMP = 512


class UART:
    """The methods of the chips' UART that a reader uses."""

    INV_TX = 32
    INV_RX = 4
    IRQ_RXIDLE = 4096

    def __init__(self, number, *arguments, **options):
        self._source = None
        self._poll = select.poll()
        self._mv = memoryview(bytearray(_LUMP))
        self._lost = 0
        self._heard_at = time.ticks_ms()
        if arguments or options:
            self.init(*arguments, **options)

    def init(self, baudrate=9600, bits=8, parity=None, stop=1, rxbuf=None, invert=0, **_):
        self._close()
        small = machine._chip == "esp8266"
        size = rxbuf or (16 if small else 256)
        if small and invert:
            raise TypeError("extra keyword arguments given")
        self._ring = bytearray(size)
        self._head = self._count = 0
        self._wire = None
        spoken = os.getenv("KWHISPER_LINE")
        if small:
            # Register UART_CONF0 of UART0: bit 19 turns the received level over.
            invert = machine.mem32.get(0x60000020, 0) >> 19 & 1
            machine.mem32[0x60000020] = 0
        if spoken:
            sent = line.parse(spoken)
            heard = (baudrate, bits, "N" if parity is None else "EO"[parity], bool(invert))
            if small:
                heard = heard[:3] + (None,)
            self._sent, self._heard = sent, heard
            self._turn(bool(invert))
        self._open()

    def _turn(self, inverted):
        heard = self._heard[:3] + (inverted,)
        self._inverted = inverted
        self._wire = None if heard == self._sent else line.Wire(self._sent, heard)

    def _open(self):
        where = os.getenv("KWHISPER_UART")
        if not where:
            return
        if where.startswith("tcp:"):
            import usocket

            host, port = where[4:].rsplit(":", 1)
            self._source = usocket.socket()
            self._source.connect(usocket.getaddrinfo(host, int(port))[0][-1])
            self._source.setblocking(False)
        else:
            import termios

            self._source = open(where, "r+b", buffering=0)
            handle = self._source.fileno()
            termios.setraw(handle)
            # VMIN and VTIME 0: a read gives what is there and never waits.
            modes = termios.tcgetattr(handle)
            modes[6][6] = modes[6][5] = 0
            termios.tcsetattr(handle, termios.TCSANOW, modes)
        self._poll.register(self._source, select.POLLIN)

    def _close(self):
        if self._source:
            self._poll.unregister(self._source)
            self._source.close()
            self._source = None

    def deinit(self):
        self._close()

    def _fill(self):
        # The interrupt's work: from the wire into the ring.
        if machine._chip == "esp8266" and self._source and os.getenv("KWHISPER_LINE"):
            inverted = bool(machine.mem32.get(0x60000020, 0) >> 19 & 1)
            if inverted != self._inverted:
                self._turn(inverted)
        now = time.ticks_ms()
        while self._source and self._ready():
            n = self._source.readinto(self._mv)
            if not n:
                break
            self._heard_at = now
            if self._wire is None:
                for i in range(n):
                    self._put(self._mv[i])
            else:
                for i in range(n):
                    self._wire.send(self._mv[i])
                self._take()
        if self._wire and time.ticks_diff(now, self._heard_at) > _QUIET_MS:
            self._wire.idle()
            self._take()

    def _ready(self):
        for _, events in self._poll.ipoll(0):
            return events & select.POLLIN
        return False

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
        return self._source.write(data) if self._source else len(data)

    def irq(self, handler=None, trigger=0, hard=False):
        pass
