"""What was used, and what it cost: this hour, today, this month, yesterday, last month.

A mark is how all stood at one time: [time, import, export, cost, income, unpriced, doubt]:
energies in mWh, money in 10^-11 (mWh times 10^-5 a kWh), seconds without a price; doubt is how it
is known: by registers, by power integrated since, or not even that. A period is the difference of
two marks. The total is the mark of now. Between registers power is integrated; when the registers
come, the marks since the last ones are stretched to what they say. So sums agree with the
registers to the last digit, whatever was missed between.

There is a mark at each full hour, or quarter if the tariff counts quarters, by the registers that
the ledger kept. /energy/state holds all, written at each of them; /energy/1764543600 the hours of
the local month that began then (docs/api.md).
"""

import json
import os
from binascii import crc32

from meterwire import UNSURE

from .. import calendar
from ..formats.entries import decimal
from ..storage.record import NEW_SERIES, totals_of
from . import price
from .capacity import Capacity

_QUARTER = const(900)
_HOUR = const(3600)
_LATE = const(120)  # s behind the full quarter at which its registers may come
_SILENT = const(120)  # s without a list after which nobody knows the power
_AWAY = const(259_200)  # s; if the clock jumps further, all begins anew
_WAITING = const(6)  # marks that wait for a register
_MOST = const(300_000)  # mWh a second: more than 1 MW is another register
_FILES = const(3)  # months of hours

_TIME = const(0)
_COST = const(3)
_UNPRICED = const(5)
_DOUBT = const(6)
_INTEGRATED = const(1)
_UNSEEN = const(2)


