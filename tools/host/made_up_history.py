"""Made-up history: the files that a device would have after so many days.

    lay(flash, days=400, now=…, registers=(12_345_670, 55_040))

A house with a heat pump, evenings, weekends, perhaps a solar roof; one hour and one day were not
read, and the meter was swapped 300 days ago. Written without a line of the firmware's code, from
docs/api.md.
"""

import math
import random
import struct
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

_SECONDS = 10  # behind the full hour, as Norwegian meters tell it
_SWAPPED = 300  # days ago
_NOT_READ = 23  # days ago, a whole day
_RECORD = "<IIhBB4q4b"
_PER_FILE = 78
_ABSENT = -128
_FILE = 31 * 86400  # the hours of so many seconds stand in one file
_CURRENCY_DIGITS = Decimal("0.00001")


def lay(
    flash,
    days,
    now=None,
    registers=(12_345_670, 0),
    *,
    seed=1,
    zone="Europe/Oslo",
    solar=False,
    gas=None,
    ledger_days=40,
    price=None,
):
    """Write ledger/, history/ and, with a `price` of a kWh (text), energy/'s hours.

    registers: import and export in Wh at the last full hour before `now`; gas: m3 as Decimal, for
    a meter with a gas meter behind it.
    """
    hours = _hours(now or datetime.now(UTC), days, registers, seed, ZoneInfo(zone), solar)
    flash = Path(flash)
    _ledger(flash / "ledger", hours[-ledger_days * 24 :])
    _history(flash / "history", hours, ZoneInfo(zone), gas, price)
    if price:
        _costs(flash / "energy", hours, Decimal(price))


def checked(text):
    """A line with its check."""
    return f"{text}*{zlib.crc32(text.encode()):08x}\n"


def _hours(now, days, registers, seed, zone, solar):
    """[(start in UTC, import, export, series)] of every hour: registers as they stood then."""
    rnd = random.Random(f"history {seed}")
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [last - timedelta(hours=n) for n in range(days * 24 + 1)]
    found = []
    imported, exported = registers
    series = 1 if days < _SWAPPED else 2
    for n, start in enumerate(starts):
        ago = n // 24
        swapped = n == _SWAPPED * 24
        if n and not swapped:
            used = _watts(rnd, start.astimezone(zone), solar)
            imported -= max(used, 0)
            exported -= max(-used, 0)
        if swapped or imported < 0 or exported < 0:
            # an older meter, near its end
            series -= 1
            imported, exported = rnd.randint(40_000_000, 90_000_000), 9_000_000 * solar
        if n != 29 and ago != _NOT_READ:
            found.append((start, imported, exported, series))
    least = min(row[3] for row in found)
    return [(s, i, e, n - least + 1) for s, i, e, n in reversed(found)]


def _watts(rnd, local, solar):
    """Mean power of an hour, W."""
    year = math.cos((local.timetuple().tm_yday - 20) / 365.25 * 2 * math.pi)
    heat = max(0.0, 900 + 1100 * year) * rnd.uniform(0.7, 1.3)
    evening = 900 if local.hour in (7, 8, 17, 18, 19, 20, 21) else 150
    if local.weekday() > 4 and 9 < local.hour < 23:
        evening += 350
    car = 7200 if local.hour in (23, 0, 1) and rnd.random() < 0.3 else 0
    sun = 0.0
    if solar:
        height = math.cos((local.hour - 13) / (8 - 3 * year) * math.pi / 2)
        if abs(local.hour - 13) < 8 - 3 * year:
            sun = 5200 * height * (0.6 - 0.4 * year) * rnd.uniform(0.2, 1.0)
    return int(250 + heat + evening * rnd.uniform(0.5, 2.0) + car - sun)


def _time(start):
    return int(start.timestamp()) + _SECONDS


def _ledger(folder, hours):
    folder.mkdir(parents=True, exist_ok=True)
    before = None
    for n, (start, imported, exported, series) in enumerate(hours):
        sequence = n + 1
        flags = 64 if before and before != series else 0
        before = series
        body = struct.pack(
            _RECORD, sequence, _time(start), 60, flags, 3, imported, exported, 0, 0, 0, 0,
            _ABSENT, _ABSENT,
        )  # fmt: skip
        first = sequence - n % _PER_FILE
        with open(folder / f"{first:08x}", "ab") as f:
            f.write(body + struct.pack("<I", zlib.crc32(body)))
    sent = struct.pack("<I", len(hours))
    (folder / "sent").write_bytes(sent + struct.pack("<I", zlib.crc32(sent)))


def _history(folder, hours, zone, gas, price):
    folder.mkdir(parents=True, exist_ok=True)
    seen, before, spent = None, None, Decimal(0)
    lines = {}

    def line(day, row):
        start, imported, exported, series = row
        at = start.astimezone(zone)
        offset = int(at.utcoffset().total_seconds()) // 60
        money = (f"{spent.quantize(_CURRENCY_DIGITS)}", "0.00000") if price else ("", "")
        text = f"{day},{_time(start)},{offset},0,{series},{imported},{exported},{','.join(money)}"
        if gas is not None:
            behind = (hours[-1][0] - start).total_seconds() / 86400
            text += f",1:3:{gas - Decimal(int(behind * 3400)) / 1000:.3f}:m3"
        lines.setdefault(f"{day:%Y}", []).append(checked(text))

    for row in hours:
        day = row[0].astimezone(zone).date()
        swapped = before and before[3] != row[3]
        if before and not swapped and price:
            spent += Decimal(row[1] - before[1]) * Decimal(price) / 1000
        if swapped:
            line(seen, before)
        if day != seen or swapped:
            line(day, row)
        seen, before = day, row
    for year, written in lines.items():
        (folder / year).write_text("".join(written))


def _costs(folder, hours, price):
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for (start, i0, e0, s0), (end, i1, e1, s1) in zip(hours, hours[1:], strict=False):
        if s0 != s1 or end - start != timedelta(hours=1):
            continue
        cost = (Decimal(i1 - i0) * price / 1000).quantize(_CURRENCY_DIGITS)
        begin = int(start.timestamp())
        text = f"{begin},{i1 - i0},{e1 - e0},{cost},0.00000,0"
        files.setdefault(begin - begin % _FILE, []).append(checked(text))
    for begin in sorted(files)[-3:]:
        (folder / str(begin)).write_text("".join(files[begin]))
