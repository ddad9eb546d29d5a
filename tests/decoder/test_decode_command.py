"""`kwhisper decode`: its JSON is a contract, its exit codes too."""

import json
import subprocess

import pytest
from decoder import made
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.meters import METERS, make


@pytest.fixture
def decode(tmp_path):
    """decode(data, *options) -> (exit code, lines of JSON, stderr)"""

    def run(data, *options, name="capture", how="--json"):
        file = tmp_path / name
        file.write_bytes(data if isinstance(data, bytes) else data.encode())
        command = [paths.program("kwhisper"), "decode", str(file), *([how] if how else [])]
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=60)
        said = [json.loads(line) for line in done.stdout.splitlines()] if how else done.stdout
        return done.returncode, said, done.stderr

    return run


def test_the_shape_of_a_reading(decode):
    meter = make("kamstrup", seed=3)
    burst = meter.next()
    code, (reading, last), _ = decode(burst.data)
    assert code == 0
    assert set(reading) - {"texts"} == {
        "list",
        "time",
        "meter_id",
        "meter_type",
        "values",
        "flags",
    }
    assert reading["list"] == "Kamstrup_V0001"
    assert reading["meter_id"] == burst.truth["meter_id"]
    for obis, (value, unit) in burst.truth["values"].items():
        assert reading["values"][obis] == {"value": value, "unit": unit}
    assert reading["values"]["1-1:16.7.0"]["flags"] == ["derived"]
    assert reading["flags"] == []
    assert last["frames"] == {"ok": 1}


def test_hex_text_binary_and_capture_files_give_the_same(decode):
    text = made.SEED_LIST.hex(" ", 2).upper()
    forms = (
        made.SEED_LIST,
        text,
        "# a comment\n" + text[:30] + "\n" + text[30:] + " ; and another\n",
        "0x" + made.SEED_LIST.hex(","),
        json.dumps({"hex": made.SEED_LIST.hex()}),
        "# Måleren på hytta\n" + text,
        json.dumps({"notes": "fra måleren ✅", "hex": made.SEED_LIST.hex()}, ensure_ascii=False),
    )
    right = decode(made.SEED_LIST)
    assert right[1][0]["values"] == {"1-0:1.7.0": {"value": "1604", "unit": "W"}}
    for form in forms:
        assert decode(form) == right


def test_an_encrypted_capture_with_and_without_its_keys(decode):
    meter = make("kamstrup-dk", seed=3)
    data = meter.next().data
    code, said, _ = decode(data)
    assert (code, said) == (1, [{"frames": {"ok": 1, "no_key": 1}}])
    keys = ("--key", meter.key.hex(), "--auth-key", meter.auth_key.hex())
    code, said, _ = decode(data, *keys)
    assert code == 0
    assert len(said) == 2
    code, said, _ = decode(data, "--key", "00" * 16)
    assert code == 1
    assert said[-1]["frames"] == {"ok": 1, "key": 1}


def test_nothing_decoded_is_exit_1_and_bad_use_is_exit_2(decode):
    wrong = bytearray(made.SEED_LIST)
    wrong[20] ^= 1
    code, said, _ = decode(bytes(wrong))
    assert code == 1
    assert said[0]["frames"] == {"ok": 0, "fcs": 1}
    for data, options in (
        (b"", ()),
        ("7ea", ()),
        ("{}", ()),
        (made.SEED_LIST, ("--key", "12")),
        (made.SEED_LIST, ("--key", "zz")),
        (made.SEED_LIST, ("--report",)),  # beside --json
    ):
        code, said, error = decode(data, *options)
        assert code == 2, data
        assert "kwhisper decode" in error and "Traceback" not in error
        assert said == []


def test_what_is_explained_names_codes_units_and_damage(decode):
    wrong = bytearray(made.SEED_LIST)
    wrong[-3] ^= 1
    code, text, _ = decode(made.SEED_LIST + bytes(wrong), how=None)
    assert code == 0
    for word in ("HDLC", "LLC E6 E7 00", "1-0:1.7.0", "1604 W", "Power import", "frame check"):
        assert word in text, word


def test_the_layers_of_a_ciphered_list_are_explained(decode):
    meter = make("sagemcom-at", seed=3)
    _, text, _ = decode(meter.next().data, "--key", meter.key.hex(), how=None)
    for word in ("CI 00: segment 0", "STSAP 01, DTSAP 67", "system title"):
        assert word in text, word
    assert f"security control 20, invocation counter {meter.counter}" in text


