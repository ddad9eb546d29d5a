"""`make demo METER=nes` as a user sees it: a meter that is asked, its values on MQTT and page."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

PATIENCE = 120  # s, on a busy machine
WANTED = ("active_power_net", "active_energy_import", "voltage_l1", "reactive_power_q1", "json")


@pytest.fixture
def demo(micropython):
    """demo(*options) -> its process, whose output is lines of text."""
    processes = []

    def start(*options):
        command = [sys.executable, "-u", "-m", "kwhisper_tools.cli", "demo", "--meter", "nes"]
        process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def lines(process):
    """Its lines, for so long at most."""
    end = time.monotonic() + PATIENCE
    for line in process.stdout:
        yield line
        assert time.monotonic() < end, "nothing of what is waited for came"


def test_values_come_to_mqtt_and_page(demo):
    process = demo("--noise", "0.1")
    seen, page = {}, None
    for line in lines(process):
        if found := re.match(r"page +(\S+)", line):
            page = found[1]
        topic, _, text = line.rstrip("\n").partition(" ")
        seen[topic.removeprefix("kwhisper/")] = text
        if set(WANTED) <= set(seen):
            break
    assert float(seen["voltage_l1"]) > 200
    values = json.loads(seen["json"])["values"]
    assert values["active_power_net"] == values["active_power_import"]  # no roof, no export
    with urllib.request.urlopen(page + "data.json", timeout=30) as answer:
        data = json.load(answer)
    assert data["values"]["active_power_net"]["unit"] == "W"
    assert data["status"]["line"] == "MEP 9600 8N1" and data["status"]["problem"] is None
    assert data["meter"]["type"] == "NES 83334-3I"


def test_a_port_that_wants_tls_says_so(demo):
    process = demo("--kind", "tls")
    for line in lines(process):
        if line.startswith("kwhisper/device ") and "TLS" in line:
            break
    about = json.loads(line.partition(" ")[2])
    assert about["problem"].startswith("this MEP port requires TLS")
    assert about["frames"].keys() == {"tls"}
