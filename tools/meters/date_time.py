"""The meter's clock: EU summer time, COSEM date-time (12 octets), the time tag of P1."""

from datetime import UTC, datetime, timedelta

_HOUR = timedelta(hours=1)


def _last_sunday(year, month):
    """01:00 UTC on the last Sunday of a 31-day month: when the EU turns its clocks."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def is_summer(utc):
    """True while Central European Summer Time holds."""
    return _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)


def to_utc(start):
    """A start time as UTC; one without a zone is Central European standard time."""
    if start.tzinfo is None:
        return (start - _HOUR).replace(tzinfo=UTC)
    return start.astimezone(UTC)


def civil(start, ms):
    """Central European local time, summer time included, `ms` after the UTC time `start`."""
    utc = start + timedelta(milliseconds=ms)
    return (utc + _HOUR * (2 if is_summer(utc) else 1)).replace(tzinfo=None)


def standard(start, ms):
    """Central European standard time all year, `ms` after the UTC time `start`."""
    return (start + timedelta(milliseconds=ms) + _HOUR).replace(tzinfo=None)


def cosem(local, deviation=None, status=0, weekday=None, hundredths=0xFF):
    """Blue Book date-time: year, month, day, weekday, h, m, s, hundredths, deviation, status.

    deviation: minutes from local time to UTC (−60 in winter), None for "not specified".
    """
    day = local.isoweekday() if weekday is None else weekday
    turn = 0x8000 if deviation is None else deviation & 0xFFFF
    return (
        local.year.to_bytes(2, "big")
        + bytes((local.month, local.day, day, local.hour, local.minute, local.second, hundredths))
        + turn.to_bytes(2, "big")
        + bytes((status,))
    )


def iso(local, deviation=None):
    """What a right reader says of that clock; no offset where the meter leaves it open."""
    text = local.strftime("%Y-%m-%dT%H:%M:%S")
    if deviation is None:
        return text
    minutes = -deviation
    return f"{text}{'+' if minutes >= 0 else '-'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def tst(start, ms, summer_time=True):
    """DSMR's time tag YYMMDDhhmmssX and its ISO text. X: S in summer, W in winter."""
    utc = start + timedelta(milliseconds=ms)
    summer = summer_time and is_summer(utc)
    local = civil(start, ms) if summer_time else standard(start, ms)
    return local.strftime("%y%m%d%H%M%S") + "WS"[summer], iso(local, -120 if summer else -60)
