"""Each list on a wire: a line of text, or one JSON object, for displays and small controllers.

    active_power_import=1234 W;voltage_l1=231.4 V;time=2026-11-20T10:00:10+01:00
    {"v":1, …}                      as on MQTT, docs/mqtt.schema.json

8N1, TX alone, on the UART that the meter does not have. One list is under way; those that come
meanwhile are passed over. What is sent goes to the driver in pieces that its buffer takes at once,
so that nothing waits for the wire. A value in doubt is left out of the text; JSON marks it.
"""

import asyncio

import machine

from meterwire import UNSURE

from ..formats import Context, entries, json_object
from ..formats.writer import Writer

_PIECE = const(64)
_LINE = const(1400)  # bytes of the longest line
_BITS = const(10000)  # of a byte, in ms


class SerialOut:
    """reading(r) takes a list; run() sends it. OSError or ValueError: the board has no such UART,
    or not that pin."""

    def __init__(self, device):
        s = device.settings
        number = 3 - device.board.uart
        self.pause = _PIECE * _BITS // s["serial_baud"] + 1
        self.uart = machine.UART(number, s["serial_baud"], tx=s["serial_pin"])
        self.context = None
        if s["serial_json"]:
            name = s["mqtt_client_id"] or s["host_name"]
            self.context = Context(s, device.status, name, None, json_object.PAGE)
            self.page = self.context.page
        else:
            self.page = Writer(bytearray(_LINE))
        self.settings = s
        self.at = 0  # what was sent of the page

    def reading(self, r):
        """A list was decoded."""
        page = self.page
        if self.at < page.n:
            return  # the last one is under way
        page.clear()
        if self.context:
            for _ in json_object.messages(r, self.context):
                pass  # it stands in the page
        else:
            self.line(r)
        page.put(b"\r\n")
        self.at = 0

    def line(self, r):
        page = self.page
        for i in range(len(r)):
            if r.entry(i) or r.flag(i) & UNSURE or entries.private(r, i, self.settings):
                continue
            before = page.n
            page.put(entries.name(r, i)).put(b"=").entry(r, i)
            unit = r.unit(i)
            if unit:
                page.put(b" ").put(unit.encode())
            page.put(b";")
            if page.full:
                page.cut(before)
                break
        if r.time:
            page.put(b"time=").put(r.time.encode())

    async def run(self):
        """Send for ever."""
        while True:
            page = self.page
            if self.at < page.n:
                end = min(self.at + _PIECE, page.n)
                self.uart.write(page.view()[self.at : end])
                self.at = end
            await asyncio.sleep_ms(self.pause)
