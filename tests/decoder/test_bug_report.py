"""A report for the public: it decodes as before, and the meter's numbers are not in it."""

import json
import subprocess

import pytest
from decoder import made

from kwhisper_tools import paths
from kwhisper_tools.commands import bug_report, suggest
from kwhisper_tools.meters import METERS, make
from meterwire import Decoder

PLAIN = [name for name, meter in METERS.items() if not meter.encrypted]
ENCRYPTED = [name for name, meter in METERS.items() if meter.encrypted]


def report_of(name, count=4):
    meter = make(name, seed=11)
    data = b"".join(meter.next().data for _ in range(count))
    keys = (meter.key, meter.auth_key if meter.authenticated else None) if meter.encrypted else ()
    decoder = bug_report.Listener(8192, *keys, rows=250)
    found = bug_report.run(decoder, data)
    return meter, data, bug_report.document(found, data, meter.encrypted)


def numbers(data, decoder):
    found = made.readings(data, decoder=decoder)
    return [
        {code: value for code, value in made.values(r).items() if ":0.0." not in code}
        for r in found
    ]


@pytest.mark.parametrize("name", PLAIN)
def test_the_frames_of_a_report_decode_as_before(name):
    meter, data, document = report_of(name)
    again = bytes.fromhex(document["hex"])
    before, after = Decoder(8192, rows=250), Decoder(8192, rows=250)
    assert numbers(again, after) == numbers(data, before) != []
    assert after.counters == before.counters
    assert len(again) == len(data)


@pytest.mark.parametrize("name", list(METERS))
def test_the_meter_s_number_is_nowhere_in_a_report(name):
    meter, data, document = report_of(name)
    said = json.dumps(document).lower()
    decoder = Decoder(8192, rows=250)
    if meter.encrypted:
        decoder = Decoder(8192, meter.key, meter.auth_key if meter.authenticated else None, 250)
        assert meter.key.hex() not in said
    ids = {r.meter_id for r in made.readings(data, decoder=decoder) if r.meter_id}
    for meter_id in ids:
        if len(meter_id) > 3:
            assert meter_id.encode().hex() not in said, meter_id
            assert meter_id.encode().hex().encode().hex() not in said
            assert meter_id.lower() not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("ISK5\\2M550T-1012", "ISK5\\2M550T-1012"),
        ("FLU5\\253769484_A", "FLU5\\253769484_A"),
        ("KMP5 KA6U001585575011", "KMP5 KA6U000123456789"),
        ("XMX5XMXABCE000046099", "XMX5XMXABCE123456789"),
    ],
)
def test_a_report_tells_maker_and_model_of_the_ident_line_without_a_number(said, told):
    data = made.telegraph("1-0:2.7.0(1*kW)", ident=said)
    found = bug_report.run(bug_report.Listener(8192), data)
    again = bytes.fromhex(bug_report.document(found, data, False)["hex"])
    assert again.startswith(b"/" + told.encode() + b"\r\n"), again[:40]


def test_a_report_tells_values_doubts_and_version():
    data = made.telegraph("0-0:96.1.0(4530303433303037)", "1-0:1.7.0(01.604*V)", "1-0:2.7.0(1*kW)")
    found = bug_report.run(bug_report.Listener(8192), data)
    document = bug_report.document(found, data, False)
    assert document["doubts"] == ["1-0:1.7.0: unsure"]
    assert document["meterwire"]
    assert document["frames"] == {"ok": 1}
    assert document["readings"][0]["values"]["1-0:2.7.0"] == {
        "name": "Power export", "value": "1000", "unit": "W",
    }  # fmt: skip
    again = bytes.fromhex(document["hex"])
    assert b"4530303433303037" not in again and b"1-0:1.7.0(01.604*V)" in again


def test_the_command_writes_a_report_that_it_can_read_itself(tmp_path):
    file = tmp_path / "capture.bin"
    file.write_bytes(make("aidon", seed=11).next().data)
    command = [paths.program("kwhisper"), "decode"]
    done = subprocess.run([*command, file, "--report"], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (tmp_path / "report.json").write_bytes(done.stdout)
    again = subprocess.run([*command, tmp_path / "report.json"], capture_output=True, timeout=60)
    assert again.returncode == 0


# ---- a row for an unknown list


def unknown_lists(name, count=40):
    meter = make(name, seed=5, solar=False)
    keys = (meter.key, meter.auth_key if meter.authenticated else None) if meter.encrypted else ()
    decoder = bug_report.Listener(8192, *keys)
    for _ in range(count):
        for pull in (decoder.feed(meter.next().data), decoder.flush()):
            list(pull)
    return decoder.messages


def test_a_row_is_suggested_from_what_the_values_do():
    """Kaifa's list 2, whose order is known here and not told to the suggestion."""
    row = suggest.row(unknown_lists("kaifa", 60))
    kind, name, begins, kinds, codes, exponents = row.split("|")
    assert (kind, begins, kinds) == ("order", "KFM", "tttwwwwwwwwww")
    told = codes.split(" ")
    assert told[7:10] == ["31.7.0", "51.7.0", "71.7.0"]
    assert told[10:13] == ["32.7.0", "52.7.0", "72.7.0"]
    assert told[3] in ("1.7.0", "-") and exponents.split(" ")[2:4] == ["-3", "-1"]


def test_one_list_is_not_enough_and_other_data_gives_no_row():
    assert suggest.row(unknown_lists("kaifa", 1)[:1]) is None
    assert suggest.row([b"\x0f\x00\x00\x00\x00\x00\x09\x02ab"] * 5) is None
    assert suggest.row([]) is None
