"""DS18B20: what is on the bus is on MQTT and on the page, by name, exactly."""

import json
import urllib.request

from system.waiting import until

BOILER, OUTSIDE = "28ff641e0116039c", "28ff000000000001"


def test_thermometers_are_published_by_name_and_code(running, mosquitto, listen):
    listener = listen(mosquitto.port)
    _, device = running(
        "aidon",
        values={
            "outlets": "ds18b20",
            "ds_names": f"boiler={BOILER}",
            "mqtt_host": "127.0.0.1",
            "mqtt_port": mosquitto.port,
            "payload": "json,homeassistant",
        },
        told={"temperatures": {BOILER: 48 * 16 + 8, OUTSIDE: -5 * 16 - 1, "28ff": None}},
    )
    warm, cold = "kwhisper/temperature/boiler", f"kwhisper/temperature/{OUTSIDE}"
    until(lambda: listener.of(warm) and listener.of(cold), 120, "the temperatures")
    assert listener.of(warm)[0] == "48.5000" and listener.of(cold)[0] == "-5.0625"
    until(lambda: listener.of("kwhisper/temperature"), 60, "the object")
    assert json.loads(listener.of("kwhisper/temperature")[0]) == {
        "boiler": 48.5,
        OUTSIDE: -5.0625,
    }

    def config():
        end = "temperature_boiler/config"
        return next((p for t, p, _ in list(listener.messages) if t.endswith(end)), None)

    entity = json.loads(until(config, what="the config"))
    assert entity["dev_cla"] == "temperature" and entity["unit_of_meas"] == "\u00b0C"
    with urllib.request.urlopen(device.url + "data.json", timeout=10) as reply:
        status = json.load(reply)["status"]
    assert status["temperatures"]["boiler"] == 48.5 and len(status["temperatures"]) == 2


def test_a_bus_without_any_and_names_without_a_code_are_no_fault(running):
    _, device = running("aidon", values={"outlets": "ds18b20", "ds_names": "x,a#=28"})
    until(lambda: device.told("radio", {}).get("joins"), 60, "the device")
    assert device.alive() and device.starts == 1
