"""What all simulated meters share: identity, house, schedule of lists, and the truth of each.

A meter is a class with a table of lists; a list is a table of rows. One row makes the bytes and
the truth of a value, so the two cannot part; neither knows anything of the decoder.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import axdr
from .ciphering import AUTH_KEY, KEY
from .date_time import is_summer, to_utc
from .household import Household

DEFAULT_START = datetime(2026, 1, 20, 10, 59, 30, tzinfo=UTC)

_EPOCH_2020 = 1_577_836_800

# Units by C (phases: C modulo 20), powers (D = 7) and registers (D = 8).
_POWER = {
    1: "W",
    2: "W",
    3: "var",
    4: "var",
    9: "VA",
    10: "VA",
    11: "A",
    12: "V",
    13: "",
    14: "Hz",
}
_ENERGY = {1: "Wh", 2: "Wh", 3: "varh", 4: "varh", 9: "VAh", 10: "VAh"}


@dataclass(frozen=True)
class Burst:
    """What the meter sends at one go.

    at: seconds from the start; truth: what a right decoder says; pauses: (offset, seconds) where
    the line rests inside the data.
    """

    at: float
    data: bytes
    truth: dict
    pauses: tuple = ()


def unit_of(code):
    """The base unit of C.D.E."""
    c, d, _ = (int(part) for part in code.split("."))
    return (_ENERGY if d == 8 else _POWER)[c % 20 if c > 20 else c]


def text_of(raw, exponent):
    """raw · 10^exponent as decimal text; the places the meter resolves stay, zeros too."""
    if exponent >= 0:
        return str(raw * 10**exponent)
    digits = f"{abs(raw):0{1 - exponent}}"
    return f"{'-' if raw < 0 else ''}{digits[:exponent]}.{digits[exponent:]}"


def code_of(obis):
    """C.D.E of an OBIS code A-B:C.D.E."""
    return obis.split(":")[1]


class Meter:
    """A simulated meter; `next()` gives its bursts one after the other, without end.

    seed: house and identity; start: first moment (a time without zone is Central European
    standard time); key, auth_key: 16 bytes, for the meters that encrypt; solar: whether the house
    has a solar roof.
    """

    # The row of the table of meters.
    name = maker = model = country = interface = ""
    baud, parity, inverted = 2400, "8E1", False
    encrypted = authenticated = False
    # (every ms, ms after the full interval, kind): slowest last, it wins when two coincide.
    lists = ()
    house = {}

    def __init__(self, seed=1, start=None, key=None, auth_key=None, solar=True):
        for what, value in (("key", key), ("auth_key", auth_key)):
            if value is not None and len(value) != 16:
                raise ValueError(f"{what} is 16 bytes, not {len(value)}")
        self.seed = seed
        self.start = to_utc(start or DEFAULT_START).replace(microsecond=0)
        self.key = key or (KEY if self.encrypted else None)
        self.auth_key = auth_key or (AUTH_KEY if self.authenticated else None)
        self.home = Household(seed, self.start, solar=solar, **self.house)
        # Seconds since 2020: a simulator started again goes on upwards, as a meter's counter does.
        self.counter = int(self.start.timestamp()) - _EPOCH_2020
        self.number = f"{seed % 100000:05}"
        self._due = [self._first(every, offset) for every, offset, _ in self.lists]
        self._hour = self._first(3_600_000, 0)
        self.hour_registers = self._registers()

    def _first(self, every, offset):
        since_epoch = int(self.start.timestamp()) * 1000
        return (offset - since_epoch) % every

    def _registers(self):
        return {code: self.home.read(code) for code in ("1.8.0", "2.8.0", "3.8.0", "4.8.0")}

    def next(self):
        """The next Burst."""
        ms = min(self._due)
        for i, (every, _, of_kind) in enumerate(self.lists):
            if self._due[i] == ms:
                kind = of_kind
                self._due[i] += every
        while self._hour <= ms:
            self.home.advance(self._hour)
            self.hour_registers = self._registers()
            self._hour += 3_600_000
        self.home.advance(ms)
        self.ms = ms
        self.counter += 1
        return self.burst(kind)

    def __iter__(self):
        return self

    __next__ = next

    def burst(self, kind):
        """The Burst of a list of this kind at the present moment; each meter has its own."""
        raise NotImplementedError

    def summer(self):
        """True while summer time holds."""
        return is_summer(self.start + timedelta(milliseconds=self.ms))

    # -- values ------------------------------------------------------------------------------

    def raw(self, code, exponent):
        """The quantity C.D.E in steps of 10^exponent of its unit: registers count down to the
        step, momentary values round to it."""
        thousandths = self.home.read(code)
        step = 10 ** (exponent + 3)
        return (thousandths if ".8." in code else thousandths + step // 2) // step

    def row(self, said, obis, kind, exponent):
        """One number as A-XDR; notes in `said` what it means."""
        code = code_of(obis)
        raw = self.raw(code, exponent)
        said[obis] = (text_of(raw, exponent), unit_of(code))
        return axdr.integer(kind, raw)

    def truth(self, values, list_id=None, time=None, meter_id=None, meter_type=None, other=None):
        """What a right decoder says. values: numbers; other: texts and bare numbers beside them,
        under their code as printed."""
        return {
            "list": list_id,
            "time": time,
            "meter_id": meter_id,
            "meter_type": meter_type,
            "values": values,
            "other": other or {},
        }

    def send(self, data, truth, pauses=()):
        """A Burst at the present moment."""
        return Burst(self.ms / 1000, data, truth, tuple(pauses))
