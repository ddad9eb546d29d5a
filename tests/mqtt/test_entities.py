"""What Home Assistant is told of each value, of sub-meters, too; numbers and texts."""

import json
import random
import re

import pytest
from decoder import made
from mqtt.given import CLOCK, domoticz, entry
from mqtt.reading import hourly, live

from meterwire import obis


def test_every_value_of_the_table_makes_an_entity(load, context):
    homeassistant = load("homeassistant")[-1]
    units = {"W": "power", "Wh": "energy", "V": "voltage", "A": "current", "Hz": "frequency",
             "var": "reactive_power", "VA": "apparent_power"}  # fmt: skip
    chosen = context()
    seen = set()
    for key, name, unit in obis.rows():
        topic, payload = homeassistant.config(key << 4, {key << 4: False}, chosen)
        found = json.loads(bytes(payload))
        assert bytes(topic).decode() == f"homeassistant/sensor/kwhisper_1/{name}/config"
        assert found["stat_t"] == "~/" + name and found["~"] == "kwhisper"
        assert found.get("unit_of_meas") == ("m³" if unit == "m3" else unit)
        if unit in units:
            assert found["dev_cla"] == units[unit]
        rises = "total_increasing" if obis.is_total(key) else None
        if rises or unit in units:
            assert found["stat_cla"] == (rises or "measurement"), name
        assert re.fullmatch("[A-Z][A-Za-z0-9 ]+", found["name"]), name
        assert found["name"] not in seen or name == "volume", name
        seen.add(found["name"])
    assert len(seen) > 60


def sub_meter(channel, kind, *lines):
    """The lines of a telegram that a sub-meter on this channel adds."""
    return (f"0-{channel}:24.1.0({kind:03})", *(f"0-{channel}:{line}" for line in lines))


GAS = "24.2.1(260120120000W)(00123.456*m3)"
HEAT = "24.2.1(260120120000W)(240.860*GJ)"
OLD_GAS = "24.3.0(260120120000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00123.456)"  # DSMR 2
TARIFFS = ("1-0:1.8.1(000001.500*kWh)", "1-0:1.8.2(000002.000*kWh)")


@pytest.fixture
def announced(load, context):
    """announced(telegram lines): {name: config} of what Home Assistant is told of them."""
    homeassistant = load("homeassistant")[-1]

    def configs(*lines):
        r = made.reading(made.telegraph(*lines))
        known = dict(homeassistant.entities(r, {}))
        found = [json.loads(homeassistant.config(w, known, context())[1]) for w in known]
        return {c["stat_t"][2:]: c for c in found}

    return configs


@pytest.mark.parametrize(
    ("kind", "line", "name", "label", "device_class", "unit"),
    [
        (3, GAS, "meter1_volume", "Gas", "gas", "m³"),
        (3, GAS.replace("24.2.1", "24.2.3"), "meter1_volume_uncorrected", "Gas uncorrected",
         "gas", "m³"),
        (7, GAS, "meter1_volume", "Water", "water", "m³"),
        (4, HEAT, "meter1_energy", "Heat", "energy", "GJ"),
        (12, "24.2.1(260120120000W)(1234.5*kWh)", "meter1_energy", "Heat", "energy", "Wh"),
        (4, GAS, "meter1_volume", "Heat volume", None, "m³"),
        (10, HEAT, "meter1_energy", "Cooling", "energy", "GJ"),
        (2, "24.2.1(260120120000W)(1234.5*kWh)", "meter1_energy", "Electricity", "energy", "Wh"),
        (99, GAS, "meter1_volume", "Meter 1 volume", None, "m³"),
        (3, OLD_GAS, "meter1_volume", "Gas", "gas", "m³"),
        (0, OLD_GAS, "meter1_volume", "Gas", "gas", "m³"),
    ],
)  # fmt: skip
def test_a_sub_meters_unit_and_type_decide_what_it_is(
    kind, line, name, label, device_class, unit, announced
):
    found = announced(*sub_meter(1, kind, line))[name]
    assert (found["name"], found.get("dev_cla"), found["unit_of_meas"]) == (
        label, device_class, unit
    )  # fmt: skip
    assert found["stat_cla"] == "total_increasing"
    assert found["obj_id"] == "kwhisper_" + name
    assert ("val_tpl" in found) == (unit == "GJ")