def test_a_list_nobody_knows_is_shown_as_a_tree(decode):
    axdr = made.axdr
    body = axdr.structure(*(axdr.integer(axdr.U32, n) for n in (7, 8, 9)))
    _, text, _ = decode(made.framed(axdr.data_notification(body)), how=None)
    for word in ("double-long-unsigned", "structure", "unknown"):
        assert word in text, word


@pytest.mark.parametrize("name", METERS)
def test_every_simulated_meter_can_be_explained(tmp_path, name):
    meter = make(name, seed=3)
    file = tmp_path / "capture"
    file.write_bytes(meter.next().data)
    words = ["decode", str(file)]
    for option, key in (("--key", meter.key), ("--auth-key", meter.auth_key)):
        words += [option, key.hex()] if key else []
    result = CliRunner().invoke(cli.make(words), words)
    assert result.exit_code == 0, result.output


def test_the_tree_is_not_cut_in_a_file(decode):
    words = "a text that is far longer than " + "eighty columns, " * 5 + "uncut"
    body = made.axdr.structure(made.axdr.name("0-0:96.13.0"), made.axdr.visible(words))
    _, text, _ = decode(made.framed(made.axdr.data_notification(body)), how=None)
    assert words in text


@pytest.mark.parametrize("how", ("", "--json"))
def test_a_reader_that_has_enough_is_no_failure(tmp_path, how):
    meter = make("kamstrup", seed=3)
    file = tmp_path / "capture"
    file.write_bytes(b"".join(meter.next().data for _ in range(300)))
    command = f"{paths.program('kwhisper')} decode {how} {file} | head -1"
    done = subprocess.run(
        ["bash", "-c", command + '; exit "${PIPESTATUS[0]}"'],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_a_sub_meter_without_a_valid_time_has_none(decode):
    line = "0-1:24.2.1({})(00872.234*m3)"
    found = [
        decode(made.telegraph("1-0:1.7.0(01.604*kW)", line.format(time)))[1][0]
        for time in ("260120115500W", "632525252525W")
    ]
    gas = [reading["values"]["0-1:24.2.1"] for reading in found]
    assert gas[0]["time"] == "2026-01-20T11:55:00+01:00"
    assert gas[1] == {"value": "872.234", "unit": "m3"}
    _, text, _ = decode(made.telegraph(line.format("260120115500W")), how=None)
    assert "volume, read at" in text and text.count("0-1:24.2.1") == 2


@pytest.mark.parametrize("data", [bytes(range(128, 256)) * 10, b"hello, this is no meter\n"])
def test_noise_is_said_to_hold_no_frame(decode, data):
    code, said, errors = decode(data)
    assert code == 1
    assert said[-1]["frames"] == {"ok": 0}
    assert errors.strip() == f"kwhisper decode: no frame in {len(data)} bytes"


@pytest.mark.parametrize("form", ["0x{}", "{:.8} {}", "lower", "colons"])
def test_a_key_is_taken_as_people_write_it(decode, form):
    meter = make("sagemcom-at", seed=3)
    digits = meter.key.hex().upper()
    key = {
        "0x{}": "0x" + digits,
        "{:.8} {}": f"{digits[:8]} {digits[8:]}",
        "lower": digits.lower(),
        "colons": ":".join(digits[i : i + 2] for i in range(0, 32, 2)),
    }[form]
    assert decode(meter.next().data, "--key", key)[0] == 0


@pytest.mark.parametrize("times", [2])
def test_a_pseudo_terminal_can_be_listened_to_more_than_once(times):
    """It has no parity and says so the second time, when the settings do not change any more."""
    import os
    import signal
    import threading

    ours, theirs = os.openpty()
    meter = make("aidon", seed=1)
    command = [paths.program("kwhisper"), "decode", "--serial", os.ttyname(theirs), "--json"]
    for _ in range(times):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        stop = threading.Event()

        def send(stop=stop):
            while not stop.wait(0.2):
                os.write(ours, meter.next().data)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            line = process.stdout.readline()
        finally:
            stop.set()
            sender.join()
            process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
        assert json.loads(line or "{}").get("values"), errors.decode()[-500:]
        assert b"Traceback" not in errors and b"Error" not in errors
    os.close(ours)
    os.close(theirs)
