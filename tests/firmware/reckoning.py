"""Helpers of the tests of history and energy: times, events, the lines on flash."""

import zlib
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
SETTINGS = {
    "mqtt_host": "broker", "history_days": 40, "time_zone": "Europe/Oslo",
    "currency": "NOK", "capacity": "no",
    "capacity_count": 3, "capacity_hours": "0-24", "capacity_days": "all",
    "capacity_months": "1-12", "thresholds": "2,5,10,15,20,25", "capacity_price": "",
    "price_energy": "0",
    "price_day": "0", "price_night": "0", "night_hours": "22-6", "night_weekend": True,
    "price_vat": "0", "price_export": "0", "price_month": "0",
}  # fmt: skip


def at(*fields):
    """Seconds since 1970 of a UTC time."""
    return int(datetime(*fields, tzinfo=UTC).timestamp())


def local(t, zone=OSLO):
    return datetime.fromtimestamp(t, zone)


def five(x):
    """Five decimals, half up."""
    return Decimal(x).quantize(Decimal("0.00001"), ROUND_HALF_UP)


def written(events):
    """In the order of time; what stands later at the same time comes later."""
    return [f"{t} {text}" for t, text in sorted(events, key=lambda event: event[0])]


def checked_lines(folder):
    """The columns of the sound lines of a folder's files."""
    found = []
    for file in sorted(path for path in folder.iterdir() if path.name.isdigit()):
        for line in file.read_text().splitlines():
            text, _, check = line.rpartition("*")
            if f"{zlib.crc32(text.encode()):08x}" == check:
                found.append(text.split(","))
    return found
