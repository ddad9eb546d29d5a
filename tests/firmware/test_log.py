"""The log: on the console, in memory, on flash, over HTTP, to a syslog server."""

import http.client
import json
import socket
import time
from base64 import b64encode

import pytest
from system.waiting import PATIENCE, until

PASSWORD = "hemmelig-side"


def ask(device, path, body=None, password=PASSWORD):
    """(code, body) of a request; the device may still be starting."""
    headers = {"Host": "192.168.4.1"}
    if password:
        headers["Authorization"] = "Basic " + b64encode(f"any:{password}".encode()).decode()
    end = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", device.web_port, timeout=PATIENCE)
        try:
            data = None if body is None else json.dumps(body)
            connection.request("GET" if body is None else "POST", path, data, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.1)
        finally:
            connection.close()


@pytest.fixture
def running(chip):
    """running(**settings): a device that has joined its WiFi."""

    def go(**settings):
        device = chip()
        device.settings(
            wifi_ssid="Fjellheim",
            wifi_password="kwhisper-demo",
            web_password=PASSWORD,
            **settings,
        )
        device.power_on()
        device.wait_for("WiFi: connected")
        return device

    return go


def test_the_log_tells_what_happened_and_why_it_restarted(running):
    device = running()
    code, log = ask(device, "/log.txt")
    assert code == 200 and b"info: WiFi: connected, address" in log
    assert PASSWORD.encode() not in log and b"kwhisper-demo" not in log
    assert ask(device, "/restart", {})[0] == 200
    connected = "WiFi: connected"
    until(lambda: sum(connected in line for line in device.output) == 2, what="the next start")
    log = ask(device, "/log.txt")[1]
    assert log.count(b"WiFi: connected") == 2, "the start before is on flash"
    assert log.index(b"error: restart: web") < log.index(b"last reset: HARD_RESET: web")


def test_the_log_needs_the_password(running):
    device = running()
    for path in ("/log.txt", "/raw.dat"):
        code, body = ask(device, path, password=None)
        assert code == 401 and b"info:" not in body
        assert ask(device, path)[0] == 200


def test_the_log_on_flash_stays_within_4_kb_whatever_stands_in_its_place(on_chip):
    output = on_chip(
        """
import os
from kwhisper import journal
from kwhisper.storage.saving import away
class Device:
    lines = ["the newest"]
    saved = 0
def told():
    return b"".join(p if isinstance(p, bytes) else p.encode() for p in journal.whole(Device))
for n in range(300):
    journal.save(["%d s info: line" % n + "x" * 30])
log = told()
print("bytes", 2000 < len(log) < 4400, log.endswith(b"the newest\\n"), b"299 s" in log)
away("/log")
os.mkdir("/log")
os.mkdir("/log/in")
away("/log.old")
os.mkdir("/log.old")
journal.save(["after the folder"])
print("folder", told())
"""
    )
    assert "bytes True True True" in output
    assert "folder b'after the folder\\nthe newest\\n'" in output


def test_lines_go_to_a_syslog_server(on_chip):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        output = on_chip(
            f"""
import asyncio
from kwhisper.network.syslog import Syslog
class Status:
    ip = "10.0.0.2"
s = Syslog("127.0.0.1", "kjeller", Status, {server.getsockname()[1]})
for n in range(20):
    s.take("info", "line %d" % n)
s.take("error", "restart: web")
async def main():
    asyncio.create_task(s.run())
    while s.waiting:
        await asyncio.sleep_ms(10)
    print("left", len(s.waiting))
asyncio.run(main())
"""
        )
        lines = [server.recv(500) for _ in range(8)]
    assert "left 0" in output
    assert lines[-1] == b"<11>1 - kjeller kwhisper - - - restart: web"
    assert lines[0] == b"<14>1 - kjeller kwhisper - - - line 13", "the oldest made room"


def test_frames_that_fail_are_kept_while_the_log_takes_everything(on_chip):
    output = on_chip(
        """
from kwhisper.meter.failed import Failed
class Decoder:
    counters = {"ok": 0, "fcs": 0, "noise": 0}
d = Decoder()
f = Failed(d, lambda *w: print("note", w[1]))
for n in range(12):
    f.heard(bytes([n]) * 256, 256)
    f.heard(bytes([n]) * 256, 100)
    d.counters["fcs"] += n % 2 == 0 or n > 5
    d.counters["ok"] += 1
    f.silent()
print("kept", [(frame[0], len(frame)) for frame in f.frames])
f.heard(bytes(256), 256)
f.heard(bytes(256), 256)
f.heard(bytes(256), 256)
d.counters["noise"] += 3
f.silent()
print("last", len(f.frames), len(f.frames[-1]))
"""
    )
    kept = [(n, 356) for n in (2, 4, 6, 7, 8, 9, 10, 11)]
    assert f"kept {kept}" in output and "last 8 512" in output
    assert output.count("note a frame failed:") == 10
