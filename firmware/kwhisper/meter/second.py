"""Lists of a meter that encrypts, read without its authentication key: whether one follows from
those before. What does not waits for its second.

Such a list has no tag to be judged by, and M-Bus guards it with a sum of eight bits alone, which
every 256th damage passes. So the first of its length waits, and any with other texts, another
time, a register that fell or leapt, a value in doubt that was not. A power, current or voltage
that jumped waits, too; but of a load that never rests the third is believed.
"""

from meterwire import UNSURE

from .. import calendar

_KINDS = const(4)  # lengths of lists remembered
_DRIFT = const(60)  # s between the meter's clock and the device's, from list to list
_WH_PER_S = const(28)  # 100 kW
_GRAIN = const(2000)  # Wh
# What a value may jump by, in hundredths, beside an eighth of itself: by the code's C % 20.
_JUMPS = {11: 100, 12: 500, 13: 50}
_JUMP = const(50000)  # 500 W
_PATIENCE = const(2)  # lists in a row that wait; the next may have jumped


class Second:
    """follows(r) tells whether to hand a Reading on. status counts those that are not; zone: the
    setting."""

    def __init__(self, status, zone):
        self.status = status
        self.zone = zone
        # length -> [(Reading believed, uptime), the same of one that waits, how many wait]
        self.kinds = {}
        status.withheld = 0

    def follows(self, r):
        """Whether the list is believed; it is remembered."""
        now = self.status.uptime()
        if len(self.kinds) >= _KINDS and len(r) not in self.kinds:
            self.kinds.clear()
        kind = self.kinds.setdefault(len(r), [None, None, 0])
        believed, waiting, lists = kind
        r = r.copy()
        may_jump = lists >= _PATIENCE
        if self.near(believed, r, now, False) or self.near(waiting, r, now, may_jump):
            kind[:] = (r, now), None, 0
            return True
        kind[1:] = (r, now), lists + 1
        self.status.withheld += 1
        return False

    def near(self, before, r, now, may_jump):
        """Whether Reading r follows from (Reading, uptime)."""
        if not before:
            return False
        old, passed = before
        passed = now - passed
        if old.clock and r.clock:
            since = calendar.of_clock(r.clock, self.zone)[0]
            since -= calendar.of_clock(old.clock, self.zone)[0]
            if abs(since - passed) > _DRIFT:
                return False
        elif old.clock or r.clock:
            return False
        if old.meter_id != r.meter_id or old.meter_type != r.meter_type:
            return False
        net = r.find(16, 7, 0), r.find(1, 7, 0), r.find(2, 7, 0)
        if min(net) >= 0:
            net, taken, given = [r.scaled(i, 0) for i in net]
            if net != taken - given:
                return False
        for i in range(len(r)):
            key = r.key(i)
            kind = r.entry(i)
            if key != old.key(i) or r.ab(i) != old.ab(i) or kind != old.entry(i):
                return False
            if kind == 0 and (r.exponent(i) != old.exponent(i) or r.unit(i) != old.unit(i)):
                return False
            if kind == 2:
                continue
            if kind:
                if r.text(i) != old.text(i):
                    return False
                continue
            if (r.flag(i) ^ old.flag(i)) & UNSURE:
                return False
            if key >> 8 & 255 == 8:
                if not 0 <= r.scaled(i, 0) - old.scaled(i, 0) <= passed * _WH_PER_S + _GRAIN:
                    return False
            elif not may_jump:
                was = old.scaled(i, -2)
                jump = _JUMPS.get((key >> 16) % 20, _JUMP) + abs(was) // 8
                if abs(r.scaled(i, -2) - was) > jump:
                    return False
        return True
