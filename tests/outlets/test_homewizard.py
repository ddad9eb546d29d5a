"""HomeWizard's API v1, read by python-homewizard-energy, which Home Assistant uses."""

import asyncio
import contextlib
import json
import urllib.error
import urllib.request
from datetime import datetime
from decimal import Decimal

import pytest
from system.waiting import answers, until


def ask(device):
    """(Device, Data) as the library understands them."""
    library = pytest.importorskip("homewizard_energy")

    async def both():
        async with library.HomeWizardEnergy(f"127.0.0.1:{device.web_port}") as meter:
            return await meter.device(), await meter.data()

    def understood():
        with contextlib.suppress(ValueError, library.errors.HomeWizardEnergyException):
            return asyncio.run(both())

    # A busy device may send a client away for a moment.
    return until(understood, what="what it understands")


def raw(device, path="api/v1/data"):
    with urllib.request.urlopen(device.url + path, timeout=60) as reply:
        return json.loads(reply.read(), parse_float=Decimal, parse_int=Decimal)


@pytest.mark.parametrize("meter", ["dsmr5", "fluvius-be"])
def test_the_library_reads_a_p1_meter(running, meter):
    speaker, device = running(meter, 4, values={"outlets": "homewizard"})
    until(lambda: answers(device, "api/v1/data"), 60, "the page")
    until(lambda: "total_gas_m3" in raw(device), 120, "gas")
    about, data = ask(device)
    assert about.product_type == "HWE-P1" and about.api_version == "v1"
    assert about.serial == "240ac4000001" and data.wifi_ssid == "Fjellheim"
    said = [truth["values"] for truth, damaged in speaker.said if not damaged]
    assert data.unique_meter_id is None, "the meter's number stays at home"

    def fits(v):
        def of(code):
            found = [text for c, (text, _) in v.items() if c.endswith(":" + code)]
            return Decimal(found[0]) if found else None

        return (
            of("1.7.0") - of("2.7.0") == Decimal(str(data.active_power_w))
            and of("1.8.1") / 1000 == Decimal(str(data.total_energy_import_t1_kwh))
            and of("32.7.0") == Decimal(str(data.active_voltage_l1_v))
        )

    assert any(fits(v) for v in said), (data, said[-1])
    assert data.total_gas_m3 and len(data.external_devices) >= 1


def test_energies_keep_the_digits_of_the_meter(running):
    start = datetime.now().astimezone().replace(minute=59, second=0)
    speaker, device = running("kamstrup", 8, values={"outlets": "homewizard"}, start=start)
    until(lambda: answers(device, "api/v1/data"), 60, "the page")
    until(lambda: "total_power_import_kwh" in raw(device), 240, "the registers")
    codes = [truth["values"] for truth, _ in speaker.said]
    totals = {Decimal(t) / 1000 for v in codes for c, (t, _) in v.items() if ":1.8.0" in c}
    assert raw(device)["total_power_import_kwh"] in totals
    assert "total_gas_m3" not in raw(device)


def test_off_there_is_no_such_address(running):
    _, device = running("aidon", values={"outlets": "prometheus"})
    until(lambda: answers(device), 60, "the page")
    for path in ("api", "api/v1/data"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            raw(device, path)
