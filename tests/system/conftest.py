"""The whole of it: a real broker, a simulated meter, the firmware on the unix port, a browser."""

import shutil
from datetime import datetime

import pytest
from system.waiting import PATIENCE
from web.chromium import started

from kwhisper_tools.host import Device
from kwhisper_tools.meters import make
from kwhisper_tools.meters.speaker import Speaker


@pytest.fixture
def mosquitto(mosquitto):
    """The real broker."""
    return mosquitto()


@pytest.fixture
def house(tmp_path, micropython):
    """house(meter, **options) -> (speaker, device), the device installed but without power."""
    made = []

    def build(name, speed=1.0, noise=0.0, start=None, **options):
        meter = make(name, start=start or datetime.now().astimezone())
        speaker = Speaker(meter, speed, noise)
        folder = tmp_path / f"device{len(made)}"
        device = Device(
            folder, uart=speaker.wire.name, line=speaker.line, micropython=[micropython], **options
        )
        device.install()
        made.append((speaker, device))
        return speaker, device

    yield build
    for speaker, device in made:
        device.power_cut()
        speaker.close()
        # Shown when the test failed: what the device had to say, and why it started how often.
        print(*device.output, f"starts: {device.starts}, last: {device.last_reset}", sep="\n")


@pytest.fixture
def chromium():
    """browser(device) -> a page of 360 px as a phone on the device's network sees the world."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: run `make venv`")
    program = shutil.which("chromium")
    if not program:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        browsers = []

        def browser(device, password=None):
            # Whatever name or address the phone asks for, the device answers.
            rules = f"MAP * 127.0.0.1:{device.web_port}"
            browsers.append(
                playwright.chromium.launch(**started(program, f"--host-resolver-rules={rules}"))
            )
            known = {"username": "any", "password": password} if password else None
            page = browsers[-1].new_page(
                viewport={"width": 360, "height": 740}, http_credentials=known
            )
            page.set_default_timeout(1000 * PATIENCE)
            return page

        yield browser
        for b in browsers:
            b.close()
