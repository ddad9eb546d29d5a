"""Capacity tariffs: the highest hours or quarters of a month, and what the running one may be.

no    mean of the three highest hours of different days
be    highest quarter of the month, at least 2.5 kW; the mean of twelve months
se    mean of the highest hours of different days that count by hour, weekday and month
off   nothing counts; the running hour is forecast all the same
"""

from meterwire import UNSURE

from .. import calendar

_MONTHS = const(12)
_LEAST = const(2_500_000)  # mW; a Belgian month has no lower peak


class Capacity:
    """book() takes what is over; pairs() tells what counts and what may come. Powers in mW.

    state: [month, [[begin, power] …] its highest first, [[month, power] …] those before].
    """

    def __init__(self, settings, zone):
        self.zone = zone
        self.rule = rule = settings["capacity"]
        self.period = 900 if rule == "be" else 3600
        self.most = {"no": 3, "be": 1}.get(rule, 0)
        self.hours = self.months = None
        self.weekdays = False
        if rule == "se":
            self.most = settings["capacity_count"]
            self.hours = span(settings["capacity_hours"])
            self.months = span(settings["capacity_months"])
            self.weekdays = settings["capacity_days"] == "weekdays"
        self.steps = []
        for text in settings["thresholds"].split(","):
            if text.strip():
                whole, _, decimals = text.strip().partition(".")
                self.steps.append(int(whole + (decimals + "000000")[:6]))
        self.steps.sort()
        self.own = None  # W; what the meter itself tells of the running quarter
        self.state = [0, [], []]

    def counts(self, time):
        """Whether an hour or quarter that begins then is counted."""
        local = time + calendar.offset_at(time, self.zone) * 60
        day = local // 86400
        if self.weekdays and (day + 3) % 7 > 4:
            return False
        hour, month = local // 3600 % 24, calendar.fields(local)[1]
        return self.hours is None or (
            within(hour, self.hours) and (within(month, self.months) or month == self.months[1])
        )

    def turn(self, time):
        """A new month begins with no peaks. Returns the number of the local day."""
        month = self.month(time)
        state = self.state
        if month > state[0]:
            if state[1]:
                state[2].append([state[0], state[1][0][1]])
                del state[2][: 1 - _MONTHS]
            state[0] = month
            state[1] = []
        return (time + calendar.offset_at(time, self.zone) * 60) // 86400

    def month(self, time):
        """202611 of a time in November 2026."""
        year, month = calendar.fields(time + calendar.offset_at(time, self.zone) * 60)[:2]
        return year * 100 + month

    def book(self, time, power):
        """An hour or quarter is over that had this mean power."""
        if not self.most or self.own is not None:
            return
        day = self.turn(time)
        if not self.counts(time):
            return
        month = self.month(time)
        if month != self.state[0]:
            # The last one of a month that has been closed.
            for closed in self.state[2]:
                if closed[0] == month:
                    closed[1] = max(closed[1], power)
            return
        peaks = self.others(day)
        for peak in self.state[1]:
            if peak not in peaks and peak[1] >= power:
                return
        peaks.append([time, power])
        peaks.sort(key=_power, reverse=True)
        self.state[1] = peaks[: self.most]

    def others(self, day):
        """The peaks of other days."""
        found = []
        for peak in self.state[1]:
            if (peak[0] + calendar.offset_at(peak[0], self.zone) * 60) // 86400 != day:
                found.append(peak)
        return found

    def reading(self, r, now):
        """A Belgian meter reckons its quarters itself: 1.4.0 the running one, 1.6.0 the peak."""
        if self.rule != "be":
            return
        self.own = watts(r, 4)
        peak = watts(r, 6)
        if peak is not None:
            self.turn(now)
            peaks = self.state[1]
            if not peaks or peaks[0][1] != peak * 1000:
                self.state[1] = [[now - now % 900, peak * 1000]]

    def value(self):
        """What the tariff counts now, None before the first hour."""
        found = [peak[1] for peak in self.state[1]]
        if self.rule == "be":
            found = found or [0]
            found += [month[1] for month in self.state[2]]
            found = [max(power, _LEAST) for power in found]
        return half_up(sum(found), len(found)) if found else None

    def pairs(self, now, energy, power):
        """Iterate (name, JSON text). energy: mWh of the running period; power: W, if it stays."""
        day = self.turn(now)
        period = self.period
        left = period - now % period
        used = energy * 3600 if self.own is None else self.own * 1000 * period
        forecast = (used + power * 1000 * left) // period
        yield "capacity_minutes", str(period // 60)
        value = limit = None
        if self.most:
            value = self.value()
            if value is not None:
                yield "capacity", watt(value)
            peaks = ["[%d,%s]" % (time, watt(power)) for time, power in self.state[1]]
            yield "capacity_peaks", "[" + ",".join(peaks) + "]"
            counted = max(_LEAST, self.state[1][0][1] if self.state[1] else 0)
            if self.rule != "be":
                counted = value or 0
            for step in reversed(self.steps):
                if step > counted:
                    limit = step
        yield "forecast", watt(forecast)
        if limit is None:
            yield "alarm", "false"
            return
        yield "capacity_limit", watt(limit)
        others = self.others(day)[: self.most - 1]
        may = limit * (len(others) + 1)
        for peak in others:
            may -= peak[1]
        yield "forecast_limit", watt(may)
        yield "alarm", "true" if forecast > may and self.counts(now - now % period) else "false"


def _power(peak):
    return peak[1]


def half_up(n, by):
    """n / by, rounded half up."""
    return (2 * n + by) // (2 * by)


def watt(n):
    """mW as text in W, rounded half up."""
    return str(half_up(n, 1000))


def watts(r, d):
    """The register 1.d.0 of a Belgian meter in W, or None."""
    i = r.find(1, d, 0)
    return r.scaled(i, 0) if i >= 0 and not r.entry(i) and not r.flag(i) & UNSURE else None


def span(text):
    """(first, last) of "22-6"."""
    first, _, last = text.partition("-")
    return int(first), int(last)


def within(n, span):
    """Whether n lies from the first to before the last, round the clock."""
    first, last = span
    return first <= n < last if first <= last else n >= first or n < last
