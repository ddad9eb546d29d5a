"""What a kWh costs at a time: a fixed price or the list that came over MQTT, fees, and tax.

/energy/prices      start (s), minutes, count, exported too?, then the prices in 10^-5 of the
                    currency, four bytes each, imports before exports
"""

import struct

from .capacity import span, within

HEAD = const("<IHHH")
HEAD_SIZE = const(10)
UNKNOWN = const(-2147483648)
_WHOLE = const(10_000_000)  # 100 per cent


class Price:
    """at() tells prices in 10^-5 of the currency; month is the fixed fee in 10^-11."""

    def __init__(self, settings, path):
        self.path = path
        self.night = span(settings["night_hours"])
        self.weekend = settings["night_weekend"]
        for name in ("energy", "day", "export", "vat", "month"):
            setattr(self, name, fixed(settings["price_" + name]))
        self.nightly = fixed(settings["price_night"])
        self.fees = self.day or self.nightly
        self.vat += _WHOLE
        self.month *= 1_000_000

    def at(self, time, offset):
        """(price of an imported kWh, of an exported one) at a time, None if it is not known."""
        spot, export = self.listed(time)
        if spot is None:
            return None
        local = time + offset * 60
        night = self.weekend and (local // 86400 + 3) % 7 > 4
        if night or within(local // 3600 % 24, self.night):
            spot += self.nightly
        else:
            spot += self.day
        return (2 * spot * self.vat + _WHOLE) // (2 * _WHOLE), export

    def span(self, start):
        """(seconds that the list tells from `start` on, at least a day; minutes of its steps)."""
        try:
            with open(self.path, "rb") as f:
                first, minutes, count, _ = struct.unpack(HEAD, f.read(HEAD_SIZE))
            return max(86400, first + count * minutes * 60 - start), minutes
        except (OSError, ValueError):
            return 86400, 60

    def listed(self, time):
        """The bare prices: of the list, else the fixed ones. None where no price is fixed, and
        there was a list before, or there are no fees either."""
        export = self.export
        try:
            with open(self.path, "rb") as f:
                start, minutes, count, exports = struct.unpack(HEAD, f.read(HEAD_SIZE))
                at = (time - start) // (minutes * 60)
                if 0 <= at < count:
                    f.seek(HEAD_SIZE + 4 * at)
                    spot = struct.unpack("<i", f.read(4))[0]
                    if spot == UNKNOWN:
                        return None, None
                    if exports:
                        f.seek(HEAD_SIZE + 4 * (count + at))
                        export = struct.unpack("<i", f.read(4))[0]
                    return spot, export
            known = self.energy
        except (OSError, ValueError):
            known = self.energy or self.fees  # there never was a list
        return (self.energy if known else None), export


def fixed(text):
    """Decimal text in 10^-5, what is beyond rounded half away from zero."""
    text = text.strip()
    minus = text[:1] == "-"
    whole, _, decimals = text.lstrip("+-").partition(".")
    n = int((whole or "0") + (decimals + "00000")[:5])
    if decimals[5:6] >= "5":
        n += 1
    return -n if minus else n
