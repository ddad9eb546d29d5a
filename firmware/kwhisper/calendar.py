"""Calendar arithmetic in whole seconds since 1970 UTC, whatever a port's own epoch is."""

import time

from .storage.table import ZONES, rows

EPOCH = 946684800 if time.gmtime(0)[0] == 2000 else 0  # where the port's own seconds begin

_zones = {}  # zone -> (offset, summer) as the table has it


def seconds(year, month, day, hour=0, minute=0, second=0):
    """Seconds since 1970-01-01T00:00:00 of a date and time, both taken as UTC."""
    # Years begin in March here: so the leap day is the last one.
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400
    days += (153 * month - 457) // 5 + day - 719469
    return ((days * 24 + hour) * 60 + minute) * 60 + second


def of_clock(clock, zone):
    """(seconds, offset) of a Reading's clock; without a deviation: the zone's standard time."""
    offset = clock[6]
    if offset is None:
        offset = offset_of(zone)
    return seconds(*clock[:6]) - offset * 60, offset


def offset_of(zone):
    """Minutes east of Greenwich in winter, of a zone of zones.json; 0 of another.

    A meter that leaves its deviation open keeps standard time all year (peers report it so for
    Kamstrup).
    """
    return _row(zone)[0]


def _row(zone):
    if zone not in _zones:
        _zones[zone] = 0, False
        for row in rows(ZONES):
            if row["name"] == zone:
                _zones[zone] = row["offset"], row["summer"]
    return _zones[zone]


def offset_at(t, zone):
    """Minutes east of Greenwich at a time, with summer time: all zones of the table that have it
    turn their clocks at 01:00 UTC on the last Sunday of March and of October."""
    offset, summer = _row(zone)
    if summer:
        year = fields(t)[0]
        # 1970 began on a Thursday
        begin, end = [seconds(year, m, 31) // 86400 for m in (3, 10)]
        begin -= (begin + 4) % 7
        end -= (end + 4) % 7
        if begin * 24 < t // 3600 <= end * 24:
            offset += 60
    return offset


def fields(t):
    """(year, month, day, hour, minute, second) of seconds since 1970, the inverse of seconds().
    From 2000 to 2067: an ESP32 counts no further."""
    return time.gmtime(t - EPOCH)[:6]


def text(t, offset):
    """ISO 8601 with the offset: "2026-11-20T10:00:10+01:00"."""
    away = abs(offset)
    date_time = tuple(fields(t + offset * 60))
    away = ("-" if offset < 0 else "+", away // 60, away % 60)
    return "%04d-%02d-%02dT%02d:%02d:%02d%s%02d:%02d" % (date_time + away)
