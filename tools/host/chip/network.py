"""The WiFi of a pretended chip: a few made-up networks in the air. And its Ethernet.

The file `air` of the state folder may hold other networks, or [] for a dead radio:
[{"ssid": …, "key": … or null for an open one, "rssi": …}]. A network without "key" at all refuses
every password. Times are short, but as on the chip nothing is there at once.

What the socket has stands in the file `cable`: "up", else "out", "no address", "no chip". What
network.LAN() was given is left in the file `lan`; `wlan` is there once the radio was touched.
"""

import os
import time

import state

STA_IF = 0
AP_IF = 1
AUTH_OPEN = 0
AUTH_WPA2_PSK = 3
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_CONNECT_FAIL = 203
ETH_STARTED = 1
ETH_CONNECTED = 3
ETH_DISCONNECTED = 4
ETH_GOT_IP = 5
PHY_LAN8720 = 1
PHY_W5500 = 102
PM_NONE = 0
PM_PERFORMANCE = 1
PM_POWERSAVE = 2

AIR = (
    {"ssid": "Fjellheim", "key": "kwhisper-demo", "rssi": -52},
    {"ssid": "Blåbærstua på Ås", "key": "rømmegrøt", "rssi": -61},
    {"ssid": "Naboen", "rssi": -74},
    {"ssid": "Kafé Åpen", "key": None, "rssi": -80},
)
_TAKES_MS = 400

_hostname = "mpy-host"


def _air():
    return state.read("air", AIR)


def _radio(on, joins):
    # What the store (kwhisper_tools.host.store) must feed.
    before = state.read("radio", {"joins": 0})
    state.write("radio", {"on": on, "joins": before["joins"] + joins})


def hostname(name=None):
    """The name the device gives itself; set with an argument, else read."""
    global _hostname
    if name is None:
        return _hostname
    if not 0 < len(name) <= 32:
        raise ValueError
    _hostname = name
    return None


def ipconfig(what):
    """The name server of whatever the chip is connected by."""
    if what != "dns":
        raise ValueError("unexpected key")
    joined = any(made and made.isconnected() for made in (WLAN._made.get(STA_IF), LAN._made))
    return "127.0.0.1" if joined else "0.0.0.0"


def country(code=None):
    """The regulatory domain: any."""
    return "XX"


class WLAN:
    """network.WLAN for STA_IF and AP_IF; one object an interface, as on the chip."""

    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = PM_NONE
    PM_PERFORMANCE = PM_PERFORMANCE
    PM_POWERSAVE = PM_POWERSAVE
    _made = {}

    def __new__(cls, interface=STA_IF):
        if interface not in cls._made:
            self = object.__new__(cls)
            self._interface = interface
            self._active = False
            self._wanted = None
            self._since = 0
            self._failed = STAT_CONNECTING
            self._config = {
                "mac": b"\x24\x0a\xc4\x00\x00\x01",
                "ssid": "",
                "key": "",
                "security": 0,
            }
            cls._made[interface] = self
            state.write("wlan", True)
        return cls._made[interface]

    def __init__(self, interface=STA_IF):
        pass

    def active(self, on=None):
        if on is None:
            return self._active
        if self._interface == STA_IF and bool(on) != self._active:
            _radio(bool(on), 0)
        self._active = bool(on)
        if not on:
            self._wanted = None
        return self._active

    def config(self, *names, **values):
        if names:
            return self._config[names[0]]
        key = values.get("key", values.get("password"))
        if key is not None and self._interface == AP_IF and not 8 <= len(key) <= 63:
            raise ValueError("key")
        if values.get("security") not in (None, 0, 2, 3, 4):
            raise ValueError("security")
        self._config.update(values)
        if self._interface == AP_IF:
            state.write("access_point", {"ssid": self._config["ssid"], "key": self._config["key"]})
        return None

    def scan(self):
        if not self._active:
            raise OSError("STA not active")
        time.sleep_ms(_TAKES_MS)
        return [
            (
                n["ssid"].encode(),
                bytes((2, 0, 0, 0, 0, i)),
                6,
                n["rssi"],
                AUTH_OPEN if n.get("key", "") is None else AUTH_WPA2_PSK,
                False,
            )
            for i, n in enumerate(_air())
        ]

    def connect(self, ssid=None, key=None, **_):
        if not self._active:
            raise OSError("Wifi Internal Error")
        self._wanted = (ssid, key or None)
        self._since = time.ticks_ms()
        _radio(True, 1)

    def disconnect(self):
        self._wanted = None

    def status(self, what=None):
        if what == "rssi":
            if self.status() != STAT_GOT_IP:
                raise OSError("Wifi Not Connected")
            return self._network()["rssi"]
        if what == "stations":
            return []
        if self._wanted is None:
            return STAT_IDLE if self._failed == STAT_CONNECTING else self._failed
        if time.ticks_diff(time.ticks_ms(), self._since) < _TAKES_MS:
            return self._failed  # as the chip does, which tells it until it is connected
        network = self._network()
        if network is None:
            self._failed = STAT_NO_AP_FOUND
        elif "key" not in network or network["key"] != self._wanted[1]:
            self._failed = STAT_WRONG_PASSWORD
        else:
            self._failed = STAT_CONNECTING
            return STAT_GOT_IP
        return self._failed

    def _network(self):
        for n in _air():
            if self._wanted and n["ssid"] == self._wanted[0]:
                return n
        return None

    def isconnected(self):
        if self._interface == AP_IF:
            return False
        return self.status() == STAT_GOT_IP

    def ifconfig(self, *_):
        ours = os.getenv("KWHISPER_MDNS", "127.0.0.1") if self.isconnected() else "0.0.0.0"
        if self._interface == AP_IF:
            ours = "192.168.4.1"
        return (ours, "255.0.0.0", "127.0.0.1", "127.0.0.1")


class LAN:
    """network.LAN of the ESP32's port: one, and the driver of its first making stays."""

    _made = None

    def __new__(cls, id=0, *, phy_addr, phy_type, **pins):
        if cls._made is None:
            if state.read("cable", "up") == "no chip":
                raise OSError("esp_eth_driver_install failed")
            if phy_type == PHY_W5500:
                pins["spi"] = pins["spi"].pins
            elif "mdc" not in pins or "mdio" not in pins:
                raise ValueError("mdc and mdio must be specified")
            told = {"phy_addr": phy_addr, "phy_type": phy_type}
            for name, pin in pins.items():
                told[name] = getattr(pin, "number", pin)
            state.write("lan", told)
            cls._made = object.__new__(cls)
            cls._made._since = None
            cls._made._set = None
        return cls._made

    def __init__(self, id=0, **_):
        pass

    def active(self, on=None):
        if on is not None:
            self._since = time.ticks_ms() if on else None
        return self._since is not None

    def status(self):
        found = state.read("cable", "up")
        if found == "out":
            return ETH_DISCONNECTED
        if self._since is None or time.ticks_diff(time.ticks_ms(), self._since) < _TAKES_MS:
            return ETH_STARTED
        return ETH_GOT_IP if found == "up" or self._set else ETH_CONNECTED

    def isconnected(self):
        return self.active() and self.status() == ETH_GOT_IP

    def ifconfig(self, *given):
        if given:
            self._set = given[0]
            return None
        if self._set:
            return self._set
        ours = os.getenv("KWHISPER_MDNS", "127.0.0.1") if self.isconnected() else "0.0.0.0"
        return (ours, "255.0.0.0", "127.0.0.1", "127.0.0.1")
