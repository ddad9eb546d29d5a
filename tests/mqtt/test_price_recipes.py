"""The recipes of docs/energy.md that feed prices, run in the real programs with made-up prices."""

import http.server
import json
import os
import re
import subprocess
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hass import Hass, installed
from mqtt.rig import free_port, until

from kwhisper_tools import paths

OSLO = ZoneInfo("Europe/Oslo")
# What stands in for the two integrations, in the form that they document: an action with start and
# end as text and a price per MWh; attributes with times and a price per kWh.
STAND_IN = """
from datetime import datetime, timedelta
from homeassistant.core import SupportsResponse
from homeassistant.util import dt

def quarters(day):
    start = datetime.combine(day, datetime.min.time(), dt.get_default_time_zone())
    n = int((start + timedelta(days=1)).timestamp() - start.timestamp()) // 900
    return [dt.as_local(dt.utc_from_timestamp(start.timestamp() + 900 * i)) for i in range(n)]

async def async_setup(hass, config):
    async def prices(call):
        assert call.data["config_entry"] == "YOUR_NORDPOOL_ENTRY"
        assert call.data["currency"] == "NOK" and call.data["areas"] == "NO1"
        at = quarters(datetime.fromisoformat(str(call.data["date"])).date())
        return {"NO1": [
            {"start": dt.as_utc(t).isoformat(),
             "end": dt.as_utc(t + timedelta(minutes=15)).isoformat(), "price": 12.34 + i}
            for i, t in enumerate(at)]}
    hass.services.async_register(
        "nordpool", "get_prices_for_date", prices, supports_response=SupportsResponse.ONLY)
    day = dt.now().date()
    older = [{"start": t, "end": t + timedelta(hours=1), "value": 0.5 + i / 1000}
             for i, t in enumerate(quarters(day)[::4])]
    hass.states.async_set("sensor.nordpool_kwh_no1_nok_3_10_0", "0.5", {
        "raw_today": older, "raw_tomorrow": [], "tomorrow_valid": False})
    entso = [{"time": str(t), "price": 0.07 + i / 1000} for i, t in enumerate(quarters(day))]
    hass.states.async_set("sensor.average_electricity_price_today", "0.07", {
        "prices_today": entso, "prices_tomorrow": []})
    return True
"""


@pytest.fixture
def recipes(root):
    """What stands in fences: the automations, and Node-RED's flow."""
    text = (root / "docs/energy.md").read_text()
    automations = re.findall(r"```yaml\nautomation:\n(.*?)```", text, re.S)
    flow = re.search(r"### From Node-RED.*?```json\n(.*?)```", text, re.S)[1]
    assert len(automations) == 3
    return automations, json.loads(flow)


@pytest.fixture
def taken(tmp_path):
    """taken(payload): the prices in 10^-5 that the device has then, by their begin."""
    from kwhisper.energy import price_list
    from kwhisper.energy.price import HEAD, HEAD_SIZE

    def take(payload):
        path = tmp_path / "prices"
        path.unlink(missing_ok=True)
        data = payload if isinstance(payload, bytes) else payload.encode()
        assert len(data) < 2100  # what a message may have
        start, minutes, count, exports = price_list.parse(data)
        price_list.keep(str(path), start, minutes, count, exports, data)
        stored = path.read_bytes()[HEAD_SIZE:]
        assert HEAD and not exports and len(stored) == 4 * count
        numbers = [int.from_bytes(stored[i : i + 4], "little") for i in range(0, len(stored), 4)]
        return {start + n * minutes * 60: price for n, price in enumerate(numbers)}

    return take


def midnight(days=0):
    day = datetime.now(OSLO).date() + timedelta(days=days)
    return int(datetime(day.year, day.month, day.day, tzinfo=OSLO).timestamp())


def steps(day, seconds):
    """The begins of a local day's quarters or hours."""
    return list(range(midnight(day), midnight(day + 1), seconds))


