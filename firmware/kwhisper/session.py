"""What every session with a broker has: a name, and packets that come in parts.

The functions take whatever holds the two buffers: `out` with what waits to be sent up to `end`;
`inp` with `got` bytes from the broker, `size` of them the packet at hand, and `skip` bytes still
to come of one too long for it.
"""

import errno

from micropython import const

_PUBLISH = const(0x30)
_RETAIN_QOS = const(0x07)


def device_id(settings):
    """A name of its own for every device, made of the chip's number."""
    import machine

    number = getattr(machine, "unique_id", None)
    if number is None:
        return settings["host_name"]
    return "kwhisper-" + "".join("%02x" % b for b in number()[-4:])


def packet(w):
    """The first byte of the next whole packet in `inp`; -1 if there is none.

    Too long ones are passed over: 0 is returned when one begins. Call taken() after each.
    """
    if w.skip:
        n = min(w.skip, w.got)
        w.skip -= n
        _shift(w, n)
    if w.got < 2:
        return -1
    size = packet_size(w.inp, 0, w.got)
    if size == 0:
        return -1
    if size > len(w.inp):
        w.skip = size
        return 0
    if size > w.got:
        return -1
    w.size = size
    return w.inp[0]


def taken(w):
    """The packet is dealt with."""
    _shift(w, w.size)
    w.size = 0


def _shift(w, n):
    if n:
        w.got -= n
        whole = memoryview(w.inp)
        whole[: w.got] = whole[n : n + w.got]


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


def drop_live(w, at):
    """Throw away the live values (QoS 0, not retained) that wait in `out` from `at`, where a
    packet begins; returns how many. Newer ones are to take their place."""
    dropped = 0
    out = memoryview(w.out)
    while at < w.end:
        size = packet_size(w.out, at, w.end)
        if w.out[at] & 0xF0 == _PUBLISH and not w.out[at] & _RETAIN_QOS:
            out[at : w.end - size] = out[at + size : w.end]
            w.end -= size
            dropped += 1
        else:
            at += size
    return dropped
