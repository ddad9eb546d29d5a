"""Where there is no memory for the pages, who asks is told why, and costs the device little."""

import http.client
import socket
from http import HTTPStatus

DOOR = """
import asyncio
from kwhisper.web import listen
from kwhisper.web.refusal import refuse
async def main():
    door = listen()
    print("listening")
    while True:
        await asyncio.sleep_ms(5)
        await refuse(door, "There is no room.")
asyncio.run(main())
"""


def test_who_comes_is_told_why_and_closes_himself(chip):
    device = chip()
    (device.flash / "main.py").write_text(DOOR)
    device.power_on()
    device.wait_for("listening")
    # One that never closes is closed by the device, in the end; the others come after it.
    dawdler = socket.create_connection(("127.0.0.1", device.web_port), 60)
    for _ in range(3):
        connection = http.client.HTTPConnection("127.0.0.1", device.web_port, timeout=60)
        connection.request("GET", "/", headers={"X-Long": "x" * 3000})
        answer = connection.getresponse()
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert answer.getheader("Retry-After") == "60"
        assert answer.read() == b"There is no room."
        connection.close()
    dawdler.settimeout(60)
    said = b""
    while part := dawdler.recv(1000):
        said += part
    assert said.startswith(b"HTTP/1.0 503 ") and said.endswith(b"There is no room.")
    dawdler.close()