class Account:
    """reading(r) counts; pairs() tells. Behind the ledger in `consumers`."""

    def __init__(self, settings, ledger, path="/energy"):
        self.ledger = ledger
        self.path = path
        self.zone = settings["time_zone"]
        self.price = price.Price(settings, path + "/prices")
        self.capacity = Capacity(settings, self.zone)
        self.sequence = ledger.sequence
        self.power = [0, 0]  # W of import and export, as the last list told
        self.steady = 0  # W of import, the mean of about a minute
        self.heard = 0  # when power was last told
        self.rest = [0, 0]  # what integrating left over, 1/36 mWh
        self.rates = None  # prices of an imported and an exported kWh now, if they are known
        self.waiting = []  # marks whose registers are still to come
        self.marks = {}  # by name, the base among them: that of the last registers
        self.zero = None  # what the registers are lower than the total's energies
        self.total = None
        self.about = ""  # text of the reference reading
        self.currency = settings["currency"]
        try:
            os.mkdir(path)
        except OSError:
            pass  # it is there already
        self.load()

    def reading(self, r):
        """A list: integrate up to it, then believe its registers."""
        now = self.ledger.now()
        if not now:
            return
        now = now[0]
        always = self.ledger.always
        clock = always and not r.flags and r.clock
        if clock:
            # Its quarters are those of the ledger.
            time = calendar.of_clock(clock, self.zone)[0]
            if abs(time - now) <= _LATE:
                now = time
        total = self.total
        if not total or not -_HOUR < now - total[_TIME] < _AWAY:
            self.begin(now)
        self.advance(now)
        if self.ledger.sequence > self.sequence:
            self.sequence = self.ledger.sequence
            record = self.ledger.last()
            time = record.time
            if time % _QUARTER <= _LATE:
                time -= time % _QUARTER
            if time > now + _LATE:
                time = now  # two clocks, and this one counts
            self.settle(record.totals, time, record.flags & NEW_SERIES)
        if always:
            totals, flags = totals_of(r)
            if not flags & UNSURE:
                self.settle(totals, now, False)
        self.book()
        power = []
        for c in 1, 2:
            i = r.find(c, 7, 0)
            if i >= 0 and not r.entry(i) and not r.flag(i) & UNSURE:
                power.append(r.scaled(i, 0))
        if power:
            self.steady += (power[0] - self.steady) * min(60, now - self.heard) // 60
            self.heard = now
            self.power[0] = power[0]
            # Of lists of import alone, one that says 0 leaves open what is exported.
            if len(power) > 1 or power[0]:
                self.power[1] = power[1] if len(power) > 1 else 0
        self.capacity.reading(r, now)

    def priced(self):
        """Another list of prices is there."""
        if self.total:
            self.rates = self.at(self.total[_TIME])

    def begin(self, now):
        """Count from now on; what was known before is kept as far as it has a meaning."""
        self.total = total = [now, 0, 0, 0, 0, 0, _UNSEEN]
        if self.marks:
            total[1:_UNPRICED] = self.marks["base"][1:_UNPRICED]
        self.zero = None
        self.waiting = []
        for name in ("hour", "today", "month", "booked", "line", "base"):
            self.marks[name] = total[:]
        self.rates = self.at(now)

    def at(self, time):
        """The prices of a kWh at that time, or None."""
        return self.price.at(time, calendar.offset_at(time, self.zone))

    def advance(self, now):
        """Integrate the power up to `now`; each edge on the way gets its mark."""
        total = self.total
        seen = now - self.heard <= _SILENT
        while total[_TIME] < now:
            until = min(now, total[_TIME] - total[_TIME] % _QUARTER + _QUARTER)
            passed = until - total[_TIME]
            total[_TIME] = until
            total[_DOUBT] = max(total[_DOUBT], _INTEGRATED if seen else _UNSEEN)
            if seen:
                for i in 0, 1:
                    # 1 Ws is 10/36 mWh
                    energy = self.power[i] * passed * 10 + self.rest[i]
                    self.rest[i] = energy % 36
                    energy //= 36
                    total[1 + i] += energy
                    if self.rates:
                        total[_COST + i] += energy * self.rates[i]
            if not self.rates:
                total[_UNPRICED] += passed
            if until % _QUARTER == 0:
                if until % self.capacity.period == 0:
                    self.edge(until)
                self.rates = self.at(until)

    def edge(self, time):
        """A full hour or quarter: its mark waits for its registers; days begin at some."""
        marks = self.marks
        mark = self.total[:]
        self.total[_DOUBT] = _INTEGRATED
        self.waiting.append(mark)
        marks["quarter"] = mark
        if time % _HOUR == 0:
            marks["hour"] = mark
            local = time + calendar.offset_at(time, self.zone) * 60
            if local % 86400 == 0:
                marks["yesterday"] = marks["today"]
                marks["today"] = mark
                if calendar.fields(local)[2] == 1:
                    marks["last_month"] = marks["month"]
                    marks["month"] = mark

    def settle(self, totals, time, new):
        """Believe registers that stood so at `time`: stretch what was reckoned since the last."""
        base = self.marks["base"]
        self.advance(time)
        at = self.total
        for mark in self.waiting:
            if mark[_TIME] == time:
                at = mark
        passed = at[_TIME] - base[_TIME]
        if passed < 0 or (self.zero and not passed):
            return
        each = {id(self.total): self.total}
        for mark in self.waiting + list(self.marks.values()):
            if mark[_TIME] > base[_TIME]:
                each[id(mark)] = mark
        if not self.zero:
            self.zero = [None, None]
        for i in 0, 1:
            if not totals[i]:
                continue
            value, exponent = totals[i]
            value = (
                value * 10 ** (exponent + 3) if exponent >= -3 else value // 10 ** (-3 - exponent)
            )
            zero = self.zero[i]
            energy, cost = base[1 + i], base[_COST + i]
            reckoned, spent = at[1 + i] - energy, at[_COST + i] - cost
            grown = 0 if zero is None else value + zero - energy
            if new or zero is None or not 0 <= grown <= _MOST * (passed + _QUARTER):
                # Another register: what was reckoned stays, and this one goes on from there.
                self.zero[i] = at[1 + i] - value
                continue
            rate = 0
            if grown and not reckoned:
                rates = self.at(at[_TIME] - 1)
                rate = rates[i] if rates else 0
            now = spent * grown // reckoned if reckoned else grown * rate
            for mark in each.values():
                if mark[_TIME] > at[_TIME]:
                    mark[1 + i] += grown - reckoned
                    mark[_COST + i] += now - spent
                elif reckoned:
                    mark[1 + i] = energy + (mark[1 + i] - energy) * grown // reckoned
                    mark[_COST + i] = cost + (mark[_COST + i] - cost) * grown // reckoned
                else:
                    # Nobody saw when it was used: evenly.
                    part = grown * (mark[_TIME] - base[_TIME]) // passed if passed else grown
                    mark[1 + i] += part
                    mark[_COST + i] += part * rate
        for mark in each.values():
            if mark[_TIME] == at[_TIME]:
                mark[_DOUBT] = 0
        self.marks["base"] = at[:]

    def book(self):
        """Count the hours or quarters whose registers have come; those that wait in vain, too."""
        marks, waiting = self.marks, self.waiting
        most = _WAITING if self.zero else 0
        done = False
        while waiting and (waiting[0][_TIME] <= marks["base"][_TIME] or len(waiting) > most):
            done = True
            end = waiting.pop(0)
            first = marks["booked"]
            marks["booked"] = end
            if end[_TIME] - first[_TIME] == self.capacity.period and first[_DOUBT] != _UNSEEN:
                self.capacity.book(
                    first[_TIME], (end[1] - first[1]) * _HOUR // self.capacity.period
                )
            if end[_TIME] % _HOUR == 0:
                if end[_TIME] - marks["line"][_TIME] == _HOUR:
                    self.line(marks["line"], end)
                marks["line"] = end
        if done:
            self.save()

    # files

    def line(self, first, end):
        """Write down an hour."""
        text = "%d,%s,%s" % (first[_TIME], wh(end[1] - first[1]), wh(end[2] - first[2]))
        priced = end[_UNPRICED] == first[_UNPRICED]
        for i in _COST, _COST + 1:
            text += "," + (money(end[i] - first[i]) if priced else "")
        text += ",%d" % (4 if end[_DOUBT] or first[_DOUBT] else 0)
        try:
            month = str(self.day(first[_TIME], True))
            names = sorted(name for name in os.listdir(self.path) if name.isdigit())
            if month not in names:
                for name in names[: 1 - _FILES]:
                    os.remove(self.path + "/" + name)
            with open(self.path + "/" + month, "ab") as f:
                f.write(b"%s*%08x\n" % (text.encode(), crc32(text.encode())))
        except OSError:
            pass  # the ledger tells of a flash that takes nothing

    def day(self, time, month=False):
        """When the local day of that time began, or its month."""
        offset = calendar.offset_at(time, self.zone) * 60
        year, number, day = calendar.fields(time + offset)[:3]
        begin = calendar.seconds(year, number, 1 if month else day)
        # The clocks may have been turned since.
        return begin - calendar.offset_at(begin - offset, self.zone) * 60

    def save(self):
        """Write aside and rename: a power cut leaves the old or the new."""
        state = {"marks": self.marks, "total": self.total, "zero": self.zero}
        state["waiting"] = self.waiting
        state["about"] = self.about
        state["capacity"] = self.capacity.state
        body = json.dumps(state).encode()
        path = self.path + "/state"
        try:
            with open(path + ".new", "wb") as f:
                f.write(body)
                f.write(b"\n#%08x" % crc32(body))
            os.rename(path + ".new", path)
        except OSError:
            pass  # an hour that is not kept is in the registers all the same

    def load(self):
        try:
            with open(self.path + "/state", "rb") as f:
                body, _, mark = f.read().rpartition(b"\n#")
            if int(mark, 16) != crc32(body):
                return
            state = json.loads(body)
            self.marks = state["marks"]
            self.total = state["total"]
            self.zero = state["zero"]
            self.waiting = state["waiting"]
            self.about = state["about"]
            self.capacity.state = state["capacity"]
            self.rates = self.at(self.total[_TIME])
        except (OSError, ValueError, KeyError):
            self.total = None

    # what it tells

    def spent(self):
        """What was spent and earned since the beginning, for the history's lines."""
        if not self.total:
            return "", ""
        booked = self.marks["booked"]
        return money(booked[_COST]), money(booked[_COST + 1])

    def pairs(self):
        """Iterate (name, JSON text) of all that is known, as docs/api.md has it."""
        marks, total = self.marks, self.total
        if not total:
            return
        yield "time", str(total[_TIME])
        yield "currency", json.dumps(self.currency)
        if self.zero:
            yield "register_time", str(marks["base"][_TIME])
        yield "hour_start", str(marks["hour"][_TIME])
        doubts = []
        fee = self.price.month
        for name, last in _PERIODS:
            if name not in marks:
                continue
            first = marks[name]
            end = marks[last] if last else total
            yield name + "_import", wh(end[1] - first[1])
            yield name + "_export", wh(end[2] - first[2])
            if end[_UNPRICED] == first[_UNPRICED]:
                monthly = fee if name[-5:] == "month" else 0
                yield name + "_cost", money(end[_COST] - first[_COST] + monthly)
                yield name + "_income", money(end[_COST + 1] - first[_COST + 1])
            if first[_DOUBT] or end[_DOUBT]:
                doubts.append(name)
        yield "estimated", json.dumps(doubts)
        if self.capacity.period == _QUARTER and "quarter" in marks:
            yield "quarter_import", wh(total[1] - marks["quarter"][1])
        first = marks["booked"] if self.waiting == [] else self.waiting[-1]
        yield from self.capacity.pairs(total[_TIME], total[1] - first[1], self.steady)
        if self.rates:
            for i, way in enumerate(("import", "export")):
                yield "price_" + way, decimal(self.rates[i], -5).decode()
            yield "price_until", str(total[_TIME] - total[_TIME] % _QUARTER + _QUARTER)
        if "reference" in marks:
            first = marks["reference"]
            yield "reference_time", str(first[_TIME])
            yield "reference_text", json.dumps(self.about)
            yield "reference_import", wh(total[1] - first[1])
            yield "reference_export", wh(total[2] - first[2])
            if total[_UNPRICED] == first[_UNPRICED]:
                yield "reference_cost", money(total[_COST] - first[_COST])
                yield "reference_income", money(total[_COST + 1] - first[_COST + 1])


# name -> the mark at its end, None: it goes on
_PERIODS = (
    ("hour", None),
    ("today", None),
    ("month", None),
    ("yesterday", "today"),
    ("last_month", "month"),
)


def wh(n):
    """mWh as text in Wh, without decimals that are 0."""
    return decimal(n // 1000, 0).decode() if n % 1000 == 0 else decimal(n, -3).decode()


def money(n):
    """10^-11 as text with five decimals, rounded half up."""
    return decimal((n + 500_000) // 1_000_000, -5).decode()
