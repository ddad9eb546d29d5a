"""The network by cable: a board's Ethernet in the radio's place, which is then never started.

The states are station.py's. The driver takes 32 KB and never gives them back, so it is the cable
or the WiFi for a whole start: the cable where the settings name no WiFi.
"""

import asyncio
import hashlib

import machine
import network

from .station import Station

_LINK_MS = const(20000)
_STEP_MS = const(250)
_PAUSE_S = const(5)  # nobody is disturbed by the attempts


class Cable(Station):
    """As a Station. `pins`: the board's "ethernet", what network.LAN() is given; "spi" are the
    pins SCK, MOSI, MISO."""

    name = "Ethernet"
    up = "cable"
    most = _PAUSE_S

    def __init__(self, settings, status, note, pins):
        super().__init__(settings, status, note)
        self.pins = pins

    def begin(self):
        """The driver's object. OSError: the chip does not answer, or has no such pins."""
        pin = machine.Pin
        given = {}
        try:
            for name, value in self.pins.items():
                if name == "phy_type":
                    value = getattr(network, "PHY_" + value)
                elif name == "ref_clk_mode":
                    value = getattr(pin, value)
                elif name == "spi":
                    sck, mosi, miso = [pin(n) for n in value]
                    value = machine.SPI(1, sck=sck, mosi=mosi, miso=miso)
                elif name != "phy_addr":
                    value = pin(value)
                given[name] = value
            lan = network.LAN(**given)
            if self.settings["net_static"]:
                from .tuning import static

                static(lan, self.settings["net_static"])
            lan.active(True)
        except (OSError, ValueError, AttributeError):
            # The part is started again, and in the end the chip or the set-up.
            self.failures += 1
            self.status.wifi = "the Ethernet chip does not answer: is it this board?"
            raise OSError(self.status.wifi)
        return lan

    async def _join(self, lan):
        self.status.wifi = "joining"
        for _ in range(_LINK_MS // _STEP_MS):
            if lan.isconnected():
                return None
            await asyncio.sleep_ms(_STEP_MS)
        if lan.status() == network.ETH_CONNECTED:
            return "the router gives no address over the cable"
        return "no connection: is the cable in?"

    def _mark(self):
        return hashlib.sha256(self.name.encode()).digest()
