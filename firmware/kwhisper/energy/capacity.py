"""Capacity tariffs: the highest hours or quarters of a month, and what the running one may be.

no    mean of the three highest hours of different days
be    highest quarter of the month, at least 2.5 kW; the mean of twelve months
se    mean of the highest hours of different days that count by hour, weekday and month
"""

from .. import calendar
from ..storage.record import told
from .price import span, within

_MONTHS = const(12)
_LEAST = const(2_500_000)  # mW; a Belgian month has no lower peak


class Capacity:
    """book() takes what is over; pairs() tells what counts and what may come. Powers in mW.

    state: [month, [[begin, power, day] …] the highest first, [[month, power] …] of those before].
    """

    def __init__(self, settings, zone):
        self.zone = zone
        rule = settings["capacity"]
        self.period = 900 if rule == "be" else 3600
        self.most = {"no": 3, "be": 1}.get(rule) or settings["capacity_count"]
        self.rule = None
        if rule == "se":
            # "capacity_hours", "capacity_months"
            self.rule = [span(settings["capacity_%s" % name]) for name in ("hours", "months")]
            self.rule.append(settings["capacity_days"] == "weekdays")
        # mW
        self.steps = sorted([milli(step) for step in settings["thresholds"].split(",") if step])
        self.own = None  # W; what the meter itself tells of the running quarter
        self.state = [0, [], []]

    def when(self, time):
        """(month, day, whether it counts) of a time: 202611, days since 1970."""
        local = time + calendar.offset_at(time, self.zone) * 60
        year, month = calendar.fields(local)[:2]
        day = local // 86400
        counts = True
        if self.rule:
            hours, months, weekdays = self.rule
            counts = within(local // 3600 % 24, hours) and not (weekdays and (day + 3) % 7 > 4)
            counts = counts and (within(month, months) or month == months[1])
        month += year * 100
        state = self.state
        if month > state[0]:
            # A new month begins with no peaks.
            if state[1]:
                state[2].append([state[0], state[1][0][1]])
                del state[2][: 1 - _MONTHS]
            state[0] = month
            state[1] = []
        return month, day, counts

    def book(self, time, power):
        """An hour or quarter is over that had this mean power."""
        month, day, counts = self.when(time)
        if not counts or self.own is not None:
            return
        if month < self.state[0]:
            # The last one of a month that is over.
            for closed in self.state[2]:
                if closed[0] == month:
                    closed[1] = max(closed[1], power)
            return
        peaks = self.others(day)
        for peak in self.state[1]:
            if peak[2] == day and peak[1] >= power:
                return
        peaks.append([time, power, day])
        peaks.sort(key=_power, reverse=True)
        self.state[1] = peaks[: self.most]

    def others(self, day):
        """The peaks of other days."""
        return [peak for peak in self.state[1] if peak[2] != day]

    def reading(self, r, now):
        """A Belgian meter reckons its quarters itself: 1.4.0 the running one, 1.6.0 the peak."""
        self.own = told(r, 1, 4)
        power = told(r, 1, 6)
        if power is not None:
            _, day, _ = self.when(now)
            peaks = self.state[1]
            if not peaks or peaks[0][1] != power * 1000:
                self.state[1] = [[now - now % 900, power * 1000, day]]

    def pairs(self, now, forecast):
        """Iterate (name, JSON text)."""
        _, day, counts = self.when(now)
        peaks = self.state[1]
        yield "capacity_minutes", str(self.period // 60)
        texts = ["[%d,%s]" % (time, watt(power)) for time, power, _ in peaks]
        yield "capacity_peaks", "[%s]" % ",".join(texts)
        found = [peak[1] for peak in peaks]
        counted = 0
        if self.period == 900:
            counted = max(_LEAST, found[0] if found else 0)
            found = [counted] + [max(power, _LEAST) for _, power in self.state[2]]
        elif found:
            counted = half_up(sum(found), len(found))
        if found:
            yield "capacity", watt(half_up(sum(found), len(found)))
        alarm = False
        for limit in self.steps:
            if limit > counted:
                yield "capacity_limit", watt(limit)
                others = self.others(day)[: self.most - 1]
                limit *= len(others) + 1
                for peak in others:
                    limit -= peak[1]
                yield "forecast_limit", watt(limit)
                alarm = counts and forecast > limit
                break
        yield "alarm", "true" if alarm else "false"


def _power(peak):
    return peak[1]


def half_up(n, by):
    """n / by, rounded half up."""
    return (2 * n + by) // (2 * by)


def watt(n):
    """mW as text in W, rounded half up."""
    return str(half_up(n, 1000))


def milli(text):
    """A decimal text in thousandths of thousandths."""
    whole, _, decimals = text.strip().partition(".")
    return int(whole + (decimals + "000000")[:6])
