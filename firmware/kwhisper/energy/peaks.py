"""What a Belgian meter reckons itself: the month's highest quarter and those of the months before.

    1-0:1.6.0(260109134500W)(02.589*kW)
    0-0:98.1.0(n)(1-0:1.6.0)(1-0:1.6.0){(end of the month)(end of the quarter)(03.695*kW)}

(e-MUCS P1, 1.7). Imported when 1.6.0 says something new.
"""

from .. import calendar
from ..storage.record import told
from .capacity import turn

_MONTHS = const(12)
_LEAST = const(2_500_000)  # mW
_QUARTER = const(900)


def take(account, r):
    """Believe the meter's peaks."""
    power = told(r, 1, 6)
    if power is None:
        return
    i = r.find(1, 6, 0)
    end = account.total[0]
    local = end + calendar.offset_at(end, account.zone) * 60
    if r.entry(i):
        # 2026-01-09T13:45:00+01:00
        text = r.text(i)
        fields = [int(text[at : at + 2]) for at in (2, 5, 8, 11, 14, 17)]
        local = calendar.seconds(2000 + fields[0], *fields[1:])
        end = local - (int(text[-5:-3]) * 60 + int(text[-2:])) * 60
        local -= 1
        end -= 1
    month = month_of(local)
    turn(account, month)
    peaks = account.peaks
    if month == peaks[0]:
        peaks[1] = [[end - end % _QUARTER, power * 1000, local // 86400]]
    i = r.find(98, 1, 0)
    if i >= 0:
        # What the meter tells of a month counts more than what was seen of it.
        found = {each[0]: each for each in peaks[2]}
        for month, power in logged(r.text(i)):
            if month < peaks[0]:
                found[month] = [month, max(power, _LEAST), 1]
        peaks[2] = [found[month] for month in sorted(found)][-_MONTHS:]


def logged(text):
    """Iterate (month, power in mW) of a log of peaks."""
    groups = text.strip("()").split(")(")[3:]
    for n in range(0, len(groups) - 2, 3):
        ends, _, power = groups[n : n + 3]
        number, _, unit = power.partition("*")
        whole, _, decimals = number.partition(".")
        try:
            month = month_of(calendar.seconds(2000 + int(ends[:2]), int(ends[2:4]), 1) - 1)
            digits = 6 if unit == "kW" else 3
            yield month, int(whole + (decimals + "000000")[:digits])
        except ValueError:
            pass  # an empty one


def month_of(local):
    """202601 of local seconds."""
    year, month = calendar.fields(local)[:2]
    return year * 100 + month
