"""What was used and what it cost, against a reckoning of its own: Fraction, Decimal, zoneinfo."""

import json
import random
import shlex
import struct
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from kwhisper_tools import paths

OSLO = ZoneInfo("Europe/Oslo")
SETTINGS = {
    "history_days": 40, "time_zone": "Europe/Oslo", "currency": "NOK", "capacity": "no",
    "capacity_count": 3, "capacity_hours": "0-24", "capacity_days": "all",
    "capacity_months": "1-12", "thresholds": "2,5,10,15,20,25", "price_energy": "0",
    "price_day": "0", "price_night": "0", "night_hours": "22-6", "night_weekend": True,
    "price_vat": "0", "price_export": "0", "price_month": "0",
}  # fmt: skip


def at(*fields):
    """Seconds since 1970 of a UTC time."""
    return int(datetime(*fields, tzinfo=UTC).timestamp())


def local(t, zone=OSLO):
    return datetime.fromtimestamp(t, zone)


@pytest.fixture(params=["64 bits", "32 bits"])
def run(request, on_micropython, root, tmp_path):
    """run(events, **settings) -> the lines that energy_run.py printed: [(word, dict)]."""
    bits = request.param
    runtime = "micropython32" if bits == "32 bits" else "micropython"
    command = request.getfixturevalue(runtime)
    command = command if isinstance(command, list) else [command]
    path = [str(root / "tests/mqtt"), str(root / "tests/firmware"), *paths.library_path()]

    def on_unix(events, **settings):
        (tmp_path / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
        file = tmp_path / "events"
        file.write_text("".join(f"{event}\n" for event in events))
        out = on_micropython(
            command,
            f"import energy_run\nenergy_run.main({str(tmp_path)!r}, {str(file)!r})",
            path,
            timeout=300,
        )
        found = []
        for line in out.splitlines():
            word, _, text = line.partition(" ")
            found.append((word.strip('"'), json.loads(text, parse_float=Decimal)))
        return found

    on_unix.folder = tmp_path
    return on_unix


class House:
    """Registers by the hour, and what an energy company would write on the bill."""

    def __init__(self, seed, start, hours, step=3600, zone=OSLO):
        rnd = random.Random(seed)
        self.step, self.zone = step, zone
        self.times = [start + n * step for n in range(hours + 1)]
        self.imports, self.exports = [rnd.randint(10**6, 10**7)], [rnd.randint(0, 10**6)]
        for _ in range(hours):
            used = rnd.choice([0, 0, rnd.randint(100, 900), rnd.randint(1000, 14000)])
            fed = rnd.choice([0, 0, rnd.randint(1, 5000)])
            self.imports.append(self.imports[-1] + used * step // 3600)
            self.exports.append(self.exports[-1] + fed * step // 3600)

    def used(self, n):
        return self.imports[n + 1] - self.imports[n]

    def hours_of(self, day):
        """The numbers of the hours (quarters) of a local day."""
        return [n for n, t in enumerate(self.times[:-1]) if local(t, self.zone).date() == day]

    def days(self):
        return sorted({local(t, self.zone).date() for t in self.times[:-1]})


def five(x):
    """Five decimals, half up."""
    return Decimal(x).quantize(Decimal("0.00001"), ROUND_HALF_UP)


def whole(x):
    """Rounded half up, of a Fraction."""
    return int((x + Fraction(1, 2)) // 1)


def night(t):
    here = local(t)
    return here.weekday() > 4 or here.hour >= 22 or here.hour < 6


def price_of(t, spot):
    """A kWh of import with everything: fees of day or night, 25 per cent of tax."""
    fee = Decimal("0.2914") if night(t) else Decimal("0.4311")
    return five((spot + fee) * Decimal("1.25"))


PRICES = {"price_day": "0.4311", "price_night": "0.2914", "price_vat": "25", "price_month": "39.5"}


def spots(seed, house, step=3600):
    """{begin of the hour or quarter: price}, some of them below nothing."""
    rnd = random.Random(seed)
    first, last = house.times[0], house.times[-1]
    return {t: five(Decimal(rnd.randint(-20000, 350000)) / 100000)
            for t in range(first, last, step)}  # fmt: skip


def price_events(house, prices, minutes=60, exports=None):
    """The list of each local day, at 13 o'clock of the day before."""
    events = []
    for day in house.days():
        times = [t for t in sorted(prices) if local(t).date() == day]
        text = f'{{"start": "{local(times[0]).isoformat()}", "minutes": {minutes}'
        for name, values in (("import", prices), ("export", exports)):
            if values:
                text += f', "{name}": [{", ".join(str(values[t]) for t in times)}]'
        events.append((times[0] - 39600 if events else times[0] - 60, f"= {text}}}"))
    return events


def hourly_events(house):
    """A Norwegian meter: the registers at each hour, power between; asked at each midnight."""
    events = [(house.times[0] - 5, "p - - 900 0")]
    for n, t in enumerate(house.times):
        last = n + 1 == len(house.times)
        watts = 500 if last else house.used(n)
        fed = 0 if last else house.exports[n + 1] - house.exports[n]
        events.append((t + 10, f"h {house.imports[n]} {house.exports[n]} {watts} {fed}"))
        for s in () if last else (100, 1300, 2500, 3590):
            events.append((t + s, f"p - - {watts + s % 7} {fed}"))
        here = local(t)
        if here.hour == 0:
            events.append((t + 20, f"? {here:%Y-%m-%d}"))
        if here.hour == 23 and local(t + 3600).day == 1:
            events.append((t + 3595, f"? end-{here:%Y-%m}"))
    return events


def written(events):
    """In the order of time; what stands later at the same time comes later."""
    return [f"{t} {text}" for t, text in sorted(events, key=lambda event: event[0])]


def test_a_year_of_a_norwegian_house(run):
    """365 days with two turns of the clock: use, cost, income, peaks, each to its last digit."""
    house = House(1, at(2025, 12, 31, 23), 365 * 24)
    prices = spots(2, house)
    exports = {t: five(p * Decimal("0.9")) for t, p in prices.items()}
    out = run(
        written(price_events(house, prices, 60, exports) + hourly_events(house)),
        capacity="no",
        **PRICES,
    )
    asked = {word: told for word, told in out if word != "prices"}
    assert sum(word == "prices" and told["ok"] for word, told in out) == 365

    def sums(day):
        numbers = house.hours_of(day)
        cost = income = Decimal(0)
        for n in numbers:
            t = house.times[n]
            cost += Decimal(house.used(n)) * price_of(t, prices[t]) / 1000
            income += Decimal(house.exports[n + 1] - house.exports[n]) * exports[t] / 1000
        fed = house.exports[numbers[-1] + 1] - house.exports[numbers[0]]
        return house.imports[numbers[-1] + 1] - house.imports[numbers[0]], fed, cost, income

    days = house.days()
    assert [len(house.hours_of(day)) for day in days].count(23) == 1
    assert [len(house.hours_of(day)) for day in days].count(25) == 1
    months = defaultdict(lambda: [0, 0, Decimal(0), Decimal(0)])
    for day in days:
        true = sums(day)
        month = months[f"{day:%Y-%m}"]
        for i, part in enumerate(true):
            month[i] += part
        told = asked[f"{day + timedelta(days=1):%Y-%m-%d}"]
        names = ("import", "export", "cost", "income")
        said = [told["yesterday_" + name] for name in names]
        assert said == [true[0], true[1], five(true[2]), five(true[3])], day
        assert "yesterday" not in told["estimated"]
    assert len(months) == 12
    for name, true in months.items():
        after = (datetime.strptime(name, "%Y-%m") + timedelta(days=32)).replace(day=1)
        told = asked[f"{after:%Y-%m-%d}"]
        assert told["last_month_import"] == true[0] and told["last_month_export"] == true[1]
        assert told["last_month_cost"] == five(true[2] + Decimal("39.5")), name
        assert told["last_month_income"] == five(true[3]), name

    # Norway's peaks: the three highest hours of different days, but the month's last hour, which
    # is known when the month is over.
    for name in months:
        highest = {}
        end = max(t for t in house.times if f"{local(t):%Y-%m}" == name)
        for n, t in enumerate(house.times[:-1]):
            if f"{local(t):%Y-%m}" == name and t < end:
                day = local(t).date()
                highest[day] = max(highest.get(day, 0), house.used(n))
        top = sorted(highest.values(), reverse=True)[:3]
        told = asked[f"end-{name}"]
        assert [power for _, power in told["capacity_peaks"]] == top
        assert told["capacity"] == whole(Fraction(sum(top), 3))
        for time, power in told["capacity_peaks"]:
            assert house.used(house.times.index(time)) == power
        step = min(s for s in (2000, 5000, 10000, 15000) if s > Fraction(sum(top), 3))
        assert told["capacity_limit"] == step
