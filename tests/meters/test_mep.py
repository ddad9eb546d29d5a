"""The MEP port's digest against the vectors of the guide, and a meter that answers."""

import contextlib
import re
import socket
import subprocess
import sys

import pytest
import serial
from typer.testing import CliRunner

from kwhisper_tools import cli
from kwhisper_tools.meters.mep_meter import FAULTS, KEY, KINDS, Nes, Port, sign
from meterwire import mep

# request, its digest, response, its digest; key sixteen times 01
_PRINTED = (
    ("3F0017000000002C01020304", "74861F6D7658DD56", "0C77635B90", "35863C1DF5B91482"),
    (
        "3F0017000000002C77635B91",
        "13DB85A135A0575E",
        "00002C" + "00" * 11 + "0000000000080000000300" + "00" * 11 + "0000000000000006000000",
        "ADDCB82C3D417F91",
    ),
    ("4F083200001E00010177636E2F", "86E50E2667D1E63C", "00", "86E50E2667D1E63C"),
)


@pytest.mark.parametrize(("request_hex", "digest", "response_hex", "response_digest"), _PRINTED)
def test_digest_as_printed(request_hex, digest, response_hex, response_digest):
    request, response = bytes.fromhex(request_hex), bytes.fromhex(response_hex)
    assert sign(KEY, request).hex().upper() == digest
    assert sign(KEY, request, response).hex().upper() == response_digest


def ask(meter, code, number, key=KEY):
    body = bytes.fromhex(code) + number.to_bytes(4, "big")
    frame = body + sign(key, body)
    return body, meter.answer(len(frame).to_bytes(2, "big") + frame)


def test_first_request_learns_the_sequence_number():
    meter = Nes(seed=0)
    body, answer = ask(meter, "3F0017000000002C", 0x01020304)
    assert answer.hex().upper() == "000D0C77635B9035863C1DF5B91482"
    _, answer = ask(meter, "3F00170000000011", 0x77635B91)
    assert answer[2] == 0


def test_registers_and_present_values_are_those_of_the_house():
    meter = Nes(seed=3)
    meter.home.advance(3_600_000)
    for code, skip, sources in (
        ("3F00170000000011", 1, (0, 1, 2, 3)),
        ("3F001C0000080024", 0, (8, 9, 10, 11, 12, 13, 14, 15, 16)),
    ):
        body, answer = ask(meter, code, meter.sequence + 1)
        assert answer[-8:] == sign(KEY, body, answer[2:-8])
        data = answer[5 + skip : -8]
        values = [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]
        assert values == [meter.truth()[source][0] for source in sources]


def test_wrong_key_and_reading_past_the_end_are_refused():
    meter = Nes()
    refused = ask(meter, "3F00170000000011", meter.sequence + 1, bytes(16))[1]
    assert refused == b"\x00\x01\x0b", "without a digest"
    assert ask(meter, "3F001700000001D0", meter.sequence + 1)[1][2] == 0x04
    assert meter.answer(b"\x00\x02\x00\x00") == b""


# ---- the port's timing, and the way to it


def sent(port, frame, until, step=1.0):
    """[(ms, bytes)] of what the port sends after a request at 0."""
    port.heard(frame, 0.0)
    found = []
    now = 0.0
    while now < until:
        if data := port.due(now):
            found.append((now, data))
        now += step
    return found


def request(meter, code):
    body = bytes.fromhex(code) + (meter.sequence + 1).to_bytes(4, "big")
    frame = body + sign(meter.key, body)
    return len(frame).to_bytes(2, "big") + frame


def test_a_long_answer_rests_after_each_117_bytes():
    meter = Nes(seed=3)
    said = sent(Port(meter, piece=39), request(meter, "3F001C0000080024"), 2000)
    whole = b"".join(data for _, data in said)
    assert len(whole) == int.from_bytes(whole[:2], "big") + 2 == 49
    said = sent(Port(meter, piece=39), request(meter, "3F001C00000800DC"), 2000)
    moments = [now for now, _ in said]
    assert len(b"".join(data for _, data in said)) == 233
    gaps = [b - a for a, b in zip(moments, moments[1:], strict=False)]
    # 39 bytes last 41 ms; behind the third of them the line rests for 25 ms more
    assert [gap > 60 for gap in gaps] == [False, False, True, False, False]
    assert 15 <= moments[0] - 41 < 65


