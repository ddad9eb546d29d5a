"""The routes of the history as the firmware answers them, against the files on its flash."""

import base64
import csv
import io
import json
import struct
import time
import urllib.error
import urllib.request
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from kwhisper_tools.host import Device
from kwhisper_tools.host.made_up_history import lay

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SETTINGS = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo", "time_zone": "Europe/Oslo",
    "web_password": "correct horse"}  # fmt: skip


@pytest.fixture(scope="module")
def device(tmp_path_factory, micropython):
    """A device with 400 days on flash, energy on."""
    with Device(tmp_path_factory.mktemp("device"), micropython=[micropython]) as device:
        device.install()
        device.settings(**SETTINGS, energy=True, currency="NOK")
        lay(device.flash, 400, NOW, (80_000_000, 0), price="1.21")
        device.power_on()
        device.wait_for("connected")
        yield device


def get(device, path):
    """(status, headers, body)."""
    for left in range(200, -1, -1):
        try:
            with urllib.request.urlopen(device.url + path, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()
        except urllib.error.URLError:
            # It may be just about to listen.
            if not left:
                raise
            time.sleep(0.5)


def records(data):
    """[(sequence, time, flags, Wh)] of the ledger's bytes."""
    assert len(data) % 52 == 0
    found = []
    for at in range(0, len(data), 52):
        record = data[at : at + 52]
        assert zlib.crc32(record[:48]) == struct.unpack("<I", record[48:])[0]
        f = struct.unpack("<IIhBB4q4b", record[:48])
        found.append((f[0], f[1], f[3], f[5] * 10 ** f[9]))
    return found


def lines(text):
    found = []
    for line in text.decode().splitlines():
        body, _, check = line.rpartition("*")
        if body:
            assert f"{zlib.crc32(body.encode()):08x}" == check
            found.append(body.split(","))
    return found


def test_hours_are_the_ledger_as_it_lies_on_flash(device):
    code, headers, body = get(device, "history/hours")
    assert code == 200 and headers["Content-Type"] == "application/octet-stream"
    found = records(body)
    assert [row[0] for row in found] == list(range(1, len(found) + 1)) and len(found) > 900
    files = sorted((device.flash / "ledger").glob("0*"))
    assert body == b"".join(file.read_bytes() for file in files)
    last = found[-1][0]
    for since in (1, 77, 78, 79, 500, last - 1, last):
        assert records(get(device, f"history/hours?since={since}")[2]) == found[since:]
    # a browser that has seen more than there is: the flash was erased
    assert get(device, f"history/hours?since={last + 1}")[2] == body


def test_days_are_the_files_of_the_years(device):
    code, _, body = get(device, "history/days")
    found = lines(body)
    assert code == 200 and len(found) > 400
    assert [line[0] for line in found] == sorted(line[0] for line in found)
    for since in ("2025-10-25", "2025-12-31", "2026-01-01", "2026-06-17", "2026-11-26"):
        some = lines(get(device, f"history/days?since={since}")[2])
        wanted = [line for line in found if line[0] >= since]
        assert some[-len(wanted) :] == wanted and len(some) < len(wanted) + 20
    assert len(lines(get(device, "history/days?since=2027-01-01")[2])) < 20


def test_costs_are_those_of_the_hours(device):
    found = lines(get(device, "history/costs")[2])
    since = int(found[len(found) // 2][0])
    some = lines(get(device, f"history/costs?since={since}")[2])
    wanted = [line for line in found if int(line[0]) >= since]
    assert some[-len(wanted) :] == wanted and len(some) < len(wanted) + 30


def test_the_power_of_the_last_hour_is_empty_after_a_start(device):
    told = json.loads(get(device, "history/power")[2])
    assert told["values"] == [] and told["every"] == 10 and told["step"] == 1


def table(device, query):
    code, headers, body = get(device, "history.csv" + query)
    assert code == 200 and headers["Content-Type"] == "text/csv" and body.endswith(b"\r\n")
    assert len({row.count(b",") for row in body.splitlines()}) == 1, "each column has its name"
    return list(csv.DictReader(io.StringIO(body.decode(), newline="")))


def test_the_days_for_a_spreadsheet(device):
    first_lines = {}
    for line in lines(get(device, "history/days")[2]):
        first_lines.setdefault(line[0], []).append(line)
    rows = table(device, "")
    assert [row["date"] for row in rows] == sorted(first_lines)
    known = 0
    for row in rows:
        day = datetime.fromisoformat(row["date"])
        here = first_lines[row["date"]]
        after = first_lines.get(str((day + timedelta(days=1)).date()))
        assert row["import_register_wh"] == here[0][5]
        assert row["meters"] == " ".join(here[0][9:])
        points = here + ([after[0]] if after else [])
        midnights = [int(here[0][1]), int(after[0][1]) if after else 0]
        whole = all(datetime.fromtimestamp(t, OSLO).hour == 0 for t in midnights) and after
        used = sum(
            Decimal(b[5]) - Decimal(a[5])
            for a, b in zip(points, points[1:], strict=False)
            if a[4] == b[4]
        )
        assert row["import_wh"] == (str(used) if whole else ""), row
        known += bool(whole)
        if whole:
            assert Decimal(row["cost"]) == Decimal(after[0][7]) - Decimal(here[0][7])
    assert known > 390
    some = table(device, "?from=2026-03-01&to=2026-03-31")
    assert some == [row for row in rows if row["date"][:7] == "2026-03"]


def test_the_hours_for_a_spreadsheet(device):
    found = records(get(device, "history/hours")[2])
    rows = table(device, "?by=hour&from=2026-11-01&to=2026-11-10")
    wanted = []
    for a, b in zip(found, found[1:], strict=False):
        t = a[1] - a[1] % 900
        here = datetime.fromtimestamp(t, OSLO)
        if "2026-11-01" <= f"{here:%Y-%m-%d}" <= "2026-11-10":
            used = str(b[3] - a[3]) if b[1] - a[1] == 3600 else ""
            wanted.append((here.isoformat(), used, str(a[3])))
    assert len(wanted) > 200
    assert [(r["time"], r["import_wh"], r["import_register_wh"]) for r in rows] == wanted
    every = table(device, "?by=hour")
    for first in ("2026-10-20", "2026-10-25", "2026-11-24"):
        last = f"{first[:-2]}{int(first[-2:]) + 1}"
        some = table(device, f"?by=hour&from={first}&to={last}")
        assert some == [row for row in every if first <= row["time"][:10] <= last] and some
    assert get(device, "history.csv?from=yesterday")[0] == 400
    gap = table(device, "?by=hour&from=2026-11-01")
    assert "" in [row["import_wh"] for row in gap]


def test_without_energy_and_history_their_addresses_are_not_there(tmp_path, micropython):
    with Device(tmp_path, micropython=[micropython]) as device:
        device.install()
        device.settings(**SETTINGS, history=False)
        device.power_on()
        device.wait_for("connected")
        told = json.loads(get(device, "device.json")[2])
        assert told["history"] is False and told["energy"] is False and told["zone"]
        for path in ("history/power", "history/days", "history.csv", "energy.json", "price.json"):
            assert get(device, path)[0] == 404, path


def test_the_reference_reading_wants_the_password_and_a_text(device):
    def post(text, password="correct horse"):
        key = base64.b64encode(f"any:{password}".encode()).decode()
        request = urllib.request.Request(
            device.url + "reference",
            json.dumps({"text": text}).encode(),
            {"Authorization": f"Basic {key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, None

    assert post("", "wrong password")[0] == 401
    assert post("") == (200, {"saved": True})
    # No meter has said anything yet.
    assert post("Before the heat pump")[0] == 422 and post(5)[0] == 422


def test_a_reference_reading_that_is_refused_leaves_the_one_before():
    from kwhisper.web.reference import reference

    saved = []
    account = SimpleNamespace(
        marks={"reference": [5] * 7},
        zero=None,
        total=[9] * 7,
        text="Before",
        save=lambda: saved.append(1),
    )
    for body in (
        b'{"text":"After"}',
        b'{"text":5}',
        b'{"text":"After","time":-1}',
        b'{"text":"After","import":true}',
        b"[]",
        b"{}",
        b"no JSON",
        b"\xff",
    ):
        assert reference(account, body)[1] == 422, body
        assert (account.marks, account.text, saved) == ({"reference": [5] * 7}, "Before", [])
    account.zero = [0, 0]
    assert reference(account, b'{"text":"After","import":3}')[1] == 200
    assert account.marks["reference"] == [9, 3000, 9, 9, 9, -1, 9]
    assert reference(account, b'{"text":""}')[1] == 200
    assert (account.marks, account.text, len(saved)) == ({}, "", 2)
