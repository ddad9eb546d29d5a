"""What few homes set of their WiFi: a second network, a fixed station or the strongest one, a
static address, power, country. Loaded only where one of the settings net_… is set.
"""

from binascii import unhexlify

import network

_NONE = const(-1000)  # dBm


def prepare(station, settings, failures):
    """Do what belongs before the joining; returns what to give to connect(), after so many failed
    attempts."""
    if settings["net_country"]:
        network.country(settings["net_country"].upper())
    if settings["net_power"]:
        station.config(txpower=settings["net_power"])
    if settings["net_static"]:
        static(station, settings["net_static"])
    return choose(station, settings, failures)


def static(station, text):
    """Set the address that `text` says, "10.0.0.2/24 gateway server"."""
    address, gateway, server = text.split(" ")
    address, _, length = address.partition("/")
    mask = 0xFFFFFFFF << 32 - int(length)
    mask = ".".join(str(mask >> shift & 255) for shift in (24, 16, 8, 0))
    station.ifconfig((address, mask, gateway, server))


def choose(station, settings, failures):
    """(name, password, of which station): every other attempt is the second network's."""
    name, password = settings["wifi_ssid"], settings["wifi_password"]
    if failures & 1 and settings["net_ssid"]:
        return settings["net_ssid"], settings["net_password"], None
    wanted = settings["net_station"]
    if not wanted:
        return name, password, None
    if wanted != "best":
        return name, password, unhexlify(wanted.replace(":", ""))
    best, strength = None, _NONE
    for ssid, bssid, _, rssi, *_ in station.scan():
        if ssid == name.encode() and rssi > strength:
            best, strength = bssid, rssi
    return name, password, best
