"""Simulated meters: real frames of every supported meter, with the truth of what each says.

    from kwhisper_tools.meters import METERS, make

    meter = make("aidon", seed=1)
    burst = meter.next()          # burst.at, burst.data, burst.truth

Built from the meters' documents and without a line of the decoder's code, so that one checks the
other. `python -m kwhisper_tools.meters` prints the table of them.
"""

from datetime import UTC, datetime

from . import aidon, austria, dsmr, iskra, kaifa, kamstrup, landisgyr, p1, sealed
from .meter import Burst, Meter

__all__ = ["METERS", "Burst", "Meter", "frame", "make", "table"]

METERS = {
    meter.name: meter
    for module in (aidon, kaifa, kamstrup, landisgyr, austria, iskra, dsmr, sealed, p1)
    for meter in module.METERS
}


def make(name, seed=1, start=None, key=None, auth_key=None, solar=True):
    """A simulated meter by its name; ValueError names the known ones.

    seed: house and identity; start: datetime of the first moment (without zone: Central European
    standard time); key, auth_key: 16 bytes, for meters that encrypt; solar: the house has a roof
    that makes electricity.
    """
    if name not in METERS:
        raise ValueError(f"no meter {name!r}; there are: {', '.join(METERS)}")
    return METERS[name](seed, start, key, auth_key, solar)


def frame(name):
    """The biggest list of a meter as one fixed run of bytes, for benchmarks."""
    meter = make(name, seed=7, start=datetime(2026, 1, 20, 10, 59, 55, tzinfo=UTC))
    bursts = []
    while not bursts or bursts[-1].at < 20:
        bursts.append(meter.next())
    return max((burst.data for burst in bursts), key=len)


def table():
    """Rows (name, maker, model, country, interface, line, intervals, class) of all meters."""
    rows = []
    for name, meter in METERS.items():
        every = ", ".join(_interval(ms) for ms, _, _ in meter.lists)
        line = f"{meter.baud} {meter.parity}{' inverted' if meter.inverted else ''}"
        safe = "key and authentication key" if meter.authenticated else "key"
        rows.append(
            (
                name,
                meter.maker,
                meter.model,
                meter.country,
                meter.interface,
                line,
                every,
                safe if meter.encrypted else "",
                meter.__name__,
            )
        )
    return rows


def _interval(ms):
    if ms % 3_600_000 == 0:
        return f"{ms // 3_600_000} h"
    if ms % 60_000 == 0:
        return f"{ms // 60_000} min"
    return f"{ms / 1000:g} s"
