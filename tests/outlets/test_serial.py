"""Serial out: what a wired display or an Arduino would receive."""

import json
import os
import re
import tty
from contextlib import suppress
from decimal import Decimal

import pytest
from system.waiting import until


@pytest.fixture
def serial(running):
    """serial(meter, **values) -> (speaker, device, lines()) of a device with a wire."""
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    came = bytearray()

    def lines():
        with suppress(BlockingIOError):
            while data := os.read(master, 4096):
                came.extend(data)
        return bytes(came).split(b"\r\n")[:-1]

    def start(meter, **values):
        values = {"outlets": "serial", **values}
        wire = {"KWHISPER_SERIAL": os.ttyname(slave)}
        return *running(meter, values=values, environment=wire), lines

    yield start
    os.close(master)
    os.close(slave)


def test_each_list_is_a_line_of_text(serial):
    speaker, device, lines = serial("dsmr5", serial_baud=115200)
    until(lambda: len(lines()) >= 4, 90, "four lines")
    said = [truth["values"] for truth, _ in speaker.said]
    for line in lines():
        values = dict(pair.split("=", 1) for pair in line.decode().split(";"))
        power, unit = values["active_power_import"].split(" ")
        volts = values["voltage_l1"].split(" ")[0]
        assert unit == "W" and re.match(r"\d{4}-\d\d-\d\dT", values["time"])
        assert any(
            Decimal(v["1-0:1.7.0"][0]) == Decimal(power)
            and Decimal(v["1-0:32.7.0"][0]) == Decimal(volts)
            for v in said
        ), line
        assert "meter_id" not in values and "equipment_id" not in values
    assert device.told("blocked") is None, "nothing waits for the wire"


def test_or_a_json_object_and_a_slow_wire_passes_lists_over(serial):
    speaker, device, lines = serial("dsmr5", serial_baud=2400, serial_json=True)
    until(lambda: len(lines()) >= 2, 120, "two lines")
    objects = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines()]
    said = [Decimal(truth["values"]["1-0:1.7.0"][0]) for truth, _ in speaker.said]
    places = [said.index(o["values"]["active_power_import"]) for o in objects]
    assert places == sorted(places) and len(said) > len(objects) + 3
    assert device.told("blocked") is None


def test_a_board_without_that_uart_says_so_and_reads_on(running):
    _, device = running("aidon", values={"outlets": "serial"})
    device.wait_for("serial does not work here")
    assert device.alive()


def test_a_pin_that_the_board_needs_is_told(running):
    _, device = running("aidon", values={"outlets": "serial", "serial_pin": 16})
    device.wait_for("serial does not work here: pin 16 is used by the board")
    assert device.alive()