def test_sub_meters_side_by_side(announced):
    lines = sub_meter(1, 3, GAS) + sub_meter(2, 7, GAS) + sub_meter(3, 4, HEAT, "24.4.0(1)")
    found = announced(*lines, *sub_meter(4, 3, GAS))
    names = {name: c["name"] for name, c in found.items() if c.get("stat_cla")}
    assert names == {
        "meter1_volume": "Gas",
        "meter2_volume": "Water",
        "meter3_energy": "Heat",
        "meter4_volume": "Gas 4",
    }
    assert found["meter3_valve"]["name"] == "Heat valve"
    assert found["meter4_volume"]["dev_cla"] == "gas"


def test_a_sub_meter_replaced_by_one_of_another_kind_gets_its_own_name(load, said, context):
    homeassistant = load("homeassistant")[-1]
    known = {}
    for kind, line, topic in ((3, GAS, "meter1_volume"), (4, HEAT, "meter1_energy")):
        r = made.reading(made.telegraph(*sub_meter(1, kind, line)))
        fresh = dict(homeassistant.entities(r, known))
        known.update(fresh)
        assert topic in [value[1] for value in fresh.values()]
        messages = said("topics", "messages", context(), r)
        assert f"kwhisper/{topic}" in [t for t, _, _ in messages]


def test_the_page_calls_a_sub_meter_what_it_measures():
    from kwhisper.latest import Latest

    latest = Latest(lambda: 0)
    latest.reading(made.reading(made.telegraph(*sub_meter(1, 3, GAS), *sub_meter(2, 4, HEAT))))
    told = {name: (label, text, unit) for name, label, text, unit, _, _ in latest.entries()}
    assert told["meter1_volume"] == ("Gas", "123.456", "m3")
    assert told["meter2_energy"] == ("Heat", "240860000000", "J")


def test_topics_and_json_of_a_heat_meter_say_its_unit(said, context, kinds):
    r = made.reading(made.telegraph(*sub_meter(2, 4, HEAT)))
    messages = said("topics", "messages", context(), r)
    assert ("kwhisper/meter2_energy", "240860000000", kinds.register) in messages
    found = json.loads(said("json", "messages", context(), r)[0][1])
    assert found["values"]["meter2_energy"] == 240860000000
    assert found["units"]["meter2_energy"] == "J"


def test_a_sub_meter_without_a_unit_is_in_doubt(announced, said, context):
    lines = sub_meter(1, 3, "24.2.1(260120120000W)(00123.456)")
    assert "meter1_volume" not in announced(*lines)
    r = made.reading(made.telegraph(*lines))
    topics = [t for t, _, _ in said("topics", "messages", context(), r)]
    assert "kwhisper/meter1_volume" not in topics and "kwhisper/quality/meter1_volume" in topics


def test_the_sum_of_tariffs_is_said_everywhere_and_as_derived(announced, said, context, kinds):
    r = made.reading(made.telegraph(*TARIFFS, "1-0:1.7.0(00.500*kW)"))
    messages = said("topics", "messages", context(), r)
    assert ("kwhisper/active_energy_import", "3500", kinds.register) in messages
    assert ("kwhisper/quality/active_energy_import", "derived", kinds.mark) in messages
    found = json.loads(said("json", "messages", context(), r)[0][1])
    assert found["values"]["active_energy_import"] == 3500
    assert found["flags"]["active_energy_import"] == ["derived"]
    assert announced(*TARIFFS)["active_energy_import"]["dev_cla"] == "energy"
    assert json.loads(said("ams", "messages", context(), r)[-1][1])["data"]["tPI"] == 3.5
    assert domoticz(said, context(domoticz_idx="p1=1,kwh=2"), r=r) == {
        1: "1500;2000;0;0;500;0",
        2: "500;3500",
    }
    mysensors = said("mysensors", "messages", context(), r)
    assert ("mygateway1-out/1/1/1/0/18", "3.500") in [(t, p) for t, p, _ in mysensors]