def test_half_a_request_is_forgotten_after_50_ms():
    meter = Nes(seed=3)
    port = Port(meter)
    whole = request(meter, "3F00170000000011")
    port.heard(whole[:9], 0.0)
    port.heard(whole[9:], 90.0)
    assert port.requests == 0
    port.heard(whole[:9], 200.0)
    port.heard(whole[9:], 240.0)
    assert port.requests == 1


def test_an_alert_comes_each_second_but_not_right_behind_a_request():
    meter = Nes(seed=3)
    said = sent(Port(meter, ["alerts"]), request(meter, "3F00170000000011"), 5000)
    alerts = [now for now, data in said if data == b"\0\0"]
    assert alerts[0] >= 1000 and len(alerts) == 4


@pytest.mark.parametrize("where", ["--pty", "--tcp"])
def test_simulate_answers_on_a_line(where):
    """As a user runs it: a process, asked with the library."""
    command = [sys.executable, "-m", "kwhisper_tools.cli", "simulate", "nes", where]
    command += ["0"] if where == "--tcp" else []
    command += ["--kind", "ct", "--seconds", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            lines = [process.stdout.readline() for _ in range(4)]
            place = re.match(r"line: (\S+), 9600 8N1", lines[1])[1]
            assert lines[2] == f"key: {KEY.hex().upper()}\n"
            client = mep.Mep(KEY)
            with open_line(place) as line:
                codes = [exchange(line, client, (mep.CONSTANTS, 0, 17)) for _ in range(2)]
            assert codes == [mep.BAD_SEQUENCE, mep.OK]
            assert client.ratios() == (40, 1, True)
        finally:
            process.kill()


def open_line(place):
    """A file that reads what comes within a moment."""
    if ":" in place:
        host, port = place.rsplit(":", 1)
        return contextlib.closing(socket.create_connection((host, int(port)), 30))
    return contextlib.closing(serial.Serial(place, 9600, timeout=30))


def exchange(line, client, what):
    """Ask, and the response code."""
    write = line.sendall if hasattr(line, "sendall") else line.write
    read = line.recv if hasattr(line, "recv") else line.read
    write(bytes(client.ask(*what)))
    said = bytearray()
    while len(said) < 2 or len(said) < int.from_bytes(said[:2], "big") + 2:
        data = read(1)
        assert data, "no answer"
        said += data
    return client.take(said, len(said))


def test_what_there_is_not_is_refused_with_what_there_is():
    runner = CliRunner()
    for option, names in (("--fault", FAULTS), ("--kind", KINDS)):
        done = runner.invoke(cli.make(["simulate"]), ["simulate", "nes", "--pty", option, "x"])
        assert done.exit_code == 2 and min(names) in done.output
        done = runner.invoke(cli.make(["simulate"]), ["simulate", "aidon", "--pty", option, "x"])
        assert done.exit_code == 2 and "those of nes" in done.output


def test_the_recipe_of_meterwire_s_readme_reads_the_meter(monkeypatch, root):
    text = (root / "firmware" / "lib" / "meterwire" / "README.md").read_text()
    (recipe,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.S) if "mep" in code]
    house = Nes(seed=3, key=bytes.fromhex("58747A3B7E2C685656794F45404B7972"))

    class Line:
        """A serial port, without the wait."""

        def __init__(self, *_, **__):
            self.said = b""

        def write(self, frame):
            self.said = house.answer(bytes(frame))

        def read(self, most):
            return self.said[:most]

    monkeypatch.setattr(serial, "Serial", Line)
    space = {}
    exec(recipe, space)
    reading = space["reading"]
    assert reading.value(reading.find(1, 8, 0)) == house.truth()[0][0]
    assert reading.value(reading.find(1, 7, 0)) == house.truth()[8][0]
