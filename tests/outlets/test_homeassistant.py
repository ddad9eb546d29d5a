"""Home Assistant's own integrations for a P1 meter, added as a person adds them: they show what
the simulated meter said."""

from decimal import Decimal

import pytest
from hass import Hass, installed, known
from outlets.test_raw_tcp import connect, door
from system.waiting import answers, until

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path):
    """home() -> Home Assistant, owned by a person."""
    program = installed()
    made = []

    def start():
        folder = tmp_path / "hass"
        folder.mkdir()
        made.append(Hass(program, folder, None, "api:\nauth:\nconfig:\nonboarding:\n"))
        made[0].start()
        made[0].own()
        return made[0]

    yield start
    for hass in made:
        hass.process.kill()
        hass.process.wait()


def said(speaker, code):
    """All that the meter has said of a code."""
    lists = [truth["values"] for truth, damaged in speaker.said if not damaged]
    return {Decimal(str(v["1-0:" + code][0])) for v in lists if "1-0:" + code in v}


def shown(hass, entity, places=6):
    """The number in an entity's state, or None."""
    state = hass.states().get(entity)
    return round(Decimal(state), places).normalize() if known(state) else None


def equal(hass, speaker, wanted):
    """Wait until each entity's state is what the meter has said of its code, by a factor."""
    for entity, (code, factor) in wanted.items():

        def right(entity=entity, code=code, factor=factor):
            number = shown(hass, entity)
            return number is not None and number / factor in said(speaker, code)

        until(right, 120, f"{entity}: {hass.states()}")


def test_the_dsmr_integration_over_the_network(running, home):
    port, values = door()
    speaker, _ = running("dsmr5", values=values)
    connect(port).close()
    hass = home()
    network = {"host": "127.0.0.1", "port": port, "dsmr_version": "5"}
    entry = hass.add("dsmr", {"type": "Network"}, network)
    assert entry["title"] == f"127.0.0.1:{port}"
    kilo = Decimal("0.001")
    meter = "sensor.electricity_meter_"
    equal(
        hass,
        speaker,
        {
            meter + "power_consumption": ("1.7.0", kilo),
            meter + "power_production": ("2.7.0", kilo),
            meter + "energy_consumption_tarif_1": ("1.8.1", kilo),
            meter + "energy_production_tarif_2": ("2.8.2", kilo),
        },
    )
    assert known(hass.states().get("sensor.gas_meter_gas_consumption"))


def test_the_homewizard_integration(running, home):
    speaker, device = running("dsmr5", 4, values={"outlets": "homewizard"})
    until(lambda: answers(device, "api/v1/data"), 60, "the page")
    hass = home()
    entry = hass.add("homewizard", {"ip_address": f"127.0.0.1:{device.web_port}"})
    assert entry["title"] == "P1 meter"
    kilo = Decimal("0.001")
    meter = "sensor.p1_meter_"
    equal(
        hass,
        speaker,
        {
            meter + "energy_import_tariff_1": ("1.8.1", kilo),
            meter + "energy_export_tariff_2": ("2.8.2", kilo),
        },
    )

    def net():
        lists = [truth["values"] for truth, _ in speaker.said]
        powers = {Decimal(v["1-0:1.7.0"][0]) - Decimal(v["1-0:2.7.0"][0]) for v in lists}
        return shown(hass, meter + "power") in powers

    until(net, 120, "import less export")
    assert known(hass.states().get("sensor.gas_meter_gas"))
