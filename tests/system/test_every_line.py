"""Put any meter on the port: how it speaks is found, its values are right, it is remembered."""

import json
import urllib.request
from decimal import Decimal

import pytest
from system.waiting import answers, until

# One of each kind of line and framing; the others differ in their lists alone.
METERS = {
    "kaifa": "2400 8E1",
    "kamstrup": "2400 8N1",
    "lg-e450-ch": "2400 8E1",
    "sagemcom-at": "2400 8E1",
    "wiener-netze": "9600 8N1",
    "dsmr2": "9600 7E1 inverted",
    "iskra-si": "38400 8N1 inverted",
    "dsmr5": "115200 8N1 inverted",
    "esmr-encrypted": "115200 8N1 inverted",
}


# One of each framing every time; the rest with the slow tests.
OFTEN = ("kamstrup", "dsmr2", "esmr-encrypted")
NAMES = [pytest.param(name, marks=() if name in OFTEN else pytest.mark.slow) for name in METERS]


@pytest.mark.parametrize("name", NAMES)
def test_a_meter_is_recognised_without_being_told(house, name):
    speaker, device = house(name, speed=2)
    keys = {"meter_key": speaker.meter.key, "meter_auth_key": speaker.meter.auth_key}
    device.settings(
        wifi_ssid="Fjellheim",
        wifi_password="kwhisper-demo",
        **{name: key.hex() for name, key in keys.items() if key},
    )
    device.power_on()
    until(lambda: answers(device), 30, "the page")
    speaker.start()

    def page():
        with urllib.request.urlopen(device.url + "data.json", timeout=60) as reply:
            return json.load(reply, parse_float=Decimal, parse_int=Decimal)

    until(lambda: len(page()["values"]) >= 7, 90, "a full list")
    until(lambda: page()["status"]["line"] != "searching", 30, "the end of the search")
    shown = page()
    assert shown["status"]["line"] == METERS[name]
    assert (device.flash / "line").read_text().split()[0] == METERS[name].split()[0]
    # A value is right when the meter said it in one of its lists.
    said = {}
    for truth, _ in speaker.said:
        for text, unit in truth["values"].values():
            said.setdefault(unit, set()).add(Decimal(text))
    # Counts of power failures, limits and the like the simulator does not call values.
    values = [
        v
        for key, v in shown["values"].items()
        if ":" not in key
        and v["unit"] in ("W", "var", "V", "A", "Wh", "varh")
        and "derived" not in v.get("flags", ())
    ]
    assert len(values) >= 6
    for value in values:
        assert value["value"] in said[value["unit"]], value
