"""What was used, and what it cost: this hour, today, this month, yesterday, last month.

A mark is how all stood at one time: [time, import, export, cost, income, unpriced, doubt]:
energies in mWh, money in 10^-11 (mWh times 10^-5 a kWh), seconds without a price; doubt is how it
is known: by registers, by power integrated since, or not even that. A period is the difference of
two marks. The total is the mark of now. Between registers power is integrated; when the registers
come, the marks since the last ones are stretched to what they say. So sums agree with the
registers to the last digit, whatever was missed between.

There is a mark at each full hour, or quarter if the tariff counts quarters, by the registers that
the ledger kept. /energy/state holds all, written at each of them; /energy/1763424000 the hours of
the 31 days that began then (docs/api.md).
"""

import json
import os
from binascii import crc32

from meterwire import UNSURE

from .. import calendar, let_go
from ..formats.entries import decimal
from ..storage import checked
from ..storage.record import NEW_SERIES, told, totals_of
from . import price

_QUARTER = const(900)
_HOUR = const(3600)
_LATE = const(120)  # s behind the full quarter at which its registers may come
_SILENT = const(120)  # s without a list after which nobody knows the power
_AWAY = const(259_200)  # s; if the clock jumps further, all begins anew
_WAITING = const(6)  # marks that wait for a register
_MOST = const(300_000)  # mWh a second: more than 1 MW is another register
_STATE = const(4000)  # bytes at most
_FILE = const(2_678_400)  # s; the hours of 31 days are a file

_TIME = const(0)
_COST = const(3)
_UNPRICED = const(5)
_DOUBT = const(6)
_INTEGRATED = const(1)
_UNSEEN = const(2)

# a period's name -> the mark at its end, None: it goes on
_PERIODS = const(
    (
        ("hour", None),
        ("today", None),
        ("month", None),
        ("yesterday", "today"),
        ("last_month", "month"),
        ("reference", None),
    )
)


