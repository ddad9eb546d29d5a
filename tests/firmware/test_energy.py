"""What was used and what it cost, against a reckoning of its own: Fraction, Decimal, zoneinfo."""

import json
import random
import tempfile
from bisect import bisect
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from firmware.reckoning import OSLO, SETTINGS, at, checked_lines, five, local, written
from slow_cases import slow_but

from kwhisper_tools import meters, paths
from kwhisper_tools.meters.telegram import crc16_arc

# Weeks of lists: on 32 bits with the slow tests.
LONG = pytest.mark.parametrize("run", slow_but(["64 bits", "32 bits"], "64 bits"), indirect=True)


@pytest.fixture(params=["64 bits", "32 bits"])
def run(request, on_micropython, root, tmp_path):
    """run(events, **settings) -> the lines that energy_run.py printed: [(word, dict)]."""
    import jsonschema  # takes seconds: only who needs it

    bits = request.param
    whole = json.loads((root / "docs/mqtt.schema.json").read_text())
    schema = jsonschema.Draft202012Validator({"$ref": "#/$defs/energy", "$defs": whole["$defs"]})
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
            if word != "prices":
                schema.validate(found[-1][1])
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


@pytest.mark.slow
def test_a_year_of_a_norwegian_house(run):
    """365 days with two turns of the clock: use, cost, income, peaks, each to its last digit."""
    house = House(1, at(2025, 12, 31, 23), 365 * 24)
    prices = spots(2, house)
    exports = {t: five(p * Decimal("0.9")) for t, p in prices.items()}
    out = run(
        written(price_events(house, prices, 60, exports) + hourly_events(house)),
        capacity="no",
        capacity_price="150,206.5,347.25,615",
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
        # The step's price by all hours of the month, the last one too.
        highest = {}
        for n, t in enumerate(house.times[:-1]):
            if f"{local(t):%Y-%m}" == name:
                day = local(t).date()
                highest[day] = max(highest.get(day, 0), house.used(n))
        mean = Fraction(sum(sorted(highest.values())[-3:]), 3)
        step = Decimal(["150", "206.5", "347.25", "615"][bisect([2000, 5000, 10000], mean)])
        assert told["last_month_cost"] == five(true[2] + Decimal("39.5") + step), name
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
        steps = bisect([2000, 5000, 10000], Fraction(sum(top), 3))
        assert told["capacity_cost"] == Decimal(["150", "206.5", "347.25", "615"][steps])
        assert [power for _, power in told["capacity_peaks"]] == top
        assert told["capacity"] == whole(Fraction(sum(top), 3))
        for time, power in told["capacity_peaks"]:
            assert house.used(house.times.index(time)) == power
        step = min(s for s in (2000, 5000, 10000, 15000) if s > Fraction(sum(top), 3))
        assert told["capacity_limit"] == step

    # What lies on flash: a line a day, money as running totals; the last months' hours.
    spent = earned = Decimal(0)
    lines = history_lines(run.folder)
    assert [line[0] for line in lines] == [f"{day:%Y-%m-%d}" for day in [*days, date(2027, 1, 1)]]
    for day, line in zip(days, lines, strict=False):
        first = house.hours_of(day)[0]
        here = local(house.times[first])
        offset = int(here.utcoffset().total_seconds()) // 60
        # The ledger calls a register stale that did not move though the next hour's power is on.
        assert line[3] == "0" or (line[3] == "2" and not house.used(first - 1))
        registers = [str(house.imports[first]), str(house.exports[first])]
        assert line[1:3] == [str(house.times[first]), str(offset)]
        assert line[4:7] == ["1", *registers]
        assert [Decimal(text) for text in line[7:9]] == [five(spent), five(earned)], day
        cost, income = sums(day)[2:]
        spent += cost
        earned += income
    hours = checked_lines(run.folder / "energy")
    assert len(hours) > 62 * 24
    for line in hours:
        n = house.times.index(int(line[0]))
        t = house.times[n]
        cost = five(Decimal(house.used(n)) * price_of(t, prices[t]) / 1000)
        fed = house.exports[n + 1] - house.exports[n]
        income = five(Decimal(fed) * exports[t] / 1000)
        assert [Decimal(text) for text in line[1:]] == [house.used(n), fed, cost, income, 0]
    assert int(hours[-1][0]) == house.times[-2]


def history_lines(folder):
    return checked_lines(folder / "history")


def p1_events(house, every=300, lag=3):
    """A meter that tells its registers in each list, between the quarters too."""
    events = []
    for n, t in enumerate(house.times[:-1]):
        for k in range(0, house.step, every):
            imported = house.imports[n] + house.used(n) * k // house.step
            exported = (
                house.exports[n] + (house.exports[n + 1] - house.exports[n]) * k // house.step
            )
            watts = house.used(n) * 3600 // house.step
            events.append((t + k + lag, f"e {imported} {exported} {watts} 0"))
    return events


@pytest.mark.slow
def test_quarters_of_a_belgian_house(run):
    """14 months: the highest quarter of each month, the mean of twelve, prices by the quarter."""
    zone = ZoneInfo("Europe/Brussels")
    house = House(5, at(2025, 10, 31, 23), 14 * 31 * 96, 900, zone)
    prices = spots(6, house, 900)
    events = price_events(house, prices, 15) + p1_events(house, 900)
    asks = []
    for n, t in enumerate(house.times[:-1]):
        if local(t, zone).day == 15 and local(t, zone).hour == 12 and local(t, zone).minute == 15:
            asks.append(n)
            events.append((t + 4, f"? {n}"))
    out = run(
        written(events),
        capacity="be",
        capacity_price="41.35",
        time_zone="Europe/Brussels",
        **PRICES,
    )
    asked = {word: told for word, told in out if word != "prices"}
    assert len(asks) > 12

    def of(n, form):
        return f"{local(house.times[n], zone):{form}}"

    peaks = {}
    for n in range(asks[-1]):
        month = of(n, "%Y%m")
        peaks[month] = max(peaks.get(month, 0), house.used(n) * 4)
        if n + 1 not in asks:
            continue
        told = asked[str(n + 1)]
        counted = [max(2500, peak) for _, peak in sorted(peaks.items())[-12:]]
        assert told["capacity"] == whole(Fraction(sum(counted), len(counted)))
        assert told["capacity_peaks"][0][1] == peaks[month]
        # Registers in each list: today and this month are no estimates, and their cost is exact.
        # The first month was under way when the counting began.
        assert told["estimated"] == [] or len(peaks) < 3
        first = min(k for k in range(n + 2) if of(k, "%Y%m%d") == of(n + 1, "%Y%m%d"))
        begin = min(k for k in range(n + 2) if of(k, "%Y%m") == month)
        for name, start in (("today", first), ("month", begin)):
            assert told[name + "_import"] == house.imports[n + 1] - house.imports[start]
            cost = sum(
                Decimal(house.used(k)) * price_of(house.times[k], prices[house.times[k]])
                for k in range(start, n + 1)
            )
            # What a kW costs in a year, for a twelfth of it.
            paid = Fraction("41.35") * Fraction(sum(counted), len(counted) * 12 * 1000)
            fee = Fraction("39.5") + paid if name == "month" else 0
            exact = (Fraction(cost) / 1000 + fee) * 100_000
            assert told[name + "_cost"] == Decimal(whole(exact)) / 100_000
            assert told["capacity_cost"] == Decimal(whole(paid * 100_000)) / 100_000


@pytest.mark.parametrize("every", [10, 900, 3600])
@pytest.mark.parametrize("bad", [1065000, 20])
def test_a_register_in_doubt_is_not_billed(run, every, bad):
    """One of 1065 kWh, or of 20 Wh, among those of three hours of 600 W."""
    start = at(2026, 3, 10, 11)
    end = start + 3 * 3600
    events = []
    for t in range(start, end + 1, every):
        word = f"{bad}?" if t == start + 3600 else 1_000_000 + (t - start) // 6
        events.append(f"{t} {'h' if every == 3600 else 'e'} {word} 0 600 0")
        if word != 1_000_000 + (t - start) // 6:
            events.append(f"{t + 1} #")
        events += [f"{t + k} p - - 600 0" for k in range(60, every, 60) if t < end]
    ((_, told),) = run([*events, f"{end + 1} ? end"], price_energy="1", capacity="be")
    assert told["today_import"] == 1800
    assert told["today_cost"] == Decimal("1.8")
    # After the restart power is not known for a minute.
    assert all(590 < power < 630 for _, power in told["capacity_peaks"])
    hours = [Decimal(line[1]) for line in checked_lines(run.folder / "energy")]
    assert len(hours) == 3 and all(590 < used < 630 for used in hours)


def test_a_belgian_meter_reckons_its_peaks_itself(run):
    """1.4.0 makes the forecast, 1.6.0 the month's peak."""
    start = at(2026, 3, 10, 11)
    events = [
        f"{start + 3} e 1000000 0 4000 0 1-0:1.4.0=12 1-0:1.6.0=5120",
        f"{start + 303} e 1000300 0 4000 0 1-0:1.4.0=1000 1-0:1.6.0=5120",
        f"{start + 303} ? third",
        f"{start + 903} e 1001000 0 9000 0 1-0:1.4.0=30 1-0:1.6.0=5120",
        f"{start + 1500} e 1002600 0 9000 0 1-0:1.4.0=6000 1-0:1.6.0=5120",
        f"{start + 1500} ? late",
        f"{start + 1803} e 1003300 0 500 0 1-0:1.4.0=2 1-0:1.6.0=9001",
        f"{start + 1803} ? raised",
    ]
    told = dict(run(events, capacity="be", thresholds="6,10"))
    third, late, raised = told["third"], told["late"], told["raised"]
    assert third["capacity_peaks"] == [[start, 5120]] and third["capacity"] == 5120
    # What the meter reckons, and 597 s of the 4000 W of the last minute.
    assert third["forecast"] == whole(Fraction(1000 * 900 + 4000 * 597, 900)) == 3653
    assert third["capacity_limit"] == third["forecast_limit"] == 6000 and not third["alarm"]
    assert late["forecast"] > 6000 and late["alarm"] is True
    assert raised["capacity"] == 9001 and raised["capacity_limit"] == 10000


def test_a_belgian_meter_tells_its_peaks_of_the_months_before(on_micropython, micropython):
    """The simulated Fluvius, through the decoder: 1.4.0, 1.6.0 and the log 98.1.0."""
    zone = ZoneInfo("Europe/Brussels")
    meter = meters.make("fluvius-be", 1, datetime(2026, 1, 20, 10, 59, 55, tzinfo=UTC))
    lists = [meter.next().data for _ in range(4)]
    # Another telegram, with a month without a quarter and one below the least that counts.
    log = b"(260101000000W)(251223192538W)(03.695*kW)"
    assert log in lists[2]
    more = b"(251001000000S)(632525252525W)(00.000*kW)(250901000000S)(250803191500S)(01.5*kW)"
    changed = lists[2].replace(log, log + more).replace(b"(02.589*kW)", b"(07.000*kW)")
    changed = changed.replace(b"(260109134558W)", b"(260120120000W)")
    body = changed[: changed.index(b"!") + 1]
    lists.append(body + f"{crc16_arc(body):04X}\r\n".encode())
    settings = {
        **SETTINGS,
        "capacity": "be",
        "capacity_price": "40",
        "time_zone": "Europe/Brussels",
    }
    script = f"""
from meterwire import Decoder
from kwhisper.energy import account
class Ledger:
    sequence, always = 0, True
    def now(self):
        return {int(meter.start.timestamp())}, 60
    def last(self):
        return None
settings = {settings!r}
counted = account.Account(settings, Ledger(), FOLDER)
d = Decoder(3072)
for text in {[data.hex() for data in lists]!r}:
    d.feed(bytes.fromhex(text))
    r = d.read()
    while r:
        counted.reading(r)
        r = d.read()
    print("{{" + ",".join(['"%s":%s' % pair for pair in counted.pairs()]) + "}}")
"""
    out = []
    with tempfile.TemporaryDirectory() as folder:
        script = script.replace("FOLDER", repr(folder))
        for line in on_micropython([micropython], script, paths.library_path()).splitlines():
            out.append(json.loads(line, parse_float=Decimal))
    assert len(out) == 5

    def begins(*fields):
        return int(datetime(*fields, tzinfo=zone).timestamp())

    told = out[0]
    # Its seconds are the simulated meter's: the quarter in which they lie.
    assert told["capacity_peaks"] == [[begins(2026, 1, 9, 13, 45), 2589]]
    assert told["capacity"] == whole(Fraction(2589 + 3695 + 5980, 3))
    paid = Fraction(40, 12) * Fraction(2589 + 3695 + 5980, 3 * 1000)
    assert told["capacity_cost"] == Decimal(whole(paid * 100_000)) / 100_000
    # The meter's 2,351 W so far, and the power for the rest of the quarter.
    assert told["forecast"] >= 2351
    told = out[-1]
    assert told["capacity_peaks"] == [[begins(2026, 1, 20, 11, 45), 7000]]
    # What is lower counts as 2.5 kW.
    assert told["capacity"] == whole(Fraction(7000 + 3695 + 5980 + 2500 + 2500, 5))


@LONG
def test_a_swedish_tariff_counts_what_its_company_counts(run):
    """Four highest hours of different weekdays from 7 to 19, November to March."""
    house = House(7, at(2026, 2, 28, 23), 62 * 24)
    out = run(
        written(hourly_events(house)),
        capacity="se",
        capacity_count=4,
        capacity_hours="7-19",
        capacity_days="weekdays",
        capacity_months="11-3",
        capacity_price="47.5",
        time_zone="Europe/Stockholm",
    )
    told = dict(out)
    highest = {}
    for n, t in enumerate(house.times[:-1]):
        here = local(t)
        if here.month == 3 and here.weekday() < 5 and 7 <= here.hour < 19:
            highest[here.date()] = max(highest.get(here.date(), 0), house.used(n))
    top = sorted(highest.values(), reverse=True)[:4]
    assert [power for _, power in told["end-2026-03"]["capacity_peaks"]] == top
    assert told["end-2026-03"]["capacity"] == whole(Fraction(sum(top), 4))
    paid = Decimal(whole(Fraction("47.5") * Fraction(sum(top), 4 * 1000) * 100_000)) / 100_000
    assert told["end-2026-03"]["capacity_cost"] == paid
    assert told["end-2026-04"]["capacity_cost"] == 0
    assert told["end-2026-04"]["capacity_peaks"] == [] and "capacity" not in told["end-2026-04"]
    assert told["end-2026-04"]["alarm"] is False


def test_without_tariff_and_price_nothing_is_made_up(run):
    house = House(8, at(2026, 6, 1, 22), 26)
    told = dict(run(written(hourly_events(house)), capacity="off"))["2026-06-03"]
    assert told["yesterday_import"] == house.imports[24] - house.imports[0]
    assert not [name for name in told if "cost" in name or "price" in name or "capacity" in name]
    assert "forecast" in told and "alarm" not in told


def test_the_hour_so_far_is_integrated_and_corrected_by_its_register(run):
    start = at(2026, 5, 5, 10)
    events = [f"{start + 10} h 1000000 0 3000 0"]
    events += [f"{start + s} p - - {3000 + s % 3} 0" for s in range(20, 3600, 10)]
    events += [f"{start + 1810} ? half", f"{start + 3605} p - - 3000 0"]
    events += [f"{start + 3610} h 1003010 0 3000 0", f"{start + 3610} ? over"]
    told = dict(run(sorted(events, key=lambda line: (int(line.split()[0]), "?" in line))))
    half, over = told["half"], told["over"]
    # From the register's hour on: 10 s of nothing known, then what the lists said, each until the
    # next one.
    watts = [3000] + [3000 + s % 3 for s in range(20, 1810, 10)]
    assert half["hour_import"] == Decimal(sum(watts) * 10000 // 3600) / 1000
    assert "hour" in half["estimated"] and half["register_time"] == start
    # The register told 3,010 Wh; what was integrated since is of the next hour.
    assert over["today_import"] == 3010 + over["hour_import"]
    assert abs(over["hour_import"] - Decimal(5 * 3002 + 5 * 3000) / 3600) < Decimal("0.002")
    assert over["register_time"] == start + 3600


def test_an_orderly_restart_loses_nothing_of_the_hour(run):
    """Counted for 20 minutes, for the first time, then restarted: the power that was integrated
    stays; 60 s are unseen, and the register that comes says what they were."""
    start = at(2026, 5, 5, 10)
    events = [f"{start + 10} h 1000000 0 3600 0"]
    events += [f"{start + s} p - - 3600 0" for s in range(20, 1210, 10)]
    events += [f"{start + 1200} ? before", f"{start + 1201} #"]
    events += [f"{start + s} p - - 3600 0" for s in range(1260, 3600, 10)]
    events += [f"{start + 1260} ? after", f"{start + 3610} h 1004000 0 3600 0"]
    events += [f"{start + 3611} ? over"]
    told = dict(run(sorted(events, key=lambda line: (int(line.split()[0]), "?" in line))))
    # 1 Wh a second from the first list on.
    assert told["before"]["hour_import"] == 1190
    assert told["after"]["hour_import"] == 1190
    assert told["over"]["today_import"] - told["over"]["hour_import"] == 4000


@pytest.mark.parametrize("first", ["", "2026-06-05"])
@LONG
def test_what_the_history_knows_the_account_begins_with(run, first):
    """Energy is switched on in mid-month: the registers of the midnights tell what was before;
    with a history that began on the `first`, this month from then on."""
    start = at(2026, 4, 29, 22)
    hourly = [(start + n * 3600 + 10, f"h {10**6 + n * 500} {n} 400 0") for n in range(961)]
    run(written(hourly), price_energy="1")
    for file in (run.folder / "energy").iterdir():
        file.unlink()
    history = run.folder / "history" / "2026"
    kept = [line for line in history.read_text().splitlines(True) if line > first]
    assert 5 <= len(kept) <= 42
    history.write_text("".join(kept))
    t = start + 40 * 86400 + 10 * 3600
    told = dict(run([f"{t + 10} h {10**6 + 970 * 500} 970 400 0", f"{t + 20} ? on"]))["on"]
    # 9 June, ten o'clock; it began in the night to 30 April
    assert told["today_import"] - told["hour_import"] == 10 * 500
    hours = 970 - 36 * 24 if first else 970 - 32 * 24
    assert told["month_import"] - told["hour_import"] == hours * 500
    assert told["month_start"] == at(*((2026, 6, 4) if first else (2026, 5, 31)), 22)
    assert (told["yesterday_import"], told["yesterday_export"]) == (24 * 500, 24)
    assert "yesterday_cost" not in told and "last_month" not in told["estimated"]
    if first:
        assert "last_month_import" not in told
    else:
        assert told["last_month_import"] == 31 * 24 * 500 and told["last_month_export"] == 31 * 24


def test_a_history_that_began_by_day_gives_the_month_its_first_midnight(run):
    start = at(2026, 6, 5, 8)  # ten o'clock of the summer
    hours = 100
    hourly = [(start + n * 3600 + 10, f"h {10**6 + n * 500} {n} 400 0") for n in range(hours)]
    run(written(hourly), price_energy="1")
    for file in (run.folder / "energy").iterdir():
        file.unlink()
    assert (run.folder / "history" / "2026").read_text().splitlines()[1].startswith("2026-06-05,")
    t = start + hours * 3600
    told = dict(run([f"{t + 10} h {10**6 + hours * 500} {hours} 400 0", f"{t + 20} ? on"]))["on"]
    assert told["month_start"] == at(2026, 6, 5, 22)
    assert told["month_import"] - told["hour_import"] == (hours - 14) * 500


GOOD = (
    ('{"start": "2026-11-25T23:00:00Z", "minutes": 60, "import": [0.1, 0.2]}', "2 prices of 60"),
    ('{"import":[1,-0.00001,null],"start":1795647600}', "3 prices of 60"),
    (
        '{"start":"2026-11-26 00:00:00+01:00","minutes":15,"import":["0.5","1e-3"]}',
        "2 prices of 15",
    ),
    ('{"start":"2026-11-26T00:00+01:00","import":[0.1],"export":[ 0.05 ]}', "1 prices of 60"),
)
BAD = (
    ("{}", "import"),
    ("", "not a JSON object"),
    ("no JSON", "not a JSON object"),
    ('{"start":"2026-11-26T00:00+01:00","import":[]}', "is not a price"),
    ('{"start":"2026-11-26T00:00+01:00","import":[0.1,"dear"]}', "is not a price"),
    ('{"start":"2026-11-26T00:00+01:00","import":[0.1', "is not a list"),
    ('{"start":"2026-11-26T00:00+01:00","import":[NaN]}', "is not a price"),
    ('{"start":"2026-11-26T00:00+01:00","import":[99999999999]}', "is too high"),
    ('{"start":"2026-11-26T00:00","import":[0.1]}', "start"),
    ('{"start":"2026-11-26T00:00:00+0100","import":[0.1]}', "start"),
    ('{"start":"tomorrow","import":[0.1]}', "start"),
    ('{"start":1795647601,"import":[0.1]}', "start"),
    ('{"import":[0.1]}', "start"),
    ('{"start":1795647600,"minutes":7,"import":[0.1]}', "minutes"),
    ('{"start":1795647600,"import":[0.1],"export":[0.1,0.2]}', "as many"),
    ('{"start":1795647600,"import":[' + ",".join(["1"] * 201) + "]}", "at most 200"),
    ('{"start":1795647600,"import":[1.2.3]}', "is not a price"),
    ('{"start":1795647600,"import":[-]}', "is not a price"),
)


def test_prices_are_taken_or_refused_in_words(run):
    t = at(2026, 11, 26, 0)
    out = run([f"{t} = {text}" for text, _ in GOOD + BAD])
    for (text, words), (_, told) in zip(GOOD + BAD, out, strict=True):
        assert told["ok"] is ((text, words) in GOOD), (text, told)
        assert words in told["text"], (text, told)


def test_prices_are_exact_and_those_of_another_day_stay(run):
    """Today's list, then tomorrow's: each hour has the price that was told, tax and fee on it."""
    start = at(2026, 11, 25, 23)
    odd = ["0.123455", "-0.0123456", "1.5e-05", "2", "0.00001", "null"] * 4
    days = [(start, odd), (start + 86400, odd[::-1])]
    events = [(start - 100, "h 1000000 0 500 0")]
    for begin, told in days:
        events.append((begin - 50, f'= {{"start": {begin}, "import": [{", ".join(told)}]}}'))
    for n in range(48):
        events.append((start + n * 3600 + 10, f"h {1000000 + n} 0 500 0"))
        events.append((start + n * 3600 + 20, f"? {n}"))
    out = dict(run(written(events), price_day="0.1", price_night="0.05", price_vat="24"))
    for n in range(48):
        begin, told = days[n // 24]
        text = told[n % 24]
        said = out[str(n)]
        if text == "null":
            assert "price_import" not in said and "hour_cost" not in said, n
            continue
        spot = Decimal(text)
        spot = spot.quantize(Decimal("0.00001"), ROUND_HALF_UP)
        fee = Decimal("0.05") if night(start + n * 3600) else Decimal("0.1")
        true = (spot + fee) * Decimal("1.24")
        assert said["price_import"] == true.quantize(Decimal("0.00001"), ROUND_HALF_UP), n


def test_a_meter_on_transformers_is_multiplied(on_micropython, micropython):
    """Currents, voltages, powers and registers; a list with registers of the simulated Aidon."""
    meter = meters.make("aidon", 1, datetime(2026, 1, 20, 10, 59, 55, tzinfo=UTC))
    lists = [meter.next().data for _ in range(12)]
    script = f"""
from meterwire import Decoder
from kwhisper.meter.ratio import Ratio
lists = {[data.hex() for data in lists]!r}
plain, told = [], 0
for by in (None, Ratio(40, 1), Ratio(1000, 200)):
    d = Decoder(3072)
    n = 0
    for text in lists:
        d.feed(bytes.fromhex(text))
        r = d.read()
        while r:
            if by:
                by.reading(r)
            for i in range(len(r)):
                if r.entry(i):
                    continue
                if not by:
                    plain.append((r.value(i), r.unit(i)))
                    continue
                value, unit = plain[n]
                n += 1
                by_unit = {{"A": by.currents, "V": by.voltages}}
                assert r.value(i) == value * by_unit.get(unit, by.currents * by.voltages)
                assert abs(float(r.decimal(i)) - r.value(i) * 10.0 ** r.exponent(i)) < 0.001
                told += 1
            r = d.read()
    assert n == (len(plain) if by else 0)
print(told, sorted(set(unit for _, unit in plain)))
"""
    out = on_micropython([micropython], script, paths.library_path())
    told, _, units = out.partition(" ")
    assert int(told) > 60 and units.strip() == "['A', 'V', 'W', 'Wh', 'var', 'varh']"
