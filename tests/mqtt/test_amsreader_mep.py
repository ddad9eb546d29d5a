"""The topics of the amsreader for NES meters, by their names in its RawMqttHandler."""

import builtins
import importlib
import json
import sys
from types import SimpleNamespace

import pytest

from kwhisper_tools import paths
from kwhisper_tools.meters.mep_meter import Nes
from meterwire import mep


@pytest.fixture
def formats(monkeypatch):
    monkeypatch.setattr(builtins, "const", lambda value: value, raising=False)
    monkeypatch.syspath_prepend(str(paths.FIRMWARE))
    return importlib.import_module("kwhisper.formats")


def reading(house):
    """One list of the house's meter, as the firmware asks for it."""
    client = mep.Mep(house.key)
    lists = ((mep.SUM_SOURCES, 0, 15), (mep.PRESENT_SOURCES, 0, 57), (mep.SERIAL, 0, 30))
    client.begin()
    for what in ((mep.DIMENSIONS, 0, 10), (mep.DIMENSIONS, 0, 10), *lists,
                 (mep.MANUFACTURER, 0, 16), (mep.CLOCK, 0, 7)):  # fmt: skip
        said = bytearray(house.answer(client.ask(*what)))
        client.take(said, len(said))
    client.begin()
    for what in ((mep.REGISTERS, 1, 60), (mep.PRESENT, 8, 220)):
        said = bytearray(house.answer(client.ask(*what)))
        assert client.take(said, len(said)) == mep.OK
    return client.finish()


def published(formats, r, what="messages", meter="mep", age=1, **more):
    """{topic: payload} of the format."""
    rows = json.loads((paths.FIRMWARE / "kwhisper/storage/setting_table.json").read_text())
    settings = {row["name"]: row["default"] for row in rows if "name" in row}
    settings |= {"meter": meter, "payload": "ams"} | more
    status = SimpleNamespace(
        uptime=lambda: 60, mem_free=lambda: 40000, rssi=-60, dropped=0, frame_age=lambda: age,
        frames=lambda: {"ok": 7},
    )  # fmt: skip
    (module,) = formats.load("ams")
    context = formats.Context(settings, status, "kwhisper-1", lambda: None, module.PAGE)
    given = (r, context) if what == "messages" else (context,)
    return {
        bytes(topic).decode().removeprefix("kwhisper/"): bytes(payload).decode()
        for topic, payload, _ in getattr(module, what)(*given)
    }


def test_a_home_finds_its_topics_again(formats):
    house = Nes(seed=3, kinds=())
    said = published(formats, reading(house), publish_meter_id=True)
    told = house.told
    assert said["meter/manufacturer"] == "NES" and said["meter/model"] == "83334-3I"
    assert said["meter/firmwareversion"] == "3.70.10"
    assert said["meter/hardwareversion"] == "0.65.3"
    assert said["meter/serialnumber"] == "NES0000000003"
    assert said["meter/mep_alivecounter"] == "7" and said["meter/mep_data_ready"] == "1"
    assert said["meter/frequency"] == f"{told[19] / 1000:.3f}"
    assert said["meter/appowerVA"] == str(told[20])
    for q in range(4):
        assert said[f"meter/reactivepower_Q{q + 1}"] == str(told[104 + q])
    assert said["meter/import/active"] == str(told[8])
    assert said["meter/import/active/accumulated"] == f"{told[0] / 1000:.3f}"
    assert said["meter/l2/voltage"] == f"{told[16] / 1000:.3f}"
    assert said["meter/l3/powerfactor"] == f"{told[22] / 1000:.3f}"
    assert said["meter/clock"] == said["meter/dlms/timestamp"] == "1768906770"


def test_the_serial_number_stays_at_home_unless_it_may_not(formats):
    said = published(formats, reading(Nes(seed=3)))
    assert "meter/serialnumber" not in said and "0000000003" not in "".join(said.values())


def test_other_meters_keep_amsreader_s_topics(formats):
    said = published(formats, reading(Nes(seed=3)), meter="auto")
    assert "meter/frequency" not in said and "meter/mep_data_ready" not in said
    assert sys.modules["kwhisper.formats.amsreader"]


@pytest.mark.parametrize(("age", "ready"), [(1, "1"), (None, "0"), (90, "0")])
def test_a_meter_that_falls_silent_is_not_ready(formats, age, ready):
    assert published(formats, None, "device", age=age)["meter/mep_data_ready"] == ready
