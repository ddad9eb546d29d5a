"""An ESP8266 has room for the whole firmware: the budgets, held on the memory model."""

import http.client
import json
import shutil
import socket
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chip import pretend
from mqtt.rig import Listener, Mosquitto

from kwhisper_tools.commands import flash
from kwhisper_tools.meters import frame, make

FRAMES = 1000
PAGES = 200
RUN_FREE = 12 * 1024
RUN_LARGEST = 4 * 1024
SETUP_FREE = 8 * 1024
SETUP_SPARE = 6 * 1024  # taken away, and all of it still works
_SLICE = 230  # what 115,200 baud bring in
_SLICE_SECONDS = 0.02
KEY = bytes(range(16))
START = 1024  # what the guard of the start takes for the first minute, and so on
SETTLED = 62


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    return pretend.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture
def folder():
    """In memory where there is such a place: a chip's flash does not wait for this PC's disk."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


@pytest.fixture
def broker(tmp_path):
    if not (shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")):
        pytest.skip("no mosquitto: apt-get install mosquitto")
    made = Mosquitto(tmp_path)
    yield made
    made.kill()


@pytest.fixture
def listen():
    made = []

    def start(port):
        made.append(Listener(port))
        return made[-1]

    yield start
    for listener in made:
        listener.client.loop_stop()


class Wire:
    """The meter's line as a TCP port; says a frame again and again."""

    def __init__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(30)
        self.uart = f"tcp:127.0.0.1:{self._server.getsockname()[1]}"
        self._line = None

    def say(self, data, times=1, pause=0.1, listener=None):
        """With a listener the next frame comes when values of the last one are on MQTT, else after
        a pause: the UART's ring holds two."""
        for _ in range(times):
            heard = listener and len(listener.messages)
            for _ in range(2):
                if self._line is None:
                    self._line, _ = self._server.accept()
                try:
                    for start in range(0, len(data), _SLICE):
                        if start:
                            time.sleep(_SLICE_SECONDS)
                        self._line.sendall(data[start : start + _SLICE])
                    break
                except OSError:  # the firmware opened its UART anew
                    self._line = None
            if listener:
                end = time.monotonic() + 2
                while len(listener.messages) == heard and time.monotonic() < end:
                    time.sleep(0.005)
            else:
                time.sleep(pause)

    def close(self):
        self._server.close()
        if self._line:
            self._line.close()


@pytest.fixture
def chip(folder, micropython32, image, broker):
    """chip(settings …) -> (device, wire), running."""
    made = []

    def start(**settings):
        wire = Wire()
        device = pretend.SmallChip(folder, micropython32, image, uart=wire.uart)
        device.settings(
            board="nodemcu",
            wifi_ssid="Fjellheim",
            wifi_password="kwhisper-demo",
            mqtt_host="127.0.0.1",
            mqtt_port=broker.port,
            mqtt_topic="kwhisper",
            **settings,
        )
        made.extend((device, wire))
        device.power_on()
        return device, wire

    yield start
    for device, wire in zip(made[::2], made[1::2], strict=True):
        device.power_cut()
        wire.close()


