"""Powers and registers against those of the lists before: what leaps waits until lists to come
say the same.

A power that jumps further than a fuse lets it, or further than 1 kW where current and voltage do
not fit it, is marked until a second list says so. A register that falls, or rises faster than a
fuse lets it, is marked until the third, or until somebody says that the meter is a new one: on its
retained topic Home Assistant would take the fall for one.
"""

from array import array

from meterwire import UNSURE

_MOST = const(16)  # values watched: eight powers of three phases and eight registers
_SLOT = const(5)  # which, value believed, value seen last, lists in doubt, uptime when believed
_FUSE = const(100000)  # W
_MISFIT = const(1000)  # W
_ABSURD = const(10000000)  # W
_GRAIN = const(2000)  # Wh; what a register may rise at once: its last digit, a list not heard
_RING = const(0x3FFFFFFF)  # values are counted modulo 2**30, which takes no memory


class Plausible:
    """The first consumer of Readings: it marks what the others then find marked. uptime: the
    seconds that it counts in; ratio: of the transformers before the meter."""

    def __init__(self, uptime, ratio=1):
        self.uptime = uptime
        self.ratio = ratio
        self.new_meter()

    def new_meter(self):
        """Whatever comes next is believed."""
        self.slots = array("i", bytes(4 * _SLOT * _MOST))

    def reading(self, r):
        """Mark what is not believed yet."""
        slots, now, ratio = self.slots, self.uptime(), self.ratio
        most = _FUSE * ratio
        for i in range(len(r)):
            if r.key(i) & 0xFFFF == 0x0700 and r.key(i) >> 16 in (31, 51, 71):
                if r.flag(i) & UNSURE:
                    most = _MISFIT * ratio
        for i in range(len(r)):
            key = r.key(i)
            kind = key >> 8 & 255
            if r.entry(i) or r.ab(i) >> 8 != 1 or kind not in (7, 8):
                continue
            if key >> 16 > 4 if kind == 8 else (key & 255 or (key >> 16) % 20 not in (1, 2)):
                continue
            value = r.scaled(i, 0)
            if kind == 7 and not -_ABSURD * ratio < value < _ABSURD * ratio:
                r.doubt(i)
                continue
            value &= _RING
            at = 0
            key |= (r.ab(i) & 63) << 24
            while at < len(slots) and slots[at] and slots[at] != key:
                at += _SLOT
            if at == len(slots):
                continue
            leap = most
            if kind == 8:
                leap = (now - slots[at + 4]) * (_FUSE // 3600) + _GRAIN
                leap = min(leap * ratio, _RING >> 1)
            doubts = 0
            if slots[at] and not near(value, slots[at + 1], leap, kind):
                doubts = slots[at + 3] + 1 if near(value, slots[at + 2], leap, kind) else 1
                if doubts >= kind - 5:  # the second power, the third register
                    doubts = 0
                else:
                    r.doubt(i)
            slots[at] = key
            slots[at + 2] = value
            slots[at + 3] = doubts
            if not doubts:
                slots[at + 1] = value
                slots[at + 4] = now


def near(value, before, most, kind):
    """Whether a value follows from the one before: a power within the limit, a register not below
    it."""
    off = (value - before) & _RING
    return off <= most or (kind == 7 and _RING - off < most)
