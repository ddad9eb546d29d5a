"""Capacity tariffs: the highest hours or quarters of a month, and what the running one may be.

no    mean of the three highest hours of different days; a price a month for each step
be    highest quarter of the month, at least 2.5 kW; the mean of twelve months; a price a kW and
      year
se    mean of the highest hours of different days that count by hour, weekday and month; a price
      a kW and month

Imported when an hour or quarter is over and when it is told. Powers in mW; account.capacity is the
tariff, account.peaks what it counted: both as opening.py has them.
"""

from .. import calendar
from .price import within

_MONTHS = const(12)
_LEAST = const(2_500_000)  # mW; a Belgian month has no lower peak
_QUARTER = const(900)


def when(account, time):
    """(month, day, whether it counts) of a time: 202611, days since 1970."""
    local = time + calendar.offset_at(time, account.zone) * 60
    year, month = calendar.fields(local)[:2]
    day = local // 86400
    counts = True
    rule = account.capacity[1]
    if rule:
        hours, months, weekdays = rule
        counts = within(local // 3600 % 24, hours) and not (weekdays and (day + 3) % 7 > 4)
        counts = counts and (within(month, months) or month == months[1])
    return year * 100 + month, day, counts


def turn(account, month):
    """A new month begins with no peaks."""
    peaks = account.peaks
    if month > peaks[0]:
        if peaks[0]:
            peaks[2].append((peaks[0],) + counted(account, peaks[1]))
            del peaks[2][:-_MONTHS]
        peaks[0] = month
        peaks[1] = []


def book(account, time, power):
    """An hour or quarter is over that had this mean power."""
    month, day, counts = when(account, time)
    turn(account, month)
    if not counts or account.own is not None or month != account.peaks[0]:
        return
    peaks = account.peaks[1]
    for peak in peaks:
        if peak[2] == day and peak[1] >= power:
            return
    peaks = others(peaks, day)
    peaks.append([time, power, day])
    peaks.sort(key=lambda peak: -peak[1])
    account.peaks[1] = peaks[: account.capacity[0]]


def others(peaks, day):
    """The peaks of other days."""
    return [peak for peak in peaks if peak[2] != day]


def counted(account, peaks):
    """What a month's peaks come to, as (sum, divisor)."""
    if account.period == _QUARTER:
        return max(_LEAST, peaks[0][1] if peaks else 0), 1
    return sum([peak[1] for peak in peaks]), len(peaks) or 1


def paid(account, before, now):
    """What is paid for as (sum, divisor): in Belgium the mean of twelve months, elsewhere `now`.
    before: [month, sum, divisor] of the months before; now: (sum, divisor) of the month."""
    if account.period != _QUARTER:
        return now
    found = before[1 - _MONTHS :]
    return now[0] + sum([each[1] for each in found]), 1 + len(found)


def fee(account, total, by):
    """What that costs a month, in 10^-11: mW times 10^-5 a kW."""
    _, rule, steps, prices = account.capacity
    if account.period == _QUARTER:
        return half_up(prices[0] * total, 12 * by)
    if rule:
        return half_up(prices[0] * total, by)
    n = len([step for step in steps if step * by <= total])
    return prices[min(n, len(prices) - 1)] * 1_000_000


def pairs(account, now, forecast, fees):
    """Iterate (name, JSON text). fees: takes what the capacity costs, as far as that is known, by
    the name of the month."""
    from .tell import money

    month, day, counts = when(account, now)
    kept, peaks, before = account.peaks
    if kept < month:
        # The last register of that month is still to come, or nothing of this one is booked.
        if kept:
            before = before + [(kept,) + counted(account, peaks)]
        peaks = []
    yield "capacity_minutes", str(account.period // 60)
    texts = ["[%d,%s]" % (time, watt(power)) for time, power, _ in peaks]
    yield "capacity_peaks", "[%s]" % ",".join(texts)
    total, by = counted(account, peaks)
    pays = paid(account, before, (total, by))
    if peaks or account.period == _QUARTER:
        yield "capacity", watt(half_up(*pays))
    most, _, steps, prices = account.capacity
    if prices:
        fees["month"] = fee(account, *pays)
        yield "capacity_cost", money(fees["month"])
        fees["last_month"] = None
        if before and before[-1][0] == (month - 1 if month % 100 > 1 else month - 89):
            pays = paid(account, before[:-1], before[-1][1:])
            fees["last_month"] = fee(account, *pays)
    alarm = False
    for limit in steps:
        if limit * by > total:
            yield "capacity_limit", watt(limit)
            rest = others(peaks, day)[: most - 1]
            limit *= len(rest) + 1
            for peak in rest:
                limit -= peak[1]
            yield "forecast_limit", watt(limit)
            alarm = counts and forecast > limit
            break
    yield "alarm", "true" if alarm else "false"


def half_up(n, by):
    """n / by, rounded half up."""
    return (2 * n + by) // (2 * by)


def watt(n):
    """mW as text in W, rounded half up."""
    return str(half_up(n, 1000))
