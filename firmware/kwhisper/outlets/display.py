"""A display on I2C: what the house takes now, its phases, this hour, and whether all is well.

SSD1306 and SH1106, 128 x 64      HD44780 behind a PCF8574, 16 x 2 or 20 x 4
    1234 W                            1234 W
    V  231 232 230                    A 5.2 0.3 1.1
    A  5.2 0.3 1.1
    Hour 532 Wh
    WiFi -58 MQTT up

Drawn at most once a second and only when something changed; sent in pieces of a few ms, so that
nothing waits for it. One that does not answer is tried again every ten seconds.
"""

import asyncio

import machine

from meterwire import UNSURE

# Where they answer as they come. Only these are asked: i2c.scan() asks 112 addresses, and on a bus
# without pull-ups each of them waits for its time-out while nobody reads the meter.
_OLED = (0x3C, 0x3D)
_LCD = (0x27, 0x3F)  # behind a PCF8574, a PCF8574A
_EVERY_MS = const(1000)
_AGAIN_S = const(10)
_STALE_S = const(60)


class Display:
    """reading(r) takes the values, run() shows them. publisher: has the account of this hour."""

    def __init__(self, device, publisher):
        s = device.settings
        self.kind = s["display"]
        self.i2c = machine.I2C(
            0, sda=machine.Pin(s["display_sda"]), scl=machine.Pin(s["display_scl"]), freq=400000
        )
        self.status = device.status
        self.memory = publisher.context.memory
        self.power = self.volts = self.amperes = ""

    def reading(self, r):
        """Take over what is shown."""
        i, k = r.find(1, 7, 0), r.find(2, 7, 0)
        doubt = 0
        for n in i, k:
            doubt |= n >= 0 and r.flag(n) & UNSURE
        if i >= 0 and not doubt:
            out = k >= 0 and r.scaled(k, -3) > r.scaled(i, -3)
            self.power = ("-" if out else "") + r.decimal(k if out else i) + " W"
        self.volts = phases(r, 32) or self.volts
        self.amperes = phases(r, 31) or self.amperes

    def lines(self):
        """The texts, the most important first."""
        status = self.status
        age = status.frame_age()
        if age is None or age > _STALE_S:
            return "-- W", "", "", "", "no meter"
        hour = ""
        account = self.memory.get("energy")
        if account and account.total:
            used = account.total[1] - account.marks["hour"][1]  # mWh
            hour = "Hour %d Wh" % (used // 1000)
        link = "WiFi %s" % (status.rssi if status.ip else "--")
        if status.wifi == "cable":
            link = "Cable"
        if status.mqtt != "off":
            link += " MQTT " + ("up" if status.mqtt == "connected" else "--")
        return (
            self.power,
            self.volts and "V  " + self.volts,
            self.amperes and "A  " + self.amperes,
            hour,
            link,
        )

    async def run(self):
        """Find the display, and show what changes."""
        while True:
            try:
                if self.kind[:2] == "hd":
                    from .lcd import Lcd as Glass
                else:
                    from .oled import Oled as Glass
                glass = Glass(self.i2c, self.address(), self.kind)
                await glass.begin()
                shown = None
                while True:
                    lines = self.lines()
                    if lines != shown:
                        await glass.show(lines)
                        shown = lines
                    await asyncio.sleep_ms(_EVERY_MS)
            except OSError:
                pass  # it is not there, or was pulled out
            await asyncio.sleep(_AGAIN_S)

    def address(self):
        """Where the display answers; OSError if it does not."""
        first, other = _LCD if self.kind[:2] == "hd" else _OLED
        try:
            self.i2c.writeto(first, b"")
            return first
        except OSError:
            self.i2c.writeto(other, b"")
            return other


def phases(r, first):
    """The three phases' values of a code, with blanks between, or ""; ? is one in doubt."""
    texts = []
    for c in (first, first + 20, first + 40):
        i = r.find(c, 7, 0)
        if i >= 0:
            text = "?" if r.flag(i) & UNSURE else r.decimal(i)
            # Four letters a phase: 231, 5.2, 12.3
            texts.append(text[:4].rstrip("."))
    return " ".join(texts)
