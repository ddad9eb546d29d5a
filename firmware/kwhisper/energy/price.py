"""What a kWh costs at a time: a fixed price or the list that came over MQTT, fees, and tax.

/energy/prices      start (s), minutes, count, exported too?, then the prices in 10^-5 of the
                    currency, four bytes each, imports before exports
"""

import struct

from .. import calendar

HEAD = const("<IHHH")
HEAD_SIZE = const(10)
UNKNOWN = const(-2147483648)
_WHOLE = const(10_000_000)  # 100 per cent


def at(account, time):
    """(price of an imported kWh, of an exported one) at a time, in 10^-5 of the currency.

    None if it is not known: no price is fixed, and there was a list before, or there are not even
    fees.
    """
    spot, day, night, vat, export, weekend, hours = account.prices
    known = spot or day or night
    try:
        with open(account.path + "/prices", "rb") as f:
            start, minutes, count, exports = struct.unpack(HEAD, f.read(HEAD_SIZE))
            known = spot
            n = (time - start) // (minutes * 60)
            if 0 <= n < count:
                f.seek(n * 4, 1)
                spot = struct.unpack("<i", f.read(4))[0]
                known = spot != UNKNOWN
                if exports:
                    f.seek(count * 4 - 4, 1)
                    export = struct.unpack("<i", f.read(4))[0]
    except (OSError, ValueError, ZeroDivisionError):
        pass  # there never was a list, or it is damaged
    if not known:
        return None
    local = time + calendar.offset_at(time, account.zone) * 60
    cheap = weekend and (local // 86400 + 3) % 7 > 4
    spot += night if cheap or within(local // 3600 % 24, hours) else day
    return (2 * spot * (_WHOLE + vat) + _WHOLE) // (2 * _WHOLE), export


def span(text):
    """(first, last) of "22-6"."""
    return [int(word) for word in text.split("-")]


def within(n, span):
    """Whether n lies from the first to before the last, round the clock."""
    first, last = span
    return first <= n < last if first <= last else n >= first or n < last


def parsed(text):
    """Decimal text in 10^-5, what is beyond rounded half away from zero."""
    whole, _, decimals = text.strip().partition(".")
    decimals += "000000"
    n = int((whole.lstrip("-") or "0") + decimals[:5]) + (decimals[5] >= "5")
    return -n if whole[:1] == "-" else n