def get(device, path="", form=None):
    """(code, body) of a page; a redirection is not followed: it may lead to the access point's
    own address."""
    connection = http.client.HTTPConnection("127.0.0.1", device.web_port, timeout=20)
    try:
        # As a phone on the access point asks.
        headers = {"Host": "192.168.4.1", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if form else "GET", "/" + path, form, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def until(condition, seconds, what, device):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end and device.starts == 1, (
            f"{what} did not come:\n" + "\n".join(device.output)
        )
        time.sleep(0.1)


def heard(listener, topic):
    return sum(1 for t, _, _ in listener.messages if t.endswith(topic))


def enough(device, free, largest):
    for _ in range(10):
        found = device.probe()
        if found["free"] >= free and found["largest"] >= largest:
            break
        time.sleep(1)  # something was under way just then
    assert device.starts == 1, "\n".join(device.output)
    assert found["free"] >= free and found["largest"] >= largest, found


def a_day(device, wire, say, broker, listener):
    """1,000 frames, a broker that goes and comes back, 200 pages. say(): the next frame."""

    def understood():
        # The line has to be found first: the meter says its list until then.
        wire.say(say(), 1, 0.5)
        return heard(listener, "active_power_import") and heard(listener, "kwhisper/device")

    until(understood, 90, "values and the device's state on MQTT", device)
    for _ in range(FRAMES * 3 // 4):
        wire.say(say(), listener=listener)
    broker.kill()
    for _ in range(FRAMES // 20):
        wire.say(say(), 1, 0.2)
    broker.start()
    for page in range(PAGES):
        code, body = get(device, "data.json" if page % 2 else "")
        assert code == 200 and body
    assert b'"active_power_import"' in body
    listener.messages.clear()
    until(understood, 90, "MQTT after the restart", device)
    for _ in range(FRAMES // 5):
        wire.say(say(), listener=listener)
    # On a busy machine the wire may bring more at once than the UART's ring holds.
    assert heard(listener, "active_power_import") > FRAMES // 5 * 0.9
    # What guards the start stays for its first minute.
    while json.loads(get(device, "data.json")[1])["status"]["uptime"] < SETTLED:
        time.sleep(1)
    time.sleep(6)  # the last browser is gone, and what served it
    # What falls together once in a while is tried again.
    assert sum("memory" in line for line in device.output) <= 2, "\n".join(device.output)


def test_run_mode_with_the_biggest_norwegian_list(chip, broker, listen):
    device, wire = chip()
    data = max((frame(name) for name in ("aidon", "kaifa", "kamstrup")), key=len)
    a_day(device, wire, lambda: data, broker, listen(broker.port))
    enough(device, RUN_FREE, RUN_LARGEST)


def test_run_mode_with_a_dsmr_telegram_of_1500_bytes(chip, broker, listen):
    device, wire = chip()
    data = telegram(1500)
    a_day(device, wire, lambda: data, broker, listen(broker.port))
    enough(device, RUN_FREE, RUN_LARGEST)


def test_run_mode_with_an_encrypted_telegram_of_more_than_700_bytes(chip, broker, listen):
    device, wire = chip(meter_key=KEY.hex(), meter_auth_key=KEY.hex())
    begin = datetime(2026, 1, 20, 11, tzinfo=UTC)
    meter = make("esmr-encrypted", start=begin, key=KEY, auth_key=KEY)

    def say():
        # Each with its own counter: a repeated one is refused.
        return meter.next().data

    assert len(say()) > 700
    a_day(device, wire, say, broker, listen(broker.port))
    enough(device, RUN_FREE, RUN_LARGEST)


# One of each way through the decoder: by position, segments of M-Bus, blocks, text.
@pytest.mark.parametrize("name", ["kamstrup", "kaifa", "sagemcom-at", "lg-e450-ch", "dsmr5"])
def test_the_image_reads_and_tells(chip, broker, listen, name):
    """What the linker put together (tools/link.py) does all that it does elsewhere."""
    meter = make(name, start=datetime(2026, 1, 20, 11, tzinfo=UTC))
    keys = {"meter_key": meter.key, "meter_auth_key": meter.auth_key}
    device, wire = chip(**{key: value.hex() for key, value in keys.items() if value})
    listener = listen(broker.port)

    def understood():
        wire.say(meter.next().data, 1, 0.5)
        return heard(listener, "active_power_import") and heard(listener, "kwhisper/device")

    until(understood, 90, "values and the device's state on MQTT", device)
    broker.kill()
    for page in ("data.json", "", "settings", "data.json"):
        code, body = get(device, page)
        assert code == 200 and body
    assert b'"active_power_import"' in body
    broker.start()
    listener.messages.clear()
    until(understood, 90, "values and the device's state on MQTT", device)
    enough(device, RUN_FREE - START, 0)
    assert sum("memory" in line for line in device.output) <= 2, "\n".join(device.output)
    listener.client.publish("kwhisper/cmd/restart", "")
    until_restarted(device)


def test_the_image_tells_how_to_reach_its_setup(tmp_path, micropython32, image):
    """What `kwhisper flash` runs at the end."""
    device = pretend.SmallChip(tmp_path / "chip", micropython32, image)
    device.settings(board="nodemcu")
    (device.flash / "main.py").write_text(flash._REPORT.replace("; ", "\n"))
    device.power_on()
    try:
        ready = device.wait_for("ready ").split()
        assert ready[1].startswith("kWhisper-") and len(ready[2]) >= 8 and ready[3] == "True"
    finally:
        device.power_cut()


@pytest.mark.parametrize("less", [0, SETUP_SPARE])
def test_setup_mode_at_its_peak(folder, micropython32, image, less):
    """What lives at the peak leaves enough free. Between two looks a module that is being loaded
    takes more, and what is free lies in pieces: so all of it must also work with less."""
    device = pretend.SmallChip(folder, micropython32, image, less=less)
    device.settings(board="nodemcu")
    device.power_on()
    try:
        device.wait_for("then open")
        if not less:
            device.watch()
        for _ in range(20):
            code, page = get(device)
            assert code == 200 and b"Fjellheim" in page and b"mqtt_host" in page
        assert get(device, "generate_204")[0] == 302
        form = b"wifi_ssid=Fjellheim&wifi_password=kwhisper-demo&mqtt_host=10.0.0.2&board=nodemcu"
        form += b"&payload=topics&form=whole"
        assert get(device, "", form)[0] in (200, 303)
        until_saved(device)
        if not less:
            found = device.probe()
            assert found["lowest"] >= SETUP_FREE, found
        assert '"mqtt_host": "10.0.0.2"' in (device.flash / "settings.json").read_text()
        assert not [line for line in device.output if "memory" in line]
    finally:
        device.power_cut()


def until_restarted(device):
    end = time.monotonic() + 20
    while device.starts == 1:
        assert time.monotonic() < end, "\n".join(device.output)
        time.sleep(0.1)
    assert device.wait_for("HARD_RESET: command")


def until_saved(device):
    end = time.monotonic() + 20
    while "mqtt_host" not in (device.flash / "settings.json").read_text():
        assert time.monotonic() < end, "\n".join(device.output)
        time.sleep(0.1)


def telegram(size):
    """A DSMR 5 telegram of at least `size` bytes: a real one with the long text message in it."""
    text = frame("dsmr5")
    missing = size - len(text)
    body = text[: text.rindex(b"!")]
    if missing > 0:
        body = body.rstrip(b"\r\n") + b"\r\n0-0:96.13.0(" + b"41" * (missing // 2) + b")\r\n"
    body += b"!"
    crc = 0
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return body + b"%04X\r\n" % crc
