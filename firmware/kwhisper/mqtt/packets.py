"""What umqtt.simple takes for its socket: packets in memory, so that no call of it can ever wait.

umqtt.simple is written for a blocking socket: it sends as it builds a packet and reads where it
expects an answer. Here its writes gather in `out` until the session's task may send them, and its
reads come from one packet that has arrived whole. A read beyond that raises Later, by which
connect(), subscribe() and publish(qos=1) return as soon as their packet is built; their answers
are recognised by the session when they arrive. It stands in for the module `socket` as well, as
connect() makes its own socket: 1.3.4 (PyPI) and 1.8.0 (frozen in the official images) alike.
"""

import errno

from umqtt import simple

from . import session


class Later(Exception):
    """The packet is built, its answer will come. An instance made once would gather tracebacks."""


_BURST = const(512)


class Wire:
    """Two buffers: `out` towards the broker, `inp` from it."""

    def __init__(self, out_size, in_size):
        self.out = bytearray(out_size)
        self._out = memoryview(self.out)
        self.inp = bytearray(in_size)
        self._inp = memoryview(self.inp)
        self.reset()
        simple.socket = self

    def reset(self):
        """Forget everything: a new session begins."""
        # out: [start, bound) is being sent and may not change, [bound, end) waits behind it
        self.start = self.bound = self.end = 0
        self.got = 0  # bytes in inp
        self._read = self.size = 0  # the part of inp that umqtt may read
        self.skip = 0  # bytes of a packet too long for inp that are still to come

    # the face of a socket and of the module socket, for umqtt.simple

    def socket(self):
        return self

    def getaddrinfo(self, host, port):
        return ((0, 0, 0, "", (host, port)),)

    def connect(self, address):
        pass

    def settimeout(self, seconds):
        pass

    def setblocking(self, flag):
        pass

    def close(self):
        pass

    def write(self, data, n=-1):
        if n < 0:
            n = len(data)
        if self.end + n > len(self.out):
            raise OSError(errno.ENOBUFS)
        if n == len(data):
            self._out[self.end : self.end + n] = data
        else:
            self._out[self.end : self.end + n] = memoryview(data)[:n]
        self.end += n
        return n

    def read(self, n):
        if self._read + n > self.size:
            raise Later
        self._read += n
        return bytes(self._inp[self._read - n : self._read])

    # out

    def waiting(self):
        """Bytes that wait to be sent."""
        return self.end - self.start

    def room(self, n):
        """Whether a packet of n bytes fits, making room by moving what waits to the front."""
        if self.end + n > len(self.out) and self.start:
            size = self.end - self.start
            self._out[:size] = self._out[self.start : self.end]
            self.bound -= self.start
            self.end = size
            self.start = 0
        return self.end + n <= len(self.out)

    def drop_live(self):
        """Throw away the waiting live values (QoS 0, not retained); returns how many.

        Newer ones are to take their place.
        """
        return session.drop_live(self, self.bound)

    def drain(self, sock):
        """Send what the socket takes now. Returns the bytes it took."""
        if self.start == self.bound:
            # TLS wants a write that could not be done repeated unchanged: so a burst is chosen,
            # whole packets, and stays as it is until the last of its bytes is gone.
            while self.bound < self.end and self.bound - self.start < _BURST:
                self.bound += session.packet_size(self.out, self.bound, self.end)
            if self.start == self.bound:
                return 0
        n = sock.write(self._out[self.start : self.bound]) or 0
        self.start += n
        if self.start == self.end:
            self.start = self.bound = self.end = 0
        return n

    # in

    def fill(self, sock):
        """Take what has arrived. Returns the bytes, 0 for none; EOF is OSError(ECONNRESET)."""
        if self.got == len(self.inp):
            return 0
        n = sock.readinto(self._inp[self.got :])
        if n is None:
            return 0
        if n == 0:
            raise OSError(errno.ECONNRESET)
        self.got += n
        return n

    def packet(self):
        """The first byte of the next whole packet, which umqtt may read now; -1 if there is none.

        Too long ones are passed over: 0 is returned when one begins. Call taken() after each.
        """
        self._read = 0
        return session.packet(self)

    def taken(self):
        """The packet is dealt with."""
        session.taken(self)
        self._read = 0