def test_a_code_without_a_name_makes_an_entity_that_is_off(load, context):
    homeassistant = load("homeassistant")[-1]
    known = dict(homeassistant.entities(entry("1-1:99.98.97", 7, 0, "V"), {}))
    ((which, of_it),) = known.items()
    topic, payload = homeassistant.config(which, {which: of_it}, context())
    found = json.loads(bytes(payload))
    assert found["en"] is False and found["stat_t"] == "~/obis/1-1:99.98.97"
    assert found["unit_of_meas"] == "V" and "dev_cla" not in found
    assert bytes(topic).endswith(b"/obis_1_1_99_98_97/config")


def test_how_long_a_value_may_be_silent(load, context):
    homeassistant = load("homeassistant")[-1]
    which = 0x010700 << 4

    def expires(hourly, **settings):
        _, payload = homeassistant.config(which, {which: hourly}, context(**settings))
        return json.loads(bytes(payload))["exp_aft"]

    assert expires(False) == 60 and expires(True) == 7800
    assert expires(False, publish_interval=60) == 360
    assert expires(False, publish_changed=True) == 900


def test_an_hours_value_is_known_again_when_it_comes_more_often(load):
    entities = load("homeassistant")[-1].entities
    power, total = 0x010700 << 4, 0x010800 << 4
    known = dict(entities(hourly(1, CLOCK), {}))
    assert known[power] is True and known[total] is True
    again = dict(entities(live(1), known))
    assert again[power] is False and total not in again
    known.update(again)
    assert not dict(entities(live(1), known)) and not dict(entities(hourly(2, CLOCK), known))


def test_the_devices_own_entities_read_its_state(load, context):
    homeassistant = load("homeassistant")[-1]
    names = []
    for which in range(-len(homeassistant.DEVICE), 0):
        topic, payload = homeassistant.config(which, {}, context(host_name="strøm-1"))
        found = json.loads(bytes(payload))
        names.append(bytes(topic).decode().split("/")[3])
        assert found["val_tpl"] == "{{ value_json." + names[-1] + " }}"
        assert found["stat_t"] == "~/device" and found["dev"]["name"] == "strøm-1"
    assert {"rssi", "uptime", "frames_bad"} <= set(names)


# the numbers and texts they are made of


def test_whole_numbers_are_written_as_they_are():
    from kwhisper.formats.writer import Writer

    chance = random.Random(1)
    writer = Writer(bytearray(100))
    for number in [0, 9, 10, -1, -10, *(chance.randrange(-(10**14), 10**14) for _ in range(500))]:
        text = b"%d" % number
        assert bytes(writer.clear().number(number).number(number).view()) == text * 2


def test_a_decimal_has_the_digits_that_the_meter_gave():
    from kwhisper.formats.entries import decimal

    chance = random.Random(1)
    for _ in range(2000):
        mantissa = chance.randrange(-(10 ** chance.randrange(1, 15)), 10**14)
        exponent = chance.randrange(-6, 7)
        text = decimal(mantissa, exponent)
        assert round(float(text) * 10**6) == round(mantissa * 10.0**exponent * 10**6) or (
            float(text) == pytest.approx(mantissa * 10.0**exponent)
        )
    assert (
        decimal(1230, -1) == b"123.0" and decimal(-5, -3) == b"-0.005" and decimal(5, 1) == b"50"
    )
    assert decimal(0, 3) == b"0" and decimal(0, -2) == b"0.00"


def test_labels_are_for_people():
    from kwhisper.formats.labels import label

    assert label("voltage_l1") == "Voltage L1"
    assert label("active_energy_import_t1") == "Energy import tariff 1"
    assert label("reactive_power_import_l2") == "Reactive power import L2"
    assert label("meter1_volume") == "Meter 1 volume"
    assert label("meter2_volume", "gas 2") == "Gas 2"
    assert label("active_energy_import_l1_t1") == "Energy import L1 tariff 1"
    assert label("current_n") == "Current N" and label("frequency") == "Frequency"
    assert label("reactive_energy_q1") == "Reactive energy quadrant 1"
    assert label("active_power_average") == "Power average of this period"
    assert label("active_power_peak") == "Power peak of this month"
    assert label("voltage_sags_l3") == "Voltage sags L3"
    assert label("power_factor") == "Power factor"
