"""Registers are believed: the account comes to their time, and what was reckoned since the last
ones is stretched to what they say. Imported when there are any."""

from .. import calendar, let_go
from .price import at

_QUARTER = const(900)
_HOUR = const(3600)
_SILENT = const(120)  # s without a list after which nobody knows the power
_MOST = const(300_000)  # mWh a second: more than 1 MW is another register

# of a mark, see account.py
_TIME = const(0)
_COST = const(3)
_DOUBT = const(6)
_INTEGRATED = const(1)


def advance(account, now):
    """Integrate the power up to `now`; each edge on the way gets its mark."""
    total = account.total
    seen = now - account.last <= _SILENT
    while total[_TIME] < now:
        until = min(now, total[_TIME] - total[_TIME] % _QUARTER + _QUARTER)
        account.integrate(until, seen)
        if until % _QUARTER == 0:
            if until % account.period == 0:
                edge(account, until)
            account.rates = at(account, until)


def edge(account, time):
    """A full hour or quarter: its mark waits for its registers; days begin at some."""
    marks = account.marks
    mark = account.total[:]
    account.total[_DOUBT] = _INTEGRATED
    account.waiting.append(mark)
    if time % _HOUR == 0:
        marks["hour"] = mark
        account.row = 0  # there may be more to announce
        local = time + calendar.offset_at(time, account.zone) * 60
        if local % 86400 == 0:
            marks["yesterday"] = marks["today"]
            marks["today"] = mark
            if calendar.fields(local)[2] == 1:
                marks["last_month"] = marks["month"]
                marks["month"] = mark


def settle(account, totals, time, new):
    """Believe registers that stood so at `time`: stretch what was reckoned since the last.
    new: they are another meter's."""
    base = account.marks["base"]
    advance(account, time)
    found = account.total
    each = {}
    for mark in account.waiting + list(account.marks.values()):
        if mark[_TIME] > base[_TIME]:
            each[id(mark)] = mark
            if mark[_TIME] == time:
                found = mark
    passed = found[_TIME] - base[_TIME]
    if passed < 0 or (account.zero and not passed):
        return
    if not account.zero:
        account.zero = [None, None]
    for i in 0, 1:
        if not totals[i]:
            continue
        value, exponent = totals[i]
        value = value * 1000 * 10**exponent if exponent > 0 else value * 1000 // 10**-exponent
        zero = account.zero[i]
        energy, cost = base[1 + i], base[_COST + i]
        reckoned, spent = found[1 + i] - energy, found[_COST + i] - cost
        grown = 0 if zero is None else value + zero - energy
        if new or zero is None or not 0 <= grown <= _MOST * (passed + _QUARTER):
            # Another register: what was reckoned stays, and this one goes on from there.
            account.zero[i] = found[1 + i] - value
            continue
        rates = None if reckoned else at(account, found[_TIME] - 1)
        rate = rates[i] if rates else 0
        for mark in each.values():
            if mark[_TIME] > found[_TIME]:
                mark[1 + i] += grown - reckoned
                mark[_COST + i] += spent * grown // reckoned - spent if reckoned else grown * rate
            elif reckoned:
                mark[1 + i] = energy + (mark[1 + i] - energy) * grown // reckoned
                mark[_COST + i] = cost + (mark[_COST + i] - cost) * grown // reckoned
            else:
                # Nobody saw when it was used: evenly.
                part = grown * (mark[_TIME] - base[_TIME]) // passed
                mark[1 + i] += part
                mark[_COST + i] += part * rate
    for mark in each.values():
        if mark[_TIME] == found[_TIME]:
            mark[_DOUBT] = 0
    account.marks["base"] = found[:]
    if account.history:
        from .begin import begin

        begin(account, account.history)
        account.history = None
        del begin
        let_go("kwhisper.energy.begin")
