"""Calendar arithmetic in whole seconds since 1970 UTC, whatever a port's own epoch is."""

# A meter that leaves its deviation open keeps standard time all year (peers report it so for
# Kamstrup), so a zone is one number: minutes east of Greenwich in winter.
_ZONES = "UTC   0 WET   0 CET  60 EET 120"


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
    year, month, day, hour, minute, second, offset = clock
    if offset is None:
        offset = offset_of(zone)
    return seconds(year, month, day, hour, minute, second) - offset * 60, offset


def offset_of(zone):
    """Minutes east of Greenwich in winter."""
    at = _ZONES.find(zone)
    return int(_ZONES[at + 3 : at + 7]) if at >= 0 else 0


def fields(time):
    """(year, month, day, hour, minute, second) of seconds since 1970, the inverse of seconds()."""
    days, rest = time // 86400 + 719468, time % 86400
    era = days // 146097
    day = days % 146097
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5
    month += 3
    year += era * 400
    if month > 12:
        month -= 12
        year += 1
    return year, month, day + 1, rest // 3600, rest // 60 % 60, rest % 60


def text(time, offset):
    """ISO 8601 with the offset: "2026-11-20T10:00:10+01:00"."""
    sign = "-" if offset < 0 else "+"
    away = abs(offset)
    tail = "%s%02d:%02d" % (sign, away // 60, away % 60)
    return "%04d-%02d-%02dT%02d:%02d:%02d" % fields(time + offset * 60) + tail
