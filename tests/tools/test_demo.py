"""What the demo offers is what the firmware has, and its house draws power at noon."""

import json
import os
import subprocess
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.commands import demo
from kwhisper_tools.meters import METERS, make


def _demo(*arguments):
    return CliRunner().invoke(cli.make(["demo"]), ["demo", *arguments])


def test_a_payload_that_does_not_exist_is_refused_with_those_that_do():
    done = _demo("--payload", "topics,foo")
    assert done.exit_code == 2
    assert "'foo'" in done.output and "rawbytes" in done.output


@pytest.mark.parametrize(
    "wrong",
    [("--days", "-5"), ("--speed", "0"), ("--noise", "3"), ("--noise", "-0.1"),
     ("--topic", "a/#"), ("--topic", "+"), ("--topic", ""), ("--topic", "x" * 65)],
)  # fmt: skip
def test_what_no_meter_or_device_can_do_is_refused(wrong):
    done = _demo(*wrong, "--seconds", "1")
    assert done.exit_code == 2 and wrong[0] in done.output


def test_a_broker_of_ones_own_may_want_a_login(mosquitto, tmp_path):
    passwords = str(tmp_path / "passwords")
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "home", "gåte"], check=True)
    broker = mosquitto("allow_anonymous false", f"password_file {passwords}")
    wanted = ["--broker", f"127.0.0.1:{broker.port}", "--seconds", "300"]
    done = _demo(*wanted)
    assert done.exit_code == 2
    assert "not authorized" in done.output and "--user and --password" in done.output
    command = [paths.program("kwhisper"), "demo", *wanted, "--user", "home"]
    variables = os.environ | {"KWHISPER_MQTT_PASSWORD": "gåte"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=variables, **pipes) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("kwhisper/active_power_import "):
                process.terminate()
    assert process.returncode == 0, said


def test_what_is_no_broker_is_told(faulty, monkeypatch):
    monkeypatch.setattr(demo, "_ANSWER_S", 2)
    broker = faulty("silent")
    done = _demo("--broker", f"127.0.0.1:{broker.port}", "--seconds", "300")
    assert done.exit_code == 2 and "does not answer as a broker" in done.output


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_a_house_without_a_roof_draws_power_at_noon_that_changes_with_every_list(seed):
    noon = datetime(2026, 6, 20, 11, tzinfo=UTC)
    roofless = make("aidon", seed, noon, solar=False)
    powers = [int(roofless.next().truth["values"]["1-0:1.7.0"][0]) for _ in range(60)]
    assert min(powers) > 0
    assert sum(a != b for a, b in zip(powers, powers[1:], strict=False)) > 50
    roofed = make("aidon", seed, noon)
    assert roofed.home.read("1.7.0") < roofless.home.read("1.7.0")


@pytest.mark.parametrize("name", sorted(METERS))
def test_the_days_before_end_where_the_meter_begins(name, tmp_path):
    """What is laid onto the flash, and the settings with which the pages show it."""
    now = datetime(2026, 6, 20, 11, 20, tzinfo=UTC)
    source = make(name, 1, now, solar=True)
    values = demo._past(tmp_path, source, 3, True, now)
    table = paths.FIRMWARE / "kwhisper" / "storage" / "setting_table.json"
    assert set(values) <= {row.get("name") for row in json.loads(table.read_text())}
    (year,) = [file for file in (tmp_path / "history").iterdir() if file.name == "2026"]
    lines = year.read_text().splitlines()
    imported = [int(line.split(",")[5]) for line in lines]
    assert len(lines) >= 3 and imported == sorted(imported)
    assert imported[-1] <= source.home.read("1.8.0") // 1000
    assert (":m3*" in lines[0]) == hasattr(source, "gas_lines"), "only a meter that has one"
