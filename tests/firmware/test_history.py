"""The registers of each midnight, for years: whatever befalls the power, the meter, the clock."""

import json
import random
from datetime import datetime
from decimal import Decimal

import pytest
from firmware.reckoning import OSLO, SETTINGS, at, checked_lines, five, local, written
from slow_cases import slow_but

from kwhisper_tools import paths


@pytest.fixture
def run(request, on_micropython, micropython, root, tmp_path):
    """run(events, cut=parts, **settings) -> what was printed; the files lie in run.folder."""
    path = [str(root / "tests/mqtt"), str(root / "tests/firmware"), *paths.library_path()]

    def on_unix(events, cut=None, **settings):
        (tmp_path / "settings.json").write_text(json.dumps({**SETTINGS, **settings}))
        file = tmp_path / "events"
        file.write_text("".join(f"{event}\n" for event in events))
        script = f"import energy_run\nenergy_run.main({str(tmp_path)!r}, {str(file)!r})"
        if cut:
            script = f"import cuts\ncuts.main({str(tmp_path)!r}, {str(file)!r}, {cut!r})"
        return on_micropython([micropython], script, path, timeout=300)

    on_unix.folder = tmp_path
    return on_unix


def lines(run):
    return checked_lines(run.folder / "history")


def hourly(start, hours, used=1000, first=5_000_000):
    """(time, event) of the list of each hour."""
    return [(start + n * 3600 + 10, f"h {first + n * used} 0 900 0") for n in range(hours + 1)]


