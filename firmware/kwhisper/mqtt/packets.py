"""MQTT packets in memory: what umqtt.simple takes for its socket, so that no call of it can wait.

umqtt.simple is written for a blocking socket: it sends as it builds a packet and reads where it
expects an answer. Here its writes gather in `out` until the session's task may send them, and its
reads come from one packet that has arrived whole. A read beyond that raises Later, by which
connect(), subscribe() and publish(qos=1) return as soon as their packet is built; their answers
are recognised by the session when they arrive. It stands in for the module `socket` as well, as
connect() makes its own socket: 1.3.4 (PyPI) and 1.8.0 (frozen in the official images) alike.
"""

import errno

from umqtt import simple

# At most so many bytes in one write: an Ethernet segment. Each small write would cost the system
# a buffer of its own.
_SEGMENT = const(1400)
_PUBLISH = const(0x30)
_RETAIN_OR_QOS = const(0x07)


class Later(Exception):
    """The packet is built, its answer will come. An instance made once would gather tracebacks."""


class Ended(Exception):
    """The session, or the way to it, is over. args: the fault, and what it is about."""


class Packets:
    """Two buffers: `out` towards the broker, `inp` from it."""

    def __init__(self, out, inp):
        self.out = memoryview(out)
        self.inp = memoryview(inp)
        self.reset()

    def reset(self):
        """Forget everything: a new session begins, whose connect() finds this for its socket."""
        simple.socket = self
        # out: [start, bound) is being sent and may not change, [bound, end) waits behind it
        self.start = self.bound = self.end = 0
        # inp: `got` bytes are there, `size` of them are the packet at hand, which umqtt has read
        # up to `pos`; `skip` bytes of a packet too long for it are still to come
        self.got = self.size = self.pos = self.skip = 0

    # the face of a socket and of the module socket, for umqtt.simple

    def socket(self, *_):
        return self

    def getaddrinfo(self, host, port, *_):
        return ((0, 0, 0, "", (host, port)),)

    def close(self, *_):
        pass

    connect = settimeout = setblocking = close

    def write(self, data, n=-1):
        if n < 0:
            n = len(data)
        end = self.end + n
        if end > len(self.out):
            raise OSError(errno.ENOBUFS)
        self.out[self.end : end] = data if n == len(data) else memoryview(data)[:n]
        self.end = end
        return n

    def read(self, n):
        pos = self.pos
        if pos + n > self.size:
            raise Later
        self.pos = pos + n
        return bytes(self.inp[pos : pos + n])

    # out

    def waiting(self):
        """Bytes that wait to be sent."""
        return self.end - self.start

    def room(self, n):
        """Whether a packet of n bytes fits, making room by moving what waits to the front."""
        start = self.start
        if self.end + n > len(self.out) and start:
            self.end -= start
            self.out[: self.end] = self.out[start : start + self.end]
            self.bound -= start
            self.start = 0
        return self.end + n <= len(self.out)

    def grow(self, n):
        """Whether a packet of n bytes fits that is longer than the whole queue was made for."""
        if n > len(self.out):
            longer = memoryview(bytearray(self.end + n))
            longer[: self.end] = self.out[: self.end]
            self.out = longer
        return self.room(n)

    def drop_live(self):
        """Throw away the waiting live values (QoS 0, not retained), as newer ones are to take
        their place; returns how many."""
        dropped = 0
        out = self.out
        at = self.bound
        while at < self.end:
            size = packet_size(out, at, self.end)
            if out[at] & 0xF0 == _PUBLISH and not out[at] & _RETAIN_OR_QOS:
                out[at : self.end - size] = out[at + size : self.end]
                self.end -= size
                dropped += 1
            else:
                at += size
        return dropped

    def drain(self, sock):
        """Send what the socket takes now. Returns the bytes it took."""
        start = self.start
        if start == self.bound:
            # TLS wants a write that could not be done repeated unchanged: so a burst is chosen,
            # whole packets, and stays as it is until the last of its bytes is gone.
            while self.bound < self.end:
                bound = self.bound + packet_size(self.out, self.bound, self.end)
                if self.bound > start and bound - start > _SEGMENT:
                    break
                self.bound = bound
            if start == self.bound:
                return 0
        n = sock.write(self.out[start : self.bound]) or 0
        self.start += n
        if self.start == self.end:
            self.start = self.bound = self.end = 0
        return n

    # in

    def fill(self, sock):
        """Take what has arrived. Returns the bytes, 0 for none; EOF is OSError(ECONNRESET)."""
        if self.got == len(self.inp):
            return 0
        n = sock.readinto(self.inp[self.got :])
        if n == 0:
            raise OSError(errno.ECONNRESET)
        self.got += n or 0
        return n or 0

    def packet(self):
        """The first byte of the next whole packet, which umqtt may read now; -1 if there is none.

        Too long ones are passed over: 0 is returned when one begins. Call taken() after each.
        """
        if self.skip:
            self.size = min(self.skip, self.got)
            self.skip -= self.size
            self.taken()
        size = packet_size(self.inp, 0, self.got)
        if size > len(self.inp):
            self.skip = size
            return 0
        if not size or size > self.got:
            return -1
        self.size = size
        return self.inp[0]

    def taken(self):
        """The packet is dealt with."""
        size = self.size
        if size:
            self.got -= size
            self.inp[: self.got] = self.inp[size : size + self.got]
        self.size = self.pos = 0


def packet_size(buf, at, end):
    """Whole length of the packet that begins at `at`; 0 while its length is not there yet."""
    size = shift = 0
    for i in range(1, 5):
        if at + i >= end:
            return 0
        size |= (buf[at + i] & 0x7F) << shift
        if not buf[at + i] & 0x80:
            return size + 1 + i
        shift += 7
    raise OSError(errno.EINVAL)  # no length of MQTT has five bytes