@pytest.mark.slow
def test_home_assistants_recipes_in_home_assistant(recipes, taken, mosquitto, listener, tmp_path):
    """Each automation as it stands, at the start; the topics are told apart."""
    program = installed()
    broker = mosquitto()
    heard = listener(broker.port)
    text = "automation:\n"
    for n, recipe in enumerate(recipes[0]):
        assert "topic: kwhisper/price/set" in recipe
        text += recipe.replace("topic: kwhisper/price/set", f"topic: recipe{n}/price/set")
    folder = tmp_path / "hass"
    folder.mkdir()
    hass = Hass(program, folder, broker.port, "nordpool_stand_in:\n" + text)
    own = folder / "custom_components" / "nordpool_stand_in"
    own.mkdir()
    (own / "__init__.py").write_text(STAND_IN)
    manifest = {"domain": "nordpool_stand_in", "name": "N", "version": "1", "requirements": []}
    (own / "manifest.json").write_text(json.dumps(manifest))
    hass.start()
    try:
        said = []
        for n in range(3):
            until(lambda n=n: heard.of(f"recipe{n}/price/set"), 180, f"recipe {n}")
            said.append(heard.of(f"recipe{n}/price/set")[0])
        assert not hass.complaints()
    finally:
        hass.stop()
    # Quarters per MWh, of today or, from 13 o'clock on, of tomorrow.
    found = taken(said[0])
    day = 0 if min(found) == midnight() else 1
    assert list(found) == steps(day, 900)
    assert list(found.values()) == [1234 + 100 * n for n in range(len(found))]
    found = taken(said[1])
    assert list(found) == steps(0, 3600)
    assert list(found.values()) == [50000 + 100 * n for n in range(len(found))]
    found = taken(said[2])
    assert list(found) == steps(0, 900)
    assert list(found.values()) == [7000 + 100 * n for n in range(len(found))]


class Source(http.server.BaseHTTPRequestHandler):
    """Prices as hvakosterstrommen.no gives them, by the hour."""

    def do_GET(self):
        year, rest = self.path.split("/")[-2:]
        assert rest.endswith("_NO1.json")
        begin = datetime.fromisoformat(f"{year}-{rest[:5]}").replace(tzinfo=OSLO)
        prices = [
            {
                "NOK_per_kWh": 0.4123456 + n / 100,
                "EUR_per_kWh": 0.04,
                "EXR": 11.5,
                "time_start": (begin + timedelta(hours=n)).isoformat(),
                "time_end": (begin + timedelta(hours=n + 1)).isoformat(),
            }
            for n in range(24)
        ]
        body = json.dumps(prices).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_node_reds_prices_in_node_red(recipes, taken, mosquitto, listener, tmp_path):
    """npm install --prefix build/node-red node-red@4.1.15; or another by KWHISPER_NODE_RED."""
    flow = recipes[1]
    here = paths.BUILD / "node-red" / "node_modules" / ".bin" / "node-red"
    program = os.environ.get("KWHISPER_NODE_RED") or here
    if not os.path.exists(program):
        pytest.skip("no Node-RED: npm install --prefix build/node-red node-red@4.1.15")
    source = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    threading.Thread(target=source.serve_forever, daemon=True).start()
    broker = mosquitto()
    heard = listener(broker.port)
    flow[1].update(broker="127.0.0.1", port=str(broker.port))
    text = json.dumps(flow)
    assert "https://www.hvakosterstrommen.no" in text
    text = text.replace(
        "https://www.hvakosterstrommen.no", f"http://127.0.0.1:{source.server_port}"
    )
    (tmp_path / "flows.json").write_text(text)
    node_red = subprocess.Popen(
        [program, "-u", str(tmp_path), "-p", str(free_port()), str(tmp_path / "flows.json")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TZ": "Europe/Oslo"},
    )
    try:
        until(lambda: heard.of("kwhisper/price/set"), 120, "the prices")
        found = taken(heard.of("kwhisper/price/set")[0])
        assert min(found) in (midnight(), midnight(1)) and len(found) == 24
        prices = list(found.values())
        assert prices == [41235 + 1000 * n for n in range(24)]
    finally:
        node_red.terminate()
        node_red.wait(20)
        source.shutdown()