@pytest.mark.parametrize("seed", slow_but(range(4), 0, 3))
def test_a_power_cut_at_any_instant_of_the_midnight_writing_loses_nothing(run, seed):
    """25 nights, each cut at a random byte: of the ledger, the account's state or the history."""
    rnd = random.Random(seed)
    start = at(2026, 1, 9, 22)
    events = []
    for n in range(25 * 96):
        t = start + n * 900
        if local(t).hour == 0 and local(t).minute == 0:
            # The ledger writes 53 bytes, the account about 700, the history about 90.
            events.append((t, f"~ {rnd.randint(0, 53 if seed == 3 else 1000)}"))
        # A meter that tells all in each list: what was cut comes once more ten seconds later.
        for s in (3, 13, 23, 453):
            events.append((t + s, f"e {10**6 + n * 250 + s // 4} {7000 + n} 1000 0"))
        if local(t).hour == 1 and local(t).minute == 0:
            events.append((t, f"~ {1 << 30}"))
    out = run(written(events), ("ledger", "history", "account", "checked"), price_energy="2")
    assert out.count('"cut"') > 20
    found = lines(run)
    days = [local(start + n * 86400 + 7200).date() for n in range(-1, 26)]
    seen = [line[0] for line in found]
    assert sorted(set(seen)) == seen == sorted({str(local(t).date()) for t, _ in events})
    assert len(seen) >= 25 and str(days[3]) in seen
    for line in found[1:]:
        midnight = datetime.fromisoformat(line[0]).replace(tzinfo=OSLO)
        n = (int(midnight.timestamp()) - start) // 900
        # of the first, second or third list of the day
        lists = {
            int(midnight.timestamp()) + s: (10**6 + n * 250 + s // 4, 7000 + n)
            for s in (3, 13, 23)
        }
        assert lists[int(line[1])] == (int(line[5]), int(line[6]))
        assert line[4] == "1"


@pytest.mark.parametrize("seed", slow_but(range(4), 0))
def test_an_hourly_meter_s_midnight_survives_a_cut_behind_the_ledger(run, seed):
    """The list comes once: when the ledger has it, the history is written at the next start."""
    rnd = random.Random(100 + seed)
    start = at(2026, 2, 1, 23)
    events = hourly(start, 30 * 24)
    for n in range(1, 30):
        t = start + n * 86400
        events.append((t + 5, f"~ {rnd.randint(0, 900)}"))
        events.append((t + 2000, f"~ {1 << 30}"))
    out = run(written(events), ("history", "account", "checked"), price_energy="1.5")
    assert out.count('"cut"') > 20
    found = lines(run)
    assert [line[0] for line in found] == [str(local(start + n * 86400).date()) for n in range(31)]
    for n, line in enumerate(found):
        assert line[1] == str(start + n * 86400)
        assert line[5] == str(5_000_000 + n * 24000)


def test_what_an_energy_account_has_counted_survives_cuts(run):
    """Use and cost of each day, though the power went 29 times."""
    rnd = random.Random(17)
    start = at(2026, 2, 1, 23)
    events = hourly(start, 30 * 24)
    for n in range(1, 30):
        t = start + n * 86400 + rnd.randint(0, 23) * 3600
        events.append((t + 5, f"~ {rnd.randint(0, 900)}"))
        events.append((t + 2000, f"~ {1 << 30}"))
    for n in range(2, 31):
        events.append((start + n * 86400 + 30, f"? {n}"))
    out = run(written(events), ("history", "account", "checked"), price_energy="1.5")
    assert out.count('"cut"') > 10
    asked = {}
    for line in out.splitlines():
        if line.startswith('"') and "{" in line:
            word, _, text = line.partition(" ")
            asked[int(word.strip('"'))] = json.loads(text, parse_float=Decimal)
    assert len(asked) == 29
    for n, told in asked.items():
        assert told["yesterday_import"] == 24000, n
        assert told["yesterday_cost"] == five("36"), n


def test_days_of_23_and_25_hours(run):
    """The lines of the days around both turns of the clock are an hour's turn apart."""
    for first, lengths in (
        (at(2026, 3, 27, 23), (24, 23, 24)),
        (at(2026, 10, 23, 22), (24, 25, 24)),
    ):
        run(written(hourly(first, 74)))
        found = [line for line in lines(run) if int(line[1]) >= first][:4]
        times = [int(line[1]) for line in found]
        between = [(b - a) // 3600 for a, b in zip(times, times[1:], strict=False)]
        assert between == list(lengths)
        for line, t in zip(found, times, strict=True):
            here = local(t)
            assert (line[0], here.hour) == (str(here.date()), 0)
            assert int(line[2]) * 60 == here.utcoffset().total_seconds()


def test_hours_that_were_not_read_stay_missing(run):
    """From 20:00 to 07:00: the day has a line of when it was first read."""
    start = at(2026, 5, 3, 22)
    events = [e for e in hourly(start, 60) if not 20 <= (e[0] - start) // 3600 < 31]
    events.append((start + 31 * 3600 + 5, "!"))
    run(written(events))
    found = lines(run)
    assert [line[0] for line in found] == ["2026-05-04", "2026-05-05", "2026-05-06"]
    assert int(found[1][1]) == start + 31 * 3600 and int(found[2][1]) == start + 48 * 3600
    assert int(found[2][5]) - int(found[0][5]) == 48000


def test_another_meter_begins_a_new_series(run):
    """The old one's last registers and the new one's first have a line each."""
    start = at(2026, 5, 3, 22)
    events = hourly(start, 15, first=70_000_000) + hourly(start + 16 * 3600, 20, first=12)
    run(written(events))
    found = lines(run)
    assert [(line[0], line[4], line[5]) for line in found] == [
        ("2026-05-04", "1", "70000000"),
        ("2026-05-04", "1", "70015000"),
        ("2026-05-04", "2", "12"),
        ("2026-05-05", "2", "8012"),
    ]


def test_a_used_meter_whose_register_is_higher_begins_a_new_series_too(run):
    """Its number tells; the day's use is that of both, told by the account."""
    start = at(2026, 5, 3, 22)
    run(written(hourly(start, 10, first=1_000_000)), number="7359992890000001")
    more = hourly(start + 11 * 3600, 14, first=1_100_000)
    more.append((start + 24 * 3600 + 30, "? day"))
    out = run(written(more), number="7359992890000002")
    assert [(line[4], line[5]) for line in lines(run)] == [
        ("1", "1000000"),
        ("1", "1010000"),
        ("2", "1100000"),
        ("2", "1113000"),
    ]
    told = json.loads(out.partition(" ")[2])
    # Of the hour between the last list of one and the first of the other nobody knows.
    assert told["yesterday_import"] == 10000 + 13000


def test_a_register_that_fell_and_a_gap_count_nothing_twice(run):
    start = at(2026, 5, 3, 22)
    events = hourly(start, 15, first=70_000_000) + hourly(start + 16 * 3600, 8, first=12)
    events.append((start + 24 * 3600 + 30, "? day"))
    told = json.loads(run(written(events)).partition(" ")[2])
    # 15 hours of one, 8 of the other; between them the power of 900 W was integrated
    assert 15000 + 8000 <= told["yesterday_import"] <= 15000 + 8000 + 900


@pytest.mark.parametrize("kind, time", [("e", 910), ("h", 3600)])
def test_a_register_in_doubt_at_midnight_gets_no_line(run, kind, time):
    """The day's line is that of the next sound one, an hour or a quarter later."""
    start, step = at(2026, 5, 3, 22), 900 if kind == "e" else 3600
    events = []
    for n in range(2 * 86400 // step + 1):
        word = "70000000?" if n == 86400 // step else 1_000_000 + n
        events.append((start + n * step + 10, f"{kind} {word} 0 900 0"))
    run(written(events))
    found = [(line[0], int(line[1]), int(line[3]), line[4], line[5]) for line in lines(run)]
    second, lag = start + 86400 + time, time % 60
    first, third = start + lag, start + 2 * 86400 + lag
    assert found == [
        ("2026-05-04", first, 0, "1", "1000000"),
        ("2026-05-05", second, 0, "1", str(1_000_001 + 86400 // step)),
        ("2026-05-06", third, 0, "1", str(1_000_000 + 2 * 86400 // step)),
    ]


def test_sub_meters_stand_in_the_line(run):
    start = at(2026, 5, 3, 22)
    more = "0-1:24.1.0=3 0-1:24.2.1=2345678 0-2:24.1.0=7 0-2:24.2.1=871034"
    events = [(t, event.replace("h ", "e ") + " " + more) for t, event in hourly(start, 25)]
    run(written(events))
    found = lines(run)
    assert len(found) == 2
    for line in found:
        assert line[9:] == ["1:3:2345.678:m3", "2:7:871.034:m3"]


def test_a_sub_meter_s_register_in_doubt_is_not_in_the_line(run):
    start = at(2026, 5, 3, 22)
    more = "0-1:24.1.0=3 0-1:24.2.1=2345678? 0-2:24.1.0=7 0-2:24.2.1=871034"
    events = [(t, event.replace("h ", "e ") + " " + more) for t, event in hourly(start, 25)]
    run(written(events))
    assert [line[9:] for line in lines(run)] == [["2:7:871.034:m3"]] * 2


def test_a_year_has_a_file_of_its_own(run):
    run(written(hourly(at(2026, 12, 30, 22), 60)))
    names = sorted(path.name for path in (run.folder / "history").iterdir())
    assert names == ["2026", "2027"]
    assert [line[0] for line in lines(run)] == [
        "2026-12-30",
        "2026-12-31",
        "2027-01-01",
        "2027-01-02",
    ]
