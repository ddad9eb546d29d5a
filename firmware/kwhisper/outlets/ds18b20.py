"""DS18B20 thermometers on one pin: read once a minute, published like a format.

<topic>/temperature/<name>   21.0625, in °C, with `topics` or `homeassistant`
<topic>/temperature          {"boiler":48.5000,"28ff641e0116039c":21.0625} with `json`
status.temperatures          the same in /data.json and on <topic>/device

A sensor's name is its ROM code, or what the settings call it: boiler=28ff641e0116039c. Eight at
most. One that fails is left out until it answers again; new ones are looked for every ten minutes.
Numbers are sixteenths of a degree, exactly.
"""

import asyncio
import json
from binascii import hexlify

import ds18x20
import machine
import onewire

from .. import let_go
from ..formats import DOCUMENT, REGISTER, VALUE
from ..formats.entries import decimal

_MOST = const(8)
_EVERY_S = const(60)
_SEARCH = const(10)  # rounds
_CONVERT_MS = const(800)
_EXPIRE = const(300)  # s
_SIXTEENTH = const(625)  # ten-thousandths of a degree


class Thermometers:
    """run() reads them; messages() and connected() publish."""

    __name__ = "ds18b20"

    def __init__(self, device):
        s = device.settings
        self.bus = ds18x20.DS18X20(onewire.OneWire(machine.Pin(s["ds_pin"])))
        self.names = {}
        for pair in s["ds_names"].split(","):
            name, _, code = pair.partition("=")
            # Part of a topic: no wildcards, no levels.
            if not any([c in name for c in '#+/"\\']):
                self.names[code.strip().lower()] = name.strip()
        self.chosen = s["payload"].split(",")
        self.found = []
        device.status.temperatures = self.values = {}
        self.texts = {}  # the same as decimals
        self.fresh = False
        self.announced = set()

    async def run(self):
        """Read for ever."""
        n = 0
        while True:
            if n % _SEARCH == 0:
                self.found = self.bus.scan()[:_MOST]
            n += 1
            if self.found:
                self.bus.convert_temp()
                await asyncio.sleep_ms(_CONVERT_MS)
            for rom in self.found:
                code = hexlify(rom).decode()
                name = self.names.get(code, code)
                try:
                    low, high = self.bus.read_scratch(rom)[:2]
                    number = high << 8 | low
                    number -= (number & 0x8000) << 1
                    self.texts[name] = text = decimal(number * _SIXTEENTH, -4)
                    self.values[name] = float(text)  # sixteenths, which a float holds exactly
                except Exception:
                    # It was pulled out, or the line was disturbed: the library raises a bare one.
                    self.values.pop(name, None)
                    self.texts.pop(name, None)
                await asyncio.sleep_ms(0)
            self.fresh = True
            await asyncio.sleep(_EVERY_S)

    def connected(self, context):
        """A session began: all is said again."""
        self.announced.clear()
        return ()

    def messages(self, r, context):
        """With the list that follows a round of reading."""
        if not self.fresh:
            return
        self.fresh = False
        below = context.below + b"temperature"
        plain = "topics" in self.chosen or "homeassistant" in self.chosen
        for name in self.texts if plain else ():
            yield below + b"/" + name.encode(), self.texts[name], VALUE
            if "homeassistant" in self.chosen and name not in self.announced:
                self.announced.add(name)
                entity = {
                    "name": "Temperature " + name,
                    "dev_cla": "temperature",
                    "unit_of_meas": "°C",
                    "stat_cla": "measurement",
                    "stat_t": "~/temperature/" + name,
                }
                from ..formats.homeassistant import announced

                message = announced(entity, "temperature_" + name, _EXPIRE, context)
                del announced
                let_go("kwhisper.formats.homeassistant")
                let_go("kwhisper.formats.labels")
                yield message + (REGISTER,)
        if "json" in self.chosen and self.texts:
            pairs = [json.dumps(n) + ":" + self.texts[n].decode() for n in self.texts]
            yield below, ("{" + ",".join(pairs) + "}").encode(), DOCUMENT
