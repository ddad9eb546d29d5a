"""The page's report: made in a browser of what the device serves, for every simulated meter."""

import json
import subprocess
from datetime import UTC, datetime

import pytest
from web.browsing import ready

from kwhisper_tools import paths
from kwhisper_tools.meters import METERS, make
from meterwire import Decoder, obis

# Its messages come in several frames; /frame.bin holds the last one only.
IN_PARTS = ("lg-e450-ch", "lg-e450-at", "kaifa-at", "kaifa-at-tinetz", "sagemcom-at")
START = datetime(2026, 1, 20, 11, 59, 50, tzinfo=UTC)

_MAKE = """async ([data, device, frame]) => {
  const { report } = await import('/report.js')
  const served = { '/data.json': data, '/device.json': device }
  return report(async (path, changes, ms, as) =>
    as === 'arrayBuffer' ? Uint8Array.from(frame).buffer : served[path])
}"""


def value_of(reading, i):
    return [reading.decimal(i), reading.unit(i)]


def values_of(reading):
    return {
        reading.obis(i): value_of(reading, i)
        for i in range(len(reading))
        if reading.entry(i) == 0 and reading.key(i) >> 8 and not reading.flag(i) & 8
    }


def served(name):
    """(the meter's last Reading, data.json, the frame) of a device that reads this meter."""
    meter = make(name, seed=11, start=START)
    keys = (meter.key, meter.auth_key if meter.authenticated else None) if meter.encrypted else ()
    decoder = Decoder(4096, *keys)
    frame, longest = b"", None
    for _ in range(8):
        burst = meter.next().data
        for pull in (decoder.feed(burst), decoder.flush()):
            for reading in pull:
                if longest is None or len(reading) > len(longest):
                    longest = reading.copy()
                    buffer, start, end = decoder.raw()
                    frame = bytes(buffer[start:end])
    values = ",".join(
        f'"{obis.name(longest.key(i), longest.ab(i)) or longest.obis(i)}":'
        f'{{"label":"x","value":{longest.decimal(i)},"unit":"{longest.unit(i)}","age":2}}'
        for i in range(len(longest))
        if longest.entry(i) == 0 and longest.key(i) >> 8
    )
    about = json.dumps({"list": longest.list_id, "type": longest.meter_type})
    data = (
        f'{{"name":"kwhisper","time":{json.dumps(longest.time)},"meter":{about},"lists":3,"left_out":0,'
        f'"unknown_frame":false,"values":{{{values}}},'
        '"status":{"problem":null,"line":"2400 8E1","ip":"192.168.1.40",'
        '"frames":{"ok":3,"fcs":0}}}'
    )
    return longest, data, frame


@pytest.fixture(scope="module")
def page(browser):
    from web.stand_in import StandIn

    with StandIn("run") as device:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{device.port}/kwhisper.css")
        yield page
        context.close()


@pytest.mark.parametrize("name", list(METERS))
def test_the_report_decodes_as_the_device_did_and_has_no_number(page, name):
    reading, data, frame = served(name)
    device = json.dumps({"version": "1.0.0", "board": "esp32", "ip": "192.168.1.40"})
    text = page.evaluate(_MAKE, [data, device, list(frame)])
    made = json.loads(text)
    assert made["kwhisper"] == "1.0.0" and made["frames"] == {"ok": 3}
    assert "192.168" not in text, "nothing of the network"
    # numbers with the meter's own decimals
    told = made["readings"][0]["values"]
    known = {
        obis.name(reading.key(i), reading.ab(i)) or reading.obis(i): reading.decimal(i)
        for i in range(len(reading))
        if reading.entry(i) == 0 and reading.key(i) >> 8
    }
    assert {code: v["value"] for code, v in told.items()} == known

    number = reading.meter_id
    if number and len(number) > 3:
        raw = bytes.fromhex(made["hex"])
        for form in (number, number.encode().hex().upper()):
            assert form not in text and form.encode() not in raw
        if number.isdigit():
            for width in (4, 8):
                if int(number) < 1 << 8 * width:
                    assert int(number).to_bytes(width, "big") not in raw

    if name in IN_PARTS:
        return
    decoder = Decoder(4096)
    again = [
        values_of(r)
        for pull in (decoder.feed(bytes.fromhex(made["hex"])), decoder.flush())
        for r in pull
    ]
    assert again == [values_of(reading)]


def test_the_command_reads_what_the_button_gives(run, look, tmp_path):
    reading, data, frame = served("aidon")
    run.data = lambda: data
    page = look(run, "/meter.html")
    ready(page)
    page.route(
        "**/frame.bin",
        lambda route: route.fulfill(body=frame, content_type="application/octet-stream"),
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Make the report").click()
    file = tmp_path / "report.txt"
    download.value.save_as(file)
    command = [paths.program("kwhisper"), "decode", file, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[0])
    assert said["values"]["1-0:1.7.0"]["value"] == values_of(reading)["1-0:1.7.0"][0]
    assert said["meter_id"] != reading.meter_id and len(said["meter_id"]) == len(reading.meter_id)


def test_without_a_frame_the_report_has_the_values(page):
    _, data, _ = served("kaifa")
    text = page.evaluate(
        """async ([data]) => {
          const { report } = await import('/report.js')
          window.setTimeout = (go) => go()
          return report(async (path, changes, ms, as) => {
            if (as) throw Object.assign(new Error('none'), { code: 404 })
            return path === '/data.json' ? data : '{"version":"1.0.0"}'
          })
        }""",
        [data],
    )
    assert json.loads(text)["hex"] == "" and json.loads(text)["readings"][0]["values"]


def test_a_frame_without_a_key_has_no_title(page):
    meter = make("kamstrup-dk", seed=11, start=START)
    frame = meter.next().data
    data = '{"name":"x","time":null,"meter":{"list":null,"type":null},"values":{},"status":{}}'
    text = page.evaluate(_MAKE, [data, '{"version":"1.0.0"}', list(frame)])
    raw = bytes.fromhex(json.loads(text)["hex"])
    at = frame.index(b"\xdb\x08")
    assert frame[at + 2 : at + 10] not in raw and len(raw) == len(frame)
    decoder = Decoder()
    assert list(decoder.feed(raw)) == [] and decoder.counters["no_key"] == 1