class Account:
    """reading(r) counts; pairs() tells. Behind the ledger in `consumers`."""

    def __init__(self, settings, ledger, path="/energy", history="/history"):
        self.ledger = ledger
        self.path = path
        self.history = history
        self.zone = settings["time_zone"]
        self.currency = settings["currency"]
        self.prices = price.fixed(settings)
        self.fee = price.parsed(settings["price_month"]) * 1_000_000
        self.capacity = None
        self.period = _HOUR
        if settings["capacity"] != "off":
            from .capacity import Capacity

            self.capacity = Capacity(settings, self.zone)
            self.period = self.capacity.period
        self.sequence = ledger.sequence
        self.power = [0, 0]  # W of import and export, as the last list told
        self.steady = 0  # W of import, the mean of about a minute
        self.heard = 0  # when power was last told
        self.rest = [0, 0]  # what integrating left over, 1/36 mWh
        self.rates = None  # prices of an imported and an exported kWh now, if they are known
        # What /energy/state holds: marks by name, "base" is that of the last registers;
        self.marks = {}
        self.waiting = []  # marks whose registers are still to come;
        self.zero = None  # what the registers are lower than the marks' energies;
        self.text = ""  # of the reference reading.
        self.next = self.row = 0  # report.py's
        try:
            os.mkdir(path)
        except OSError:
            pass  # it is there already
        try:
            state = json.loads(checked.read(path + "/state", _STATE))
            self.marks, self.waiting, self.zero, self.text, peaks = state
            if self.capacity and peaks:
                self.capacity.state = peaks
        except ValueError:
            pass  # there is none
        if self.zero:
            self.history = None  # it has begun
        self.total = self.marks.get("total")
        if self.total:
            self.rates = self.at(self.total[_TIME])

    def reading(self, r):
        """A list: integrate up to it, then believe its registers."""
        now = self.ledger.now()
        if not now:
            return
        now = now[0]
        totals, flags = totals_of(r)
        always = totals[0] and (r.kind == 2 or self.ledger.always) and not flags & UNSURE
        clock = always and not r.flags and r.clock
        if clock:
            # Its quarters are those of the ledger.
            time = calendar.of_clock(clock, self.zone)[0]
            if abs(time - now) <= _LATE:
                now = time
        if not self.total or not -_HOUR < now - self.total[_TIME] < _AWAY:
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
            self.settle(totals, now, False)
        self.book()
        power = told(r, 1, 7)
        if power is not None:
            export = told(r, 2, 7)
            self.steady += (power - self.steady) * min(60, now - self.heard) // 60
            self.heard = now
            self.power[0] = power
            # A list of import alone leaves open what is exported if it says 0.
            if power or export is not None:
                self.power[1] = export or 0
        if self.period == _QUARTER:
            self.capacity.reading(r, now)

    def begin(self, now):
        """Count from now on."""
        self.total = total = [now, 0, 0, 0, 0, 0, _UNSEEN]
        if self.marks:
            total[1:_DOUBT] = self.marks["total"][1:_DOUBT]
        self.zero = None
        self.waiting = []
        for name in ("hour", "today", "month", "booked", "line", "base"):
            self.marks[name] = total[:]
        self.marks["total"] = total
        self.rates = self.at(now)

    def at(self, time):
        """The prices of a kWh at that time, or None."""
        offset = calendar.offset_at(time, self.zone)
        return price.at(self.path + "/prices", self.prices, time, offset)

    def advance(self, now):
        """Integrate the power up to `now`; each edge on the way gets its mark."""
        total = self.total
        seen = now - self.heard <= _SILENT
        while total[_TIME] < now:
            until = min(now, total[_TIME] - total[_TIME] % _QUARTER + _QUARTER)
            passed = until - total[_TIME]
            total[_TIME] = until
            total[_DOUBT] = max(total[_DOUBT], _INTEGRATED if seen else _UNSEEN)
            for i in 0, 1:
                if seen:
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
                if until % self.period == 0:
                    self.edge(until)
                self.rates = self.at(until)

    def edge(self, time):
        """A full hour or quarter: its mark waits for its registers; days begin at some."""
        marks = self.marks
        mark = self.total[:]
        self.total[_DOUBT] = _INTEGRATED
        self.waiting.append(mark)
        if time % _HOUR == 0:
            marks["hour"] = mark
            self.row = 0  # there may be more to announce
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
        each = {}
        for mark in self.waiting + list(self.marks.values()):
            if mark[_TIME] > base[_TIME]:
                each[id(mark)] = mark
                if mark[_TIME] == time:
                    at = mark
        passed = at[_TIME] - base[_TIME]
        if passed < 0 or (self.zero and not passed):
            return
        if not self.zero:
            self.zero = [None, None]
        for i in 0, 1:
            if not totals[i]:
                continue
            value, exponent = totals[i]
            value = value * 1000 * 10**exponent if exponent > 0 else value * 1000 // 10**-exponent
            zero = self.zero[i]
            energy, cost = base[1 + i], base[_COST + i]
            reckoned, spent = at[1 + i] - energy, at[_COST + i] - cost
            grown = 0 if zero is None else value + zero - energy
            if new or zero is None or not 0 <= grown <= _MOST * (passed + _QUARTER):
                # Another register: what was reckoned stays, and this one goes on from there.
                self.zero[i] = at[1 + i] - value
                continue
            rates = None if reckoned else self.at(at[_TIME] - 1)
            rate = rates[i] if rates else 0
            for mark in each.values():
                if mark[_TIME] > at[_TIME]:
                    mark[1 + i] += grown - reckoned
                    mark[_COST + i] += (
                        spent * grown // reckoned - spent if reckoned else grown * rate
                    )
                elif reckoned:
                    mark[1 + i] = energy + (mark[1 + i] - energy) * grown // reckoned
                    mark[_COST + i] = cost + (mark[_COST + i] - cost) * grown // reckoned
                else:
                    # Nobody saw when it was used: evenly.
                    part = grown * (mark[_TIME] - base[_TIME]) // passed
                    mark[1 + i] += part
                    mark[_COST + i] += part * rate
        for mark in each.values():
            if mark[_TIME] == at[_TIME]:
                mark[_DOUBT] = 0
        self.marks["base"] = at[:]
        if self.history:
            from .begin import begin

            begin(self, self.history)
            self.history = None
            del begin
            let_go("kwhisper.energy.begin")

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
            period = end[_TIME] - first[_TIME]
            if self.capacity and period == self.period and first[_DOUBT] != _UNSEEN:
                self.capacity.book(first[_TIME], (end[1] - first[1]) * _HOUR // period)
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
        for i in _COST, _COST + 1:
            text += ","
            if end[_UNPRICED] == first[_UNPRICED]:
                text += money(end[i] - first[i])
        text += ",4" if end[_DOUBT] or first[_DOUBT] else ",0"
        path = "%s/%d" % (self.path, first[_TIME] - first[_TIME] % _FILE)
        try:
            with open(path, "ab") as f:
                if not f.tell():
                    from .tidy import tidy

                    tidy(self.path)
                    del tidy
                    let_go("kwhisper.energy.tidy")
                # On a line of its own, whatever a power cut left of the one before.
                f.write(b"\n%s*%08x" % (text.encode(), crc32(text.encode())))
        except OSError:
            pass  # the ledger tells of a flash that takes nothing

    def save(self):
        """An hour that cannot be kept is in the registers all the same."""
        peaks = self.capacity and self.capacity.state
        state = self.marks, self.waiting, self.zero, self.text, peaks
        checked.write(self.path + "/state", json.dumps(state).encode())

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
        now = total[_TIME]
        yield "time", str(now)
        yield "currency", json.dumps(self.currency)
        yield "register_time", str(marks["base"][_TIME]) if self.zero else "null"
        doubts = []
        for name, last in _PERIODS:
            if name not in marks:
                continue
            first = marks[name]
            end = marks[last] if last else total
            yield name + "_start", str(first[_TIME])
            yield name + "_import", wh(end[1] - first[1])
            yield name + "_export", wh(end[2] - first[2])
            if end[_UNPRICED] == first[_UNPRICED]:
                fee = self.fee if name[-5:] == "month" else 0
                yield name + "_cost", money(end[_COST] - first[_COST] + fee)
                yield name + "_income", money(end[_COST + 1] - first[_COST + 1])
            if first[_DOUBT] or end[_DOUBT]:
                doubts.append(name)
        yield "estimated", json.dumps(doubts)
        if self.text:
            yield "reference_text", json.dumps(self.text)
        # mW, if the power of the last minute stays
        period = self.period
        begun = self.waiting[-1] if self.waiting else marks["booked"]
        forecast = (total[1] - begun[1]) * _HOUR // period
        if self.capacity and self.capacity.own is not None:
            forecast = self.capacity.own * 1000
        forecast += self.steady * 1000 * (period - now % period) // period
        if self.capacity:
            yield from self.capacity.pairs(now, forecast)
        yield "forecast", str((forecast + 500) // 1000)
        if self.rates:
            yield "price_import", decimal(self.rates[0], -5).decode()
            yield "price_export", decimal(self.rates[1], -5).decode()


def wh(n):
    """mWh as text in Wh, without decimals if they are 0."""
    return decimal(n, -3).decode() if n % 1000 else str(n // 1000)


def money(n):
    """10^-11 as text with five decimals, rounded half up."""
    return decimal((n + 500_000) // 1_000_000, -5).decode()
