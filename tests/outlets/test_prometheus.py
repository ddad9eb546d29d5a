"""/metrics: linted by promtool, scraped by the real Prometheus, its values those of the meter."""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal

import pytest
from system.waiting import answers, until

from kwhisper_tools.host import free_port


def scrape(device):
    with urllib.request.urlopen(device.url + "metrics", timeout=60) as reply:
        assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return reply.read().decode()


def samples(text):
    """{name with labels: value} of the page."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


@pytest.fixture
def metered(running):
    """metered(meter) -> (speaker, device) whose /metrics have power and registers."""

    def start(meter, wanted, **values):
        speaker, device = running(meter, 4, values={"outlets": "prometheus", **values})
        until(lambda: answers(device, "metrics"), 60, "the page")
        until(lambda: wanted in scrape(device), 180, wanted)
        return speaker, device

    return start


@pytest.mark.parametrize(
    "meter, wanted",
    [
        pytest.param("kamstrup", "kwhisper_voltage_volts", marks=pytest.mark.slow),
        ("dsmr5", "kwhisper_submeter_volume_cubic_meters_total"),
        pytest.param(
            "kaifa-at", "kwhisper_active_energy_import_joules_total", marks=pytest.mark.slow
        ),
    ],
)
def test_promtool_has_nothing_to_say(metered, meter, wanted):
    from kwhisper_tools.meters import make

    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("no promtool: apt-get install prometheus")
    made = make(meter)
    keys = {"meter_key": made.key.hex()} if made.key else {}
    keys |= {"meter_auth_key": made.auth_key.hex()} if made.auth_key else {}
    _, device = metered(meter, wanted, pins="adc=34,divider=2000", **keys)
    text = scrape(device)
    assert samples(text)["kwhisper_supply_volts"] == "5.000"  # the pretended pin has 2.5 V
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and not done.stderr + done.stdout, (done, text)


def test_values_are_the_meters_and_energies_are_joules(metered):
    speaker, device = metered("dsmr5", "kwhisper_active_energy_import_joules_total")
    said = []

    def found():
        values = samples(scrape(device))
        said[:] = [truth["values"] for truth, damaged in speaker.said if not damaged]
        power = Decimal(values["kwhisper_active_power_import_watts"])
        first = Decimal(values['kwhisper_active_energy_import_joules_total{tariff="1"}'])
        volts = Decimal(values['kwhisper_voltage_volts{phase="l1"}'])
        return any(
            Decimal(v["1-0:1.7.0"][0]) == power
            and Decimal(v["1-0:1.8.1"][0]) * 3600 == first
            and Decimal(v["1-0:32.7.0"][0]) == volts
            for v in said
        )

    until(found, 60, "a page of one list")


@pytest.mark.slow
def test_prometheus_scrapes_it(metered, tmp_path):
    program = shutil.which("prometheus")
    if not program:
        pytest.skip("no prometheus: apt-get install prometheus")
    speaker, device = metered("kamstrup", "kwhisper_voltage_volts")
    port = free_port()
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 2s}\nscrape_configs: [{job_name: kwhisper, "
        f"static_configs: [{{targets: ['127.0.0.1:{device.web_port}']}}]}}]\n"
    )
    with open(tmp_path / "log", "w") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={tmp_path}/prometheus.yml",
                f"--storage.tsdb.path={tmp_path}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )

        def ask(query):
            query = urllib.parse.urlencode({"query": query})
            url = f"http://127.0.0.1:{port}/api/v1/query?{query}"
            try:
                with urllib.request.urlopen(url, timeout=20) as reply:
                    return json.load(reply)["data"]["result"]
            except (urllib.error.URLError, OSError):
                return None

        try:

            def sample():
                power, volts = (
                    ask("kwhisper_active_power_import_watts"),
                    ask("kwhisper_voltage_volts"),
                )
                up = [found["value"][1] for found in ask("up") or ()]
                return power and up == ["1"] and len(volts or ()) == 3 and power[0]["value"][1]

            value = until(sample, what="a sample")
            codes = [truth["values"] for truth, _ in speaker.said]
            assert value in {text for v in codes for c, (text, _) in v.items() if ":1.7.0" in c}
        finally:
            process.terminate()
            process.wait(20)


def test_off_there_is_no_such_address(running):
    _, device = running("aidon")
    until(lambda: answers(device), 60, "the page")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        scrape(device)
